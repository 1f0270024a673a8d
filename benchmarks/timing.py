"""Interleaved timing: every contender runs once in each round, so other load on the machine affects all equally."""

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
"""Runs the code under test the given number of times, and returns the seconds that it took."""


@attrs.frozen
class Spread:
    """The median and deciles of many rounds."""

    median: float
    p10: float
    p90: float

    @classmethod
    def of(cls, samples: Iterable[float]) -> Spread:
        """The spread of samples, one for each round."""
        samples = list(samples)
        if len(samples) == 1:
            return cls(*samples * 3)
        deciles = statistics.quantiles(samples, n=10, method="inclusive")
        return cls(deciles[4], deciles[0], deciles[8])


@attrs.frozen
class Rounds:
    """The samples of each contender, one for each round."""

    samples: Mapping[str, list[float]]

    def of(self, name: str, scale: float = 1.0) -> Spread:
        """The spread of a contender's samples."""
        return Spread.of(sample * scale for sample in self.samples[name])

    def ratio(self, name: str, base: str) -> Spread:
        """The ratio to ``base``, round by round."""
        return Spread.of(one / other for one, other in self._pairs(name, base))

    def more(self, name: str, base: str, scale: float = 1.0) -> Spread:
        """The difference to ``base``, round by round."""
        return Spread.of((one - other) * scale for one, other in self._pairs(name, base))

    def ratio_above(self, name: str, base: str, overhead: str) -> Spread:
        """The ratio to ``base``, with ``overhead`` subtracted from both."""
        pairs = zip(self._pairs(name, base), self.samples[overhead], strict=True)
        return Spread.of((one - low) / (other - low) for (one, other), low in pairs)

    def _pairs(self, name: str, base: str) -> Iterator[tuple[float, float]]:
        return zip(self.samples[name], self.samples[base], strict=True)


def interleave(timers: Mapping[str, Timer], rounds: int, times: int) -> Rounds:
    """Time each contender once in each round. The order is shuffled, as a contender affects the next one.

    Args:
        timers: The contenders.
        rounds: The number of rounds, after one more that does not count.
        times: How often a contender runs in one round.
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
    """``interleave`` for async calls, all within one run of the event loop."""
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
    """Freeze existing objects. The garbage collector stays on, as in production, but skips the peers' imports."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
