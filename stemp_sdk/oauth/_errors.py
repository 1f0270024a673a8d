"""What can go wrong between an app, the organizations that install it, and the place where their tokens are kept."""

from __future__ import annotations

import attrs

from ..core.errors import StempError, StoreError
from ..scopes import ScopeSet


class OAuthError(StempError):
    """The base of what goes wrong with an installed app's authorization."""


@attrs.define(slots=False)
class CallbackError(OAuthError):
    """The address that the browser came back to cannot be used: forged, stale, for another app, or incomplete."""

    reason: str

    def __str__(self) -> str:
        return (
            f"the authorization callback was refused: {self.reason}. Nothing was stored; start again with authorize()."
        )


@attrs.define(slots=False)
class ConsentDeniedError(OAuthError):
    """The person at the consent screen said no."""

    description: str | None

    def __str__(self) -> str:
        return f"the organization did not consent{f': {self.description}' if self.description else ''}"


@attrs.define(slots=False)
class ScopesDeclinedError(OAuthError):
    """The organization was asked for these scopes and declined, so asking again would only loop."""

    declined: ScopeSet

    def __str__(self) -> str:
        return (
            f"the organization was asked for {self.declined.join(', ')} and declined. Do without it; if a person there "
            "wants it after all, let them start a new authorize(scopes=...)."
        )


@attrs.define(slots=False)
class ReauthorizationRequired(OAuthError):  # noqa: N818  # a state to handle, by the name that integrators know
    """The refresh token is dead, or the app was uninstalled: a person of the organization has to install it again."""

    installation_id: str
    reason: str

    def __str__(self) -> str:
        return f"installation {self.installation_id} has to be authorized again: {self.reason}"


@attrs.define(slots=False)
class UntrustedTokenError(OAuthError):
    """A refresh gave an access token that is badly signed or another installation's.  It is not used.

    The refresh token that came with it is kept, so the installation is not lost: correct ``signing_key`` or ``jwks``.
    """

    reason: str

    def __str__(self) -> str:
        return f"the access token cannot be trusted: {self.reason}"


@attrs.define(slots=False)
class TokenStoreError(OAuthError, StoreError):
    """The place where tokens are kept cannot be trusted, reached or read; nothing in it was changed."""
