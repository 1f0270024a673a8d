"""Calls the token endpoints, with the same request flow as every other call."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Annotated, Any, Final
from urllib.parse import quote_plus, urlencode

import attrs
from pydantic import BaseModel, Field, WithJsonSchema

from .._auth.token import claimed_scopes, read_claims
from .._client._wire_file import Corrections, TokenRequests
from .._core.call import Call, FormBody
from .._core.clock import Clock
from .._core.credential import FixedToken
from .._core.limits import LimitTracker
from .._core.secret import Secret
from .._core.settings import Settings
from .._resources.operations import OPERATIONS
from .._transport import Driver, Pool
from ..scopes import ScopeSet
from ._errors import CallbackError, ReauthorizationRequired
from ._installation import Installation
from ._requests import AppCredentials, CodeExchange, TokenRefresh

DEADLINE: Final = 60.0
"""Seconds for one exchange or refresh, waits and retries included."""

_DOCUMENTED_LIFETIME: Final = 1800.0  # seconds
_IDENTIFIER: Final = re.compile(r"[!-~]{1,200}")


class TokenResponse(BaseModel):
    """The response of both endpoints.

    Only the access token has to be readable: an error for another field would lose a refresh token that was just
    rotated.
    """

    access_token: str = Field(pattern=r"^[!-~]+$", repr=False)
    token_type: Annotated[Any, WithJsonSchema({"const": "bearer"})] = None
    expires_in: Annotated[Any, WithJsonSchema({"type": "integer"})] = None
    scope: Annotated[Any, WithJsonSchema({"type": "string"})] = None
    refresh_token: Annotated[Any, WithJsonSchema({"type": ["string", "null"]})] = Field(default=None, repr=False)

    def granted(self, otherwise: ScopeSet | None) -> ScopeSet | None:
        """The granted scopes; None if they are unknown.

        They are in the claim of the token, which the server uses, or else in ``scope`` of the response. A response
        without ``scope`` means the requested scopes (RFC 6749 §5.1), or for a refresh the previous ones (§6). An empty
        or unreadable ``scope`` means that they are unknown.
        """
        claimed = claimed_scopes(read_claims(self.access_token) or {})
        if claimed is not None:
            return claimed
        return otherwise if self.scope is None else claimed_scopes({"scopes": self.scope}) or None

    def tokens(self, clock: Clock, old_refresh_token: Secret | None) -> dict[str, Any]:
        """The fields of an installation that every response renews."""
        rotated = isinstance(self.refresh_token, str) and self.refresh_token
        now = clock.now()
        return {
            "access_token": Secret(self.access_token),
            "refresh_token": Secret(rotated) if rotated else old_refresh_token,
            "issued_at": now,
            "expires_at": now + _lifetime(self.expires_in),
        }


class TokenEndpoint:
    """Exchanges codes and refresh tokens for access tokens.

    Args:
        pool: The connections to use, which the caller closes.
        base_path: The path of the base URL, without a slash at its end.
        timeout: Seconds for each of connecting, writing, and waiting for the next bytes.
        clock: The clock.
        corrections: Other paths and fields for the endpoints.
        requests: The encoding of requests.
        basic: The credentials for HTTP Basic; None for an app that sends them in the body of an exchange.
    """

    def __init__(
        self,
        pool: Pool,
        base_path: str,
        timeout: float,
        clock: Clock,
        corrections: Corrections,
        requests: TokenRequests,
        basic: Secret | None,
    ) -> None:
        self._clock = clock
        self._is_basic = basic is not None
        self._requests = requests
        self._driver = Driver(
            pool,
            Settings(
                credential=FixedToken(Secret("")),  # requests to the endpoints have no token
                stated_kind=None,
                base_path=base_path,
                declared=None,
                check_scopes="off",
                timeout=timeout,
                deadline=DEADLINE,
                max_retries=2,
                corrected=corrections.operations,
                limits=LimitTracker(clock),
                clock=clock,
                headers={} if basic is None else {"Authorization": basic},
            ),
        )

    def exchange(self, code: Secret, verifier: Secret, app: AppCredentials) -> TokenResponse:
        """Exchange an authorization code for tokens. It is never sent again once it may have arrived.

        Args:
            code: The code in the callback.
            verifier: The PKCE verifier of the authorization.
            app: ``client_id``, ``client_secret`` and ``redirect_uri``.
        """
        form: CodeExchange = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier, **app}
        return self._post("oauth.exchange", form)

    def installation(self, answer: TokenResponse, requested: ScopeSet, client_id: str) -> Installation:
        """The installation in the response to a code.

        Args:
            answer: The result of ``exchange``.
            requested: The requested scopes.
            client_id: The id of the app.

        Raises:
            CallbackError: the token does not name an installation.
        """
        claims = read_claims(answer.access_token) or {}
        installation_id = _identifier(claims.get("installationId"))
        if installation_id is None:
            raise CallbackError("the access token names no installation")
        return Installation(
            id=installation_id,
            organization_id=_identifier(claims.get("organizationId")),
            client_id=client_id,
            scopes=answer.granted(otherwise=requested),
            requested=requested,
            **answer.tokens(self._clock, None),
        )

    def refresh(self, installation: Installation) -> Installation:
        """The installation with a new access token, and with a new refresh token if it was rotated."""
        refresh_token = installation.refresh_token
        if refresh_token is None:
            raise ReauthorizationRequired(installation.id, "it has no refresh token")
        form: TokenRefresh = {"refresh_token": refresh_token}
        answer = self._post("oauth.refresh", form)
        return attrs.evolve(
            installation,
            scopes=answer.granted(otherwise=installation.scopes),
            **answer.tokens(self._clock, refresh_token),
        )

    def _post(self, operation: str, form: Mapping[str, object]) -> TokenResponse:
        secrets = tuple(value for value in form.values() if isinstance(value, Secret))
        if self._is_basic:  # one way only, RFC 6749 §2.3
            form = {name: value for name, value in form.items() if name not in {"client_id", "client_secret"}}
        return self._driver.run(
            Call(
                OPERATIONS[operation],
                lambda answer: TokenResponse.model_validate_json(answer.body),
                body=_form(form) if self._requests == "form" else json.dumps(form, default=_text).encode(),
                secrets=secrets,
            )
        )


def basic_credentials(client_id: str, client_secret: Secret) -> Secret:
    """The value of ``Authorization`` for HTTP Basic, with both values form-encoded (RFC 6749 §2.3.1)."""
    pair = f"{quote_plus(client_id)}:{quote_plus(client_secret.reveal())}"
    return Secret(f"Basic {b64encode(pair.encode()).decode()}")


def _form(form: Mapping[str, object]) -> FormBody:
    texts = {name: _text(value) if isinstance(value, Secret) else value for name, value in form.items()}
    return FormBody(urlencode(texts), "ascii")


def _text(secret: Secret) -> str:
    return secret.reveal()


def _lifetime(value: Any) -> float:
    """The lifetime in seconds; the documented one if the value is unreadable, as the token itself is valid."""
    try:
        seconds = float(value)
    except (OverflowError, TypeError, ValueError):
        return _DOCUMENTED_LIFETIME
    return seconds if 0 <= seconds <= 1e9 else _DOCUMENTED_LIFETIME


def _identifier(claim: object) -> str | None:
    """A claim that can be an id; None for anything else."""
    return claim if isinstance(claim, str) and _IDENTIFIER.fullmatch(claim) else None
