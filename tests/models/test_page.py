"""A page is read from any envelope that the server may use."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemp_sdk import Page, User
from stemp_sdk.models._page import decode_page
from stemp_sdk.models._reading import UnreadableError
from tests.support.envelopes import ENVELOPES


def users(count: int, start: int = 0) -> list[dict[str, Any]]:
    return [{"id": f"usr_{number}"} for number in range(start, start + count)]


def read(body: Any, number: int = 0, size: int = 100) -> Page[User]:
    return decode_page(User, json.dumps(body).encode(), number, size)


@pytest.mark.parametrize("envelope", ENVELOPES)
@given(total=st.integers(0, 60), size=st.integers(1, 20))
def test_pages_of_every_envelope_give_every_item_once(envelope: str, total: int, size: int) -> None:
    ids: list[str] = []
    number = 0
    while True:
        items = users(total)[number * size : (number + 1) * size]
        page = read(ENVELOPES[envelope](items, number, size, total), number, size)
        assert (page.number, page.size) == (number, size)
        assert page.total in {None, total}
        ids += [user.id for user in page.items]
        number += 1
        if page.is_last:
            break
    assert ids == [user["id"] for user in users(total)]
    # Where the server gives no total, or no size with it, the end may only show by an empty page.
    assert number <= total // size + 2


def test_the_totals_of_a_page_are_none_where_the_server_does_not_say() -> None:
    page = read(users(2))
    assert (page.total, page.total_pages) == (None, None)


@pytest.mark.parametrize(
    ("counts", "is_last"),
    [
        ({"last": True, "totalElements": 500}, False),
        ({"last": False, "totalElements": 1}, False),
        ({"totalPages": 1, "totalElements": 500}, False),
        ({"last": True}, True),
        ({"totalPages": 1}, True),
        ({"totalPages": 2}, False),
        ({"totalElements": 100}, True),
        ({"totalElements": 101}, False),
        ({}, False),
    ],
)
def test_any_sign_of_more_pages_is_believed(counts: dict[str, Any], is_last: bool) -> None:
    assert read({"content": users(100), **counts}).is_last is is_last


def test_a_server_that_caps_the_size_quietly_is_not_taken_for_the_end() -> None:
    assert not read(users(100), size=500).is_last
    assert read({"content": users(20), "size": 20, "totalElements": 45}, number=1, size=500).is_last is False
    assert read(users(99), size=500).is_last


def test_a_capped_size_beside_a_total_loses_nothing() -> None:
    assert not read({"data": users(20), "total": 45}, number=1).is_last
    assert read({"data": users(5, 40), "total": 5}).is_last


def test_counts_inside_page_come_before_those_beside_it() -> None:
    page = read({"data": users(2), "total": 45, "size": 100, "page": {"number": 0, "size": 2}}, size=2)
    assert (page.total, page.size, page.is_last) == (45, 2, False)


def test_the_size_of_a_page_is_the_one_in_the_response() -> None:
    assert read({"data": users(50), "total": 250}).size == 50
    assert read({"data": users(50), "total": 50}).size == 100
    assert read({"data": users(50), "pagination": {"per_page": 50}}).size == 50


def test_a_page_is_not_iterable_as_it_is_not_the_whole_listing() -> None:
    page: Any = read(users(3))
    with pytest.raises(TypeError, match="'Page' object is not iterable"):
        iter(page)
    assert page
    assert not read([])


def test_an_empty_page_is_the_last_whatever_the_server_says() -> None:
    assert read({"content": [], "last": False, "totalElements": 9}).is_last


def test_unknown_fields_of_the_envelope_and_the_items_do_no_harm() -> None:
    page = read({"content": [{"id": "usr_1", "tier": "gold"}], "sort": {}, "links": []})
    assert page.items[0].model_extra == {"tier": "gold"}


@pytest.mark.parametrize(
    ("body", "path", "reason"),
    [
        ({}, "", "it has no list of User in it (it is empty)"),
        ({"content": {"id": "usr_1"}}, "", "it has no list of User in it (its keys: content)"),
        ({"content": [{"id": None}, 7]}, "content", "none of its 2 items is a User"),
        ([{"email": "jane@example.com"}], "", "none of its 1 items is a User"),
        (
            {"people": users(1), "staff": users(2)},
            "",
            "it has more than one list of User in it (its keys: people, staff)",
        ),
        ("usr_1", "", "Input should be a list, or an object with one in it"),
        (None, "", "Input should be a list, or an object with one in it"),
        ({"errors": users(1)}, "", "it has no list of User in it (its keys: errors)"),
        ({"data": [], "error": {"code": "x"}}, "", "it has no list of User in it (its keys: data, error)"),
        ({"data": None, "success": False}, "", "it has no list of User in it (its keys: data, success)"),
        ({"tags": ["a", "b"]}, "", "it has no list of User in it (its keys: tags)"),
        ({str(n): n for n in range(9)}, "", "it has no list of User in it (its keys: 0, 1, 2, 3, 4, 5, 6, 7, …)"),
    ],
)
def test_a_body_that_is_not_a_page_is_an_error_with_its_path(body: Any, path: str, reason: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        read(body)
    assert (caught.value.path, caught.value.reason) == (path, reason)
