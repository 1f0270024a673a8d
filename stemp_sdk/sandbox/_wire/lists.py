"""The envelopes of listings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import attrs

from .variant import Lists

Json = dict[str, Any]


@attrs.frozen
class ListPage:
    """A page of a listing with converted items."""

    items: Sequence[Any]
    number: int
    size: int
    total: int
    resource: str
    """The name for the items in HAL and others: ``"users"``."""
    target: str
    """The path of the listing."""

    @property
    def total_pages(self) -> int:
        """The number of pages of this size."""
        return -(-self.total // self.size)

    @property
    def more(self) -> bool:
        """Whether a page follows."""
        return self.number + 1 < self.total_pages

    @property
    def next(self) -> str | None:
        """The address of the next page."""
        return f"{self.target}?page={self.number + 1}&size={self.size}" if self.more else None


def _counts(page: ListPage) -> Json:
    return {
        "size": page.size,
        "number": page.number,
        "totalElements": page.total,
        "totalPages": page.total_pages,
    }


def _hal(page: ListPage) -> Json:
    links: Json = {"self": {"href": page.target}}
    if page.next:
        links["next"] = {"href": page.next}
    # Spring omits ``_embedded`` from an empty listing, which is then not recognisable as a listing.
    return {"_embedded": {page.resource: page.items}, "_links": links, "page": _counts(page)}


def _pagination(page: ListPage) -> Json:
    return {"page": page.number, "per_page": page.size, "total_count": page.total, "total_pages": page.total_pages}


ENVELOPES: Final[Mapping[Lists, Callable[[ListPage], Any]]] = {
    "spring-page": lambda page: {"content": page.items, **_counts(page), "last": not page.more},
    "spring-paged-model": lambda page: {"content": page.items, "page": _counts(page)},
    "hal": _hal,
    "json-api": lambda page: {"data": page.items, "links": {"next": page.next}},
    "data-total": lambda page: {"data": page.items, "total": page.total},
    "data-pagination": lambda page: {"data": page.items, "pagination": _pagination(page)},
    "nested-data": lambda page: {"success": True, "data": {"content": page.items, "totalElements": page.total}},
    "items": lambda page: {"items": page.items},
    "resource": lambda page: {page.resource: page.items, "meta": {"total_pages": page.total_pages}},
    "array": lambda page: page.items,
    "array-link": lambda page: page.items,
    "has-more": lambda page: {"object": "list", "data": page.items, "hasMore": page.more},
    "next-url": lambda page: {"count": page.total, "next": page.next, "results": page.items},
    "cursor": lambda page: {"data": page.items, "nextCursor": cursor_of(page.number + 1) if page.more else None},
}


def cursor_of(number: int) -> str:
    """The cursor of a page."""
    return f"c{number}"


def page_of(cursor: str) -> int | None:
    """The page of a cursor; None if it is not one."""
    digits = cursor.removeprefix("c")
    return int(digits) if digits.isdecimal() and len(digits) < 9 and cursor == f"c{digits}" else None
