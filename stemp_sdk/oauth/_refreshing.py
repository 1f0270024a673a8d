"""The credential of an installation: renews its access token ahead of its end, one at a time for all who share it."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import ClassVar, Final

import attrs

from .._core.clock import Clock
from .._core.credential import Grant
from .._core.errors import APIStatusError, InvalidRequestError, RateLimitError, StempError
from .._core.secret import Secret
from .._forking import ForkSafeLock
from ..scopes import TokenKind
from ._errors import OAuthError, ReauthorizationRequired
from ._installation import Installation, TokenState
from ._stores import CheckedStore

_log: Final = logging.getLogger("stemp_sdk")

_PAUSE: Final = 10.0
"""Seconds before a renewal ahead of time is tried again after it failed."""


class RefreshingToken:
    """An installation's token.

    Threads wait for one another on a lock of this object, and for other processes on the store's. The first one
    renews, stores, and only then uses the new token; the others find it in the store.

    Args:
        installation: With the tokens that are known now.
        store: Where everyone who shares the installation finds the latest.
        refresh: Asks the token endpoint.
        verify: Raises an ``OAuthError`` for an installation whose access token must not be used.
        clock: The time.
    """

    renewable: ClassVar[bool] = True
    installation: Installation
    grant: Grant
    """What is known of the token; it follows each refresh, and what others store."""

    def __init__(
        self,
        installation: Installation,
        store: CheckedStore,
        refresh: Callable[[Installation], Installation],
        verify: Callable[[Installation], None],
        clock: Clock,
    ) -> None:
        self._go_by(installation)
        self._store = store
        self._refresh = refresh
        self._verify = verify
        self._clock = clock
        self._mutex = ForkSafeLock()
        self._retry_at = 0.0
        self._unsaved: tuple[Secret | None, Installation] | None = None
        """What a refresh gave and the store did not take, behind the refresh token that it took the place of."""

    def token(self) -> Secret | None:
        """The token, unless it has to be renewed before.

        While it is stale nobody has to wait: it is used while someone renews it, and for a while after that failed.
        """
        installation = self.installation
        state = installation.token_state(self._clock.now())
        if state is TokenState.FRESH or (
            state is TokenState.STALE and (self._mutex.of_process().locked() or self._is_pausing())
        ):
            return installation.access_token
        return None

    def renew(self, refused: Secret | None) -> Secret | None:
        """See what others have stored, and get a new token if need be.

        While no token was refused and the one at hand is not yet invalid, what goes wrong is logged and not raised.

        Args:
            refused: The token that the server refused; None if a token is due, or a scope is missing.

        Returns:
            A token that is not the refused one; None if there is no other, so that the refusal stands.

        Raises:
            ReauthorizationRequired: the refresh token is dead, or the installation is gone.
            StempError: no token can be had now.
        """
        with self._mutex.of_process():
            if refused is None or not self._is_usable(self.installation, refused):
                try:
                    self._renew(refused)
                except StempError as error:
                    now = self._clock.now()
                    if refused is not None or self.installation.token_state(now) is TokenState.INVALID:
                        raise
                    self._retry_at = now + _PAUSE
                    _log.warning("%s; the access token is used until it ends", error)
            token = self.installation.access_token
            return None if token == refused else token

    def _renew(self, refused: Secret | None) -> None:
        """Go by what is in the store, or get a new token, which is in the store before anyone may use it."""
        self._reload()
        if self._is_usable(self.installation, refused, pausing=self._is_pausing()):
            return
        with self._store.lock(self.installation.id):
            self._reload()
            if not self._is_usable(self.installation, refused):
                self._fetch(refused)

    def _reload(self) -> None:
        stored = self._store.installation(self.installation.id)
        if stored is None:
            raise ReauthorizationRequired(self.installation.id, "it is no longer in the token store")
        self._go_by(stored)

    def _go_by(self, installation: Installation) -> None:
        self.installation = installation
        self.grant = Grant(TokenKind.APP, installation.scopes, installation.declined, installation.id)

    def _is_pausing(self) -> bool:
        """Whether a renewal ahead of time failed a moment ago."""
        return self._clock.now() < self._retry_at

    def _is_usable(self, installation: Installation, refused: Secret | None, *, pausing: bool = False) -> bool:
        """Whether no refresh is needed: ahead of time, for a fresh token; after a refusal, for any other valid one."""
        state = installation.token_state(self._clock.now())
        if state is TokenState.STALE and refused is None:
            return pausing
        return installation.access_token != refused and state is not TokenState.INVALID

    def _fetch(self, refused: Secret | None) -> None:
        """Get a new token and store it; the store's lock is held.

        What the store did not take the last time is not lost: the refresh token in the store may be used up.
        """
        stored = self.installation
        latest = stored
        if self._unsaved is not None and self._unsaved[0] == stored.refresh_token:
            latest = self._unsaved[1].also_asked_for(stored.requested)
        fresh = latest if latest is not stored and self._is_usable(latest, refused) else self._refreshed(latest)
        self._unsaved = stored.refresh_token, fresh
        self._store.save_installation(fresh)
        self._unsaved = None
        self._go_by(fresh)
        if stored.scopes is not None and fresh.scopes is not None and (gone := stored.scopes - fresh.scopes):
            _log.warning("installation %s no longer holds %s", fresh.id, gone)

    def _refreshed(self, stored: Installation) -> Installation:
        """What the server gives for a refresh token.

        Raises:
            ReauthorizationRequired: nothing, as the refresh token is dead.
            OAuthError: the access token must not be used; the refresh token that came with it is in the store.
        """
        try:
            fresh = self._refresh(stored)
        except APIStatusError as error:
            if not _is_dead(error):
                raise
            refusal = f"the refresh token was refused ({error.code})"
            raise ReauthorizationRequired(stored.id, refusal, error.code) from None
        try:
            self._verify(fresh)
        except OAuthError:
            # The old refresh token may be used up.
            self._store.save_installation(attrs.evolve(stored, refresh_token=fresh.refresh_token))
            raise
        return fresh


# The form of the vendor's own codes; those of gateways are numbers, have capitals, or are in the list below.
_CODE: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")
_REFUSALS: Final = frozenset({400, 401, 403, 404})
_NOT_OF_THE_TOKEN: Final = frozenset(
    {
        # RFC 6749 §5.2 and RFC 6750 §3.1: of the app, of the request, or for a while.
        "insufficient_scope",
        "invalid_client",
        "invalid_request",
        "invalid_scope",
        "server_error",
        "slow_down",
        "temporarily_unavailable",
        "unauthorized_client",
        "unsupported_grant_type",
        # The vendor's, of the request.
        "malformed_body",
        "wrong_param_type",
        # What gateways say too.
        "bad_request",
        "forbidden",
        "not_found",
        "unauthorized",
    }
)


def _is_dead(error: APIStatusError) -> bool:
    """Whether the server says that the refresh token is no longer valid.

    That ends an installation, so it takes the server's own words: OAuth's ``invalid_grant``, or a code of the vendor's
    form with a status that refuses. How the vendor refuses a refresh token is not documented, so each code counts that
    is not known to be of something else. A status alone, a page of HTML, or a validation error do not.
    """
    if error.code is None or isinstance(error, (InvalidRequestError, RateLimitError)):
        return False
    if error.code == "invalid_grant":
        return 400 <= error.status < 500
    is_vendors = _CODE.fullmatch(error.code) is not None and error.code not in _NOT_OF_THE_TOKEN
    return error.status in _REFUSALS and is_vendors
