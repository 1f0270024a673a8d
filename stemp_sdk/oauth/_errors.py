"""The errors of authorizations, installations and token stores."""

from __future__ import annotations

import attrs

from .._core.errors import StempError, StoreError
from .._core.plain import scope_set
from ..scopes import ScopeSet


class OAuthError(StempError):
    """The base class of errors in an app's authorization."""


@attrs.define(slots=False)
class CallbackError(OAuthError):
    """The callback cannot be used: it is forged, stale, incomplete or for another app, or the server refused it."""

    reason: str
    code: str | None = None
    """The server's own code, such as ``"invalid_grant"``; None if the server did not refuse it."""
    advice: str = "start again with authorize()"
    installation_id: str | None = None
    """The requested installation, if the callback is for another one."""
    answered_by: str | None = None
    """The installation that the callback is for instead."""

    def _text(self) -> str:
        return f"the authorization callback was refused: {self.reason}. Nothing was stored; {self.advice}."


@attrs.define(slots=False)
class ConsentDeniedError(OAuthError):
    """The user denied the request at the consent screen."""

    description: str | None

    def _text(self) -> str:
        return f"the organization did not consent{f': {self.description}' if self.description else ''}"


@attrs.define(slots=False)
class ScopesDeclinedError(OAuthError):
    """The organization declined these scopes before, so that asking again would loop."""

    declined: ScopeSet = attrs.field(converter=scope_set)

    def _text(self) -> str:
        return (
            f"the organization was asked for {self.declined.join(', ')} and declined. Continue without it; if the "
            "organization changes its mind, start a new authorize(scopes=..., installation=...)."
        )


@attrs.define(slots=False)
class ReauthorizationRequired(OAuthError):  # noqa: N818  # a state to handle, by the name that integrators know
    """The refresh token is no longer valid, or the app was uninstalled. The organization has to install it again."""

    installation_id: str
    reason: str
    code: str | None = None
    """The server's own code, such as ``"invalid_grant"``; None if no request was sent."""
    outcome_unknown: bool = False

    def _text(self) -> str:
        return f"installation {self.installation_id} has to be authorized again: {self.reason}"


@attrs.define(slots=False)
class UntrustedTokenError(OAuthError):
    """A refresh returned an access token with an invalid signature, or for another installation or app. It is not used.

    The refresh token that came with it is kept, so the installation is not lost: correct ``signing_key`` or ``jwks``.
    """

    reason: str
    outcome_unknown: bool = False

    def _text(self) -> str:
        return f"the access token cannot be trusted: {self.reason}"


@attrs.define(slots=False)
class TokenStoreError(OAuthError, StoreError):
    """The token store cannot be trusted, reached or read; nothing in it was changed."""


@attrs.define(slots=False)
class DamagedInstallationError(TokenStoreError):
    """A stored installation cannot be read; the other ones are not affected."""

    installation_id: str = ""
    outcome_unknown: bool = False
