"""Which deliveries were handled, and which are being handled: what keeps a duplicate from being handled again."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Final, Protocol

from ..core.locking import ForkSafeLock

MONTH: Final = 30 * 24 * 3600.0  # seconds


class Claim(Enum):
    """What became of the wish to handle a delivery."""

    GRANTED = "granted"
    """It is the caller's to handle."""
    SEEN = "seen"
    """It was handled before."""
    BUSY = "busy"
    """Somebody else is handling it now, or was and has died: it is free again when their lease ends."""


class SeenStore(Protocol):
    """Remembers the ids of deliveries and events.  Every method may be called from any thread.

    A store of your own needs nothing but these three methods. What makes it safe: ``claim`` is atomic, and an id is
    seen once ``finish`` has returned and not before.
    """

    def claim(self, ids: Sequence[str], holder: str, lease: float) -> Claim:
        """Claim all of ``ids``, or none of them.

        Args:
            ids: The names of one delivery; one that is known makes the whole known.
            holder: Who claims, a text that nobody else uses.
            lease: Seconds after which the claim ends by itself, should its holder die.
        """
        ...

    def finish(self, ids: Sequence[str]) -> None:
        """Mark ``ids`` as seen: they were handled, even if the lease has ended meanwhile."""
        ...

    def release(self, ids: Sequence[str], holder: str) -> None:
        """Give up the claims of ``holder``, and nobody else's."""
        ...


class MemorySeenStore:
    """Remembers for as long as the process lives, and for this process only: for one worker, and for tests.

    Args:
        keep: Seconds for which an id stays seen. A delivery that somebody sends again after that is handled again.
        clock: Gives seconds.
    """

    def __init__(self, *, keep: float = MONTH, clock: Callable[[], float] = time.monotonic) -> None:
        self._keep = keep
        self._clock = clock
        self._lock = ForkSafeLock()
        self._claims: dict[str, tuple[str, float]] = {}
        self._seen: dict[str, float] = {}  # in the order in which they end, as each is kept for the same time

    def claim(self, ids: Sequence[str], holder: str, lease: float) -> Claim:
        """Claim all of ``ids``, or none of them."""
        with self._lock:
            now = self._clock()
            self._forget(now)
            if any(key in self._seen for key in ids):
                return Claim.SEEN
            if any(self._claims[key][1] > now for key in ids if key in self._claims):
                return Claim.BUSY
            self._claims.update((key, (holder, now + lease)) for key in ids)
            return Claim.GRANTED

    def finish(self, ids: Sequence[str]) -> None:
        """Mark ``ids`` as seen."""
        with self._lock:
            until = self._clock() + self._keep
            for key in ids:
                self._claims.pop(key, None)
                self._seen.pop(key, None)
                self._seen[key] = until

    def release(self, ids: Sequence[str], holder: str) -> None:
        """Give up the claims of ``holder``."""
        with self._lock:
            for key in ids:
                if key in self._claims and self._claims[key][0] == holder:
                    del self._claims[key]

    def _forget(self, now: float) -> None:
        while self._seen and self._seen[oldest := next(iter(self._seen))] <= now:
            del self._seen[oldest]
