"""One page of a listing, read from any of the envelopes that the server may use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Generic, TypeVar, cast

import attrs
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, RootModel, ValidationError

from .._public import publish
from ._base import WireModel
from ._envelope import find_list, read_counts, read_item
from ._reading import UnreadableError, has_failed, is_result, load_json

M = TypeVar("M", bound=BaseModel)
W = TypeVar("W", bound=WireModel)
T = TypeVar("T")

#: The documented maximum. If more are requested, the server may silently return this many.
LARGEST_PAGE: Final = 100

#: How many items the vendor returns if no size is requested.
DEFAULT_PAGE: Final = 20


class _HasResponse:
    """Base class with a slot for the response, as in ``WireModel``. attrs neither compares nor pickles it."""

    __slots__ = ("_response",)


@attrs.frozen
class Page(_HasResponse, Generic[T]):
    """One page of a listing. True if it has items. Not iterable, as it is not the whole listing: use ``items``."""

    items: tuple[T, ...]
    """The items that could be read, in the order of the response."""
    number: int
    """Counted from 0."""
    size: int
    """The number of items in a full page."""
    total: int | None
    """Items in the whole listing; None if the server does not say."""
    total_pages: int | None
    """Pages in the whole listing; None if the server does not say."""
    is_last: bool
    """Whether the server says so; if it does not say, whether the page is empty or short."""
    more: bool | None = None
    """Whether the server says, in another way than by ``total``, that there are more items; None if it does not."""
    unread: tuple[Any, ...] = ()
    """Items that could not be read, so they are not in ``items``: their JSON, unchanged."""

    def __bool__(self) -> bool:
        return bool(self.items)


class _Envelope(BaseModel, Generic[M]):
    """The envelopes that are read in one step. The fields around the items are in ``model_extra``."""

    model_config = ConfigDict(strict=True, extra="allow", protected_namespaces=(), defer_build=True)

    items: list[M] = Field(validation_alias=AliasChoices("content", "data", "items"))


class _Array(RootModel[list[M]], Generic[M]):
    model_config = ConfigDict(strict=True, defer_build=True)


def decode_page(model: type[W], body: bytes, number: int, size: int, *, linked: bool = False) -> Page[W]:
    """Read a page.

    Args:
        model: The type of its items.
        body: JSON; an empty body is an empty page.
        number: The requested page, counted from 0.
        size: The requested number of items.
        linked: Whether the headers of the response have a link to the next page.

    Raises:
        UnreadableError: the body is not JSON, it has no list, or none of the list's items is a ``model``.
    """
    if not body.strip():
        return _page((), (), (), number, size, linked=linked)
    item: Any = model  # type checkers allow no variable as a type argument
    try:
        if body.lstrip()[:1] == b"[":
            items: list[W] = _Array[item].model_validate_json(body).root
            around: dict[str, Any] = {}
        else:
            envelope = _Envelope[item].model_validate_json(body)
            items, around = envelope.items, envelope.model_extra or {}
    except ValidationError:
        pass
    else:
        if _are_results(model, items) and not has_failed(around):
            return _page(items, (), (around,), number, size, linked=linked)
    found = find_list(model, load_json(body))
    read = [(one, read_item(model, one)) for one in found.items]
    items = [value for _, value in read if value is not None]
    if found.items and not items:
        raise UnreadableError(found.path, f"none of its {len(found.items)} items is a {model.__name__}")
    unread = [one for one, value in read if value is None]
    return _page(items, unread, found.around, number, size, linked=linked)


def _are_results(model: type[WireModel], items: Sequence[WireModel]) -> bool:
    """Whether each item has a known field. Most pages take the quick check, as this runs for every page."""
    if (
        model.model_fields.keys() >= {"id", "object"}
        and model.model_fields["id"].is_required()
        and {item.object for item in cast("Sequence[Any]", items)} <= {None, model.wire_object}
        and not any(item.__pydantic_extra__ for item in items)
    ):
        return True
    return all(map(is_result, items))


def _page(
    items: Sequence[W],
    unread: Sequence[object],
    around: Sequence[Mapping[str, Any]],
    number: int,
    size: int,
    *,
    linked: bool,
) -> Page[W]:
    counts = read_counts(around, number, linked=linked)
    came, full = len(items) + len(unread), counts.size or min(size, LARGEST_PAGE)
    more = counts.more
    if not more and counts.total is not None:
        # Without a stated size, the server may have reduced it: then only the number of items counts.
        more = number * (counts.size or came or full) + came < counts.total
    if came and (counts.more or (more and number == 0)):
        full = counts.size or came  # a page that is certainly not the last one is full
    # More items than requested prove that the server has no pages.
    is_last = came < full or came > size if more is None else not came or not more
    return Page(tuple(items), number, full, counts.total, counts.total_pages, is_last, counts.more, tuple(unread))


publish("stemp_sdk.models", globals())
