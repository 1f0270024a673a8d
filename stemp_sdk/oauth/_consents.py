"""A consent from the URL of the consent screen to the stored installation."""

from __future__ import annotations

import secrets
from typing import Final
from urllib.parse import urlencode

import attrs

from .._core.clock import Clock
from .._core.errors import APIStatusError, RateLimitError, ServerError
from .._core.failures import OTHER_ENDPOINT
from .._core.pkce import s256_challenge
from .._core.secret import Secret
from ..scopes import ScopeSet
from ._callback import Callbacks
from ._endpoint import TokenEndpoint, TokenResponse
from ._errors import CallbackError, ConsentDeniedError, DamagedInstallationError, UntrustedTokenError
from ._installation import Installation
from ._pending import PendingAuthorization, new_verifier
from ._requests import AppCredentials, AuthorizeQuery
from ._stores import CheckedStore
from ._verify import TokenVerifier

# RFC 6749 §5.2: the app is refused, so another code would be refused too.
_APP_REFUSED: Final = frozenset({"invalid_client", "unauthorized_client"})


@attrs.frozen
class AppIdentity:
    """The identity of an app at the server."""

    client_id: str
    client_secret: Secret
    redirect_uri: str
    consent_screen: str
    """The URL of the consent screen."""


class Consents:
    """Starts authorizations, and converts callbacks to stored installations."""

    def __init__(
        self, app: AppIdentity, endpoint: TokenEndpoint, store: CheckedStore, verifier: TokenVerifier, clock: Clock
    ) -> None:
        self._app = app
        self._endpoint = endpoint
        self._store = store
        self._verifier = verifier
        self._clock = clock
        self._callbacks = Callbacks(clock, store)

    def begin(self, scopes: ScopeSet, installation_id: str | None) -> PendingAuthorization:
        """Start an authorization, with a fresh state and a PKCE verifier.

        Args:
            scopes: The scopes to request.
            installation_id: The existing installation; None for an organization that is to install the app.
        """
        state, verifier = secrets.token_urlsafe(32), new_verifier()
        query: AuthorizeQuery = {
            "response_type": "code",
            "client_id": self._app.client_id,
            "redirect_uri": self._app.redirect_uri,
            "scope": str(scopes),
            "state": state,
            "code_challenge": s256_challenge(verifier),
            "code_challenge_method": "S256",
        }
        url = f"{self._app.consent_screen}?{urlencode(query)}"
        return PendingAuthorization(url, state, verifier, scopes, self._clock.now(), installation_id)

    def finish(self, callback_url: Secret | type, pending: PendingAuthorization) -> Installation:
        """Exchange the code of a callback, and store the installation.

        Args:
            callback_url: The masked argument.
            pending: The authorization.
        """
        try:
            code = self._callbacks.code(callback_url, pending)
        except ConsentDeniedError:
            self._remember_refusal(pending)
            raise
        with self._callbacks.once(pending):
            answer = self._redeemed(code, pending)
        installation = self._granted(answer, pending)
        with self._store.lock(installation.id):
            if (earlier := self._earlier(installation.id)) is not None:
                installation = installation.also_asked_for(earlier.requested)
            self._store.save_installation(installation)
        return installation

    def _redeemed(self, code: Secret, pending: PendingAuthorization) -> TokenResponse:
        """The token response for a code."""
        app: AppCredentials = {
            "client_id": self._app.client_id,
            "client_secret": self._app.client_secret,
            "redirect_uri": self._app.redirect_uri,
        }
        try:
            return self._endpoint.exchange(code, pending.verifier, app)
        except (RateLimitError, ServerError):
            raise
        except APIStatusError as refused:
            if refused.outcome_unknown:
                raise
            told = refused.code or str(refused.status)
            if refused.code in _APP_REFUSED:
                reason = f"the server does not accept the app itself ({told})"
                raise CallbackError(reason, refused.code, "check client_id and client_secret") from None
            reason = f"the server does not take its code ({told})"
            if refused.hint and refused.status in OTHER_ENDPOINT:  # the next code would be refused as well
                raise CallbackError(reason, refused.code, refused.hint) from None
            raise CallbackError(reason, refused.code) from None

    def _granted(self, answer: TokenResponse, pending: PendingAuthorization) -> Installation:
        """The installation in a token response.

        Raises:
            CallbackError: the token is not for this app, or not for the requested installation.
        """
        installation = self._endpoint.installation(answer, pending.scopes, self._app.client_id)
        try:
            self._verifier.verify(installation)
        except UntrustedTokenError as untrusted:
            raise CallbackError(str(untrusted)) from None
        asked = pending.installation_id
        if asked not in {None, installation.id}:
            reason = f"it is for installation {installation.id}, not for {asked}: another organization was chosen"
            raise CallbackError(reason, installation_id=asked, answered_by=installation.id)
        return installation

    def _remember_refusal(self, pending: PendingAuthorization) -> None:
        """Store the scopes that the user denied with the installation that they were requested for."""
        key = pending.installation_id
        if key is None:
            return
        with self._store.lock(key):
            if (asked := self._store.installation(key)) is not None:
                self._store.save_installation(asked.also_asked_for(pending.scopes))

    def _earlier(self, key: str) -> Installation | None:
        """The stored installation before a new authorization; None if it is damaged, so that it is replaced."""
        try:
            return self._store.installation(key)
        except DamagedInstallationError:
            return None
