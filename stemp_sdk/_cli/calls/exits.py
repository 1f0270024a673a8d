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
)
from ..._core.scope_errors import MissingScopeError, TokenKindError
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

_ADVICE: Final = {
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
    message, advice = str(for_terminal(error)), _ADVICE.get(exit_of(error))
    return message if advice is None else f"{message.rstrip('.')}. {advice}"
