"""Making a client's credential from its argument ``token``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias, cast

from .._core.credential import Credential, FixedToken
from .._core.secret import Secret, checked_secret, masked
from .provider import ProvidedToken, Provider, named
from .token import grant_of

Given: TypeAlias = Secret | Credential | Provider | type | None
"""The argument in a form that a traceback may show. A value of a wrong type is replaced by its type."""

Entries: TypeAlias = Mapping[object, tuple[Given, object] | type]
"""The argument ``tokens`` of ``ring`` in a form that a traceback may show."""


def masked_token(token: object) -> Given:
    """Mask the argument ``token``."""
    if token is None or isinstance(token, Credential):
        return token
    return named(token) if callable(token) else masked(token)


def masked_tokens(tokens: object) -> Entries | type:
    """Mask the tokens in the argument ``tokens`` of ``ring``."""
    if not isinstance(tokens, Mapping):
        return type(tokens)
    given = cast("Mapping[object, object]", tokens)
    return {name: _masked_entry(entry) for name, entry in given.items()}


def _masked_entry(entry: object) -> tuple[Given, object] | type:
    if not isinstance(entry, tuple):
        return type(entry)
    pair = cast("tuple[object, ...]", entry)
    if len(pair) != 2:
        return tuple
    return masked_token(pair[0]), pair[1]


def credential_of(given: Given, provided: type[ProvidedToken], now: Callable[[], float]) -> Credential:
    """The credential of a client.

    Args:
        given: The masked argument.
        provided: The kind of credential for a token provider.
        now: The time in Unix seconds.

    Raises:
        TypeError: there is no token, it is neither a string nor a token provider, or the provider is asynchronous and
            the client is not.
        ValueError: it is empty, or has a character that no token has. The message never quotes it.
    """
    if given is None:
        raise TypeError("token is missing: pass it as the first argument, or set STEMP_TOKEN in the environment")
    if isinstance(given, Provider):
        return provided(given, now)
    if isinstance(given, (Secret, type)):
        secret = checked_secret("token", given, in_header=True)
        return FixedToken(secret, grant_of(secret))
    return given
