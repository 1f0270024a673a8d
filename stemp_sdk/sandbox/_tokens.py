"""Tokens of both kinds: issues, recognises and revokes them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import ClassVar, Final

import attrs

from .._core.arguments import scopes_for
from ..scopes import ScopeSet, TokenKind
from ._ids import Ids
from ._records import CreatedToken, Token
from ._signing import SIGNING_KEY

ACCESS_TOKEN_LIFETIME: Final = 1800
"""Seconds (documented)."""
PREFIX_LENGTH: Final = len("sk_live_abc1")


@attrs.frozen(kw_only=True)
class TokenPolicy:
    """The lifetimes of an app's tokens."""

    rotate_refresh_tokens: bool = False
    """Whether each refresh gives a new refresh token instead of the old one, and a second use of an old one revokes all
    tokens of the same authorization."""
    access_token_uses: int | None = None
    """The number of requests after which an access token of the token endpoints is refused; None for no limit."""
    access_token_lifetime: int = ACCESS_TOKEN_LIFETIME
    """Seconds for which every access token is valid."""


class Tokens:
    """The tokens of one organization, by the token itself.

    Args:
        organization_id: The organization.
        ids: Makes ids and secrets.
        lifetime: Seconds for which an access token is valid.
    """

    kept: ClassVar[tuple[str, ...]] = ("_by_secret",)

    def __init__(self, organization_id: str, ids: Ids, lifetime: int) -> None:
        self._organization_id = organization_id
        self._ids = ids
        self._lifetime = timedelta(seconds=lifetime)
        self._by_secret: dict[str, Token] = {}

    def issue(
        self,
        scopes: ScopeSet,
        *,
        kind: TokenKind,
        name: str,
        by: str,
        now: datetime,
        expires_at: datetime | None = None,
    ) -> CreatedToken:
        """Issue an API token, or the access token of a new installation of an app.

        Args:
            scopes: The scopes that it holds.
            kind: The kind of token.
            name: Its name in listings and in the request log.
            by: The email address of the member who creates it.
            now: The current time.
            expires_at: The end of an API token, None for never; an access token always ends after its lifetime.

        Raises:
            TokenKindError: a token of this kind may not hold these scopes.
        """
        scopes_for(kind, scopes)
        if kind is TokenKind.API:
            token_id, secret = self._ids.new("akt_"), self._ids.new("sk_live_", 32)
        else:
            token_id, expires_at = self._ids.new("ins_"), now + self._lifetime
            secret = new_access_token(
                self._ids,
                installation_id=token_id,
                organization_id=self._organization_id,
                client_id=self._ids.new("app_"),
                scopes=scopes,
                issued_at=now,
                expires_at=expires_at,
            )
        token = Token(
            id=token_id,
            name=name,
            prefix=secret[:PREFIX_LENGTH],
            scopes=scopes,
            expires_at=expires_at,
            created_at=now,
            created_by_email=by,
            kind=kind,
        )
        self.add(secret, token)
        return CreatedToken(token=secret, api_token=token)

    def add(self, secret: str, token: Token) -> None:
        """Recognise a token from now on."""
        self._by_secret[secret] = token

    def find(self, secret: str, now: datetime) -> Token | None:
        """The record of a token that is valid now; None for any other."""
        token = self._by_secret.get(secret)
        if token is None or token.uses_left == 0 or (token.expires_at is not None and token.expires_at <= now):
            return None
        return token

    def use(self, secret: str, now: datetime) -> Token | None:
        """Count a use of a token that is valid now, and return its record; None for any other."""
        token = self.find(secret, now)
        if token is None:
            return None
        uses_left = None if token.uses_left is None else token.uses_left - 1
        self._by_secret[secret] = used = attrs.evolve(token, last_used_at=now, uses_left=uses_left)
        return used

    def api_tokens(self) -> list[Token]:
        """The API tokens that were not revoked, in the order of their creation."""
        return [token for token in self._by_secret.values() if token.kind is TokenKind.API]

    def revoke(self, token_id: str) -> bool:
        """Revoke the API token whose record has this id; False if there is none."""
        for secret, token in self._by_secret.items():
            if token.id == token_id and token.kind is TokenKind.API:
                del self._by_secret[secret]
                return True
        return False

    def withdraw(self, secret: str, scopes: ScopeSet) -> None:
        """Take scopes away from a token; what it does not hold is ignored.

        Raises:
            KeyError: the token is not known.
        """
        token = self._by_secret[secret]
        self._by_secret[secret] = attrs.evolve(token, scopes=token.scopes - scopes)

    def __contains__(self, secret: object) -> bool:
        """Whether the token is known, valid or expired."""
        return secret in self._by_secret

    def discard(self, secrets: Iterable[str]) -> None:
        """Stop recognising these tokens."""
        for secret in secrets:
            self._by_secret.pop(secret, None)

    def expire_access_tokens(self) -> None:
        """Expire every access token at once."""
        self._by_secret = {secret: token for secret, token in self._by_secret.items() if token.kind is TokenKind.API}


def new_access_token(
    ids: Ids,
    *,
    installation_id: str,
    organization_id: str,
    client_id: str,
    scopes: ScopeSet,
    issued_at: datetime,
    expires_at: datetime,
) -> str:
    """A JWT with the documented claims.

    The sandbox recognises it as issued and never checks the signature, which is for apps.
    """
    claims = {
        "aud": "stemp:api:app",
        "installationId": installation_id,
        "organizationId": organization_id,
        "clientId": client_id,
        "scopes": list(scopes),
        "iat": int(issued_at.timestamp()),
        "exp": int(expires_at.timestamp()),
        "jti": ids.uuid(),  # so that no two tokens are equal; the sandbox's choice
    }
    return SIGNING_KEY.sign(claims)
