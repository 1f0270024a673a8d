"""``client.request``: a call of any endpoint, even one that this version has no method for."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, Literal, TypeAlias, cast, get_args
from urllib.parse import quote, urlencode

from pydantic import BaseModel
from typing_extensions import TypeVar

from .._core.arguments import check_length, path_segment, shown, text
from .._core.call import Call, RawResponse
from .._core.operation import Operation, Provenance, Replay
from .._core.problems import is_error
from ..models import WireModel
from ..models._base import to_json
from ..models._reading import UnreadableError, has_failed, load_json, read_object
from ..scopes import ScopeSet
from ._calls import decode_value

Returned = TypeVar("Returned", bound=BaseModel, default=Any)

RequestMethod: TypeAlias = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
QueryValue: TypeAlias = str | int | float | bool | Sequence[str | int | float | bool] | None

_PLACE: Final = r"\{[A-Za-z0-9_]*\}"
_PATH: Final = re.compile(rf"(/([A-Za-z0-9_.~:-]+|{_PLACE}))+/?")


def request_call(
    method: str,
    path: str,
    ids: Sequence[object],
    scopes: ScopeSet,
    query: Mapping[str, QueryValue] | None,
    body: object,
    returns: type[Returned] | None,
) -> Call[Returned]:
    """The call of an endpoint.

    Raises:
        TypeError: an argument has the wrong type; the message names it.
        ValueError: an argument has a wrong value; the message names it.
    """
    if method not in get_args(RequestMethod):
        raise ValueError(f"method must be one of {', '.join(get_args(RequestMethod))}, not {shown(method)}")
    if not isinstance(scopes, ScopeSet):
        raise TypeError(
            f"scopes must be a ScopeSet, not {type(scopes).__name__}: those of the endpoint, such as scopes.PASS_READ"
        )
    if returns is not None and not (isinstance(returns, type) and issubclass(returns, BaseModel)):
        raise TypeError(f"returns must be a model, such as User, not {shown(returns)}")
    filled, last = _filled(path, ids)
    operation = Operation(
        f"{method} {path}",
        method,
        filled,
        scopes,
        Provenance.INFERRED,
        # The other methods are idempotent.
        Replay.NEVER if method == "POST" else Replay.SAFE if method == "GET" else Replay.IDEMPOTENT,
    )
    decode: Callable[[RawResponse], Any] = _decode_json
    if returns is not None:
        decode = partial(_decode_model, returns)
        if issubclass(returns, WireModel):
            decode = partial(decode_value, operation, returns, partial(read_object, returns), None)
    return Call(operation, decode, last, query=encoded_query("query", query or {}), body=_json(body))


def _filled(path: object, ids: Sequence[object]) -> tuple[str, str | None]:
    """The path with ``{id}`` for the last id and the other ids filled in; and the last id, percent-encoded."""
    if not isinstance(path, str):
        raise TypeError(f"path must be a str, not {type(path).__name__}")
    check_length("path", path)
    if "?" in path:
        raise ValueError(f"path must be without its query, which goes into query=: not {shown(path)}")
    if not _PATH.fullmatch(path) or any(part in {".", ".."} for part in path.split("/")):
        raise ValueError(f"path must be relative to base_url, such as '/v1/users/{{}}/rewards', not {shown(path)}")
    parts = re.split(_PLACE, path)
    if len(ids) != len(parts) - 1:
        raise ValueError(f"path has {len(parts) - 1} places for an id, such as {{}}, and {len(ids)} ids were given")
    segments = [path_segment(f"ids[{index}]", value) for index, value in enumerate(ids)]
    if not segments:
        return path, None
    *before, after = parts
    filled = "".join(f"{part}{segment}" for part, segment in zip(before[:-1], segments, strict=False))
    return f"{filled}{before[-1]}{{id}}{after}", segments[-1]


def encoded_query(argument: str, query: Mapping[str, QueryValue]) -> str:
    """A query, percent-encoded. None is left out, and a list repeats the name.

    Raises:
        TypeError: a name or a value has the wrong type; the message names it.
        ValueError: a number is not finite, or a string is not valid Unicode.
    """
    if not isinstance(query, Mapping):
        raise TypeError(f"{argument} must be a mapping of names to values, not {type(query).__name__}")
    pairs: list[tuple[str, str]] = []
    for name, value in query.items():
        text(f"a name in {argument}", name)
        several = cast("Sequence[object]", value) if isinstance(value, (list, tuple)) else (value,)
        pairs += [(name, _query_value(f"{argument}[{name!r}]", one)) for one in several if one is not None]
    return urlencode(pairs, quote_via=quote)


def _query_value(argument: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        if not math.isfinite(value):
            raise ValueError(f"{argument} must be a finite number")
        return str(value)
    if not isinstance(value, str):
        raise TypeError(f"{argument} must be a str, a number, a bool or a list of these, not {type(value).__name__}")
    return text(argument, value)


def _json(body: object) -> bytes | None:
    if isinstance(body, BaseModel):
        return to_json(body)
    return None if body is None else encoded_json("body", body)


def encoded_json(argument: str, value: object) -> bytes:
    """A value as JSON.

    Raises:
        TypeError: a value in it has a type that JSON does not support.
        ValueError: a number in it is not finite, a string is not valid Unicode, or it contains itself.
    """
    problem: TypeError | ValueError
    try:
        return json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        problem = ValueError(f"{argument} contains text that is not valid Unicode")
    except (ValueError, RecursionError):
        problem = ValueError(f"{argument} contains a number that is not finite, or contains itself")
    except TypeError as error:  # its message names the type and quotes no value
        problem = TypeError(f"{argument}: {error}")
    raise problem


def _decode_json(answer: RawResponse) -> Any:
    """The JSON of a response; None for an empty body."""
    if not answer.body.strip():
        return None
    value: Any = load_json(answer.body)
    if is_error(value) or (isinstance(value, dict) and has_failed(cast("dict[str, object]", value))):
        raise UnreadableError("", "it is an error")
    return cast("Any", value)


def _decode_model(returns: type[Returned], answer: RawResponse) -> Returned:
    """A custom model, or one that accepts any JSON, such as ``OrganizationSettings``."""
    _decode_json(answer)  # raises if it is an error
    return returns.model_validate_json(answer.body)
