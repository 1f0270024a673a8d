"""Where a client's token comes from, and what is known of it."""

from __future__ import annotations

from typing import ClassVar, Protocol, runtime_checkable

import attrs

from ..scopes import ScopeSet, TokenKind
from .secret import Secret


@attrs.frozen(eq=False, repr=False)
class Grant:
    """What is known of a token."""

    kind: TokenKind | None = None
    """None if unknown."""
    scopes: ScopeSet | None = None
    """The scopes that it holds; None if they are unknown."""
    declined: ScopeSet = ScopeSet()
    """The scopes that were asked for and not granted."""
    installation_id: str | None = None
    """The app installation that it acts for; None for a token that was given as it is."""


@runtime_checkable
class Credential(Protocol):
    """A source of tokens: two verbs, and what is known of the latest token."""

    renewable: ClassVar[bool]
    """Whether ``renew`` may ever return another token or change the grant."""

    @property
    def grant(self) -> Grant:
        """What is known of the token; it changes with each renewal."""
        ...

    def token(self) -> Secret | None:
        """The token, if it can be used as it is; None if it has to be renewed before. Never waits."""
        ...

    def renew(self, refused: Secret | None) -> Secret | None:
        """Find out what others have changed, and get a new token if need be; this may wait for them and the network.

        Args:
            refused: The token that the server refused; None if a token is due, or a scope is missing.

        Returns:
            A token that is not the refused one; None if there is no other, so that the refusal stands.

        Raises:
            StempError: no token can be had.
        """
        ...


@runtime_checkable
class AsyncCredential(Credential, Protocol):
    """A source of tokens that is asked in the event loop; for async clients only."""

    async def renew_async(self, refused: Secret | None) -> Secret | None:
        """As ``renew``."""
        ...


@attrs.frozen(eq=False, repr=False)
class FixedToken:
    """A token that was given once and never changes."""

    renewable: ClassVar[bool] = False
    secret: Secret
    grant: Grant = Grant()

    def token(self) -> Secret:
        """The token."""
        return self.secret

    def renew(self, refused: Secret | None) -> None:
        """There is no other."""
