"""Rate limits: what the server said last, and how long to hold the next request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import attrs

from .clock import Clock

#: Seconds that one call may sleep in all, whatever the server asks for; beyond it the call fails at once.
WAIT_BUDGET: Final = 60.0

_YEAR_10000: Final = 253_402_300_800


@attrs.frozen
class RateLimit:
    """The state of the rate limit as the server reported it; per organization and per authentication method."""

    limit: int
    """Requests in a window."""
    remaining: int
    """Requests left in this one."""
    reset: int
    """When the window ends, in Unix seconds by the server's clock."""

    @property
    def resets_at(self) -> datetime:
        """When the window ends."""
        return datetime.fromtimestamp(self.reset, UTC)


class LimitTracker:
    """Remembers the last reported state; shared by every copy of a client.

    A lone attribute is swapped whole, so threads need no lock.
    """

    __slots__ = ("_clock", "_opens_at", "current")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.current: RateLimit | None = None
        self._opens_at = 0.0

    def note(self, headers: Mapping[str, str]) -> None:
        """Take over what an answer reports, if it reports anything readable."""
        try:
            state = RateLimit(
                int(headers["x-ratelimit-limit"]),
                int(headers["x-ratelimit-remaining"]),
                int(headers["x-ratelimit-reset"]),
            )
        except (KeyError, ValueError):
            return
        if not 0 <= state.reset < _YEAR_10000:
            return  # milliseconds, perhaps: it cannot be a datetime
        self.current = state
        if state.remaining <= 0:
            # The reset is told by the server's clock; so is its Date, and only their difference counts here.
            self._opens_at = self._clock.monotonic() + state.reset - _server_time(headers, self._clock)
        else:
            self._opens_at = 0.0

    def wait(self) -> float:
        """Seconds until a request can succeed: 0 unless the window is used up and opens within the budget."""
        if not self._opens_at:
            return 0.0
        wait = self._opens_at - self._clock.monotonic()
        return wait if 0 < wait <= WAIT_BUDGET else 0.0


def retry_after(headers: Mapping[str, str], clock: Clock) -> float | None:
    """Seconds from a ``Retry-After``, which is a number or, where a proxy sets it, a date."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    moment = _http_date(value)
    return None if moment is None else max(0.0, moment - _server_time(headers, clock))


def _server_time(headers: Mapping[str, str], clock: Clock) -> float:
    moment = _http_date(headers.get("date", ""))
    return clock.now() if moment is None else moment


def _http_date(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None
