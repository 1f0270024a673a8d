"""Every route of the identity provider.  None needs a token, and none counts against the rate limit."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl, urlsplit

from ..._core.arguments import scopes_for
from ..._core.operation import Operation
from ...scopes import CATALOG, ScopeSet, TokenKind
from .._account import Account
from .._credentials import basic
from .._ids import Ids
from .._records import encode
from .._routing import BASE_PATH
from .._tokens import TokenPolicy
from .._values import SandboxRequest, SandboxResponse
from .._wire_errors import WireError, method_not_allowed
from .authorization import RefusedError, UnknownAppError, read_request
from .consent import Consent
from .forms import read_form, text_of
from .grants import Grants, Issued, oauth_error
from .keys import SIGNING_KEY, require_cryptography
from .records import RegisteredApp

Endpoint: TypeAlias = Callable[[SandboxRequest], SandboxResponse]

# No space or control character, as it goes into a header, and no fragment (RFC 6749 §3.1.2).
_REDIRECT_URI: Final = re.compile(r"[a-z][a-z0-9+.-]*:[!-\"$-~]+")
_JWKS: Final = "/.well-known/jwks.json"


class IdentityProvider:
    """Apps ask here for what organizations grant.

    Args:
        accounts: The organizations by their ids.
        clock: Gives Unix seconds.
        ids: Makes ids and secrets.
        policy: How long tokens are valid.
        operations: Where its endpoints are, by name.
    """

    def __init__(
        self,
        accounts: Mapping[str, Account],
        clock: Callable[[], float],
        ids: Ids,
        policy: TokenPolicy,
        operations: Mapping[str, Operation],
    ) -> None:
        self._ids = ids
        self._apps: dict[str, RegisteredApp] = {}
        self.grants: Final = Grants(accounts, clock, ids, policy)
        self._consent = Consent(self._apps, accounts, self.grants, clock)
        jwks = {"GET": ("oauth.jwks", self._jwks)}
        self._routes: Mapping[str, Mapping[str, tuple[str, Endpoint]]] = {
            BASE_PATH + operations["oauth.authorize"].path: {
                "GET": ("oauth.authorize", self._consent.show),
                "POST": ("oauth.decide", self._consent.decide),
            },
            BASE_PATH + operations["oauth.exchange"].path: {
                "POST": ("oauth.exchange", partial(_answered, self._redeem)),
            },
            BASE_PATH + operations["oauth.refresh"].path: {
                "POST": ("oauth.refresh", partial(_answered, self._refresh)),
            },
            _JWKS: jwks,
            BASE_PATH + _JWKS: jwks,
        }

    def find(self, method: str, path: str) -> tuple[str | None, Endpoint] | None:
        """The name and the endpoint of a route; None for a path that is not the provider's."""
        by_method = self._routes.get(path)
        if by_method is None:
            return None
        return by_method.get(method) or (None, lambda _: method_not_allowed(by_method).response)

    def register(self, name: str, redirect_uri: str, scopes: ScopeSet | None) -> RegisteredApp:
        """Register an app, as the developer portal would.

        Raises:
            ImportError: cryptography is missing.
            ValueError: the name is blank, or the redirect URI is not absolute or has a fragment.
            TokenKindError: an app may not hold one of the scopes.
        """
        require_cryptography()
        if not name.strip():
            raise ValueError("name is empty")
        if not _REDIRECT_URI.fullmatch(redirect_uri):
            raise ValueError(f"redirect_uri must be an absolute URL without a fragment, not {redirect_uri!r}")
        every = ScopeSet(*(info.name for info in CATALOG.values() if TokenKind.APP in info.contexts))
        app = RegisteredApp(
            name=name,
            client_id=self._ids.new("app_"),
            client_secret=self._ids.new("acs_", 32),
            redirect_uri=redirect_uri,
            scopes=every if scopes is None else scopes_for(TokenKind.APP, scopes),
        )
        self._apps[app.client_id] = app
        return app

    def decide(self, authorize_url: str, organization_id: str, granted: ScopeSet | None, *, allow: bool) -> str:
        """Decide as a person at the consent screen would.

        Args:
            authorize_url: What the app sends the browser to.
            organization_id: Whom the person acts for.
            granted: What stays ticked; None for everything.
            allow: Which button is pressed.

        Returns:
            The callback URL.

        Raises:
            ValueError: the screen would not be shown, but an error page.
        """
        query = dict(parse_qsl(urlsplit(authorize_url).query, keep_blank_values=True))
        try:
            asked = read_request(query, self._apps)
        except UnknownAppError as error:
            raise ValueError(f"authorize_url leads to an error page: {error}") from None
        except RefusedError as error:
            return error.callback_url
        if not allow:
            return self._consent.deny(asked)
        return self._consent.allow(asked, organization_id, asked.scopes if granted is None else asked.scopes & granted)

    def _redeem(self, request: SandboxRequest, form: Mapping[str, Any]) -> Issued:
        if form.get("grant_type") != "authorization_code":
            raise oauth_error("unsupported_grant_type", "grant_type must be authorization_code")
        app = self._authenticated(request, form)
        verifier = None if form.get("code_verifier") is None else text_of(form, "code_verifier")
        return self.grants.redeem(text_of(form, "code"), app, text_of(form, "redirect_uri"), verifier)

    def _refresh(self, request: SandboxRequest, form: Mapping[str, Any]) -> Issued:
        """The documented body has the refresh token only; an app that says who it is all the same must be right."""
        if form.get("grant_type", "refresh_token") != "refresh_token":
            raise oauth_error("unsupported_grant_type", "grant_type must be refresh_token")
        identified = basic(request) is not None or form.get("client_secret") is not None
        app = self._authenticated(request, form) if identified else None
        return self.grants.refresh(text_of(form, "refresh_token"), app)

    def _authenticated(self, request: SandboxRequest, form: Mapping[str, Any]) -> RegisteredApp:
        """The app that a request is from, by HTTP Basic or by its body (RFC 6749 §2.3.1).

        Raises:
            WireError: it is not known, or says who it is in both ways.
        """
        name_and_password = basic(request)
        if name_and_password is None:
            client_id, secret = text_of(form, "client_id"), text_of(form, "client_secret")
        else:
            client_id, secret = name_and_password
            if form.get("client_secret") is not None or form.get("client_id") not in {None, client_id}:
                raise oauth_error("invalid_request", "the app must authenticate in one way only")
        app = self._apps.get(client_id)
        if app is None or not hmac.compare_digest(secret.encode(), app.client_secret.encode()):
            raise oauth_error("invalid_client", "client_id or client_secret is wrong", 401)
        return app

    def _jwks(self, _: SandboxRequest) -> SandboxResponse:
        return _json({"keys": [SIGNING_KEY.jwk]})


def _answered(
    endpoint: Callable[[SandboxRequest, Mapping[str, Any]], Issued], request: SandboxRequest
) -> SandboxResponse:
    """What a token endpoint answers with."""
    try:
        issued = endpoint(request, read_form(request))
    except WireError as error:
        return error.response
    body = {
        "access_token": issued.access_token,
        "token_type": "bearer",
        "expires_in": issued.expires_in,
        "scope": str(issued.scopes),
        "refresh_token": issued.refresh_token,
    }
    return _json(body, {"Cache-Control": "no-store"})


def _json(body: object, headers: Mapping[str, str] | None = None) -> SandboxResponse:
    return SandboxResponse(200, {"Content-Type": "application/json", **(headers or {})}, encode(body))
