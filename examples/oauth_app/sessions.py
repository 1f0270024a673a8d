"""The app's sessions. They are kept on the server; a cookie has only their random key."""

from __future__ import annotations

import secrets
import time
from typing import Final

import attrs

from stemp_sdk.oauth import PendingAuthorization

LIFETIME: Final = 8 * 60 * 60  # seconds
_MOST: Final = 10_000


def _token() -> str:
    return secrets.token_urlsafe(32)


@attrs.define
class Session:
    """One browser."""

    id: str = attrs.field(factory=_token, repr=False)
    csrf: str = attrs.field(factory=_token, repr=False)
    ends_at: float = attrs.field(factory=lambda: time.time() + LIFETIME)
    installation_id: str | None = None
    pending: PendingAuthorization | None = None
    customer_id: str | None = None
    """The customer to email once the pending authorization is granted."""
    notice: str | None = None
    """A notice for the next page."""


class Sessions:
    """All sessions, in the memory of one process. An app on several machines would keep them in Redis."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}

    def find(self, id: str) -> Session:
        """The session, or a new one if there is none or it has ended."""
        session = self._sessions.get(id)
        return session if session is not None and time.time() < session.ends_at else self._add(Session())

    def renew(self, session: Session) -> None:
        """Give a session a new key, so that the old one gives no access to what was just granted."""
        del self._sessions[session.id]
        session.id = _token()
        self._add(session)

    def _add(self, session: Session) -> Session:
        if len(self._sessions) >= _MOST:
            del self._sessions[next(iter(self._sessions))]
        self._sessions[session.id] = session
        return session
