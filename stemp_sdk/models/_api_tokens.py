"""API tokens, which the console calls API keys. Shape documented."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, NoReturn

from pydantic import AwareDatetime, SecretStr

from .._public import publish
from ._base import Body, Scopes, WireModel
from ._fields import Id, Time


class ApiToken(WireModel):
    """Information about a token, without the token itself."""

    wire_object: ClassVar[str | None] = "api_token"

    id: Id
    """The id of the token's record, ``akt_…``."""
    object: str | None = None
    """The kind of object: ``"api_token"``."""
    name: str | None = None
    """The token's name, for the team."""
    prefix: str | None = None
    """The beginning of the token, such as ``"sk_live_abc1"``, to recognize it by."""
    scopes: Scopes | None = None
    """The scopes that the token holds; ``stemp_sdk.scopes.CATALOG`` has those that are known."""
    expires_at: Time | None = None
    """When the token expires; None if it never does, or if the server does not say."""
    last_used_at: Time | None = None
    """When the token was last used; None if it never was, or if the server does not say."""
    created_at: Time | None = None
    """When the token was created."""
    created_by_email: str | None = None
    """The email address of the person who created the token."""


class CreatedApiToken(WireModel):
    """A new token. The server sends it only once.

    It cannot be pickled. Its repr omits fields that this version does not know, as one may contain the token again.
    """

    token: SecretStr
    """The token itself, ``sk_live_…``: ``token.get_secret_value()``. Its repr is masked."""
    api_token: ApiToken
    """The information about the token."""

    def __repr_args__(self) -> Iterator[tuple[str | None, object]]:
        return ((name, value) for name, value in super().__repr_args__() if name in type(self).model_fields)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a new API token cannot be pickled; keep token.get_secret_value() where secrets are kept")


class NewApiToken(Body):
    """The body of ``api_tokens.create``."""

    name: str
    scopes: Scopes
    expires_at: AwareDatetime | None = None


publish("stemp_sdk.models", globals())
