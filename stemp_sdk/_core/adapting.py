"""Applies the options of a client to a call: corrected paths, and extra fields, query parameters and headers."""

from __future__ import annotations

import json
import re
from typing import Any, Final, TypeVar, cast
from urllib.parse import parse_qsl, quote, urlencode

import attrs
from pydantic.alias_generators import to_snake

from .arguments import path_segment
from .call import Call, FormBody
from .settings import Settings

T = TypeVar("T")

_PLACE: Final = re.compile(r"\{([A-Za-z0-9]+)\}")
WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})
"""The methods whose requests may have a body."""


def adapted(call: Call[T], settings: Settings) -> Call[T]:
    """The call with the client's options applied.

    Raises:
        TypeError: an argument of the corrected path is missing or is not a string.
        ValueError: an argument of the corrected path cannot be a path segment.
    """
    operation = settings.corrected.get(call.operation.name, call.operation)
    query, body = parse_qsl(call.query, keep_blank_values=True), _object(call)
    path, given = operation.path, {**dict(query), **(body or {})}
    taken = {*_PLACE.findall(path)} - {"id"}
    for name in taken:
        path = path.replace(f"{{{name}}}", _segment(operation.name, name, given.get(name)))
    replaced = taken | {name for name, _ in settings.extra_query}
    query = [*(pair for pair in query if pair[0] not in replaced), *settings.extra_query]
    if body is not None:
        body = {name: value for name, value in body.items() if name not in taken}
    takes_body = call.body is None and operation.http_method in WITH_BODY
    extra = {**settings.operation_bodies.get(operation.name, {}), **settings.extra_body}
    if extra and (takes_body or body is not None):
        body = {**(body or {}), **extra}
    return attrs.evolve(
        call,
        operation=attrs.evolve(operation, path=path) if taken else operation,
        query=urlencode(query, quote_via=quote),
        body=call.body if body is None else json.dumps(body, ensure_ascii=False).encode(),
    )


def _object(call: Call[Any]) -> dict[str, Any] | None:
    """The JSON object in the body of a call; None if the body is empty or something else."""
    value = None if call.body is None or isinstance(call.body, FormBody) else json.loads(call.body)
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def _segment(operation: str, name: str, value: object) -> str:
    """The value of an argument as a segment of the path."""
    argument = f"{operation}: {to_snake(name)}, which stands in the path that paths= has,"
    return path_segment(argument, str(value) if isinstance(value, int) else value)
