"""Makes calls from the arguments of methods: the part that the sync and the async methods share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, TypeVar, cast
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel

from .._core.arguments import path_segment, text_filters, whole_number
from .._core.call import Call, RawResponse
from .._core.operation import REGISTERED, Operation
from .._core.paging import Query
from .._core.problems import is_error
from ..models import WireModel
from ..models._base import to_json
from ..models._reading import UnreadableError, has_failed, load_json, read_object

M = TypeVar("M", bound=BaseModel)
W = TypeVar("W", bound=WireModel)

#: The size of a listing's pages unless the caller says otherwise: the largest that the vendor documents, for the
#: fewest requests.
PAGE_SIZE: Final = 100

NO_FILTERS: Final[Mapping[str, object]] = {}


def value_call(
    operation: str,
    returns: type[M],
    body: BaseModel | None,
    fallback: Mapping[str, object] | None,
    id: Mapping[str, object],
    read: Callable[[bytes], M] | None = None,
) -> Call[M]:
    """A call that returns an instance of ``returns``; made from ``fallback`` if the response has no body.

    ``read`` makes it from the body. It may be omitted for a ``WireModel``.
    """
    what = REGISTERED[operation]
    if read is None:
        read = partial(read_object, cast("type[Any]", returns))
    decode = partial(decode_value, what, returns, read, fallback)
    return Call(what, decode, _segment(id), body=None if body is None else to_json(body))


def decode_value(
    operation: Operation,
    returns: type[M],
    read: Callable[[bytes], M],
    fallback: Mapping[str, object] | None,
    answer: RawResponse,
) -> M:
    """The result of ``read`` for a response; if it has no body, the fallback, or the id in ``Location``."""
    if answer.body.strip():
        return read(answer.body)
    if fallback is None and operation.http_method == "POST" and "id" in returns.model_fields:
        fallback = _created(operation, answer)
    if fallback is not None:
        return returns.model_validate(fallback)
    raise UnreadableError("", "it is empty")


def _created(operation: Operation, answer: RawResponse) -> Mapping[str, object] | None:
    """The id of the created object, from the header ``Location``; None if there is none."""
    try:
        path = urlsplit(answer.headers.get("location", "")).path
    except ValueError:
        return None
    last = unquote(path.rstrip("/").rpartition("/")[2])
    return {"id": last} if last and not operation.path.endswith(f"/{last}") else None


def silent_call(operation: str, id: Mapping[str, object]) -> Call[None]:
    """A call whose response has no content to return."""
    return Call(REGISTERED[operation], _decode_nothing, _segment(id))


def _decode_nothing(answer: RawResponse) -> None:
    """Accept an empty body, or any JSON that is not an error; an HTML page is not a success."""
    if not answer.body.strip():
        return
    said = load_json(answer.body)
    if is_error(said) or (isinstance(said, dict) and has_failed(cast("dict[str, object]", said))):
        raise UnreadableError("", "it has the shape of an error")


def listing_query(
    operation: str, items: type[W], page: int, size: int, filters: Mapping[str, object], id: Mapping[str, object]
) -> Query[W]:
    """The query of a listing of ``items``, starting at ``page``."""
    return Query(
        REGISTERED[operation],
        items,
        _segment(id),
        text_filters(filters),
        whole_number("page", page, at_least=0),
        whole_number("size", size, at_least=1),
    )


def _segment(id: Mapping[str, object]) -> str | None:
    """The argument for the id in the path, if there is one, as a path segment."""
    for argument, value in id.items():
        return path_segment(argument, value)
    return None
