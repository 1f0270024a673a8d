"""Every error the SDK raises on purpose.

Each is one line of text with plain attributes, survives pickling, and never holds a token or a whole body. They have no
slots and no keyword-only fields, as an exception pickles as its class, its positional arguments and its ``__dict__``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import attrs

from ..scopes import ScopeSet, TokenKind
from ..scopes.presets import smallest_covering
from .limits import RateLimit

#: What is true of a local refusal, unless it is only warned of.
_NOT_SENT: Final = " No request was sent."


class StempError(Exception):
    """The base of every error of this SDK. Wrong arguments are a plain ``TypeError`` or ``ValueError`` instead."""

    outcome_unknown: bool = False
    """True if the call was a write, and one of its tries may have been carried out all the same."""


def mark_outcome_unknown(error: StempError) -> None:
    """Note that an earlier attempt of the write that ``error`` ends may have been carried out."""
    error.outcome_unknown = True


class MissingScopeWarning(UserWarning):
    """What ``check_scopes="warn"`` issues in place of a local ``MissingScopeError`` or ``TokenKindError``."""


class UnreadItemWarning(UserWarning):
    """An item of a listing is left out, as nothing is known of it; ``Page.unread`` has it as it came."""


@attrs.define(slots=False)
class MissingScopeError(StempError):
    """The token lacks a scope that the operation needs."""

    operation: str
    """What was refused, such as ``"templates.delete"``."""
    needed: ScopeSet
    """All the scopes that it needs; after a server's refusal, those that the server named."""
    held: ScopeSet | None
    """The scopes that the client holds; None if they are unknown."""
    source: Literal["local", "server"] = "local"
    """Who refused: the local check, before any request, or the server."""
    declined: ScopeSet = ScopeSet()
    """Those of the needed scopes that the organization was asked for and did not grant to the app."""
    granted: ScopeSet | None = None
    """All that the token holds, which is more than ``held`` if the client is confined to less; None if unknown."""
    installation_id: str | None = None
    """The app installation that the client acts for; None for a client whose token was given as it is."""
    confined: bool = False
    """Whether ``only`` confines the client: then its token may well hold what is missing."""

    @property
    def missing(self) -> ScopeSet:
        """The needed scopes that are not held; after a server's refusal, the ones that the server named."""
        if self.held is None or self.source == "server":
            return self.needed
        return self.needed - self.held

    @property
    def consent_scopes(self) -> ScopeSet:
        """What to ask an organization for: all that its installation holds, and what is missing."""
        return self.missing | (self.granted or self.held or ScopeSet())

    @property
    def preset(self) -> str | None:
        """The name of the smallest shipped preset that covers what is needed; None if none does."""
        preset = smallest_covering(self.needed)
        return preset.name if preset else None

    def __str__(self) -> str:
        return self._text(_NOT_SENT)

    @property
    def warning(self) -> str:
        """The text where the request is sent all the same."""
        return self._text("")

    def _text(self, not_sent: str) -> str:
        needed = self.needed.join(" + ")
        held = self.held.join(", ") if self.held else "no scopes"
        better = f"Use a token that has it (presets.{self.preset} does)" if self.preset else "Use a token that has it"
        if self.declined:
            sent = not_sent if self.source == "local" else ""
            return (
                f"{self.operation} needs {needed}. The organization was asked for {self.declined.join(' + ')} and "
                f"declined; its installation holds {held}.{sent} Do without it, or let a person there grant it."
            )
        if self.source == "local":
            reason, advice = self._local_reason(held, better)
            return f"{self.operation} needs {needed}{reason}.{not_sent} {advice}."
        refused = f"{self.operation}: the server says that the token lacks {needed}"
        if self.held is None:
            return f"{refused}. {better}, and say in scopes= what the token holds: then this shows before any request."
        if self.needed <= self.held:
            return f"{refused}, though the client was told that it holds {held}. {better}, or correct scopes=."
        return f"{refused}. {better}."

    def _local_reason(self, held: str, better: str) -> tuple[str, str]:
        """Why the client does not hold what is needed, and what to do about it."""
        missing = self.missing.join(" + ")
        if self.confined:
            return f", and only() confines this client to {held}", "Use the client that it was made from"
        if self.granted is not None and self.missing <= self.granted:
            return f"; scopes= leaves out {missing}, which the token has. The client holds {held}", "Add it to scopes="
        lacks = ", which the token lacks" if self.missing == self.needed else f"; the token lacks {missing}"
        if self.granted is None:
            return f"{lacks}. It holds {held}", f"{better}, or add it to scopes= if this one does"
        return f"{lacks}. It holds {held}", f"{better}, or ask the organization for it (OAuthApp.step_up)"


@attrs.define(slots=False)
class TokenKindError(StempError):
    """The scopes cannot be held by the token's kind, or by any single kind."""

    scopes: ScopeSet
    kind: TokenKind | None
    """The token's kind; None where no kind may hold all of the scopes."""
    misplaced: ScopeSet
    """The scopes that the kind may not hold; without a kind, those that only one kind may."""
    operation: str | None = None
    """What was refused because it needs them; None where they were given as ``scopes``."""

    def __str__(self) -> str:
        return self._text(_NOT_SENT)

    @property
    def warning(self) -> str:
        """The text where the request is sent all the same."""
        return self._text("")

    def _text(self, not_sent: str) -> str:
        names = self.misplaced.join(", ")
        if self.kind is None:
            return f"scopes: no single token may hold all of {names}; use one API token and one installed app"
        other = "an installed app's token" if self.kind is TokenKind.API else "an API token"
        this = "an API token" if self.kind is TokenKind.API else "an installed app's token"
        if self.operation is not None:
            return f"{self.operation} needs {names}, which {this} may not hold.{not_sent} Use {other} for it."
        return f"scopes: {this} may not hold {names}; use {other} for it"


@attrs.define(slots=False)
class APIConnectionError(StempError):
    """No answer came: no connection, a connection that broke, or a proxy that refused."""

    operation: str
    reason: str
    attempts: int = 1
    """How many times the request was tried."""
    outcome_unknown: bool = False

    def __str__(self) -> str:
        tried = f"{self.operation}: no answer from the server, {self.reason}{_tries(self.attempts)}"
        return tried + _unknown(self)


class APITimeoutError(APIConnectionError):
    """No answer came in time."""


@attrs.define(slots=False)
class UnknownOutcomeError(StempError):
    """The answer to a write was lost, so nobody knows whether it was carried out; it was not sent again."""

    operation: str
    reason: str
    attempts: int = 1

    outcome_unknown = True

    def __str__(self) -> str:
        return (
            f"{self.operation}: the request was sent and its answer was lost, {self.reason}{_tries(self.attempts)}. "
            "It may have been carried out: read the current state before you repeat it."
        )


@attrs.define(slots=False)
class APIStatusError(StempError):
    """The server answered with an error."""

    operation: str
    status: int
    """The HTTP status."""
    code: str | None = None
    """stemp's own code, such as ``"resource_not_found"``; None if the body names none."""
    message: str | None = None
    """The server's words, if any, cut to one short line."""
    params: tuple[str, ...] = ()
    """What the code is about, such as the names of parameters."""
    fields: Mapping[str, str] = attrs.field(factory=dict[str, str])
    """For a validation error: the argument's name to what is wrong with it."""
    attempts: int = 1
    retry_after: float | None = None
    """Seconds that the server asked to wait; None if it did not say."""
    rate_limit: RateLimit | None = None
    outcome_unknown: bool = False
    hint: str | None = None
    """What may help, where the SDK knows more than the server says."""

    def __str__(self) -> str:
        parts = [f"{self.operation}: {self.status}"]
        if self.code:
            parts.append(f" {self.code}")
        if self.params:
            parts.append(f" ({_short(', '.join(self.params))})")
        if self.fields:
            parts.append(": " + _short("; ".join(f"{name} {problem}" for name, problem in self.fields.items())))
        elif self.message:
            parts.append(f": {self.message}")
        if self.retry_after is not None:
            parts.append(f"; the server asks to wait {self.retry_after:g} s")
        parts.append(_tries(self.attempts))
        parts.append(_unknown(self))
        if self.hint:
            parts.append(f"; {self.hint}")
        return "".join(parts)


class BadRequestError(APIStatusError):
    """400: the request was malformed or names something that does not fit."""


class RecipientNotFoundError(BadRequestError):
    """There is no user or member with the id that a mail was to go to; ``code`` says which of the two."""


class AuthenticationError(APIStatusError):
    """401: the token is unknown, expired or revoked."""


class PermissionDeniedError(APIStatusError):
    """403 for a reason other than a missing scope."""


class NotFoundError(APIStatusError):
    """404: there is no such thing, or the token may not see it."""


class ConflictError(APIStatusError):
    """409: the current state does not allow it."""


class InvalidRequestError(APIStatusError):
    """A value breaks the vendor's rules; ``fields`` names each argument, or ``code`` and ``params`` the rule."""


class RateLimitError(APIStatusError):
    """429: too many requests; see ``retry_after`` and ``rate_limit``."""


class ServerError(APIStatusError):
    """5xx: the server, or a proxy before it, failed."""


@attrs.define(slots=False)
class DecodeError(StempError):
    """The server answered with success and a body that is not what the operation returns."""

    operation: str
    status: int
    path: str
    """Where in the body, such as ``"content.3.email"``; empty for the body as a whole."""
    reason: str
    outcome_unknown: bool = False

    def __str__(self) -> str:
        where = f" at {self.path}" if self.path else ""
        answered = f"{self.operation}: the server answered {self.status}, but its body cannot be read"
        return f"{answered}{where}: {self.reason}{_unknown(self)}"


@attrs.define(slots=False)
class PaginationError(StempError):
    """A listing does not end, or items of it are missing: what the server says of its pages does not fit together."""

    operation: str
    page: int
    """The page, counted from 0, at which it showed."""
    reason: str
    problem: str = "does not end"
    """What is wrong with the listing: it ``"does not end"``, or it ``"is not whole"``."""

    def __str__(self) -> str:
        return f"{self.operation}: the listing {self.problem}, page {self.page} {self.reason}"


def _short(text: str) -> str:
    return text if len(text) <= 500 else text[:499] + "…"


def _unknown(error: StempError) -> str:
    words = "; it may have been carried out: read the current state before you repeat it"
    return words if error.outcome_unknown else ""


def _tries(attempts: int) -> str:
    return f" ({attempts} attempts)" if attempts > 1 else ""
