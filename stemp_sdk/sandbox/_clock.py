"""The sandbox's time, for itself and for clients in the same process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

import attrs

from .._core.clock import Clock

# Real seconds that a sleeper waits before it advances the clock: threads and tasks that begin to sleep at the same time
# then start from the same moment, and together advance the clock once.
_GRACE: Final = 0.001


@attrs.define
class MovableClock:
    """A clock that any thread can advance."""

    source: Callable[[], float]
    """Gives Unix seconds."""
    _ahead: float = 0.0
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)
    _listeners: list[Callable[[], None]] = attrs.field(factory=list[Callable[[], None]], init=False)

    def __call__(self) -> float:
        """The current time in Unix seconds."""
        return self.source() + self._ahead

    @property
    def ahead(self) -> float:
        """The total of the seconds by which it was advanced."""
        return self._ahead

    def on_move(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` each time that the clock is advanced."""
        self._listeners.append(listener)

    def advance(self, seconds: float) -> None:
        """Advance the clock."""
        with self._lock:
            self._ahead += seconds
        self._moved()

    def reach(self, moment: float) -> None:
        """Advance the clock to a moment in Unix seconds, unless it is already past it."""
        with self._lock:
            self._ahead = max(self._ahead, moment - self.source())
        self._moved()

    def rewind(self, ahead: float) -> None:
        """Come back to where the clock was advanced by ``ahead`` seconds in all."""
        with self._lock:
            self._ahead = ahead
        self._moved()

    def for_clients(self) -> Clock:
        """A clock for the SDK's clients that shows this time, and whose ``sleep`` advances it."""
        return Clock(now=self, monotonic=self, sleep=self._sleep, sleep_async=self._sleep_async)

    def _sleep(self, seconds: float) -> None:
        until = self() + seconds
        time.sleep(_GRACE)
        self.reach(until)

    async def _sleep_async(self, seconds: float) -> None:
        import anyio  # httpx brings it; a sync client never needs it

        until = self() + seconds
        await anyio.sleep(_GRACE)
        self.reach(until)

    def _moved(self) -> None:
        for listener in self._listeners:
            listener()
