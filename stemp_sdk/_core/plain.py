"""Converts the fields of errors to JSON values and back, for task queues that rebuild an error as ``cls(*args)``.

``plain`` is what an error puts into ``args``. Each function after it is a converter of an attrs field, and takes both
the field's own type and the plain form of it.
"""

# Annotations are evaluated here: attrs copies those of a converter into ``__init__``, where its names are unknown.

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any, cast

import attrs

from ..scopes import ScopeSet, TokenKind, parse
from .limits import RateLimit
from .response import Response


def plain(value: object) -> object:
    """A field's value, converted to JSON types."""
    if isinstance(value, (RateLimit, Response)):
        return [*attrs.astuple(value)]
    if isinstance(value, (ScopeSet, tuple)):
        return [*cast("Iterable[str]", value)]
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in cast("Mapping[str, object]", value).items()}
    if isinstance(value, datetime):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


def scope_set(value: Iterable[str]) -> ScopeSet:
    """A set from itself or its names."""
    return parse(value)


def optional_scope_set(value: Iterable[str] | None) -> ScopeSet | None:
    """The same as ``scope_set``, or None."""
    return None if value is None else parse(value)


def token_kind(value: TokenKind | str | None) -> TokenKind | None:
    """A kind from itself or its value; None if unknown."""
    return None if value is None else TokenKind(value)


def rate_limit(value: RateLimit | Iterable[Any] | None) -> RateLimit | None:
    """A state of the rate limit from itself or its fields in their order; None if unknown."""
    return value if value is None or isinstance(value, RateLimit) else RateLimit(*value)


def response(value: Response | Iterable[Any] | None) -> Response | None:
    """A response from itself or its fields in their order; None if there was none."""
    return value if value is None or isinstance(value, Response) else Response(*value)


def moment(value: datetime | str | None) -> datetime | None:
    """A time from itself or its ISO 8601 form; None if there is none."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def strings(value: Iterable[str]) -> tuple[str, ...]:
    """Any strings, as a tuple."""
    return tuple(value)


def string_lists(value: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """Any mapping of names to strings, with tuples."""
    return {name: tuple(strings) for name, strings in value.items()}


def mapping(value: Mapping[str, str]) -> dict[str, str]:
    """Any mapping, as a dict."""
    return {**value}
