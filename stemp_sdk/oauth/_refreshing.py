"""The credential of an installation: renews its access token ahead of its end, one at a time for all who share it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

from ..core.clock import Clock
from ..core.errors import APIConnectionError, APIStatusError
from ..core.secret import Secret
from ..scopes import ScopeSet, TokenKind
from ._errors import ReauthorizationRequired
from ._installation import Installation
from ._stores import TokenStore

_log: Final = logging.getLogger("stemp_sdk")

#: With these the token endpoint says that the refresh token is no good; everything else may pass.
_DEAD: Final = frozenset({400, 401, 403, 404})


class RefreshingToken:
    """An installation's token.

    Threads wait for one another on a lock of this object, and for other processes on the store's. Whoever gets in first
    renews, stores, and only then uses the new token; the others find it in the store.
    """

    kind: TokenKind | None = TokenKind.APP

    def __init__(
        self,
        installation: Installation,
        store: TokenStore,
        refresh: Callable[[Installation], Installation],
        clock: Clock,
    ) -> None:
        self.installation = installation
        self._store = store
        self._refresh = refresh
        self._clock = clock
        self._mutex = threading.Lock()

    @property
    def granted(self) -> ScopeSet:
        """The scopes that the token holds now; they follow each refresh."""
        return self.installation.scopes

    @property
    def declined(self) -> ScopeSet:
        """The scopes that were asked for and not granted."""
        return self.installation.declined

    def current(self) -> Secret | None:
        """The token, unless it has run out or is about to."""
        installation = self.installation
        return None if installation.is_due(self._clock.now()) else installation.access_token

    def renew(self, refused: Secret | None) -> Secret:
        """Get a token that is not the refused one.

        Raises:
            ReauthorizationRequired: the refresh token is dead, or the installation is gone.
            APIConnectionError: the token endpoint does not answer, and the token has run out.
        """
        with self._mutex:
            if not self._usable(self.installation, refused):
                with self._store.lock(self.installation.id):
                    self.installation = self._renewed(refused)
            return self.installation.access_token

    def _usable(self, installation: Installation, refused: Secret | None) -> bool:
        is_refused = refused is not None and installation.access_token.reveal() == refused.reveal()
        return not is_refused and not installation.is_due(self._clock.now())

    def _renewed(self, refused: Secret | None) -> Installation:
        """The installation with a usable token; the store's lock is held."""
        mine = self.installation
        data = self._store.load(mine.id)
        if data is None:
            raise ReauthorizationRequired(mine.id, "it is no longer in the token store")
        stored = Installation.from_json(mine.id, data)
        if self._usable(stored, refused):
            return stored  # another process was here first
        try:
            fresh = self._refresh(stored)
        except APIStatusError as error:
            if error.status in _DEAD:
                raise ReauthorizationRequired(
                    mine.id, f"the refresh token was refused ({error.code or error.status})"
                ) from None
            return self._still_valid(stored, refused, error)
        except APIConnectionError as error:
            return self._still_valid(stored, refused, error)
        self._store.save(fresh.id, fresh.to_json())
        if gone := stored.scopes - fresh.scopes:
            _log.warning("installation %s no longer holds %s", fresh.id, gone)
        return fresh

    def _still_valid(self, stored: Installation, refused: Secret | None, error: Exception) -> Installation:
        """The stored token, where it was to be renewed ahead of its end and has not reached it.

        Raises:
            Exception: ``error``, where it has.
        """
        if refused is not None or stored.has_expired(self._clock.now()):
            raise error
        _log.warning("%s; the access token is used until it ends", error)
        return stored
