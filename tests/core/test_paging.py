"""A listing ends, whatever the server does: the walk from page to page, without I/O."""

from __future__ import annotations

from collections.abc import Iterable

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemp_sdk import Page, PaginationError
from stemp_sdk.core.paging import PageWalk

from .driving import call_of

LIST = call_of().operation


def page(number: int, *items: int, size: int = 2, total: int | None = None, is_last: bool = False) -> Page[int]:
    return Page(items, number, size, total, None, is_last)


def walk_over(pages: Iterable[Page[int]]) -> PageWalk[int]:
    walk: PageWalk[int] = PageWalk(LIST, 0)
    for each in pages:
        assert walk.next_after(each) == each.number + 1
    return walk


def test_the_last_page_is_the_last() -> None:
    walk: PageWalk[int] = PageWalk(LIST, 0)
    assert walk.next_after(page(0, 1, 2)) == 1
    assert walk.next_after(page(1, 3, 4)) == 2
    assert walk.next_after(page(2, 5, is_last=True)) is None


def test_what_was_seen_counts_where_the_server_caps_the_size_and_does_not_say_so() -> None:
    walk: PageWalk[int] = PageWalk(LIST, 0)
    assert walk.next_after(page(0, 1, 2, size=100, total=3)) == 1
    assert walk.next_after(page(1, 3, size=100, total=3)) is None


@attrs.frozen
class Entry:
    """An item with or without an id."""

    id: str | None
    amount: int = 1


def test_entries_without_ids_may_be_alike_where_a_total_ends_them() -> None:
    walk: PageWalk[Entry] = PageWalk(LIST, 0)
    alike = (Entry(None), Entry(None))
    assert walk.next_after(Page(alike, 0, 2, 5, 3, is_last=False)) == 1
    assert walk.next_after(Page(alike, 1, 2, 5, 3, is_last=False)) == 2
    assert walk.next_after(Page(alike[:1], 2, 2, 5, 3, is_last=True)) is None


def test_a_last_page_that_repeats_is_noticed_before_anybody_sees_it() -> None:
    walk: PageWalk[Entry] = PageWalk(LIST, 0)
    same = (Entry("usr_1"), Entry("usr_2"))
    assert walk.next_after(Page(same, 0, 2, 4, 2, is_last=False)) == 1
    with pytest.raises(PaginationError, match="page 1 repeats page 0"):
        walk.next_after(Page(same, 1, 2, 4, 2, is_last=True))


@given(st.integers(0, 1000))
def test_it_goes_on_from_where_it_began(first: int) -> None:
    walk: PageWalk[int] = PageWalk(LIST, 0)
    assert walk.next_after(page(first, 1, 2)) == first + 1


@given(lead=st.integers(0, 50), cycle=st.integers(1, 50))
def test_pages_that_repeat_end_with_an_error(lead: int, cycle: int) -> None:
    """A cycle of any length after a lead of any length, and no more than a few times around it."""
    numbers = range(6 * (lead + cycle) + 10)
    with pytest.raises(PaginationError) as caught:
        walk_over(page(n, n if n < lead else lead + (n - lead) % cycle) for n in numbers)
    kept = int(caught.value.reason.split()[2].rstrip(":"))
    assert (caught.value.page - kept) % cycle == 0
    assert str(caught.value) == (
        f"things.do: the listing does not end, page {caught.value.page} repeats page {kept}: "
        "the server seems to ignore the parameter page"
    )


@given(st.lists(st.integers(), min_size=1, max_size=200, unique=True))
def test_pages_that_differ_are_no_error(contents: list[int]) -> None:
    walk_over(page(number, content) for number, content in enumerate(contents))


@given(st.integers(0, 50))
def test_pages_beyond_the_total_end_with_an_error(half: int) -> None:
    total = 2 * half + 1  # which pages of two items pass over
    with pytest.raises(PaginationError, match=f"lies beyond the {total} items that the server counts") as caught:
        walk_over(page(number, 2 * number, 2 * number + 1, total=total) for number in range(total + 2))
    assert caught.value.page == half + 1


def test_only_one_page_is_remembered() -> None:
    walk = walk_over(page(number, number) for number in range(100))
    remembered = [getattr(walk, name) for name in PageWalk.__slots__]
    assert sum(isinstance(value, Page) for value in remembered) == 1
    assert not any(isinstance(value, (list, set, dict)) for value in remembered)
