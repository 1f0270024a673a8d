"""Codes, installations and refresh tokens, and their validity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import ClassVar, Final

import attrs

from ...scopes import ScopeSet, TokenKind
from .._account import Account
from .._ids import Ids
from .._records import Token
from .._tokens import PREFIX_LENGTH, TokenPolicy, new_access_token
from .._wire_errors import WireError
from .app_records import AuthorizationRequest, Code, Grant, InstalledApp, RegisteredApp
from .pkce import fits

CODE_LIFETIME: Final = 60.0
REFRESH_TOKEN_LIFETIME: Final = timedelta(days=30).total_seconds()


@attrs.frozen
class Issued:
    """The result of both token endpoints."""

    access_token: str = attrs.field(repr=False)
    expires_in: int
    """Seconds."""
    scopes: ScopeSet
    refresh_token: str | None = attrs.field(repr=False)
    """The new refresh token; None if the old one stays valid."""


class Grants:
    """The installations of apps and their tokens.

    Args:
        accounts: The organizations by their ids.
        clock: Gives Unix seconds.
        ids: Makes ids, codes and refresh tokens.
        policy: The lifetimes of tokens.
    """

    kept: ClassVar[tuple[str, ...]] = ("installations", "_codes", "_by_refresh_token", "_replaced", "_unused")

    def __init__(
        self,
        accounts: Mapping[str, Account],
        clock: Callable[[], float],
        ids: Ids,
        policy: TokenPolicy,
    ) -> None:
        self._accounts = accounts
        self._clock = clock
        self._ids = ids
        self._policy = policy
        self.installations: dict[str, InstalledApp] = {}
        self._codes: dict[str, Code] = {}
        self._by_refresh_token: dict[str, Grant] = {}
        # The grants of refresh tokens that a rotation replaced.
        self._replaced: dict[str, Grant] = {}
        # The refresh token that was issued with an access token, by the latter, until its first use.
        self._unused: dict[str, str] = {}

    def installed(self, app: RegisteredApp, organization_id: str) -> InstalledApp | None:
        """The app's installation at an organization."""
        return next(
            (
                found
                for found in self.installations.values()
                if (found.client_id, found.organization_id) == (app.client_id, organization_id)
            ),
            None,
        )

    def new_code(self, request: AuthorizationRequest, organization_id: str, granted: ScopeSet) -> str:
        """A code for scopes that an organization granted; redeeming it creates or changes the installation."""
        code = self._ids.new("", 32)
        self._codes[code] = Code(
            request=request,
            organization_id=organization_id,
            granted=granted,
            expires_at=self._clock() + CODE_LIFETIME,
        )
        return code

    def redeem(self, secret: str, app: RegisteredApp, redirect_uri: str, verifier: str | None) -> Issued:
        """Exchange a code once. A second use is refused and revokes the tokens of the first (RFC 6749 §4.1.2).

        Raises:
            WireError: it is unknown, used, expired, or for another app, address or verifier.
        """
        code = self._codes.get(secret)
        if code is None or code.request.app != app:
            raise invalid_grant("the code is unknown")
        if code.used:
            if code.grant is not None:
                self._revoke(code.grant)
            raise invalid_grant("the code was used before")
        code.used = True
        if self._clock() >= code.expires_at:
            raise invalid_grant("the code has expired")
        if redirect_uri != app.redirect_uri:
            raise invalid_grant("the redirect_uri is not the one of the authorization")
        if not fits(verifier, code.request.challenge, code.request.challenge_method):
            raise invalid_grant("the code_verifier does not fit the code_challenge")
        code.grant = self._install(app, code)
        return self._issue(code.grant, code.grant.refresh_token)

    def refresh(self, refresh_token: str, app: RegisteredApp | None) -> Issued:
        """Exchange a refresh token; ``app`` is the app of the request, if it is authenticated.

        After a rotation the previous token stays valid and returns the same successor again, until that successor or
        its access token is first used. So an installation survives if a client is killed before it reads a response.
        After that first use, using the previous token revokes all tokens that were issued for the same code, as two
        clients have it and one may have stolen it (RFC 9700 §4.14.2). Both are the sandbox's choice.

        Raises:
            WireError: it is unknown, expired, revoked or replaced.
        """
        grant = self._by_refresh_token.get(refresh_token)
        if (replaced := self._replaced.get(refresh_token)) is not None:
            self._revoke(replaced)
        if grant is None or self._clock() >= grant.expires_at or self._account_of(grant).deleted:
            raise invalid_grant("the refresh token is unknown, expired or revoked")
        if app not in {None, grant.app}:
            raise invalid_grant("the refresh token is of another app")
        if refresh_token == grant.previous:
            return self._issue(grant, grant.refresh_token)
        self._confirm(grant)
        if not self._policy.rotate_refresh_tokens:
            return self._issue(grant, None)
        grant.previous, grant.refresh_token = refresh_token, self._ids.new("srt_", 32)
        grant.expires_at = self._clock() + REFRESH_TOKEN_LIFETIME
        self._by_refresh_token[grant.refresh_token] = grant
        return self._issue(grant, grant.refresh_token)

    def noted_use(self, access_token: str) -> None:
        """Note that an access token is used, so that the app has received its refresh token too."""
        came_with = self._unused.pop(access_token, "")
        grant = self._by_refresh_token.get(came_with)
        if grant is not None and grant.refresh_token == came_with:
            self._confirm(grant)

    def uninstall(self, installation_id: str) -> None:
        """End an installation, and every token with it.

        Raises:
            KeyError: there is none.
        """
        uninstalled = self.installations.pop(installation_id)
        for grant in [*self._by_refresh_token.values()]:
            if grant.installation_id == installation_id:
                self._revoke(grant)
        self._accounts[uninstalled.organization_id].tell("app.uninstalled", uninstalled)

    def uninstall_all(self, organization_id: str) -> None:
        """End every installation of an organization."""
        for installed in [*self.installations.values()]:
            if installed.organization_id == organization_id:
                self.uninstall(installed.id)

    def _install(self, app: RegisteredApp, code: Code) -> Grant:
        """Replace the granted scopes with those of a new consent. Earlier tokens stay valid (the sandbox's choice)."""
        installed = self.installed(app, code.organization_id)
        if installed is None:
            installed = InstalledApp(
                id=self._ids.new("ins_"),
                organization_id=code.organization_id,
                client_id=app.client_id,
                scopes=code.granted,
            )
            self._accounts[installed.organization_id].tell("app.installed", installed)
        self.installations[installed.id] = attrs.evolve(installed, scopes=code.granted)
        grant = Grant(
            app=app,
            installation_id=installed.id,
            organization_id=installed.organization_id,
            refresh_token=self._ids.new("srt_", 32),
            expires_at=self._clock() + REFRESH_TOKEN_LIFETIME,
        )
        self._by_refresh_token[grant.refresh_token] = grant
        return grant

    def _issue(self, grant: Grant, refresh_token: str | None) -> Issued:
        installed = self.installations[grant.installation_id]
        account = self._account_of(grant)
        now = account.now()
        expires_at = now + timedelta(seconds=self._policy.access_token_lifetime)
        access_token = new_access_token(
            self._ids,
            installation_id=installed.id,
            organization_id=installed.organization_id,
            client_id=installed.client_id,
            scopes=installed.scopes,
            issued_at=now,
            expires_at=expires_at,
        )
        account.tokens.add(
            access_token,
            Token(
                id=installed.id,
                name=grant.app.name,
                prefix=access_token[:PREFIX_LENGTH],
                scopes=installed.scopes,
                expires_at=expires_at,
                created_at=now,
                created_by_email=account.owner.email,
                kind=TokenKind.APP,
                uses_left=self._policy.access_token_uses,
            ),
        )
        grant.access_tokens.append(access_token)
        self._unused[access_token] = grant.refresh_token
        return Issued(access_token, self._policy.access_token_lifetime, installed.scopes, refresh_token)

    def _confirm(self, grant: Grant) -> None:
        """Note that the app has the latest refresh token, so that the previous one is no longer valid."""
        if grant.previous is not None:
            self._replaced[grant.previous] = self._by_refresh_token.pop(grant.previous)
            grant.previous = None

    def _revoke(self, grant: Grant) -> None:
        self._confirm(grant)
        self._by_refresh_token.pop(grant.refresh_token, None)
        self._account_of(grant).tokens.discard(grant.access_tokens)

    def _account_of(self, grant: Grant) -> Account:
        return self._accounts[grant.organization_id]


def invalid_grant(description: str) -> WireError:
    """The error for an invalid code or refresh token."""
    return oauth_error("invalid_grant", description)


def oauth_error(error: str, description: str, status: int = 400) -> WireError:
    """An error of the token endpoints, in the shape of RFC 6749 §5.2 (the sandbox's choice)."""
    headers = {"Cache-Control": "no-store"}
    if status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="stemp sandbox", charset="UTF-8"'
    return WireError(status, {"error": error, "error_description": description}, headers)
