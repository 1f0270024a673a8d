"""What can go wrong between an app, the organizations that install it, and the place where their tokens are kept."""

from __future__ import annotations

import attrs

from .._core.errors import StempError, StoreError
from .._core.plain import scope_set
from ..scopes import ScopeSet


class OAuthError(StempError):
    """The base of what goes wrong with an installed app's authorization."""


@attrs.define(slots=False)
class CallbackError(OAuthError):
    """The callback cannot be used: it is forged, stale, incomplete or for another app, or the server refused it."""

    reason: str
    code: str | None = None
    """The server's own code, such as ``"invalid_grant"``; None if the server did not refuse it."""
    advice: str = "start again with authorize()"
    installation_id: str | None = None
    """The installation that was asked, where another one answered."""
    answered_by: str | None = None
    """The installation that answered instead."""

    def _text(self) -> str:
        return f"the authorization callback was refused: {self.reason}. Nothing was stored; {self.advice}."


@attrs.define(slots=False)
class ConsentDeniedError(OAuthError):
    """The person at the consent screen said no."""

    description: str | None

    def _text(self) -> str:
        return f"the organization did not consent{f': {self.description}' if self.description else ''}"


@attrs.define(slots=False)
class ScopesDeclinedError(OAuthError):
    """The organization was asked for these scopes and declined, so asking again would only loop."""

    declined: ScopeSet = attrs.field(converter=scope_set)

    def _text(self) -> str:
        return (
            f"the organization was asked for {self.declined.join(', ')} and declined. Continue without it; if a person "
            "there wants it after all, start a new authorize(scopes=..., installation=...)."
        )


@attrs.define(slots=False)
class ReauthorizationRequired(OAuthError):  # noqa: N818  # a state to handle, by the name that integrators know
    """The refresh token is dead, or the app was uninstalled: a person of the organization has to install it again."""

    installation_id: str
    reason: str
    code: str | None = None
    """The server's own code, such as ``"invalid_grant"``; None if the server was not asked."""
    outcome_unknown: bool = False

    def _text(self) -> str:
        return f"installation {self.installation_id} has to be authorized again: {self.reason}"


@attrs.define(slots=False)
class UntrustedTokenError(OAuthError):
    """A refresh gave an access token that is badly signed, or for another installation or app. It is not used.

    The refresh token that came with it is kept, so the installation is not lost: correct ``signing_key`` or ``jwks``.
    """

    reason: str
    outcome_unknown: bool = False

    def _text(self) -> str:
        return f"the access token cannot be trusted: {self.reason}"


@attrs.define(slots=False)
class TokenStoreError(OAuthError, StoreError):
    """The place where tokens are kept cannot be trusted, reached or read; nothing in it was changed."""


@attrs.define(slots=False)
class DamagedInstallationError(TokenStoreError):
    """What is stored for one installation cannot be read; the others are not concerned."""

    installation_id: str = ""
    outcome_unknown: bool = False
