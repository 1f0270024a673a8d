"""Rate limiters: several clients, processes or machines that share one budget of requests.

The budget is the organization's, so a client alone cannot know what is left of it. A rate limiter can: each request
takes a turn before it is sent, and reports afterwards what the server said. Both are steps of the flow.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Protocol

import attrs

from .._public import publish
from .arguments import shown
from .call import Flow, Outcome, RawResponse, Sleep, Work
from .clock import Clock
from .errors import APITimeoutError
from .limits import rate_limit_of, retry_after, seconds_left

_logger: Final = logging.getLogger("stemp_sdk")
#: Seconds for which a window is closed if a 429 does not say it.
_UNSTATED: Final = 1.0
_LONG_WAIT: Final = 5.0
_NAMES: Final = ("is_async", "is_background", "is_inline", "take", "give")


@attrs.frozen(eq=False, repr=False)
class Turn:
    """The reply of a rate limiter to a caller that wants to send a request."""

    wait: float
    """Seconds until the caller may ask again. 0 means that it may send now."""
    window: int
    """The number of the window in which it may send."""


@attrs.frozen(eq=False, repr=False)
class Report:
    """The state of the rate limit in a response."""

    limit: int | None
    remaining: int
    reset: int | None
    """When the window ends, in Unix seconds by the server's clock. It identifies the window."""
    left: float
    """Seconds until the window ends."""


class RateLimiter(Protocol):
    """A budget of requests that clients share. ``stemp_sdk`` has one in memory, one in SQLite and one in Redis."""

    @property
    def is_async(self) -> bool:
        """Whether the methods return awaitables. Such a rate limiter is for ``AsyncStemp`` alone."""
        ...

    @property
    def is_inline(self) -> bool:
        """Whether the methods wait for nothing, and are called directly.

        Otherwise ``AsyncStemp`` awaits those that are async, and calls others in a thread.
        """
        ...

    @property
    def is_background(self) -> bool:
        """Whether its callers can wait. A long wait is then logged at INFO, and else at WARNING."""
        ...

    def take(self, now: float) -> Turn | Awaitable[Turn]:
        """Take a turn, or say how long to wait before the next try.

        Args:
            now: Unix seconds by the client's clock. A rate limiter for many machines has a clock of its own.
        """
        ...

    def give(self, now: float, window: int, report: Report | None, *, used: bool) -> Awaitable[None] | None:
        """End a turn.

        Args:
            now: As for ``take``.
            window: The window of the turn.
            report: What the response said of the rate limit; None if there was no response, or it said nothing.
            used: Whether the request may have been counted by the server.
        """
        ...


def checked_rate_limiter(rate_limiter: Any, *, is_async: bool) -> RateLimiter:
    """The argument ``rate_limiter`` of a client.

    Raises:
        TypeError: it is not a rate limiter, or an async one is given to a sync client.
    """
    if isinstance(rate_limiter, type) or not all(hasattr(rate_limiter, name) for name in _NAMES):
        raise TypeError(
            "rate_limiter must be a rate limiter, such as RedisRateLimiter(redis.Redis()), not " + shown(rate_limiter)
        )
    if rate_limiter.is_async and not is_async:
        raise TypeError("rate_limiter must be sync for this client: give it a sync Redis client, or use AsyncStemp")
    limiter: RateLimiter = rate_limiter
    return limiter


def turn_flow(
    limiter: RateLimiter, operation: str, ends: float, clock: Clock, attempt: int
) -> Flow[tuple[Turn | None, float]]:
    """Wait for a turn.

    Returns:
        The turn, and the seconds of the wait. The turn is None if the rate limiter cannot be used, as a call does not
        depend on it.

    Raises:
        APITimeoutError: the turn comes after the deadline. Nothing was sent by this attempt.
    """
    waited = 0.0
    while True:
        try:
            turn: Turn = yield from _done_flow(limiter, lambda: limiter.take(clock.now()))
        except Exception as error:  # noqa: BLE001  # of any store
            _unusable(operation, error)
            return None, waited
        if turn.wait <= 0:
            return turn, waited
        if turn.wait >= ends - clock.monotonic():
            reason = f"its turn in the shared rate limit would come in {turn.wait:.0f} s, after the deadline"
            raise APITimeoutError(operation, reason, attempt)
        level = logging.WARNING if turn.wait > _LONG_WAIT and not limiter.is_background else logging.INFO
        _logger.log(level, "%s: waiting %.1f s for a turn in the shared rate limit", operation, turn.wait)
        yield Sleep(turn.wait, "rate_limit")
        waited += turn.wait


def end_turn_flow(limiter: RateLimiter, operation: str, turn: Turn, outcome: Outcome, clock: Clock) -> Flow[None]:
    """Report the outcome of a request to the rate limiter."""
    used = True
    report = None
    if isinstance(outcome, RawResponse):
        report = _report(outcome.status, outcome.headers, clock)
    else:
        used = outcome.sent
    try:
        yield from _done_flow(limiter, lambda: limiter.give(clock.now(), turn.window, report, used=used))
    except Exception as error:  # noqa: BLE001  # of any store
        _unusable(operation, error)


def _done_flow(limiter: RateLimiter, function: Callable[[], Any]) -> Flow[Any]:
    """Call one of its methods."""
    return function() if limiter.is_inline else (yield Work(function, limiter.is_async))


def _report(status: int, headers: Mapping[str, str], clock: Clock) -> Report | None:
    state = rate_limit_of(headers)
    left = None if state is None or state.reset is None else seconds_left(state.reset, headers, clock)
    if status == 429:  # whatever else it says, nothing is left
        asked = left if left is not None else retry_after(headers, clock)
        limit, reset = (None, None) if state is None else (state.limit, state.reset)
        return Report(limit, 0, reset, _UNSTATED if asked is None else asked)
    if state is None or state.remaining is None or left is None:
        return None
    return Report(state.limit, state.remaining, state.reset, left)


def _unusable(operation: str, error: Exception) -> None:
    _logger.warning("%s: the rate limiter cannot be used, so the request is sent without it: %s", operation, error)


publish("stemp_sdk", globals())
