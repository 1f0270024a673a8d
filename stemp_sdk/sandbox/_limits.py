"""The rate limit: a number of requests in a window, for each organization and each way to authenticate."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping
from typing import Final

import attrs

WINDOW: Final = 30
"""Seconds. The vendor does not document the length of a window; its example has a ``Retry-After`` of 30."""


@attrs.frozen
class Quota:
    """The state of the rate limit after a request."""

    limit: int
    remaining: int
    reset: int
    """The end of the window, in Unix seconds."""
    retry_after: int | None
    """Seconds until the window ends, if this request exceeds the limit."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of every response."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset),
        }


class RateLimiter:
    """Counts requests. A window opens with its first request; a refused one is not counted.

    Args:
        limit: Requests in a window.
        window: The seconds of a window.
        clock: Gives Unix seconds.
    """

    def __init__(self, limit: int, window: int, clock: Callable[[], float]) -> None:
        self._limit = limit
        self._window = window
        self._clock = clock
        self._windows: dict[Hashable, tuple[float, int]] = {}

    def take(self, key: Hashable) -> Quota:
        """Count one request of ``key``."""
        now = self._clock()
        ends, used = self._windows.get(key, (-math.inf, 0))
        if now >= ends:
            ends, used = now + self._window, 0
        refused = used >= self._limit
        used += not refused
        self._windows[key] = ends, used
        return Quota(self._limit, self._limit - used, math.ceil(ends), math.ceil(ends - now) if refused else None)

    def forget(self) -> None:
        """Forget what was used."""
        self._windows.clear()
