"""The credential of an installation: renews its access token ahead of its end, one at a time for all who share it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import ClassVar, Final

import attrs

from ..core.clock import Clock
from ..core.credential import Grant
from ..core.errors import APIStatusError, StempError
from ..core.locking import ForkSafeLock
from ..core.secret import Secret
from ..scopes import TokenKind
from ._errors import OAuthError, ReauthorizationRequired
from ._installation import Installation
from ._stores import TokenStore, load_installation

_log: Final = logging.getLogger("stemp_sdk")

_PAUSE: Final = 10.0
"""Seconds before a renewal ahead of time is tried again after it failed."""


class RefreshingToken:
    """An installation's token.

    Threads wait for one another on a lock of this object, and for other processes on the store's. Whoever gets in first
    renews, stores, and only then uses the new token; the others find it in the store.

    Args:
        installation: With the tokens that are known now.
        store: Where everyone who shares the installation finds the latest.
        refresh: Asks the token endpoint.
        verify: Raises an ``OAuthError`` for an installation whose access token must not be used.
        clock: The time.
    """

    renewable: ClassVar[bool] = True

    def __init__(
        self,
        installation: Installation,
        store: TokenStore,
        refresh: Callable[[Installation], Installation],
        verify: Callable[[Installation], None],
        clock: Clock,
    ) -> None:
        self.installation = installation
        self._store = store
        self._refresh = refresh
        self._verify = verify
        self._clock = clock
        self._mutex = ForkSafeLock()
        self._retry_at = 0.0
        self._unsaved: tuple[Secret | None, Installation] | None = None
        """What a refresh gave and the store did not take, behind the refresh token that it took the place of."""

    @property
    def grant(self) -> Grant:
        """What is known of the token; it follows each refresh."""
        installation = self.installation
        return Grant(TokenKind.APP, installation.scopes, installation.declined, installation.id)

    def token(self) -> Secret | None:
        """The token, unless it has run out or is about to.

        Ahead of its end nobody has to wait: it is used while someone renews it, and for a while after that failed.
        """
        installation, now = self.installation, self._clock.now()
        if installation.is_due(now):
            may_wait = self._mutex.locked() or now < self._retry_at
            if installation.has_expired(now) or not may_wait:
                return None
        return installation.access_token

    def renew(self, refused: Secret | None) -> Secret | None:
        """See what others have stored, and get a token that is not the refused one.

        Args:
            refused: The token that the server refused; None if a token is due, or a scope is missing.

        Raises:
            ReauthorizationRequired: the refresh token is dead, or the installation is gone.
            StempError: no token can be had now, and the one at hand has run out or was refused.
        """
        with self._mutex:
            if refused is None or not self._is_usable(self.installation, refused):
                self._renew(refused)
            return self.installation.access_token

    def _renew(self, refused: Secret | None) -> None:
        """Renew the token, if others have not."""
        try:
            if self._is_stored(refused):
                return
            with self._store.lock(self.installation.id):
                if not self._is_stored(refused):
                    self._fetch(refused)
        except ReauthorizationRequired:
            raise
        except StempError as error:
            now = self._clock.now()
            if refused is not None or self.installation.has_expired(now):
                raise
            self._retry_at = now + _PAUSE
            _log.warning("%s; the access token is used until it ends", error)

    def _is_stored(self, refused: Secret | None) -> bool:
        """Go by what is in the store; whether its token can be used, as others have renewed it."""
        stored = load_installation(self._store, self.installation.id)
        if stored is None:
            raise ReauthorizationRequired(self.installation.id, "it is no longer in the token store")
        self.installation = stored
        return self._is_usable(stored, refused)

    def _fetch(self, refused: Secret | None) -> None:
        """Get a new token, which is in the store before anyone may use it; the store's lock is held.

        What the store did not take the last time is not lost: the refresh token in the store may be of no use any more.
        """
        stored = self.installation
        latest = stored
        if self._unsaved is not None and self._unsaved[0] == stored.refresh_token:
            latest = self._unsaved[1].also_asked_for(stored.requested)
        fresh = latest if latest is not stored and self._is_usable(latest, refused) else self._refreshed(latest)
        self._unsaved = stored.refresh_token, fresh
        self._store.save(stored.id, fresh.to_json())
        self._unsaved = None
        self.installation = fresh
        if gone := stored.scopes - fresh.scopes:
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
            refusal = f"the refresh token was refused ({error.code or error.status})"
            raise ReauthorizationRequired(stored.id, refusal) from None
        try:
            self._verify(fresh)
        except OAuthError:
            # The old refresh token may be of no use any more.
            self._store.save(stored.id, attrs.evolve(stored, refresh_token=fresh.refresh_token).to_json())
            raise
        return fresh

    def _is_usable(self, installation: Installation, refused: Secret | None) -> bool:
        return installation.access_token != refused and not installation.is_due(self._clock.now())


def _is_dead(error: APIStatusError) -> bool:
    """Whether a refusal is of the refresh token.

    The vendor does not say how it refuses one, so every refusal that has its form counts; that of a proxy does not.
    """
    if error.status in {408, 429} or error.status >= 500:
        return False
    return error.status in {400, 401} or error.code is not None
