"""The sandbox's time, for itself and for clients in the same process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

import attrs

from .._core.clock import Clock

# Real seconds that a sleeper leaves to others before it puts the clock forward: threads and tasks that go to sleep at
# the same moment then reckon from the same moment, and together put the clock forward once.
_GRACE: Final = 0.001


@attrs.define
class MovableClock:
    """A clock that can be put forward, by any thread."""

    source: Callable[[], float]
    """Gives Unix seconds."""
    _ahead: float = 0.0
    """Seconds by which it has been put forward."""
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)
    _listeners: list[Callable[[], None]] = attrs.field(factory=list[Callable[[], None]], init=False)

    def __call__(self) -> float:
        """The present moment in Unix seconds."""
        return self.source() + self._ahead

    @property
    def ahead(self) -> float:
        """Seconds by which it has been put forward."""
        return self._ahead

    def on_move(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` each time that the clock was put forward."""
        self._listeners.append(listener)

    def advance(self, seconds: float) -> None:
        """Put it forward by so much."""
        with self._lock:
            self._ahead += seconds
        self._moved()

    def reach(self, moment: float) -> None:
        """Put it forward to a moment in Unix seconds, unless it is there already."""
        with self._lock:
            self._ahead = max(self._ahead, moment - self.source())
        self._moved()

    def for_clients(self) -> Clock:
        """A clock for the SDK's clients: it shows this time, and to sleep is to put it forward."""
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
