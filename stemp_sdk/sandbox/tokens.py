"""Tokens of both kinds: issued, recognised, revoked."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

import attrs

from ..auth.token import check_kind
from ..scopes import ScopeSet, TokenKind
from .ids import Ids
from .records import CreatedToken, Token

ACCESS_TOKEN_LIFETIME: Final = timedelta(seconds=1800)
_PREFIX_LENGTH: Final = len("sk_live_abc1")


class Tokens:
    """The tokens of one organization.

    An access token is known by being in here, not by its signature, so the signature is a mere placeholder.
    """

    def __init__(self, organization_id: str, ids: Ids) -> None:
        self._organization_id = organization_id
        self._ids = ids
        self._signing_key = ids.new("").encode()
        self._by_secret: dict[str, Token] = {}

    def issue_api_token(
        self, scopes: ScopeSet, *, name: str, by: str, now: datetime, expires_at: datetime | None = None
    ) -> CreatedToken:
        """Issue an API token, as the console does.

        Raises:
            TokenKindError: it may not hold these scopes.
        """
        check_kind(scopes, TokenKind.API)
        secret = self._ids.new("sk_live_", 32)
        return self._keep(secret, TokenKind.API, self._ids.new("akt_"), scopes, name, by, now, expires_at)

    def issue_access_token(self, scopes: ScopeSet, *, name: str, by: str, now: datetime) -> CreatedToken:
        """Issue the access token of a new installation of an app.

        Raises:
            TokenKindError: it may not hold these scopes.
        """
        check_kind(scopes, TokenKind.APP)
        installation_id = self._ids.new("ins_")
        expires_at = now + ACCESS_TOKEN_LIFETIME
        claims = {
            "aud": "stemp:api:app",
            "installationId": installation_id,
            "organizationId": self._organization_id,
            "clientId": self._ids.new("app_"),
            "scopes": list(scopes),
            "iat": int(now.timestamp()),
            "exp": int(expires_at.timestamp()),
        }
        return self._keep(
            self._sign(claims), TokenKind.APP, installation_id, scopes, name, by, now, expires_at
        )

    def use(self, secret: str, now: datetime) -> Token | None:
        """The record of a token that is valid now; None for any other."""
        token = self._by_secret.get(secret)
        if token is None or (token.expires_at is not None and token.expires_at <= now):
            return None
        self._by_secret[secret] = used = attrs.evolve(token, last_used_at=now)
        return used

    def api_tokens(self) -> list[Token]:
        """The API tokens that were not revoked, in the order of their creation."""
        return [token for token in self._by_secret.values() if token.kind is TokenKind.API]

    def revoke(self, tokens: Iterable[Token]) -> None:
        ...

    def _sign(self, claims: Mapping[str, object]) -> str:
        ...
