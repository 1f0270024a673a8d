"""The errors for a token that does not hold a scope, or cannot hold it. Each message says what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import attrs

from .._public import publish
from ..scopes import ScopeSet, TokenKind, token_kinds
from ..scopes._expression import expression
from ..scopes.presets import smallest_covering
from .errors import StempError, shortened
from .plain import optional_scope_set, response, scope_set, token_kind
from .response import Response

_NOT_SENT: Final = " No request was sent."
_OWNER: Final[Mapping[TokenKind | None, str]] = {
    None: "a token",
    TokenKind.API: "an API token",
    TokenKind.APP: "an installed app's token",
}


class MissingScopeWarning(UserWarning):
    """Issued by ``check_scopes="warn"`` instead of a local ``MissingScopeError`` or ``TokenKindError``."""


class UncheckedScopesWarning(UserWarning):
    """Issued by ``require`` if the scopes of the token are unknown, so that nothing can be checked."""


@attrs.define(slots=False, repr=False)
class MissingScopeError(StempError):
    """The token lacks a scope that the operation needs."""

    operation: str
    """The operation that was refused, such as ``"templates.delete"``."""
    needed: ScopeSet = attrs.field(converter=scope_set)
    """The scopes that the operation needs; after a refusal by the server, those that the server named."""
    held: ScopeSet | None = attrs.field(converter=optional_scope_set)
    """The scopes that the client holds; None if they are unknown."""
    source: Literal["local", "server"] = "local"
    """The origin of the refusal: the local check, before any request, or the server."""
    declined: ScopeSet = attrs.field(default=ScopeSet(), converter=scope_set)
    """The needed scopes that the app requested and the organization did not grant."""
    granted: ScopeSet | None = attrs.field(default=None, converter=optional_scope_set)
    """The scopes of the token, which are more than ``held`` if the client is confined to less; None if unknown."""
    installation_id: str | None = None
    """The app installation that the client acts for; None for a client that was given a token."""
    confined: bool = False
    """Whether ``only`` confines the client, so that its token may hold the missing scopes."""
    outcome_unknown: bool = False
    """True if it ended a write of which an earlier attempt may have been carried out."""
    response: Response | None = attrs.field(default=None, converter=response, repr=False)
    """The server's refusal; None if no request was sent."""
    any_of: bool = False
    """Whether any one of ``needed`` is enough, according to the server."""

    token_name: str | None = None
    """The name of the token in a ``ring``: that of the request, or of the token that lacks the fewest; None without."""

    @property
    def missing(self) -> ScopeSet:
        """The needed scopes that are not held; after a refusal by the server, those that the server named."""
        if self.held is None or self.source == "server":
            return self.needed
        return self.needed - self.held

    @property
    def consent_scopes(self) -> ScopeSet:
        """The scopes to request from an organization: those that its installation holds, and the missing ones."""
        return self._enough | (self.granted or self.held or ScopeSet())

    @property
    def preset(self) -> str | None:
        """The name of the smallest shipped preset that covers the held and the needed scopes; None if none does."""
        preset = smallest_covering(self._enough | (self.held or ScopeSet()))
        return preset.name if preset else None

    @property
    def suggestion(self) -> str:
        """The expression for ``scopes=`` that keeps the held scopes and adds the missing ones.

        ``"presets.POS | USER_CREATE"``, for example. If the held scopes are unknown, it is the smallest preset that
        covers the needed ones; if no single token may hold both, it is for a token that holds the needed ones alone.
        """
        if self.held is None and self.preset:
            return f"presets.{self.preset}"
        return expression(self._wanted)

    @property
    def _enough(self) -> ScopeSet:
        """The needed scopes, or the first of them if any one is enough."""
        return ScopeSet(*[*self.needed][:1]) if self.any_of else self.needed

    @property
    def _wanted(self) -> ScopeSet:
        together = self._enough | (self.held or ScopeSet())
        return together if token_kinds(together) else self._enough

    @property
    def warning(self) -> str:
        """The message of the warning, for a request that is sent regardless."""
        return self._refusal("")

    def _text(self) -> str:
        is_local = self.source == "local" and not self.outcome_unknown
        return self._refusal(_NOT_SENT if is_local else "")

    def _refusal(self, not_sent: str) -> str:
        needed = self.needed.join(" or " if self.any_of else " + ")
        held = shortened(self.held.join(", ")) if self.held else "no scopes"
        if self.declined:
            return (
                f"{self.operation} needs {needed}. The organization was asked for {self.declined.join(' + ')} and "
                f"declined; its installation holds {held}.{not_sent} Continue without it, or ask the organization to "
                "grant it."
            )
        if self.source == "local":
            reason, advice = self._local_reason(held)
            return f"{self.operation} needs {needed}{reason}.{not_sent} {advice}."
        refused = f"{self.operation}: the server says that {self._token} lacks {needed}"
        if self.held is None:
            better = f"Use {self._owner()} that has it, and say in scopes= what it holds"
            return f"{refused}. {better}, such as {shortened(self.suggestion)}: then this shows before any request."
        if self.needed <= self.held:
            told = f"though the client was told that it holds {held}"
            return f"{refused}, {told}. Use {self._owner()} that has it, or correct scopes=."
        return f"{refused}. {self._better()}."

    def _local_reason(self, held: str) -> tuple[str, str]:
        """The reason why the client does not hold the needed scopes, and what to do about it."""
        missing = self.missing.join(" + ")
        if self.held is None:
            unknown = ", and it is not known what the token holds, so this could not be checked"
            return unknown, f"Say in scopes= what it holds, such as {shortened(self.suggestion)}"
        if self.confined:
            return f", and only() confines this client to {held}", "Use the client that it was made from"
        if self.granted is not None and self.missing <= self.granted:
            left_out = f"; scopes= leaves out {missing}, which {self._token} has. The client holds {held}"
            return left_out, f"Add it: scopes={shortened(self.suggestion)}"
        lacks = f", which {self._token} lacks" if self.missing == self.needed else f"; {self._token} lacks {missing}"
        if self.token_name is not None:
            lacks = f", which no token of the ring covers; {self._token} comes nearest and lacks {missing}"
        if self.granted is None:
            return f"{lacks}. It holds {held}", f"{self._better()}. If this token has it, correct scopes= alone"
        return f"{lacks}. It holds {held}", f"{self._better()}, or ask the organization for it (OAuthApp.step_up)"

    @property
    def _token(self) -> str:
        return "the token" if self.token_name is None else f"the token {self.token_name!r}"

    def _better(self) -> str:
        """Advice on the token to use instead."""
        as_well = " as well" if self.held and self.held <= self._wanted else ""
        missing = self.missing.join(" or " if self.any_of else " + ")
        return f"Use {self._owner()} that has {missing}{as_well}: scopes={shortened(self.suggestion)}"

    def _owner(self) -> str:
        """The kind of token that may hold it, if only one may."""
        kinds = token_kinds(self._wanted)
        return _OWNER[next(iter(kinds)) if len(kinds) == 1 else None]


@attrs.define(slots=False, repr=False)
class TokenKindError(StempError):
    """The scopes cannot be held by the token's kind, or by any single kind."""

    scopes: ScopeSet = attrs.field(converter=scope_set)
    kind: TokenKind | None = attrs.field(converter=token_kind)
    """The token's kind; None if no kind may hold all of the scopes."""
    misplaced: ScopeSet = attrs.field(converter=scope_set)
    """The scopes that the kind may not hold; without a kind, those that only one kind may."""
    operation: str | None = None
    """The operation that was refused because it needs them; None if they were given as ``scopes``."""
    outcome_unknown: bool = False
    """True if it ended a write of which an earlier attempt may have been carried out."""

    @property
    def warning(self) -> str:
        """The message of the warning, for a request that is sent regardless."""
        return self._refusal("")

    def _text(self) -> str:
        return self._refusal("" if self.outcome_unknown else _NOT_SENT)

    def _refusal(self, not_sent: str) -> str:
        names = self.misplaced.join(", ")
        if self.kind is None:
            where = self.operation or "scopes"
            return f"{where}: no single token may hold all of {names}; use one API token and one installed app"
        other = _OWNER[TokenKind.APP if self.kind is TokenKind.API else TokenKind.API]
        if self.operation is not None:
            return (
                f"{self.operation} needs {names}, which {_OWNER[self.kind]} may not hold.{not_sent} Use {other} for it."
            )
        return f"scopes: {_OWNER[self.kind]} may not hold {names}; use {other} for it"


publish("stemp_sdk", globals())
