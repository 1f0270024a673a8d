"""The token endpoints on the wire, by the same exchange as every other call."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import attrs
from pydantic import BaseModel, ConfigDict

from ..auth.token import claimed_scopes, read_claims
from ..core.call import Call
from ..core.clock import Clock
from ..core.limits import LimitTracker
from ..core.operation import Operation, Provenance, Replay
from ..core.secret import Secret
from ..core.settings import Settings
from ..scopes import ScopeSet, TokenKind, parse
from ..transport import Driver, Pool, read_base_url
from ._errors import CallbackError, ReauthorizationRequired
from ._installation import Installation

if TYPE_CHECKING:
    import httpx

AUTHORIZE_PATH: Final = "/v1/apps/oauth2/authorize"

# A refresh whose answer was lost is tried again with the same token: there is no other way on.
_REFRESH: Final = Operation(
    "oauth.refresh", "POST", "/v1/apps/oauth2/refresh", ScopeSet(), Provenance.DOCUMENTED, Replay.SAFE
)
_EXCHANGE: Final = Operation(
    "oauth.exchange", "POST", "/v1/apps/oauth2/token", ScopeSet(), Provenance.INFERRED, Replay.UNSAFE
)


class _TokenAnswer(BaseModel):
    """What both endpoints answer."""

    model_config = ConfigDict(strict=True)

    access_token: str
    expires_in: float
    scope: str | None = None
    refresh_token: str | None = None


class _NoToken:
    """The credential of the token endpoints, which take none."""

    kind: TokenKind | None = None
    granted: ScopeSet | None = None
    declined = ScopeSet()

    def current(self) -> Secret | None:
        return None

    def renew(self, refused: Secret | None) -> Secret | None:
        return None


class TokenEndpoint:
    """Exchanges codes and refresh tokens for access tokens."""

    def __init__(self, base_url: str, timeout: float, http_client: httpx.Client | None, clock: Clock) -> None:
        origin, base_path = read_base_url(base_url)
        self._clock = clock
        self._driver = Driver(
            Pool(origin, http_client),
            Settings(
                credential=_NoToken(),
                kind=None,
                base_path=base_path,
                declared=None,
                check_scopes="off",
                timeout=timeout,
                max_retries=2,
                paths={},
                limits=LimitTracker(clock),
                clock=clock,
            ),
        )

    def exchange(self, code: str, verifier: Secret, requested: ScopeSet, app: dict[str, str]) -> Installation:
        """An authorization code for an installation.

        Args:
            code: From the callback.
            verifier: The PKCE verifier whose challenge went out with the authorization.
            requested: The scopes that were asked for.
            app: ``client_id``, ``client_secret`` and ``redirect_uri``.
        """
        form = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier.reveal(), **app}
        answer = self._post(_EXCHANGE, form)
        claims = read_claims(answer.access_token) or {}
        if not isinstance(claims.get("installationId"), str):
            raise CallbackError("the access token names no installation")
        if claims.get("clientId") not in {None, app["client_id"]}:
            raise CallbackError("the access token is for another app")
        return Installation(
            id=claims["installationId"],
            organization_id=_text(claims.get("organizationId")),
            client_id=app["client_id"],
            scopes=_granted(answer, otherwise=requested),
            requested=requested,
            access_token=Secret(answer.access_token),
            refresh_token=None if answer.refresh_token is None else Secret(answer.refresh_token),
            issued_at=self._clock.now(),
            expires_at=self._clock.now() + answer.expires_in,
        )

    def refresh(self, installation: Installation) -> Installation:
        """The installation with a new access token, and the new refresh token where it was rotated."""
        refresh_token = installation.refresh_token
        if refresh_token is None:
            raise ReauthorizationRequired(installation.id, "it has no refresh token")
        answer = self._post(_REFRESH, {"refresh_token": refresh_token.reveal()})
        return attrs.evolve(
            installation,
            scopes=_granted(answer, otherwise=installation.scopes),
            access_token=Secret(answer.access_token),
            refresh_token=refresh_token if answer.refresh_token is None else Secret(answer.refresh_token),
            issued_at=self._clock.now(),
            expires_at=self._clock.now() + answer.expires_in,
        )

    def close(self) -> None:
        """Close the connections of its own."""
        self._driver.pool.close()

    def _post(self, operation: Operation, form: dict[str, str]) -> _TokenAnswer:
        return self._driver.run(Call(operation, _TokenAnswer.model_validate_json, body=json.dumps(form).encode()))


def _granted(answer: _TokenAnswer, *, otherwise: ScopeSet) -> ScopeSet:
    """What the token may do: its claim, which is what the server goes by; else the answer's ``scope``; else, as RFC 6749
    §5.1 has it for an answer that names none, what was asked for."""
    claimed = claimed_scopes(read_claims(answer.access_token) or {})
    if claimed is not None:
        return claimed
    if answer.scope is None:
        return otherwise
    return parse(answer.scope) if answer.scope.strip() else ScopeSet()


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
