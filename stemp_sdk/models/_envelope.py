"""Finding the list in a response, and reading its envelope: how many items there are, and whether there are more.

The vendor documents no envelope, so all of this is inferred: Spring's flat and nested page, an object with the items
under any key, HAL's ``_embedded``, an object within an object, and a bare array; with or without totals.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar, cast

import attrs

from ._base import WireModel
from ._reading import UnreadableError, fit, has_failed, is_result, keys_of

W = TypeVar("W", bound=WireModel)

#: The usual keys of a list. Under any other key, a list is recognized by its items.
_LIST_KEYS: Final[tuple[str, ...]] = ("content", "data", "items")
_NEVER_A_LIST: Final = frozenset({"error", "errors", "warnings", "messages", "links", "_links", "sort"})
_CONTAINERS: Final = ("page", "pagination", "paging", "pageInfo", "meta", "links", "_links")
_TOTAL: Final = ("totalElements", "total", "totalCount", "total_count", "totalItems", "total_items")
_TOTAL_PAGES: Final = ("totalPages", "total_pages", "pageCount", "page_count")
_SIZE: Final = ("size", "pageSize", "page_size", "perPage", "per_page")  # a limit is the size of the request
_MORE: Final = (
    *("hasMore", "has_more", "hasNext", "has_next", "hasNextPage", "has_next_page", "next", "nextPage", "next_page"),
    *("nextCursor", "next_cursor", "nextPageToken", "next_page_token", "nextToken", "next_token", "cursor"),
)


@attrs.frozen
class Counts:
    """The counts in the envelope of a list."""

    size: int | None
    total: int | None
    total_pages: int | None
    more: bool | None
    """Whether the envelope says, in another way than by a total, that there are more items; None if it does not."""


def read_counts(around: Sequence[Mapping[str, Any]], number: int, *, linked: bool) -> Counts:
    """Read the counts in the objects around a list.

    Args:
        around: The objects, from the outermost one to the one that holds the list.
        number: The number of the requested page.
        linked: Whether the headers of the response have a link to the next page.
    """
    places = [place for each in around for place in _places(each)][::-1]  # the places nearest to the list first
    total_pages = _number(places, _TOTAL_PAGES)
    signs = [linked or None, None if total_pages is None else number + 1 < total_pages]
    signs += [not place["last"] for place in places if isinstance(place.get("last"), bool)]
    signs += [_is_more(place[name]) for place in places for name in _MORE if name in place]
    more = True if True in signs else False if False in signs else None
    return Counts(_number(places, _SIZE) or None, _number(places, _TOTAL), total_pages, more)


def _places(around: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield around
    for name in _CONTAINERS:
        if isinstance(inner := around.get(name), dict):
            yield from _places(cast("dict[str, Any]", inner))


def _number(places: Iterable[Mapping[str, Any]], names: Iterable[str]) -> int | None:
    """The first value that is a count: 250, 250.0 or "250"."""
    for place in places:
        for name in names:
            value = place.get(name)
            if isinstance(value, str) and value.isdecimal() and len(value) < 19:
                value = int(value)
            if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 2**63:
                return int(value)
    return None


def _is_more(value: object) -> bool:
    return bool(value) and not (isinstance(value, str) and value.lower() in {"false", "0"})


@attrs.frozen
class Found:
    """A list in a response."""

    path: str
    items: Sequence[object]
    around: tuple[Mapping[str, object], ...]


def find_list(model: type[WireModel], raw: object) -> Found:
    """The one list of values of ``model``.

    Raises:
        UnreadableError: there is none, or more than one.
    """
    if isinstance(raw, list):
        return Found("", cast("list[object]", raw), ())
    if not isinstance(raw, dict):
        raise UnreadableError("", "Input should be a list, or an object with one in it")
    whole = cast("dict[str, object]", raw)
    found = [*_lists_in(model, whole, ())]
    if len(found) == 1:
        return found[0]
    what = "more than one list" if found else "no list"
    raise UnreadableError("", f"it has {what} of {model.__name__} in it ({keys_of(whole)})")


def _lists_in(
    model: type[WireModel], raw: Mapping[str, object], outside: tuple[Mapping[str, object], ...]
) -> Iterator[Found]:
    """The list under a usual key; else the lists whose items are values; else one that is empty or null."""
    if has_failed(raw):
        return
    lists: dict[str, Sequence[object]] = {
        key: cast("list[object]", value)
        for key, value in raw.items()
        if isinstance(value, list) and key not in _NEVER_A_LIST
    }
    known = [key for key in _LIST_KEYS if key in lists][:1]
    keys = known or [key for key, items in lists.items() if _has_a_value(model, items)]
    found = [Found(key, lists[key], (*outside, raw)) for key in keys]
    if not found and not outside:
        for key, value in raw.items():
            if isinstance(value, dict) and key not in _CONTAINERS:
                inner = _lists_in(model, cast("dict[str, object]", value), (raw,))
                found += [attrs.evolve(one, path=f"{key}.{one.path}") for one in inner]
    if not found:
        empty = [key for key, items in lists.items() if not items]
        empty += [key for key in _LIST_KEYS if key in raw and raw[key] is None]
        found = [Found(key, (), (*outside, raw)) for key in empty[:1]]
    yield from found


def _has_a_value(model: type[WireModel], items: Iterable[object]) -> bool:
    return any(read_item(model, item) is not None for item in items)


def read_item(model: type[W], item: object) -> W | None:
    """One item of a list; None if it is not an object, or has no known field."""
    if not isinstance(item, dict):
        return None
    try:
        value = fit(model, cast("dict[str, Any]", item))
    except UnreadableError:
        return None
    return value if is_result(value) else None
