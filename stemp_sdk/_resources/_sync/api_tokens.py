# Generated from _async/api_tokens.py by `make sync`; edit that file.
"""``client.api_tokens``: the organization's API tokens, which the console calls API keys."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from ..._core.arguments import scopes_for
from ..._core.operation import Provenance
from ...models import ApiToken, CreatedApiToken
from ...models._api_tokens import NewApiToken
from ...scopes import ForApiToken, Held, ScopeSet, TokenKind
from .._calls import PAGE_SIZE
from .._declare import operation
from .._listing import Listing
from ._base import Needs


class ApiTokens(Needs[Held], name="api_tokens"):
    """API tokens."""

    @operation("GET", "/v1/api-keys", Provenance.DOCUMENTED)
    def list(
        self: Needs[ScopeSet[Literal["api_token:manage"]]], *, page: int = 0, size: int = PAGE_SIZE
    ) -> Listing[ApiToken]:
        """List the API tokens: name, prefix and scopes of each, never the token itself.

        Args:
            page: The page to start at, counted from 0.
            size: Tokens in a page; the documented maximum is 100.

        Scopes: api_token:manage
        Wire: GET /v1/api-keys (documented; its scope is inferred)
        """
        return self._list("api_tokens.list", ApiToken, page, size)

    @operation("POST", "/v1/api-keys", Provenance.DOCUMENTED, body=NewApiToken)
    def create(
        self: Needs[ScopeSet[Literal["api_token:manage"]]],
        *,
        name: str,
        scopes: ForApiToken,
        expires_at: datetime | None = None,
    ) -> CreatedApiToken:
        """Create an API token. Only this response contains the token itself.

        Args:
            name: Its name in the console.
            scopes: The scopes that it holds, such as ``presets.POS``. Scopes that only apps may hold are a type error.
            expires_at: The time when it expires, with its time zone; None for never.

        Raises:
            TokenKindError: an API token may not hold one of the scopes. Nothing was sent.
            InvalidRequestError: the server does not accept a value.
            UnknownOutcomeError: the response was lost; the token may exist now, but its secret is lost.

        Scopes: api_token:manage
        Wire: POST /v1/api-keys (documented; its scope is inferred)
        """
        body = NewApiToken.of(name=name, scopes=scopes_for(TokenKind.API, scopes), expires_at=expires_at)
        return self._call("api_tokens.create", CreatedApiToken, body=body)

    @operation("DELETE", "/v1/api-keys/{id}", Provenance.INFERRED)
    def revoke(self: Needs[ScopeSet[Literal["api_token:manage"]]], api_token_id: str) -> None:
        """Revoke an API token at once.

        Args:
            api_token_id: The id of the token's record (``akt_…``), not the token itself.

        Raises:
            NotFoundError: there is no such token.

        Scopes: api_token:manage
        Wire: DELETE /v1/api-keys/{id} (inferred)
        """
        self._do("api_tokens.revoke", api_token_id=api_token_id)
