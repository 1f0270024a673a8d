"""The credential of an installation: renews its access token before it expires, one renewal at a time."""

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

_logger: Final = logging.getLogger("stemp_sdk")

_PAUSE: Final = 10.0
"""Seconds before a failed early renewal is tried again."""


class RefreshingToken:
    """The credential of an installation.

    Threads wait for one another on a lock of this object, and for other processes on the lock of the store. The first
    one renews the token, stores it, and only then uses it; the others find it in the store.

    Args:
        installation: The installation with its current tokens.
        store: The store that is shared by all users of the installation.
        refresh: Calls the token endpoint.
        verify: Raises an ``OAuthError`` for an installation whose access token must not be used.
        clock: The clock.
    """

    renewable: ClassVar[bool] = True
    installation: Installation
    grant: Grant
    """The kind and scopes of the token, updated by each refresh and from the store."""

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
        """The refresh token that was replaced and its new installation, if saving the latter failed."""

    def token(self) -> Secret | None:
        """The token, unless it has to be renewed first.

        A stale token is still used while another thread renews it, and for a while after a failed renewal.
        """
        installation = self.installation
        state = installation.token_state(self._clock.now())
        if state is TokenState.FRESH or (
            state is TokenState.STALE and (self._mutex.of_process().locked() or self._is_pausing())
        ):
            return installation.access_token
        return None

    def renew(self, refused: Secret | None) -> Secret | None:
        """Reload the stored token, and renew it if necessary.

        If no token was refused and the current one is still valid, errors are logged and not raised.

        Args:
            refused: The token that the server refused; None if the token is due for renewal, or a scope is missing.

        Returns:
            A token other than the refused one; None if there is no other, so that the refusal is final.

        Raises:
            ReauthorizationRequired: the refresh token is no longer valid, or the installation was removed.
            StempError: the token cannot be renewed now.
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
                    _logger.warning("%s; the access token is used until it ends", error)
            token = self.installation.access_token
            return None if token == refused else token

    def _renew(self, refused: Secret | None) -> None:
        """Use the stored token, or get a new one and store it before its first use."""
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
        """Whether an early renewal failed a moment ago."""
        return self._clock.now() < self._retry_at

    def _is_usable(self, installation: Installation, refused: Secret | None, *, pausing: bool = False) -> bool:
        """Whether no refresh is needed: the token is fresh, or after a refusal, another valid one."""
        state = installation.token_state(self._clock.now())
        if state is TokenState.STALE and refused is None:
            return pausing
        return installation.access_token != refused and state is not TokenState.INVALID

    def _fetch(self, refused: Secret | None) -> None:
        """Get a new token and store it. The caller holds the lock of the store.

        A new token that could not be stored the last time is used first, as the stored refresh token may be used up.
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
            _logger.warning("installation %s no longer holds %s", fresh.id, gone)

    def _refreshed(self, stored: Installation) -> Installation:
        """The installation after a refresh.

        Raises:
            ReauthorizationRequired: the refresh token is no longer valid.
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


# The form of the vendor's own codes; codes of gateways are numbers, have capitals, or are in the list below.
_CODE: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")
_REFUSALS: Final = frozenset({400, 401, 403, 404})
_NOT_OF_THE_TOKEN: Final = frozenset(
    {
        # RFC 6749 §5.2 and RFC 6750 §3.1: the app or the request is refused, or the refusal is temporary.
        "insufficient_scope",
        "invalid_client",
        "invalid_request",
        "invalid_scope",
        "server_error",
        "slow_down",
        "temporarily_unavailable",
        "unauthorized_client",
        "unsupported_grant_type",
        # The vendor's codes for a refused request.
        "malformed_body",
        "wrong_param_type",
        # Codes that gateways use as well.
        "bad_request",
        "forbidden",
        "not_found",
        "unauthorized",
    }
)


def _is_dead(error: APIStatusError) -> bool:
    """Whether the server reports that the refresh token is no longer valid.

    That ends an installation, so only a response of the server itself counts: OAuth's ``invalid_grant``, or a code in
    the vendor's form with a status that refuses. The vendor's code for it is not documented, so every code counts that
    is not known to have another meaning. A status alone, an HTML page, or a validation error does not count.
    """
    if error.code is None or isinstance(error, (InvalidRequestError, RateLimitError)):
        return False
    if error.code == "invalid_grant":
        return 400 <= error.status < 500
    is_vendors = _CODE.fullmatch(error.code) is not None and error.code not in _NOT_OF_THE_TOKEN
    return error.status in _REFUSALS and is_vendors
