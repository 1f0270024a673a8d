"""One page of a listing, read from any of the envelopes that the server may use.

The vendor documents no envelope. These are read (all inferred): Spring's flat and nested page, an object with the items
under ``data`` or ``items``, and a bare array; with or without totals.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Generic, TypeVar

import attrs
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, RootModel

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")

#: The vendor's documented maximum; a server that is asked for more may quietly give this many.
LARGEST_PAGE: Final = 100


@attrs.frozen
class Page(Generic[T]):
    """One page of a listing."""

    items: tuple[T, ...]
    number: int
    """Counted from 0."""
    size: int
    """How many items a full page has."""
    total: int | None
    """Items in the whole listing; None if the server does not say."""
    total_pages: int | None
    """Pages in the whole listing; None if the server does not say."""
    is_last: bool
    """True if the server says so; where it does not say, if the page is empty or short."""

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __bool__(self) -> bool:
        return bool(self.items)


class _Counts(BaseModel):
    model_config = ConfigDict(strict=True)

    size: int | None = None
    total: int | None = Field(default=None, validation_alias=AliasChoices("totalElements", "total"))
    total_pages: int | None = Field(default=None, validation_alias="totalPages")
    last: bool | None = None


class _Envelope(_Counts, Generic[M]):
    items: list[M] = Field(validation_alias=AliasChoices("content", "data", "items"))
    page: _Counts | int | None = None


class _Array(RootModel[list[M]], Generic[M]):
    model_config = ConfigDict(strict=True)


def decode_page(model: type[M], body: bytes, number: int, size: int) -> Page[M]:
    """Read the page that was asked for as page ``number`` with ``size`` items.

    Raises:
        pydantic.ValidationError: the body is no envelope of ``model``.
    """
    item: Any = model  # as a type argument, which no checker allows a variable to be
    if body.lstrip()[:1] == b"[":
        return _page(_Array[item].model_validate_json(body).root, number, size, _Counts())
    read = _Envelope[item].model_validate_json(body)
    return _page(read.items, number, size, _counts(read))


def _counts(read: _Envelope[Any]) -> _Counts:
    """What is told inside ``page``, or else beside it."""
    inner = read.page if isinstance(read.page, _Counts) else _Counts()
    told = {name: getattr(read, name) for name in _Counts.model_fields}
    return _Counts.model_construct(**{**told, **inner.model_dump(exclude_none=True)})


def _page(items: list[M], number: int, size: int, counts: _Counts) -> Page[M]:
    full = counts.size or min(size, LARGEST_PAGE)
    if not items:
        is_last = True
    elif counts.last is not None:
        is_last = counts.last
    elif counts.total_pages is not None:
        is_last = number + 1 >= counts.total_pages
    elif counts.total is not None:
        # A server that does not tell the size may have capped it: then only the items themselves count.
        is_last = number * (counts.size or len(items)) + len(items) >= counts.total
    else:
        is_last = len(items) < full
    return Page(tuple(items), number, full, counts.total, counts.total_pages, is_last)
