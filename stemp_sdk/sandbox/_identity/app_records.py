"""The records of the identity provider: apps, installations, codes and grants."""

from __future__ import annotations

import attrs

from ...scopes import ScopeSet


@attrs.frozen(kw_only=True)
class RegisteredApp:
    """An app in the developer portal."""

    name: str
    client_id: str
    client_secret: str = attrs.field(repr=False)
    redirect_uri: str
    scopes: ScopeSet
    """The scopes that it may request from an organization."""


@attrs.frozen(kw_only=True)
class InstalledApp:
    """The scopes that one organization granted to one app."""

    id: str
    organization_id: str
    client_id: str
    scopes: ScopeSet


@attrs.frozen(kw_only=True)
class AuthorizationRequest:
    """A valid authorization request of a registered app."""

    app: RegisteredApp
    scopes: ScopeSet
    state: str | None
    challenge: str | None = attrs.field(repr=False)
    """The PKCE challenge; None if the app does not use PKCE."""
    challenge_method: str


@attrs.define(kw_only=True)
class Grant:
    """The grant of one authorization code, which its refresh tokens continue."""

    app: RegisteredApp
    installation_id: str
    organization_id: str
    refresh_token: str = attrs.field(repr=False)
    expires_at: float
    """The end of the refresh token, in Unix seconds."""
    previous: str | None = attrs.field(default=None, repr=False)
    """The refresh token before a rotation, until the app is known to have received the new one."""
    access_tokens: list[str] = attrs.field(factory=list[str], repr=False)


@attrs.define(kw_only=True)
class Code:
    """An authorization code."""

    request: AuthorizationRequest
    organization_id: str
    granted: ScopeSet
    expires_at: float
    """The end of the code, in Unix seconds."""
    used: bool = False
    grant: Grant | None = None
    """The grant, once the code was redeemed."""
