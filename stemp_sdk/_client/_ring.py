"""Reading the argument ``tokens`` of ``ring``."""

from __future__ import annotations

from typing import Any, Final, cast

import attrs

from .._auth.given import Entries, Given, credential_of
from .._auth.provider import ProvidedToken
from .._core.arguments import scopes_for
from .._core.clock import Clock
from .._core.credential import Credential, FixedToken
from .._core.limits import LimitTracker
from .._core.ring import RingSettings, RingToken, ring_of
from .._core.scope_errors import TokenKindError
from .._core.secret import Secret
from .._core.settings import Settings
from ..scopes import ScopeSet

#: For the constructor, which a ring's client passes through without a token of its own.
NO_TOKEN: Final[Any] = FixedToken(Secret("none"))


def ring_settings(
    settings: Settings, given: Entries | type, scopes: ScopeSet | None, provided: type[ProvidedToken], owner: str
) -> RingSettings:
    """The settings of a ring.

    Args:
        settings: The options of the client.
        given: The masked argument ``tokens``.
        scopes: The argument ``scopes``.
        provided: The kind of credential for a token provider.
        owner: The class of the client.

    Raises:
        TypeError: ``tokens`` is not a mapping of names to pairs, or ``scopes`` is not a ``ScopeSet``.
        ValueError: ``tokens`` is empty, or a token or a name in it is malformed.
        TokenKindError: a token of this kind cannot hold the scopes that are stated for it.
        MissingScopeError: a JWT does not claim the scopes that are stated for it, or no token holds one of ``scopes``.
    """
    if isinstance(given, type):
        raise TypeError(f"tokens must be a mapping of names to (token, scopes), not {given.__name__}")
    if not given:
        raise ValueError("tokens is empty: a ring needs one token at least")
    ring = ring_of(
        settings, {_name(name): _token(settings, name, entry, provided) for name, entry in given.items()}, None
    )
    if scopes is None:
        return ring
    if not isinstance(scopes, ScopeSet):
        raise TypeError(f"scopes must be a ScopeSet, not {type(scopes).__name__}")
    if refusal := ring.refusal(f"{owner}.ring(scopes=...)", scopes):
        raise refusal
    return attrs.evolve(ring, declared=scopes)


def _name(name: object) -> str:
    if not isinstance(name, str):
        raise TypeError(f"tokens: a name must be a str, not {type(name).__name__}")
    if not name.strip():
        raise ValueError("tokens: a name must not be empty")
    return name


def _token(
    settings: Settings, name: object, entry: tuple[Given, object] | type, provided: type[ProvidedToken]
) -> RingToken:
    where = f"tokens[{name!r}]"
    if isinstance(entry, type):
        raise TypeError(f"{where} must be a tuple (token, scopes), not {entry.__name__}")
    given, stated = entry
    if not isinstance(stated, ScopeSet):
        raise TypeError(
            f"{where}: scopes must be a ScopeSet, not {type(stated).__name__}; a call is given to a token by its scopes"
        )
    scopes = cast("Any", stated)
    credential = _credential(where, given, provided, settings.clock)
    kind = credential.grant.kind
    try:
        scopes_for(kind, scopes)
    except TokenKindError as error:
        raise TokenKindError(scopes, kind, error.misplaced, where) from None
    attrs.evolve(settings, credential=credential, check_scopes="raise").check(where, scopes)
    return RingToken(credential, scopes, LimitTracker(settings.clock))


def _credential(where: str, given: Given, provided: type[ProvidedToken], clock: Clock) -> Credential:
    try:
        return credential_of(given, provided, clock.now)
    except (TypeError, ValueError) as error:
        kind, message = type(error), str(error)
    raise kind(f"{where}: {message}")
