"""API tokens, which the console calls API keys. Shape documented."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, NoReturn

from pydantic import AwareDatetime, SecretStr

from ._base import Body, Scopes, WireModel
from ._fields import Id, Time


class ApiToken(WireModel):
    """Information about a token, without the token itself."""

    wire_object: ClassVar[str | None] = "api_token"

    id: Id
    object: str | None = None
    name: str | None = None
    prefix: str | None = None
    """The beginning of the token, to recognize it by."""
    scopes: Scopes | None = None
    expires_at: Time | None = None
    last_used_at: Time | None = None
    created_at: Time | None = None
    created_by_email: str | None = None


class CreatedApiToken(WireModel):
    """A new token. The server sends it only once.

    It cannot be pickled. Its repr omits fields that this version does not know, as one may contain the token again.
    """

    token: SecretStr
    """``token.get_secret_value()`` is the token; its repr is masked."""
    api_token: ApiToken

    def __repr_args__(self) -> Iterator[tuple[str | None, object]]:
        return ((name, value) for name, value in super().__repr_args__() if name in type(self).model_fields)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a new API token cannot be pickled; keep token.get_secret_value() where secrets are kept")


class NewApiToken(Body):
    """The body of ``api_tokens.create``."""

    name: str
    scopes: Scopes
    expires_at: AwareDatetime | None = None
