"""A listing ends, and never early in silence: the walk from page to page, without I/O."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemp_sdk import DecodeError, HistoryEntry, Page, PaginationError, User, WalletPass
from stemp_sdk._core.paging import PageWalk, Query

from .driving import call_of

LIST = call_of().operation


def query(size: int = 2, first: int = 0) -> Query[User]:
    return Query(LIST, User, None, {}, first, size)


def page(number: int, *ids: object, size: int = 2, is_last: bool = False, **says: Any) -> Page[User]:
    items = tuple(User(id=f"usr_{one}") for one in ids)
    return Page(items, number, size, says.pop("total", None), None, is_last, **says)


def numbers(pages: list[Page[User]], size: int = 2) -> list[int | None]:
    """What the walk says of each page: the number of the next one."""
    walk = PageWalk(query(size, pages[0].number))
    following: list[int | None] = []
    for each in pages:
        assert walk.take(each)
        following.append(walk.next)
    return following


@pytest.mark.parametrize(
    ("pages", "following"),
    [
        ([page(0, 1, 2), page(1, 3, 4), page(2, 5)], [1, 2, None]),  # a short page ends it
        ([page(0, 1, 2), page(1)], [1, None]),  # and an empty one
        ([page(0)], [None]),
        ([page(0, 1), page(1)], [1, None]),  # after a short first one, the next is asked for once
        ([page(0, 1), page(1, 2), page(2, 3), page(3)], [1, 2, 3, None]),  # the server gives one at a time
        ([page(0, 1, 2, 3)], [None]),  # more than were asked for: the list has no pages
        ([page(0, 1, 2, 3, more=True), page(1, 4, 5, 6, more=False)], [1, None]),  # unless it says that there are
        ([page(0, 1, 2, more=False)], [None]),
        ([page(0, 1, more=True), page(1, 2, more=False)], [1, None]),
        ([page(0, 1, total=2), page(1, 2, total=2)], [1, None]),
        ([page(0, 1, total=3, more=False), page(1, 2, 3, total=3)], [1, None]),  # any sign of more is believed
        ([page(0, 1, 2, total=2, more=True), page(1, total=2, more=False)], [1, None]),
        ([page(0, 1, total=1)], [None]),
        ([page(0, 1, unread=(7,), total=3), page(1, 3, total=3)], [1, None]),  # what cannot be read counts, too
        ([page(3, 7, 8, total=9), page(4, 9, total=9, is_last=True)], [4, None]),  # from a later page on
        ([page(3, total=2)], [None]),
        ([page(2, 5, size=1, total=5), page(3, size=2, total=5)], [3, None]),  # where its place is a guess
    ],
)
def test_each_sign_of_more_pages_is_followed(pages: list[Page[User]], following: list[int | None]) -> None:
    assert numbers(pages) == following


@pytest.mark.parametrize(
    ("pages", "problem", "reason"),
    [
        ([page(0, 1, 2), page(1, 1, 2)], "does not end", "repeats page 0: the server seems to ignore"),
        ([page(0, 1, 2), page(1, 1, 2, is_last=True)], "does not end", "repeats page 0"),
        ([page(0, 1, 2, more=True), page(1, 1, 2, more=True)], "does not end", "repeats page 0"),
        ([page(0, more=True)], "is not whole", "is empty, although the server says that there is more"),
        ([page(0, 1, 2, total=3), page(1, total=3)], "is not whole", "is empty, although"),
        ([page(0, 1, 2, more=True), page(1, more=True)], "is not whole", "is empty, although"),
        ([page(0, 1, 2, more=True, total=3), page(1, 3, 4, more=True, total=3)], "does not end", "lies beyond the 3"),
        ([page(0, 1, 2, total=4), page(1, 4, total=3)], "is not whole", "counts 3 items, and the page before 4"),
    ],
)
def test_pages_that_contradict_one_another_are_an_error_before_they_are_given(
    pages: list[Page[User]], problem: str, reason: str
) -> None:
    *good, bad = pages
    walk = PageWalk(query())
    assert all(walk.take(each) for each in good)
    with pytest.raises(PaginationError) as caught:
        walk.take(bad)
    assert (caught.value.page, caught.value.problem) == (bad.number, problem)
    assert caught.value.reason.startswith(reason)
    assert str(caught.value) == f"things.do: the listing {problem}, page {bad.number} {caught.value.reason}"


def test_a_total_that_shrinks_is_told_with_the_way_out() -> None:
    walk = PageWalk(query())
    walk.take(page(0, 1, 2, total=4))
    with pytest.raises(PaginationError, match=r"to delete what a listing gives, collect it first with to_list\(\)"):
        walk.take(page(1, 4, total=2))


@given(st.integers(1, 99))
def test_a_short_list_that_repeats_has_no_pages_unless_it_is_as_long_as_a_page_may_be(length: int) -> None:
    walk, alike = PageWalk(query(size=100)), range(length)
    assert walk.take(page(0, *alike, size=100))
    assert walk.next == 1
    if length % 10 and length % 25:
        assert not walk.take(page(1, *alike, size=100))
        assert walk.next is None
    else:
        with pytest.raises(PaginationError, match="page 1 repeats page 0"):
            walk.take(page(1, *alike, size=100))


def entries(number: int, total: int | None, *, is_last: bool = False) -> Page[HistoryEntry]:
    return Page((HistoryEntry(amount=1), HistoryEntry(amount=1)), number, 2, total, None, is_last)


def test_entries_without_ids_may_be_alike_where_a_total_ends_them() -> None:
    walk = PageWalk(Query(LIST, HistoryEntry, None, {}, 0, 2))
    assert all(walk.take(entries(number, 4)) for number in (0, 1))
    assert walk.next is None
    walk = PageWalk(Query(LIST, HistoryEntry, None, {}, 0, 2))
    walk.take(entries(0, None))
    with pytest.raises(PaginationError, match="page 1 repeats page 0"):
        walk.take(entries(1, None))


@given(st.integers(0, 1000))
def test_paging_goes_on_from_the_first_page_that_was_asked_for(first: int) -> None:
    assert numbers([page(first, 1, 2)]) == [first + 1]


@given(st.lists(st.integers(), min_size=1, max_size=200, unique=True))
def test_pages_that_differ_are_not_an_error(contents: list[int]) -> None:
    walk = PageWalk(query(size=1))
    assert all(walk.take(page(number, content, size=1)) for number, content in enumerate(contents))


@given(st.integers(0, 50))
def test_pages_beyond_the_total_end_with_an_error(half: int) -> None:
    total = 2 * half + 1  # more than the pages of two items reach
    walk = PageWalk(query())
    for number in range(half):
        assert walk.take(page(number, 2 * number, 2 * number + 1, total=total, more=True))
    with pytest.raises(PaginationError, match=f"lies beyond the {total} items that the server counts"):
        walk.take(page(half, 2 * half, 2 * half + 1, total=total, more=True))


def test_only_one_page_is_remembered() -> None:
    walk = PageWalk(query(size=1))
    for number in range(100):
        walk.take(page(number, number, size=1))
    remembered = [getattr(walk, name) for name in PageWalk.__slots__]
    assert sum(isinstance(value, Page) for value in remembered) == 1


def cards(*user_ids: str | None) -> Page[WalletPass]:
    items = tuple(WalletPass(id=f"wp_{n}", user_id=user_id) for n, user_id in enumerate(user_ids))
    return Page(items, 0, 2, None, None, is_last=False)


def test_pages_of_an_own_id_agree_with_one_another() -> None:
    """The items show stemp's id of the user, which the caller's own id cannot be compared with."""
    walk = PageWalk(Query(LIST, WalletPass, None, {"userId": "cust_1"}, 0, 2))
    assert walk.take(cards(None, None))
    assert walk.take(cards(None, "usr_1"))
    assert walk.take(cards("usr_1", None))
    with pytest.raises(
        DecodeError, match=r"at 1\.userId: it is not that of the items before it.* ignore the filter user_id \(userId\)"
    ):
        walk.take(cards("usr_1", "usr_2"))


def test_a_filter_that_no_item_shows_is_not_compared() -> None:
    walk = PageWalk(Query(LIST, WalletPass, None, {"colour": "red"}, 0, 2))
    assert walk.take(cards("usr_1", "usr_2"))
