"""One page of a listing, read from any of the envelopes that the server may use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Generic, TypeVar

import attrs
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, RootModel, ValidationError

from ._base import WireModel
from ._envelope import find_list, read_counts, read_item
from ._reading import UnreadableError, has_failed, is_result, load_json

M = TypeVar("M", bound=BaseModel)
W = TypeVar("W", bound=WireModel)
T = TypeVar("T")

#: The vendor's documented maximum; a server that is asked for more may quietly give this many.
LARGEST_PAGE: Final = 100

#: How many items the vendor gives where no size is asked for.
DEFAULT_PAGE: Final = 20


class _Answered:
    """Has a slot for the response, as ``WireModel`` has; attrs neither compares nor pickles it."""

    __slots__ = ("_response",)


@attrs.frozen
class Page(_Answered, Generic[T]):
    """One page of a listing. It is true if it has items, and not iterable itself, as it is not the whole listing."""

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
    more: bool | None = None
    """Whether the server says, by anything but ``total``, that there are more items; None if it says nothing of it."""
    unread: tuple[Any, ...] = ()
    """Items that are not in ``items``, as nothing is known of them: the JSON as it came."""

    def __bool__(self) -> bool:
        return bool(self.items)


class _Envelope(BaseModel, Generic[M]):
    """The envelopes that are read at once; what stands around the items is in ``model_extra``."""

    model_config = ConfigDict(strict=True, extra="allow", protected_namespaces=(), defer_build=True)

    items: list[M] = Field(validation_alias=AliasChoices("content", "data", "items"))


class _Array(RootModel[list[M]], Generic[M]):
    model_config = ConfigDict(strict=True, defer_build=True)


def decode_page(model: type[W], body: bytes, number: int, size: int, *, linked: bool = False) -> Page[W]:
    """Read a page.

    Args:
        model: What its items are.
        body: JSON; an empty one is an empty page.
        number: The page that was asked for, counted from 0.
        size: How many items were asked for.
        linked: Whether the headers of the response have a link to the next page.

    Raises:
        UnreadableError: the body is not JSON, there is no list in it, or none of the list's items is a ``model``.
    """
    if not body.strip():
        return _page((), (), (), number, size, linked=linked)
    item: Any = model  # as a type argument, which no checker allows a variable to be
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
    """Whether something is known of each item. Most pages are told by little, as this is asked of every one."""
    if (
        model.model_fields.keys() >= {"id", "object"}
        and model.model_fields["id"].is_required()
        and {getattr(item, "object") for item in items} <= {None, model.wire_object}  # noqa: B009  # not all have it
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
        # A server that does not say the size may have capped it: then only the items themselves count.
        more = number * (counts.size or came or full) + came < counts.total
    if came and (counts.more or (more and number == 0)):
        full = counts.size or came  # a page that is surely not the last is a full one
    # More items than were asked for prove that there are no pages.
    is_last = came < full or came > size if more is None else not came or not more
    return Page(tuple(items), number, full, counts.total, counts.total_pages, is_last, counts.more, tuple(unread))
