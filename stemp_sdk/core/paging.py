"""Listings, without I/O: the call for a page, and whether there is another one after it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

import attrs
from pydantic import BaseModel

from ..models.page import Page, decode_page
from .call import Call
from .errors import PaginationError
from .operation import Operation

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")


@attrs.frozen(eq=False, repr=False)
class Query(Generic[M]):
    """What a listing asks for, page after page."""

    operation: Operation
    model: type[M]
    id: str | None
    filters: Mapping[str, str]
    first: int
    size: int

    def call(self, number: int) -> Call[Page[M]]:
        """The call for one page."""
        query = urlencode({**self.filters, "page": number, "size": self.size})
        return Call(
            self.operation, lambda body: decode_page(self.model, body, number, self.size), id=self.id, query=query
        )


class PageWalk(Generic[T]):
    """Follows a listing from page to page, and notices one that never ends.

    A server that ignores ``page`` sends the same page for ever, and one with a broken cursor a cycle of them. Brent's
    algorithm finds either while it remembers a single page: it compares each page with one kept from before, and keeps
    a new one whenever the distance has doubled.
    """

    __slots__ = ("_distance", "_first", "_kept", "_limit", "_operation", "_seen")

    def __init__(self, operation: Operation, first: int) -> None:
        self._operation = operation
        self._first = first
        self._seen = 0
        self._kept: Page[T] | None = None
        self._distance = 0
        self._limit: int = 1

    def next_after(self, page: Page[T]) -> int | None:
        """The number of the page after ``page``; None at the end.  To be asked before anybody sees the page.

        Raises:
            PaginationError: the server repeats itself, or goes on beyond its own total.
        """
        if self._kept is not None and page.items and page.items == self._kept.items and _can_be_told_apart(page):
            raise self._endless(
                page, f"repeats page {self._kept.number}: the server seems to ignore the parameter page"
            )
        self._seen += len(page.items)
        if page.is_last or (self._first == 0 and page.total == self._seen):
            return None
        if page.total is not None and page.number * page.size > page.total:
            raise self._endless(
                page, f"lies beyond the {page.total} items that the server counts, and it is not the last"
            )
        self._distance += 1
        if self._distance == self._limit:
            self._kept, self._distance, self._limit = page, 0, self._limit * 2
        return page.number + 1

    def _endless(self, page: Page[T], reason: str) -> PaginationError:
        return PaginationError(self._operation.name, page.number, reason)


def _can_be_told_apart(page: Page[Any]) -> bool:
    """Whether equal pages are the same page: entries without ids may well be alike, and a total ends them."""
    return page.total is None or getattr(page.items[0], "id", None) is not None
