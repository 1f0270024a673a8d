"""Checks a caller's arguments and encodes them as parts of a request. Errors name the argument; nothing is sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Final, TypeGuard
from urllib.parse import quote

from pydantic.alias_generators import to_camel

from ..scopes import ScopeSet, TokenKind, token_kinds
from .scope_errors import TokenKindError

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
# Neither is a limit of the vendor. A longer string does not fit into a URL, and a longer wait overflows the timeouts of
# the operating system.
_LONGEST_TEXT: Final = 1_000
_LONGEST_WAIT: Final = 86_400
_LONGEST_QUOTE: Final = 100
# An id that needs no encoding in a path.
_PLAIN: Final = re.compile(rf"[A-Za-z0-9_~-][A-Za-z0-9_.~-]{{,{_LONGEST_TEXT - 1}}}")


def path_segment(argument: str, value: object) -> str:
    """An id as one whole path segment, percent-encoded.

    Raises:
        TypeError: it is not a string.
        ValueError: it is blank or too long, has a control character or a lone surrogate, or would walk the path
            (``..``).
    """
    if not isinstance(value, str):
        raise TypeError(f"{argument} must be a str, not {type(value).__name__}")
    if _PLAIN.fullmatch(value):
        return value
    check_length(argument, value)
    if not value.strip():
        raise ValueError(f"{argument} is empty: it must be an id")
    if _CONTROL.search(value):
        raise ValueError(f"{argument} has a control character in it: {value!r} cannot be an id")
    # Servers and proxies resolve these even when they are percent-encoded, so encoding alone does not help.
    if any(part in {".", ".."} for part in re.split(r"[/\\]", value)):
        raise ValueError(f"{argument} would leave its place in the path: {value!r} cannot be an id")
    return quote(text(argument, value), safe="")


def whole_number(argument: str, value: object, *, at_least: int) -> int:
    """An ``int`` of 64 bits that is not a ``bool`` and not below ``at_least``."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{argument} must be an int, not {type(value).__name__}")
    if not -(2**63) <= value < 2**63:  # and so it may be too long to be shown
        raise ValueError(f"{argument} must fit into 64 bits")
    if value < at_least:
        raise ValueError(f"{argument} must be at least {at_least}, not {value}")
    return value


def text_filters(filters: Mapping[str, object]) -> dict[str, str]:
    """The filters that are given, by their wire names; a filter of ``None`` is left out.

    Raises:
        TypeError: one is neither a string nor None.
        ValueError: one is blank, is too long for a URL, or holds half of a surrogate pair.
    """
    given = {argument: text(argument, value) for argument, value in filters.items() if value is not None}
    for argument, value in given.items():
        if not value.strip():  # a server that ignores it would list the objects of other users too
            raise ValueError(f"{argument} is empty: to list without this filter, leave it out")
        check_length(argument, value)
    return {to_camel(argument): value for argument, value in given.items()}


def text(argument: str, value: object) -> str:
    """A ``str`` that can be sent.

    Raises:
        TypeError: it is not a string.
        ValueError: it holds half of a surrogate pair.
    """
    if not isinstance(value, str):
        raise TypeError(f"{argument} must be a str, not {type(value).__name__}")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{argument} is not valid Unicode: {value!r} cannot be sent") from None
    return value


def check_length(argument: str, value: str) -> None:
    """Raise a ``ValueError`` for a string that is too long to be part of a URL."""
    if len(value) > _LONGEST_TEXT:
        raise ValueError(f"{argument} has {len(value)} characters: more than {_LONGEST_TEXT} cannot go into a URL")


def shown(value: object) -> str:
    """The form of an argument for an error message: a string that fits into a line, and otherwise the type."""
    return repr(value) if isinstance(value, str) and len(value) <= _LONGEST_QUOTE else type(value).__name__


def scopes_for(kind: TokenKind | None, scopes: object) -> ScopeSet:
    """The argument ``scopes``, once it is known that a token of ``kind`` may hold them; None is an unknown kind.

    Raises:
        TypeError: it is not a ScopeSet.
        TokenKindError: a token of that kind may not hold them; for an unknown kind, no single token may.
    """
    if not _is_scope_set(scopes):
        raise TypeError(
            f"scopes must be a ScopeSet, not {type(scopes).__name__}: a preset such as presets.POS, constants joined "
            "with |, or stemp_sdk.scopes.parse(...) of a string"
        )
    allowed = token_kinds(scopes)
    if kind in allowed or (kind is None and allowed):
        return scopes
    raise TokenKindError(scopes, kind, misplaced(scopes, set(TokenKind) if kind is None else {kind}))


def _is_scope_set(scopes: object) -> TypeGuard[ScopeSet]:
    # To pyright, isinstance alone would leave the type argument unknown.
    return isinstance(scopes, ScopeSet)


def misplaced(scopes: ScopeSet, kinds: AbstractSet[TokenKind]) -> ScopeSet:
    """Those of the scopes that not all of these kinds of token may hold."""
    return ScopeSet(*(name for name in scopes if not kinds <= token_kinds(ScopeSet(name))))


def seconds(argument: str, value: object, *, at_most: float = _LONGEST_WAIT) -> float:
    """A finite number of seconds above 0 and not above ``at_most``, which is a day unless given."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise TypeError(f"{argument} must be a number of seconds, not {type(value).__name__}")
    if not 0 < value <= at_most:
        raise ValueError(f"{argument} must be a finite number of seconds above 0, and at most {at_most:,.0f}")
    return float(value)
