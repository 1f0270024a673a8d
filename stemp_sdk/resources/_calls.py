"""From a method's arguments to a call: the part of every method that is the same, sync or async."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final, TypeVar

from pydantic import BaseModel, RootModel

from ..core.arguments import path_segment, text_filters, whole_number
from ..core.call import Call
from ..core.decoding import NothingKnownError
from ..core.operation import OPERATIONS
from ..core.paging import Query
from ..core.problems import is_error
from ..models import has_known_field, to_json

M = TypeVar("M", bound=BaseModel)

#: The size of a listing's pages unless the caller says otherwise: the largest that the vendor documents, for the
#: fewest requests.
PAGE_SIZE: Final = 100

NO_FILTERS: Final[Mapping[str, object]] = {}


def value_call(
    operation: str,
    returns: type[M],
    body: BaseModel | None,
    known: Mapping[str, object] | None,
    id: Mapping[str, object],
) -> Call[M]:
    """A call that gives a ``returns``; where the answer's body is empty, one of what is ``known``."""
    decode = partial(_decode, returns, known)
    return Call(OPERATIONS[operation], decode, _segment(id), body=None if body is None else to_json(body))


def _decode(returns: type[M], known: Mapping[str, object] | None, raw: bytes) -> M:
    if known is not None and not raw.strip():
        return returns.model_validate(known)
    value = returns.model_validate_json(raw)
    # A status of success proves nothing: an object without one field of the result may be anything, such as an error.
    if is_error(value.root) if isinstance(value, RootModel) else not has_known_field(value):
        raise NothingKnownError(f"it has none of the fields of {returns.__name__}")
    return value


def silent_call(operation: str, id: Mapping[str, object]) -> Call[None]:
    """A call whose answer, if there is one, says nothing."""
    return Call(OPERATIONS[operation], _decode_nothing, _segment(id))


def _decode_nothing(raw: bytes) -> None:
    """An empty body, or any JSON but an error in one of the vendor's shapes; a page of HTML is not a success."""
    if raw.strip() and is_error(_AnyJson.model_validate_json(raw).root):
        raise NothingKnownError("it has the shape of an error")


class _AnyJson(RootModel[Any]):
    """What an operation answers that need not answer."""


def listing_query(
    operation: str, items: type[M], page: int, size: int, filters: Mapping[str, object], id: Mapping[str, object]
) -> Query[M]:
    """A listing of ``items``, from ``page`` on."""
    return Query(
        OPERATIONS[operation],
        items,
        _segment(id),
        text_filters(filters),
        whole_number("page", page, at_least=0),
        whole_number("size", size, at_least=1),
    )


def _segment(id: Mapping[str, object]) -> str | None:
    """The one argument that is the path's id, if there is one, as a path segment."""
    for argument, value in id.items():
        return path_segment(argument, value)
    return None
