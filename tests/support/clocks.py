"""The clock of the tests: time that only sleeping moves, and the one way to give it to a client or an app."""

from __future__ import annotations

from typing import TypeVar, cast

import attrs

from stemp_sdk._core.clock import Clock

T = TypeVar("T")


@attrs.define
class StillClock:
    """Time that only sleeping moves. Called, it gives the time, as ``time.time`` does."""

    now: float = 1_800_000_000.0
    chance: float = 1.0
    """The result of each random draw: 1 is the longest backoff."""
    slept: list[float] = attrs.field(factory=list[float])

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    async def sleep_async(self, seconds: float) -> None:
        self.sleep(seconds)

    def clock(self) -> Clock:
        return Clock(
            now=self, monotonic=self, random=lambda: self.chance, sleep=self.sleep, sleep_async=self.sleep_async
        )


#: Real time, with no backoff between tries.
NO_BACKOFF = Clock(random=lambda: 0.0)


def with_clock(kind: type[T], clock: Clock) -> type[T]:
    """A subclass of a client or an app, of the same name, that goes by this clock."""
    return cast("type[T]", type(kind.__name__, (kind,), {"_clock": clock}))
