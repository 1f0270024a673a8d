"""The arguments of ``with_options`` for every request: headers, query parameters, fields of the body."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final, cast
from urllib.parse import parse_qsl

from .._core.secret import Secret
from .._resources._requests import QueryValue, encoded_json, encoded_query

_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE: Final = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?")
#: Headers that the client sets itself, and those of the connection.
_OWN: Final = frozenset(
    {"accept", "accept-encoding", "authorization", "connection", "content-encoding", "content-length", "content-type"}
    | {"expect", "host", "keep-alive", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade"}
)
_OF_LISTINGS: Final = ("page", "size")


def masked_headers(headers: object) -> Mapping[object, Secret | type] | type:
    """The argument ``headers`` with wrapped values, as they may be secrets; its type if it is not a mapping."""
    if not isinstance(headers, Mapping):
        return type(headers)
    given = cast("Mapping[object, object]", headers)
    return {name: Secret(value) if isinstance(value, str) else type(value) for name, value in given.items()}


def checked_headers(given: Mapping[object, Secret | type] | type) -> Mapping[str, Secret]:
    """Check what ``masked_headers`` returned.

    Raises:
        TypeError: it is not a mapping of strings.
        ValueError: a name or a value cannot be sent, or the header is the client's own. No value is quoted.
    """
    if isinstance(given, type):
        raise TypeError(f"headers must be a mapping of names to values, not {given.__name__}")
    checked: dict[str, Secret] = {}
    for name, value in given.items():
        if not isinstance(name, str) or not isinstance(value, Secret):
            raise TypeError("headers must be a mapping of str to str")
        if not _NAME.fullmatch(name):
            raise ValueError("headers has a name that no header can have")
        if name.lower() in _OWN:
            raise ValueError(f"headers must not have {name}, which the client sets itself")
        if not _VALUE.fullmatch(value.reveal()):
            raise ValueError(f"headers[{name!r}] must be printable ASCII, without a blank at either end, and not empty")
        checked[name] = value
    return checked


def checked_query(query: Mapping[str, QueryValue]) -> tuple[tuple[str, str], ...]:
    """The argument ``extra_query``.

    Raises:
        TypeError: it is not a mapping of names to values that a query can have.
        ValueError: a value cannot be sent, or the parameter is the page or size of a listing.
    """
    pairs = parse_qsl(encoded_query("extra_query", query), keep_blank_values=True)
    for name, _ in pairs:
        if name in _OF_LISTINGS:
            raise ValueError(f"extra_query must not have {name}, which is an argument of the methods that list")
    return tuple(pairs)


def checked_body(body: Mapping[str, object]) -> Mapping[str, Any]:
    """A copy of the argument ``extra_body``, made through JSON.

    Raises:
        TypeError: it is not a mapping, or a value in it has a type that JSON does not support.
        ValueError: a value in it cannot be sent.
    """
    if not isinstance(body, Mapping):
        raise TypeError(f"extra_body must be a mapping of fields to values, not {type(body).__name__}")
    copied: dict[str, Any] = json.loads(encoded_json("extra_body", dict(body)))
    return copied
