"""What the identity provider knows: apps, what organizations granted to them, and what that gave."""

from __future__ import annotations

import attrs

from ...scopes import ScopeSet


@attrs.frozen(kw_only=True)
class RegisteredApp:
    """An app, as the developer portal registers it."""

    name: str
    client_id: str
    client_secret: str = attrs.field(repr=False)
    redirect_uri: str
    scopes: ScopeSet
    """The most that it may ask an organization for."""


@attrs.frozen(kw_only=True)
class InstalledApp:
    """What one organization granted to one app."""

    id: str
    organization_id: str
    client_id: str
    scopes: ScopeSet


@attrs.frozen(kw_only=True)
class AuthorizationRequest:
    """What an app asks for, once it is known to be an app and to be asking in order."""

    app: RegisteredApp
    scopes: ScopeSet
    state: str | None
    challenge: str | None = attrs.field(repr=False)
    """PKCE's; None if the app does without."""
    challenge_method: str


@attrs.define(kw_only=True)
class Grant:
    """What one authorization code gave. It lives on in its refresh tokens."""

    app: RegisteredApp
    installation_id: str
    organization_id: str
    refresh_token: str = attrs.field(repr=False)
    expires_at: float
    """When the refresh token ends, in Unix seconds."""
    previous: str | None = attrs.field(default=None, repr=False)
    """The refresh token before a rotation, while nothing shows that the app received the new one."""
    access_tokens: list[str] = attrs.field(factory=list[str], repr=False)


@attrs.define(kw_only=True)
class Code:
    """An authorization code."""

    request: AuthorizationRequest
    organization_id: str
    granted: ScopeSet
    expires_at: float
    """In Unix seconds."""
    used: bool = False
    grant: Grant | None = None
    """What it gave."""
