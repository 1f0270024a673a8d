"""The clocks of the tests: for clients and apps, and for event loops whose timeouts must not depend on real time."""

from __future__ import annotations

import asyncio
from typing import Any, Final, TypeVar, cast

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
    """A subclass of a client or an app, of the same name, that uses this clock."""
    return cast("type[T]", type(kind.__name__, (kind,), {"_clock": clock}))


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop whose time a test can advance, so that a long timeout expires at once and never too early."""

    ahead: float = 0.0

    def time(self) -> float:
        return super().time() + self.ahead

    def jump(self, seconds: float = 3600.0) -> None:
        """Advance the time. From another thread, use ``call_soon_threadsafe``."""
        self.ahead += seconds


#: For ``anyio.run``.
JUMPING: Final[dict[str, Any]] = {"loop_factory": JumpingLoop}


def running_loop() -> JumpingLoop:
    """The running event loop of ``anyio.run(..., backend_options=JUMPING)``."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, JumpingLoop)
    return loop
