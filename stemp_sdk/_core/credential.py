"""The source of a client's token, and the kind and scopes of that token."""

from __future__ import annotations

from typing import ClassVar, Protocol, runtime_checkable

import attrs

from ..scopes import ScopeSet, TokenKind
from .secret import Secret


@attrs.frozen(eq=False, repr=False)
class Grant:
    """The kind, the scopes and the installation of a token."""

    kind: TokenKind | None = None
    """None if unknown."""
    scopes: ScopeSet | None = None
    """The scopes that the token holds; None if they are unknown."""
    declined: ScopeSet = ScopeSet()
    """The scopes that were requested and not granted."""
    installation_id: str | None = None
    """The app installation that the token belongs to; None for a token that the caller passed in."""


@runtime_checkable
class Credential(Protocol):
    """A source of tokens."""

    renewable: ClassVar[bool]
    """Whether ``renew`` may ever return another token or change the grant."""

    @property
    def grant(self) -> Grant:
        """The kind and the scopes of the latest token; they may change with each renewal."""
        ...

    def token(self) -> Secret | None:
        """The token if it is valid; None if it has to be renewed first. Never blocks."""
        ...

    def renew(self, refused: Secret | None) -> Secret | None:
        """Reload the token that other processes may have renewed, and renew it if necessary. May block.

        Args:
            refused: The token that the server refused; None if the token is due for renewal, or a scope is missing.

        Returns:
            A token other than the refused one; None if there is no other, so that the refusal is final.

        Raises:
            StempError: the token cannot be renewed.
        """
        ...


@runtime_checkable
class AsyncCredential(Credential, Protocol):
    """A source of tokens with an async ``renew``; for async clients only."""

    async def renew_async(self, refused: Secret | None) -> Secret | None:
        """``renew`` for async clients."""
        ...


@attrs.frozen(eq=False, repr=False)
class FixedToken:
    """A credential whose token never changes."""

    renewable: ClassVar[bool] = False
    secret: Secret
    grant: Grant = Grant()

    def token(self) -> Secret:
        """The token."""
        return self.secret

    def renew(self, refused: Secret | None) -> None:
        """Return None, as there is no other token."""
