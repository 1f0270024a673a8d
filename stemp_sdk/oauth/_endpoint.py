"""The token endpoints on the wire, by the same exchange as every other call."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import attrs
from pydantic import BaseModel, Field

from ..auth.token import claimed_scopes, read_claims
from ..core.call import Call
from ..core.clock import Clock
from ..core.credential import FixedToken
from ..core.limits import LimitTracker
from ..core.operation import Operation, Provenance, Replay
from ..core.secret import Secret
from ..core.settings import Settings
from ..scopes import ScopeSet
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
_DOCUMENTED_LIFETIME: Final = 1800.0  # seconds
_IDENTIFIER: Final = re.compile(r"[!-~]{1,200}")


class _TokenAnswer(BaseModel):
    """What both endpoints answer.

    Only the access token has to be readable: to refuse the rest would lose a refresh token that was just rotated.
    """

    access_token: str = Field(pattern=r"^[!-~]+$", repr=False)
    expires_in: Any = None
    scope: Any = None
    refresh_token: Any = Field(default=None, repr=False)

    def granted(self, otherwise: ScopeSet) -> ScopeSet:
        """What the token may do.

        That is its claim, which the server goes by; else the answer's ``scope``; else, as RFC 6749 §5.1 has it for an
        answer that names none, what was asked for.
        """
        claimed = claimed_scopes(read_claims(self.access_token) or {})
        if claimed is None:
            claimed = claimed_scopes({"scopes": self.scope})
        return otherwise if claimed is None else claimed

    def tokens(self, clock: Clock, old_refresh_token: Secret | None) -> dict[str, Any]:
        """The fields of an installation that every answer renews."""
        rotated = isinstance(self.refresh_token, str) and self.refresh_token
        now = clock.now()
        return {
            "access_token": Secret(self.access_token),
            "refresh_token": Secret(rotated) if rotated else old_refresh_token,
            "issued_at": now,
            "expires_at": now + _lifetime(self.expires_in),
        }


class TokenEndpoint:
    """Exchanges codes and refresh tokens for access tokens."""

    def __init__(self, base_url: str, timeout: float, http_client: httpx.Client | None, clock: Clock) -> None:
        origin, base_path = read_base_url(base_url)
        self._clock = clock
        self._driver = Driver(
            Pool(origin, http_client),
            Settings(
                credential=FixedToken(Secret("")),  # which no request of the endpoints bears
                stated_kind=None,
                base_path=base_path,
                declared=None,
                check_scopes="off",
                timeout=timeout,
                deadline=60.0,
                max_retries=2,
                paths={},
                limits=LimitTracker(clock),
                clock=clock,
            ),
        )

    def exchange(
        self, code: Secret, verifier: Secret, requested: ScopeSet, app: Mapping[str, str | Secret]
    ) -> Installation:
        """An authorization code for an installation.

        Args:
            code: From the callback.
            verifier: The PKCE verifier whose challenge went out with the authorization.
            requested: The scopes that were asked for.
            app: ``client_id``, ``client_secret`` and ``redirect_uri``.
        """
        form = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier, **app}
        answer = self._post(_EXCHANGE, form)
        claims = read_claims(answer.access_token) or {}
        installation_id = _identifier(claims.get("installationId"))
        if installation_id is None:
            raise CallbackError("the access token names no installation")
        if claims.get("clientId") not in (None, app["client_id"]):  # no set: a claim may be unhashable
            raise CallbackError("the access token is for another app")
        return Installation(
            id=installation_id,
            organization_id=_identifier(claims.get("organizationId")),
            client_id=str(app["client_id"]),
            scopes=answer.granted(otherwise=requested),
            requested=requested,
            **answer.tokens(self._clock, None),
        )

    def refresh(self, installation: Installation) -> Installation:
        """The installation with a new access token, and the new refresh token where it was rotated."""
        refresh_token = installation.refresh_token
        if refresh_token is None:
            raise ReauthorizationRequired(installation.id, "it has no refresh token")
        answer = self._post(_REFRESH, {"refresh_token": refresh_token})
        return attrs.evolve(
            installation,
            scopes=answer.granted(otherwise=installation.scopes),
            **answer.tokens(self._clock, refresh_token),
        )

    def close(self) -> None:
        """Close the connections of its own."""
        self._driver.pool.close()

    def _post(self, operation: Operation, form: Mapping[str, str | Secret]) -> _TokenAnswer:
        secrets = tuple(value for value in form.values() if isinstance(value, Secret))
        return self._driver.run(
            Call(
                operation,
                lambda answer: _TokenAnswer.model_validate_json(answer.body),
                body=json.dumps(form, default=_text).encode(),
                secrets=secrets,
                anonymous=True,
            )
        )


def _text(secret: Secret) -> str:
    return secret.reveal()


def _lifetime(value: Any) -> float:
    """Seconds; what nobody can read counts as what is documented, as the token itself is good."""
    try:
        seconds = float(value)
    except (OverflowError, TypeError, ValueError):
        return _DOCUMENTED_LIFETIME
    return seconds if 0 <= seconds <= 1e9 else _DOCUMENTED_LIFETIME


def _identifier(claim: object) -> str | None:
    """A claim that can be an id; None for anything else."""
    return claim if isinstance(claim, str) and _IDENTIFIER.fullmatch(claim) else None
