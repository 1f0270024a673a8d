"""Effects that happen later: writes that are committed late, and history entries that are not visible yet."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from typing import Final, TypeAlias

import attrs

Effect: TypeAlias = Callable[[float], object]
"""Is called with the moment, in Unix seconds, at which it takes effect."""

_TIMER_MARGIN: Final = 0.01  # seconds, as timers use another clock


@attrs.frozen
class After:
    """When something takes effect: after a time or after a number of requests."""

    seconds: float = 0.0
    """By the sandbox's clock; 0 to count requests instead."""
    requests: int = 0
    """The number of further requests for the same id that do not see it yet."""


@attrs.define
class _Planned:
    effect: Effect
    due: float
    """In Unix seconds; infinite if requests are counted instead."""
    requests_left: int
    id: str


class Later:
    """Effects that are still to come, in one order. The sandbox's lock is held in each call except ``settle_now``.

    Args:
        clock: Gives Unix seconds.
        lock: The sandbox's.
    """

    def __init__(self, clock: Callable[[], float], lock: threading.Lock) -> None:
        self._clock = clock
        self._lock = lock
        self._planned: list[_Planned] = []
        self._has_timers = False
        self.epoch: int = 0
        """The number of times that everything was forgotten. A request of an earlier epoch has no effect any more."""

    def use_timers(self) -> None:
        """Let what is planned from now on take effect in time although no request arrives, as a server has to."""
        self._has_timers = True

    def plan(self, effect: Effect, after: After, *, since: float, id: str) -> None:
        """Let something take effect later.

        Args:
            effect: What happens.
            after: When.
            since: From when on the time counts, in Unix seconds.
            id: Whose requests count; empty for all requests.
        """
        due = since + after.seconds if after.seconds else math.inf
        self._planned.append(_Planned(effect, due, after.requests, id))
        if after.seconds and self._has_timers:
            timer = threading.Timer(max(due - self._clock(), 0) + _TIMER_MARGIN, self.settle_now)
            timer.daemon = True
            timer.start()

    def forget(self) -> None:
        """Let nothing that is planned take effect, nor any request that is still being handled."""
        self._planned.clear()
        self.epoch += 1

    def settle(self) -> None:
        """Let everything take effect that is due by now, in the order in which it is due."""
        while due := [each for each in self._planned if each.due <= self._clock()]:
            first = min(due, key=lambda each: each.due)
            self._planned.remove(first)
            first.effect(first.due)

    def settle_now(self) -> None:
        """The same for callers that do not hold the sandbox's lock."""
        with self._lock:
            self.settle()

    def arrived(self, id: str) -> None:
        """Count a request that is about to be answered.

        Args:
            id: The id in its path.
        """
        for each in [*self._planned]:
            if each.due < math.inf or each.id not in {"", id}:
                continue
            if each.requests_left:
                each.requests_left -= 1
            else:
                self._planned.remove(each)
                each.effect(self._clock())
