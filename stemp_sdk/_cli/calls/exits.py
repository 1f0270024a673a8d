"""The exit status of a command for each kind of error, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Final

from ..._core.errors import (
    APIConnectionError,
    APIStatusError,
    AuthenticationError,
    DecodeError,
    NotFoundError,
    PaginationError,
    RateLimitError,
    ServerError,
    StempError,
    shortened,
)
from ..._core.scope_errors import MissingScopeError, TokenKindError
from ...scopes import ScopeSet, token_kinds
from ...scopes._expression import shortest
from ..commands import for_terminal
from ..profiles.store import ConfigurationError


class Exit(IntEnum):
    """The exit status of the commands that call. They are documented in docs/command-line.md."""

    FAILED = 1
    """Another failure, which the message explains."""
    USAGE = 2
    """The arguments or the configuration are wrong. Nothing was sent."""
    SCOPE = 3
    """The token does not hold the scopes, or is of the wrong kind."""
    NOT_FOUND = 4
    TOKEN = 5
    """The server does not accept the token."""
    REFUSED = 6
    """The server refused the call for another reason."""
    CONNECTION = 7
    """No response was received."""
    RATE_LIMIT = 8
    UNKNOWN = 9
    """A write may have been carried out."""
    SERVER = 10
    """The server failed, or its response cannot be read."""


_STATUSES: Final[Sequence[tuple[tuple[type[StempError], ...], Exit]]] = (
    ((MissingScopeError, TokenKindError), Exit.SCOPE),
    ((ConfigurationError,), Exit.USAGE),
    ((NotFoundError,), Exit.NOT_FOUND),
    ((AuthenticationError,), Exit.TOKEN),
    ((RateLimitError,), Exit.RATE_LIMIT),
    ((APIConnectionError,), Exit.CONNECTION),
    ((ServerError, DecodeError, PaginationError), Exit.SERVER),
    ((APIStatusError,), Exit.REFUSED),
)

ADVICE: Final = {
    Exit.NOT_FOUND: "Check the id, and with stemp whoami the organization of the token. The command list of the "
    "resource shows the ids that exist.",
    Exit.TOKEN: "Check the token with stemp doctor, or store another one with stemp login.",
    Exit.CONNECTION: "stemp doctor checks the connection.",
    Exit.RATE_LIMIT: "Wait, and run the command again.",
}


def exit_of(error: StempError) -> Exit:
    """The exit status for an error."""
    if error.outcome_unknown:
        return Exit.UNKNOWN
    return next((status for kinds, status in _STATUSES if isinstance(error, kinds)), Exit.FAILED)


def sentence(error: StempError) -> str:
    """Say in one line what happened, and what to do next."""
    if isinstance(error, MissingScopeError) and error.held is not None and not error.confined:
        return _missing_scope(error, error.held)
    if isinstance(error, MissingScopeError) and error.source == "server":
        return _missing_scope(error, ScopeSet())
    message, advice = str(for_terminal(error)), ADVICE.get(exit_of(error))
    return message if advice is None else f"{message.rstrip('.')}. {advice}"


def _missing_scope(error: MissingScopeError, held: ScopeSet) -> str:
    """The message of the error, with advice for a shell, where a variable or a profile states the scopes."""
    between = " or " if error.any_of else " + "
    missing = error.missing.join(between)
    wanted = error.consent_scopes
    presets, others = shortest(wanted if token_kinds(wanted) else error.needed)
    stated = ",".join([*(preset.name for preset in presets), *others])
    if error.source == "server":
        fact = f"{error.operation}: the server says that the token lacks {missing}."
    else:
        sent = "" if error.outcome_unknown else " No request was sent."
        lacks = ", which the token lacks" if error.missing == error.needed else f"; the token lacks {missing}"
        holds = shortened(held.join(", ")) or "no scopes"
        fact = f"{error.operation} needs {error.needed.join(between)}{lacks}. It holds {holds}.{sent}"
    return (
        f"{fact} Use a token that has {missing}, and state its scopes: STEMP_SCOPES={stated}, or stemp login "
        f"--scopes {stated}."
    )
