"""Listings and their pages."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import islice
from typing import Any, Final

import attrs

from ..models._page import DEFAULT_PAGE, LARGEST_PAGE
from ._validation import Field, at_least, at_most, read
from ._wire_errors import wrong_type

_NUMBER: Final = re.compile(r"-?[0-9]{1,9}")
_PAGE: Final = Field("page", int, rules=(at_least(0),))
_SIZE: Final = Field("size", int, rules=(at_least(1), at_most(LARGEST_PAGE)))


@attrs.frozen
class RecordList:
    """The result of a handler for a listing: all items, in order."""

    items: Collection[object]


@attrs.frozen
class PageOfItems:
    """The requested page of a listing."""

    items: Sequence[object]
    number: int
    size: int
    total: int

    @property
    def total_pages(self) -> int:
        """The number of pages of this size."""
        return -(-self.total // self.size)

    def envelope(self) -> dict[str, Any]:
        """The page as it is sent. The vendor documents no envelope; its server looks like Spring."""
        return {
            "content": self.items,
            "totalElements": self.total,
            "totalPages": self.total_pages,
            "number": self.number,
            "size": self.size,
            "last": self.number + 1 >= self.total_pages,
        }


def cut(listing: RecordList, query: Mapping[str, str], most: int | None = None) -> PageOfItems:
    """The page for the parameters ``page`` (from 0; default 0) and ``size`` (default 20).

    Args:
        listing: The listing.
        query: The query of the request.
        most: The maximum number of items in a page, whatever ``size`` is; None for no such limit.

    Raises:
        WireError: one is not a number (400), is too small, or ``size`` is above the documented 100 (422). Refusing it
            instead of reducing it to 100 is the sandbox's choice.
    """
    given = {name: _number(name, query[name]) for name in ("page", "size") if name in query}
    asked = {"page": 0, "size": DEFAULT_PAGE} | read(given, (_PAGE, _SIZE))
    size = asked["size"] if most is None else min(asked["size"], most)
    start = min(asked["page"] * size, len(listing.items))  # islice takes no more than a Py_ssize_t
    return PageOfItems(tuple(islice(listing.items, start, start + size)), asked["page"], size, len(listing.items))


def _number(name: str, text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise wrong_type(name)
    return int(text)
