"""The routes of the identity provider. None needs a token, and none counts for the rate limit."""

from __future__ import annotations

import hmac
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, TypeAlias

from ..._core.operation import Operation
from .._account import Account
from .._credentials import basic
from .._ids import Ids
from .._records import encode
from .._routing import BASE_PATH
from .._signing import SIGNING_KEY
from .._tokens import TokenPolicy
from .._values import SandboxRequest, SandboxResponse
from .._wire_errors import WireError, method_not_allowed
from .app_records import RegisteredApp
from .apps import Apps
from .consent import Consent
from .consent_endpoint import ConsentEndpoint
from .forms import read_form, text_of
from .grants import Grants, Issued, oauth_error
from .metadata import JWKS, METADATA, metadata

RouteHandler: TypeAlias = Callable[[SandboxRequest], SandboxResponse]


class IdentityProvider:
    """The endpoints for OAuth2 apps.

    Args:
        accounts: The organizations by their ids.
        clock: Gives Unix seconds.
        ids: Makes ids and secrets.
        policy: The lifetimes of tokens.
        operations: The paths of its endpoints, by operation name.
        lock: Guards the state of the sandbox. It is held while an endpoint is called.
    """

    def __init__(
        self,
        accounts: Mapping[str, Account],
        clock: Callable[[], float],
        ids: Ids,
        policy: TokenPolicy,
        operations: Mapping[str, Operation],
        lock: threading.Lock,
    ) -> None:
        self.registered: Final[dict[str, RegisteredApp]] = {}
        self.grants: Final = Grants(accounts, clock, ids, policy)
        consent = ConsentEndpoint(self.registered, accounts, self.grants, clock)
        self.apps: Final = Apps(self.registered, accounts, self.grants, ids, lock)
        self.consent: Final = Consent(self.registered, accounts, consent, lock)
        self._operations = operations
        jwks = {"GET": ("oauth.jwks", self._jwks)}
        described = {"GET": ("oauth.metadata", self._metadata)}
        self._routes: Mapping[str, Mapping[str, tuple[str, RouteHandler]]] = {
            BASE_PATH + operations["oauth.authorize"].path: {
                "GET": ("oauth.authorize", consent.show),
                "POST": ("oauth.decide", consent.decide),
            },
            BASE_PATH + operations["oauth.exchange"].path: {
                "POST": ("oauth.exchange", partial(_answered, self._redeem)),
            },
            BASE_PATH + operations["oauth.refresh"].path: {
                "POST": ("oauth.refresh", partial(_answered, self._refresh)),
            },
            JWKS: jwks,
            BASE_PATH + JWKS: jwks,
            METADATA: described,
            METADATA + BASE_PATH: described,
        }

    def find(self, method: str, path: str) -> tuple[str | None, RouteHandler] | None:
        """The name and the endpoint of a route; None for a path that is not the provider's."""
        by_method = self._routes.get(path)
        if by_method is None:
            return None
        return by_method.get(method) or (None, lambda _: method_not_allowed(by_method).response)

    def _redeem(self, request: SandboxRequest, form: Mapping[str, Any]) -> Issued:
        if form.get("grant_type") != "authorization_code":
            raise oauth_error("unsupported_grant_type", "grant_type must be authorization_code")
        app = self._authenticated(request, form)
        verifier = None if form.get("code_verifier") is None else text_of(form, "code_verifier")
        return self.grants.redeem(text_of(form, "code"), app, text_of(form, "redirect_uri"), verifier)

    def _refresh(self, request: SandboxRequest, form: Mapping[str, Any]) -> Issued:
        """Refresh a token. The documented body has no client credentials; if they are sent, they must be right."""
        if form.get("grant_type", "refresh_token") != "refresh_token":
            raise oauth_error("unsupported_grant_type", "grant_type must be refresh_token")
        identified = basic(request) is not None or form.get("client_secret") is not None
        app = self._authenticated(request, form) if identified else None
        return self.grants.refresh(text_of(form, "refresh_token"), app)

    def _authenticated(self, request: SandboxRequest, form: Mapping[str, Any]) -> RegisteredApp:
        """The app that sent a request, by HTTP Basic or by its body (RFC 6749 §2.3.1).

        Raises:
            WireError: it is unknown, or authenticates in both ways.
        """
        name_and_password = basic(request)
        if name_and_password is None:
            client_id, secret = text_of(form, "client_id"), text_of(form, "client_secret")
        else:
            client_id, secret = name_and_password
            if form.get("client_secret") is not None or form.get("client_id") not in {None, client_id}:
                raise oauth_error("invalid_request", "the app must authenticate in one way only")
        app = self.registered.get(client_id)
        if app is None or not hmac.compare_digest(secret.encode(), app.client_secret.encode()):
            raise oauth_error("invalid_client", "client_id or client_secret is wrong", 401)
        return app

    def _jwks(self, _: SandboxRequest) -> SandboxResponse:
        return _json(SIGNING_KEY.jwks())

    def _metadata(self, request: SandboxRequest) -> SandboxResponse:
        return _json(metadata(request, self._operations))


def _answered(
    endpoint: Callable[[SandboxRequest, Mapping[str, Any]], Issued], request: SandboxRequest
) -> SandboxResponse:
    """The response of a token endpoint."""
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
