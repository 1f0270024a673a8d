"""A server with windows, and callers that share a rate limiter, in time that only events move."""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import attrs

from stemp_sdk._core.rate_limiter import Report

START = 1_800_000_000.25


@attrs.define
class Server:
    """Counts requests in windows. A window opens with its first request, or they follow each other without a gap."""

    limit: int
    span: float
    aligned: bool
    ends: float = -math.inf
    used: int = 0
    windows: list[int] = attrs.field(factory=list[int])
    """The requests that were carried out, by window."""
    refused: int = 0

    def receive(self, now: float) -> Report:
        """Count one request. The end of the window is in whole seconds, as is the date of the response."""
        if now >= self.ends:
            self.ends = (int(now / self.span) + 1) * self.span if self.aligned else now + self.span
            self.used = 0
            self.windows.append(0)
        if self.used < self.limit:
            self.used += 1
            self.windows[-1] += 1
        else:
            self.refused += 1
        return Report(self.limit, self.limit - self.used, math.ceil(self.ends), math.ceil(self.ends) - int(now))


@attrs.define
class Simulation:
    """Callers in virtual time."""

    server: Server
    latency: float
    """The longest time to the server, and from it, in seconds."""
    seed: int = 4711
    done: Counter[str] = attrs.field(factory=Counter[str])
    _events: list[tuple[float, int, Callable[[float], None]]] = attrs.field(factory=list[Any])
    _number: int = 0
    random: Random = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.random = Random(self.seed)  # a run can be replayed

    def at(self, moment: float, act: Callable[[float], None]) -> None:
        self._number += 1
        heapq.heappush(self._events, (moment, self._number, act))

    def caller(self, name: str, limiter: Any, calls: float = math.inf, begins: float = START, gap: float = 0.0) -> None:
        """Add one that makes ``calls`` calls, one after the other."""

        def ask(now: float) -> None:
            turn = limiter.take(now)
            if turn.wait > 0:
                self.at(now + turn.wait, ask)
                return
            self.at(now + self.delay(), lambda arrived: reach(arrived, turn.window))

        def reach(now: float, window: int) -> None:
            before = self.server.refused
            report = self.server.receive(now)
            was_refused = self.server.refused > before
            self.at(now + self.delay(), lambda later: end(later, window, report, was_refused))

        def end(now: float, window: int, report: Report, was_refused: bool) -> None:
            nonlocal calls
            limiter.give(now, window, report, used=True)
            if not was_refused:
                calls -= 1
                self.done[name] += 1
            if calls > 0:
                self.at(now + gap, ask)

        self.at(begins + self.delay(), ask)

    def delay(self) -> float:
        return self.random.random() * self.latency

    def run(self, until: float) -> float:
        """Run to a time or the end; returns when the last event was."""
        now = START
        while self._events and self._events[0][0] <= until:
            now, _, act = heapq.heappop(self._events)
            act(now)
        return now
