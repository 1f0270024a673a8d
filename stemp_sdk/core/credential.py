"""Where a client's token comes from, and what is known of it."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import attrs

from ..scopes import ScopeSet, TokenKind
from .secret import Secret


@attrs.frozen
class Renewal:
    """A new token."""

    token: Secret
    fetched: bool = False
    """Whether it was fetched for this very call; others may have renewed it before."""


@runtime_checkable
class Credential(Protocol):
    """A token that may change while its client lives."""

    @property
    def kind(self) -> TokenKind | None:
        """The token's kind; None if unknown."""
        ...

    @property
    def granted(self) -> ScopeSet | None:
        """The scopes that the token holds now; None if unknown."""
        ...

    @property
    def declined(self) -> ScopeSet:
        """The scopes that were asked for and not granted."""
        ...

    @property
    def installation_id(self) -> str | None:
        """The app installation that the token acts for; None for a token that was given as it is."""
        ...

    def current(self) -> Secret | None:
        """The token, if it can be used as it is; None if it has to be renewed before."""
        ...

    def accepted(self) -> None:
        """Take note that the server accepted the token of a request."""
        ...

    def renew(self, refused: Secret | None, *, again: bool, fetched: int) -> Renewal | None:
        """Get a new token; this may wait for others and for the network.

        Args:
            refused: The token that the server refused; None if it was not tried because it has run out.
            again: Whether the same call got a new token before, which was refused too.
            fetched: How many tokens were fetched for the same call before.

        Returns:
            The new token, or None if it cannot be renewed and the refusal stands.
        """
        ...

    def reread(self) -> None:
        """Find out what others have changed since, as a scope is missing; this may wait, and never fails."""
        ...


@attrs.frozen
class FixedToken:
    """A token that was given once and never changes."""

    secret: Secret
    kind: TokenKind | None
    granted: ScopeSet | None
    declined: ScopeSet = ScopeSet()
    installation_id: None = None

    def current(self) -> Secret:
        """The token."""
        return self.secret

    def accepted(self) -> None:
        """It is as good as before."""

    def renew(self, refused: Secret | None, *, again: bool, fetched: int) -> None:
        """There is no other."""

    def reread(self) -> None:
        """Nobody changes it."""
