"""Interleaved timing: in each round every contender runs once, so that what else the machine does hits all alike."""

from __future__ import annotations

import asyncio
import gc
import statistics
from collections.abc import Awaitable, Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from random import Random
from time import perf_counter
from typing import TypeAlias

import attrs

Timer: TypeAlias = Callable[[int], float]
"""Does its thing so many times, and gives the seconds that it took."""


@attrs.frozen
class Spread:
    """What many rounds came to."""

    median: float
    p10: float
    p90: float

    @classmethod
    def of(cls, samples: Iterable[float]) -> Spread:
        """The spread of one figure a round."""
        samples = list(samples)
        if len(samples) == 1:
            return cls(*samples * 3)
        deciles = statistics.quantiles(samples, n=10, method="inclusive")
        return cls(deciles[4], deciles[0], deciles[8])


@attrs.frozen
class Rounds:
    """One figure a round for each contender."""

    samples: Mapping[str, list[float]]

    def of(self, name: str, scale: float = 1.0) -> Spread:
        """The contender's own figures."""
        return Spread.of(sample * scale for sample in self.samples[name])

    def ratio(self, name: str, base: str) -> Spread:
        """How many times what ``base`` took, round by round."""
        return Spread.of(one / other for one, other in self._pairs(name, base))

    def more(self, name: str, base: str, scale: float = 1.0) -> Spread:
        """How much more than ``base`` took, round by round."""
        return Spread.of((one - other) * scale for one, other in self._pairs(name, base))

    def ratio_above(self, name: str, base: str, overhead: str) -> Spread:
        """As ``ratio``, both without what ``overhead`` took, which both include."""
        pairs = zip(self._pairs(name, base), self.samples[overhead], strict=True)
        return Spread.of((one - low) / (other - low) for (one, other), low in pairs)

    def _pairs(self, name: str, base: str) -> Iterator[tuple[float, float]]:
        return zip(self.samples[name], self.samples[base], strict=True)


def interleave(timers: Mapping[str, Timer], rounds: int, times: int) -> Rounds:
    """Time each contender once a round. The order is another one each time, as it matters whom one comes after.

    Args:
        timers: The contenders.
        rounds: How many rounds; one more comes first and does not count.
        times: How often a contender does its thing in one round.
    """
    samples: dict[str, list[float]] = {name: [] for name in timers}
    names = list(timers)
    shuffle = Random(0).shuffle  # noqa: S311 - no secret, and every run has the same orders
    for timer in timers.values():
        timer(times)
    with _calm_collector():
        for _ in range(rounds):
            shuffle(names)
            for name in names:
                samples[name].append(timers[name](times) / times)
    return Rounds(samples)


def repeat(call: Callable[[], object]) -> Timer:
    """A timer of a call."""

    def timer(times: int) -> float:
        started = perf_counter()
        for _ in range(times):
            call()
        return perf_counter() - started

    return timer


def interleave_async(
    runner: asyncio.Runner, calls: Mapping[str, Callable[[], Awaitable[object]]], rounds: int
) -> Rounds:
    """Await each call once a round, all within one run of the event loop; else as ``interleave``."""
    samples: dict[str, list[float]] = {name: [] for name in calls}
    names = list(calls)
    shuffle = Random(0).shuffle  # noqa: S311 - no secret, and every run has the same orders

    async def timed() -> None:
        for call in calls.values():
            await call()
        for _ in range(rounds):
            shuffle(names)
            for name in names:
                started = perf_counter()
                await calls[name]()
                samples[name].append(perf_counter() - started)

    with _calm_collector():
        runner.run(timed())
    return Rounds(samples)


@contextmanager
def _calm_collector() -> Generator[None]:
    """The garbage collector stays on, as in production, but need not walk what the peers' imports left behind."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
