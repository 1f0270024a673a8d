from __future__ import annotations

from typing import Any, cast, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemp_sdk import presets
from stemp_sdk.sandbox import EnvelopeName, Sandbox

from .wire import Wire, invalid, mistyped


def _users(envelope: EnvelopeName, count: int) -> Wire:
    sandbox = Sandbox(envelope=envelope, seed=1)
    wire = Wire(sandbox, sandbox.issue_token(presets.CRM_SYNC), documented=envelope == "spring")
    for number in range(count):
        wire.made("/users", email=f"{number}@example.com")
    return wire


def _emails(items: list[dict[str, Any]]) -> list[str]:
    return [item["email"] for item in items]


@pytest.mark.parametrize(
    ("envelope", "items", "rest"),
    [
        (
            "spring",
            "content",
            {"totalElements": 5, "totalPages": 3, "number": 1, "size": 2, "last": False},
        ),
        ("spring-nested", "content", {"page": {"size": 2, "number": 1, "totalElements": 5, "totalPages": 3}}),
        ("data", "data", {"total": 5}),
        ("items", "items", {}),
    ],
)
def test_the_envelopes(envelope: EnvelopeName, items: str, rest: dict[str, object]) -> None:
    page = _users(envelope, 5).get("/users?page=1&size=2").json
    assert _emails(page.pop(items)) == ["2@example.com", "3@example.com"]
    assert page == rest


def test_a_bare_array() -> None:
    assert _emails(_users("bare", 3).get("/users?page=1&size=2").json) == ["2@example.com"]


def test_no_other_envelope() -> None:
    with pytest.raises(ValueError, match="envelope must be one of spring, spring-nested, data, items, bare, not 'x'"):
        Sandbox(envelope=cast("Any", "x"))


def test_a_page_has_20_items_unless_asked_otherwise() -> None:
    wire = _users("spring", 21)
    for number, length, last in [(0, 20, False), (1, 1, True), (2, 0, True)]:
        page = wire.get(f"/users?page={number}").json
        assert (len(page["content"]), page["size"], page["totalPages"], page["last"]) == (length, 20, 2, last)


def test_an_empty_listing_is_its_own_last_page() -> None:
    page = _users("spring", 0).get("/users").json
    assert (page["content"], page["totalPages"], page["last"]) == ([], 0, True)


@given(count=st.integers(0, 12), size=st.integers(1, 14), envelope=st.sampled_from(get_args(EnvelopeName)))
def test_all_pages_together_are_the_whole_listing(count: int, size: int, envelope: EnvelopeName) -> None:
    wire = _users(envelope, count)
    pages = [wire.get(f"/users?page={page}&size={size}").json for page in range(count // size + 2)]
    items = [page if envelope == "bare" else next(iter(page.values())) for page in pages]
    assert [email for page in items for email in _emails(page)] == [f"{number}@example.com" for number in range(count)]


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("page=-1", invalid(page="must be greater than or equal to 0")),
        ("size=0", invalid(size="must be greater than or equal to 1")),
        ("size=101", invalid(size="must be less than or equal to 100")),
        ("page=one", mistyped("page")),
        ("page=", mistyped("page")),
        ("page=1.0", mistyped("page")),
        ("page=9999999999", mistyped("page")),
        ("size=%F0%9D%9F%99", mistyped("size")),
    ],
)
def test_what_is_refused(wire: Wire, query: str, answer: tuple[int, object]) -> None:
    assert tuple(wire.get(f"/users?{query}")) == answer
