"""Listings: which part of them a request asks for, and the envelope that it comes in."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import islice
from typing import Any, Final, Literal, TypeAlias

import attrs

from .validation import Field, at_least, at_most, read
from .wire_errors import wrong_type

EnvelopeName: TypeAlias = Literal["spring", "spring-nested", "data", "items", "bare"]

_NUMBER: Final = re.compile(r"-?[0-9]{1,9}")
_PAGE: Final = Field("page", int, rules=(at_least(0),))
_SIZE: Final = Field("size", int, rules=(at_least(1), at_most(100)))


@attrs.frozen
class Listing:
    """What a handler answers with for a listing: all of it, in its order."""

    items: Collection[object]


@attrs.frozen
class PageOfItems:
    """The part of a listing that was asked for."""

    items: Sequence[object]
    number: int
    size: int
    total: int

    @property
    def total_pages(self) -> int:
        """How many pages of this size the listing has."""
        return -(-self.total // self.size)


def cut(listing: Listing, query: Mapping[str, str]) -> PageOfItems:
    """The page that ``page`` (from 0; default 0) and ``size`` (default 20) ask for.

    Raises:
        WireError: one is no number (400), is too small, or ``size`` is above the documented 100 (422). That it is
            refused and not cut down to 100 is the sandbox's choice.
    """
    given = {name: _number(name, query[name]) for name in ("page", "size") if name in query}
    asked = {"page": 0, "size": 20} | read(given, (_PAGE, _SIZE))
    start = min(asked["page"] * asked["size"], len(listing.items))  # islice takes no more than a Py_ssize_t
    items = tuple(islice(listing.items, start, start + asked["size"]))
    return PageOfItems(items, asked["page"], asked["size"], len(listing.items))


def _number(name: str, text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise wrong_type(name)
    return int(text)


def _spring(page: PageOfItems) -> dict[str, Any]:
    return {
        "content": page.items,
        "totalElements": page.total,
        "totalPages": page.total_pages,
        "number": page.number,
        "size": page.size,
        "last": page.number + 1 >= page.total_pages,
    }


def _spring_nested(page: PageOfItems) -> dict[str, Any]:
    counts = {
        "size": page.size,
        "number": page.number,
        "totalElements": page.total,
        "totalPages": page.total_pages,
    }
    return {"content": page.items, "page": counts}


ENVELOPES: Final[Mapping[EnvelopeName, Callable[[PageOfItems], object]]] = {
    "spring": _spring,
    "spring-nested": _spring_nested,
    "data": lambda page: {"data": page.items, "total": page.total},
    "items": lambda page: {"items": page.items},
    "bare": lambda page: page.items,
}
"""The five shapes that a listing may have; ``data`` comes with a total here, ``items`` without one."""
