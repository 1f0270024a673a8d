"""API tokens, which the console calls API keys.  Shape documented."""

from __future__ import annotations

from typing import ClassVar

from pydantic import AwareDatetime, SecretStr

from ._base import Body, Scopes, WireModel
from ._fields import Id, Time


class ApiToken(WireModel):
    """What the server says of a token; never the token itself."""

    wire_object: ClassVar[str | None] = "api_token"

    id: Id
    object: str | None = None
    name: str | None = None
    prefix: str | None = None
    """How the token begins, to tell it from others."""
    scopes: Scopes | None = None
    expires_at: Time | None = None
    last_used_at: Time | None = None
    created_at: Time | None = None
    created_by_email: str | None = None


class CreatedApiToken(WireModel):
    """A new token.  The server sends it this once and never again."""

    token: SecretStr
    """``token.get_secret_value()`` is the token; its repr is masked."""
    api_token: ApiToken


class NewApiToken(Body):
    """What ``api_tokens.create`` sends."""

    name: str
    scopes: Scopes
    expires_at: AwareDatetime | None = None
