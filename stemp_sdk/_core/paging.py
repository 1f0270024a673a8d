"""Listings, without I/O: makes the call for a page, checks the page, and decides whether another one follows."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from typing import Any, Final, Generic, TypeVar
from urllib.parse import urlencode

import attrs
from pydantic.alias_generators import to_snake

from ..models import Page, WireModel
from ..models._base import wire_names
from ..models._page import decode_page
from ..models._reading import UnreadableError
from .call import Call, RawResponse
from .errors import DecodeError, PaginationError, UnreadItemWarning
from .operation import Operation
from .response import kept_by
from .settings import levels_to_caller

M = TypeVar("M", bound=WireModel)

_NEXT_LINK: Final = re.compile(r";\s*rel\s*=\s*\"?[^\";,]*\bnext\b", re.IGNORECASE)
#: Filters that take an id of stemp, by its prefix, or an external id, which no item contains.
_OWN_PREFIX: Final[Mapping[str, str]] = {"userId": "usr_", "templateId": "tpl_"}


@attrs.frozen(eq=False, repr=False)
class Query(Generic[M]):
    """The request of a listing, for any of its pages."""

    operation: Operation
    model: type[M]
    id: str | None
    filters: Mapping[str, str]
    """By their names on the wire."""
    first: int
    size: int

    def call(self, number: int) -> Call[Page[M]]:
        """The call for one page."""
        query = urlencode({**self.filters, "page": number, "size": self.size})

        def decode(answer: RawResponse) -> Page[M]:
            if answer.status != 204 and not answer.body.strip():
                raise UnreadableError("", "it is empty")
            linked = bool(_NEXT_LINK.search(answer.headers.get("link", "")))
            page = decode_page(self.model, answer.body, number, self.size, linked=linked)
            if page.unread:
                warnings.warn(
                    f"{self.operation.name}: items that cannot be read are left out; page.unread has them",
                    UnreadItemWarning,
                    stacklevel=levels_to_caller(),
                )
            return page

        return Call(self.operation, decode, id=self.id, query=query)


class PageWalk(Generic[M]):
    """Follows a listing from page to page. Each page passes ``take`` before it is returned.

    The server's statements about further items are trusted; if they contradict each other, that is an error, so that a
    listing never ends early silently.
    """

    __slots__ = ("_agreed", "_full", "_previous", "_probes", "_query", "_seen", "next")

    def __init__(self, query: Query[M]) -> None:
        self._query = query
        self._previous: Page[M] | None = None
        self._seen = 0
        self._probes = False  # whether the next page is requested only to find out whether it exists
        self._full: int | None = None  # the size of the first page, if it was short
        self._agreed: dict[str, object] = {}
        self.next: int | None = query.first
        """The number of the page to request; None at the end."""

    def take(self, page: Page[M]) -> bool:
        """Check the next page, and determine the one that follows it.

        Returns:
            Whether the page is part of the listing; False if it only repeats a listing without pages.

        Raises:
            DecodeError: an item does not fit the filters.
            PaginationError: the server repeats a page, announces items and does not send them, exceeds its own total,
                or has a smaller total than before.
        """
        previous, self._previous = self._previous, page
        probed, self._probes, self.next = self._probes, False, None
        if previous is not None:
            self._check_total(previous, page)
            if _repeats(previous, page):
                if not probed or not len(page.items) % 10 or not len(page.items) % 25:
                    reason = f"repeats page {previous.number}: the server seems to ignore the parameter page"
                    raise self._error(page, reason)
                return False
        self._check_filters(page)
        came = len(page.items) + len(page.unread)
        self._seen += came
        if self._has_next(page, came, is_first=previous is None):
            self.next = page.number + 1
        return True

    def _has_next(self, page: Page[M], came: int, *, is_first: bool) -> bool:
        total, seen = page.total, self._seen
        if page.more or (total is not None and self._falls_short(page, total, came)):
            if not came:
                raise self._error(page, "is empty, although the server says that there is more", "is not whole")
            if total is not None and (seen > total or (page.more and page.number * page.size > total)):
                raise self._error(page, f"lies beyond the {total} items that the server counts, and it is not the last")
            return True
        if not came or page.more is False or total is not None or came > self._query.size:
            return False  # more items than requested: the listing has no pages
        if came >= (self._full or page.size):
            return True
        # A short page ends the listing, but not the first page: the server may have a smaller page size than requested.
        self._probes, self._full = is_first, came
        return is_first

    def _falls_short(self, page: Page[M], total: int, came: int) -> bool:
        """Whether the pages so far have fewer items than the server's total."""
        if self._query.first == 0:
            return self._seen < total
        # From a later page on, this is a guess if the server does not state its page size. A wrong guess costs one more
        # request and is not an error.
        return not page.is_last if came else page.number * page.size < total

    def _check_total(self, previous: Page[M], page: Page[M]) -> None:
        if previous.total is not None and page.total is not None and page.total < previous.total:
            reason = (
                f"counts {page.total} items, and the page before {previous.total}, so items may have been skipped: "
                "to delete what a listing gives, collect it first with to_list()"
            )
            raise self._error(page, reason, "is not whole")

    def _check_filters(self, page: Page[M]) -> None:
        """Compare the items with the filters, as a server may ignore a parameter that it does not know.

        If a filter is an external id, which no item contains, all items must have the same value.
        """
        for wire, asked in self._query.filters.items():
            name = wire_names(self._query.model).get(wire)
            if name is None:
                continue
            prefix = _OWN_PREFIX.get(wire)
            is_own = prefix is not None and not asked.startswith(prefix)
            says: list[object] = [getattr(item, name) for item in page.items]
            expected: object = asked
            if is_own:
                first = next((one for one in says if one), None)
                expected = self._agreed[wire] = self._agreed.get(wire) or first
            if odd := {*says} - {None, expected}:
                index = next(index for index, one in enumerate(says) if one in odd)
                other = "not that of the items before it" if is_own else "not the requested one"
                ignored = f"the server seems to ignore the filter {to_snake(wire)} ({wire})"
                path, reason = f"{index}.{wire}", f"it is {other}: {ignored}"
                raise DecodeError(self._query.operation.name, 200, path, reason, response=kept_by(page))

    def _error(self, page: Page[M], reason: str, problem: str = "does not end") -> PaginationError:
        return PaginationError(self._query.operation.name, page.number, reason, problem, kept_by(page))


def checked_first(query: Query[M], page: Page[M]) -> Page[M]:
    """The first page of a listing, checked.

    Raises:
        DecodeError: an item does not fit the filters.
        PaginationError: it is empty, and the server says that there are more items.
    """
    PageWalk(query).take(page)
    return page


def _repeats(previous: Page[Any], page: Page[Any]) -> bool:
    """Whether it is the same page. Entries without ids may be equal by chance; their listing ends at the total."""
    if not page.items or page.items != previous.items:
        return False
    return page.total is None or getattr(page.items[0], "id", None) is not None
