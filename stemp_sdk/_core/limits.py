"""Rate limits: the last state that the server reported, and the wait before the next request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import ceil, inf
from typing import Final

import attrs

from .._forking import ForkSafeLock
from .._public import publish
from .clock import Clock

_HEADERS: Final = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
_YEAR_10000: Final = 253_402_300_800
# Patterns are compiled at their first use, not at import.
# The number at the beginning of a value: gateways append more, as in "100, 100;w=60".
_NUMBER: Final = r"(?a)\s*(-?[0-9]{1,15}(?:\.[0-9]{1,15})?)\s*(?:[,;].*)?"
_SECONDS: Final = r"(?a)\s*([0-9]+(?:\.[0-9]+)?)\s*"


@attrs.frozen
class RateLimit:
    """The state of the rate limit as the server reported it; per organization and per authentication method.

    Each field is None if the server did not report it, or not as a number.
    """

    limit: int | None
    """Requests in a window."""
    remaining: int | None
    """Requests left in this one."""
    reset: int | None
    """When the window ends, in Unix seconds by the server's clock; fractions are rounded up."""

    @property
    def resets_at(self) -> datetime | None:
        """When the window ends."""
        return None if self.reset is None else datetime.fromtimestamp(self.reset, UTC)


class LimitTracker:
    """Remembers the last reported state, and queues callers for the next windows.

    It is shared by every copy of a client.
    """

    __slots__ = ("_booked", "_booked_for", "_clock", "_lock", "_opens_at", "_window", "current")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = ForkSafeLock(brief=True)
        self.current: RateLimit | None = None
        self._opens_at = 0.0  # by the monotonic clock; 0 if there is nothing to wait for
        self._window = 0.0  # seconds that a window takes: the longest wait for a reset so far
        # How many callers wait for the window that opens then, and for those after it.
        self._booked = 0
        self._booked_for = 0.0

    def note(self, headers: Mapping[str, str]) -> None:
        """Take over the state that a response reports, if it is readable."""
        state = rate_limit_of(headers)
        if state is None:
            return
        last, self.current = self.current, state
        used_up = state.remaining is not None and state.remaining <= 0 and state.reset is not None
        if not used_up:
            self._opens_at = 0.0
        is_new_window = last is None or last.reset != state.reset
        if state.reset is not None and (used_up or is_new_window):  # otherwise it has no new time, and parsing is slow
            # Reset and Date are both by the server's clock, and only their difference is used here.
            left = seconds_left(state.reset, headers, self._clock)
            self._window = max(self._window, left)
            if used_up:
                self._opens_at = self._clock.monotonic() + left

    def wait(self, longest: float, asked: float = 0.0) -> float:
        """Seconds until the caller's turn, which this call reserves in the queue for a window.

        A window takes as many callers as the server's limit allows. The others wait for the next one.

        Args:
            longest: The seconds that the caller is willing to wait. If its turn comes later, nothing is reserved.
            asked: The seconds that the server asked this caller to wait.
        """
        if not self._opens_at and not asked:
            return 0.0
        with self._lock.of_process():
            now = self._clock.monotonic()
            opens = max(self._opens_at, now + asked)
            if opens <= now:
                return 0.0
            if abs(opens - self._booked_for) > 1.0:  # the server counts in whole seconds
                self._booked, self._booked_for = 0, opens
            limit = self.current.limit if self.current is not None and self.current.limit else inf
            wait = opens - now + self._booked // limit * self._window
            if wait <= longest:
                self._booked += 1
            return wait


def retry_after(headers: Mapping[str, str], clock: Clock) -> float | None:
    """The seconds in the header ``Retry-After``, which is a number or, from some proxies, a date."""
    value = headers.get("retry-after")
    if value is None:
        return None
    if number := re.fullmatch(_SECONDS, value):
        return float(number[1])
    moment = _http_date(value.strip())
    return None if moment is None else max(0.0, moment - _server_time(headers, clock))


def seconds_left(reset: int, headers: Mapping[str, str], clock: Clock) -> float:
    """Seconds from a response to the end of its window."""
    return reset - _server_time(headers, clock)


def rate_limit_of(headers: Mapping[str, str]) -> RateLimit | None:
    """The rate limit in the headers of a response; None if there is nothing readable in them."""
    try:  # the documented form, which is the most frequent one
        limit: int | None = int(headers["x-ratelimit-limit"])
        remaining: int | None = int(headers["x-ratelimit-remaining"])
        reset: int | None = int(headers["x-ratelimit-reset"])
    except (KeyError, ValueError):
        limit, remaining, reset = (_number(headers.get(name)) for name in _HEADERS)
    if reset is not None and not 0 <= reset < _YEAR_10000:
        reset = None  # out of range for a datetime, perhaps because it is in milliseconds
    return None if limit is reset is remaining is None else RateLimit(limit, remaining, reset)


def _number(text: str | None) -> int | None:
    number = re.fullmatch(_NUMBER, text) if text else None
    return None if number is None else ceil(float(number[1]))


def _server_time(headers: Mapping[str, str], clock: Clock) -> float:
    moment = _http_date(headers.get("date", ""))
    return clock.now() if moment is None else moment


def _http_date(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None


publish("stemp_sdk", globals())
