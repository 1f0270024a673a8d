"""The contract of the stores that remember which events were handled, and the store in memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Sequence
from enum import Enum
from typing import Any, Final, Protocol

from .._core.arguments import seconds, whole_number
from .._forking import ForkSafeLock

MONTH: Final = 30 * 24 * 3600.0  # seconds
LONGEST: Final = 100 * 365 * 24 * 3600.0  # seconds that an id may be kept


class Claim(Enum):
    """The answer of a store to ``claim``."""

    GRANTED = "granted"
    """The event is the caller's to handle."""
    SEEN = "seen"
    """It was handled before."""
    BUSY = "busy"
    """Another holder is handling it, or has died meanwhile: it is free again when that one's lease ends."""


class SeenStore(Protocol):
    """Remembers the ids of events. Every method may be called from any thread.

    A store of your own needs these three methods only. To be safe, ``claim`` must be atomic, and an id must be seen
    once ``finish`` has returned, and not before. Whatever a method raises is answered with 500, and stemp sends again.
    """

    def claim(self, ids: Sequence[str], holder: str, lease: float) -> Claim:
        """Claim all of ``ids``, or none of them.

        Args:
            ids: The names of one event, of which a receiver gives one; one that was seen makes all of them seen.
            holder: Who claims, a string that nobody else uses.
            lease: Seconds after which the claim ends by itself, in case its holder dies.
        """
        ...

    def finish(self, ids: Sequence[str]) -> None:
        """Mark ``ids`` as seen: they were handled, even if the lease has ended meanwhile."""
        ...

    def release(self, ids: Sequence[str], holder: str) -> None:
        """Give up the claims of ``holder``, and nobody else's."""
        ...


class AsyncSeenStore(Protocol):
    """A ``SeenStore`` whose methods are ``async def``: for ``WebhookReceiver.ahandle`` and ``ASGIApp`` only.

    They run in the event loop that the delivery came in. A store whose methods return awaitables without being
    ``async def`` says so by an attribute ``is_async = True``.
    """

    # Not async def, whose type differs between type checkers.

    def claim(self, ids: Sequence[str], holder: str, lease: float) -> Coroutine[Any, Any, Claim]:
        """As ``SeenStore.claim``."""
        ...

    def finish(self, ids: Sequence[str]) -> Coroutine[Any, Any, None]:
        """As ``SeenStore.finish``."""
        ...

    def release(self, ids: Sequence[str], holder: str) -> Coroutine[Any, Any, None]:
        """As ``SeenStore.release``."""
        ...


class MemorySeenStore:
    """Remembers for as long as the process lives, and for this process only: for one worker, and for tests.

    Args:
        keep: Seconds for which an id stays seen. A delivery that somebody sends again after that is handled again.
        max_entries: The most ids that are kept as seen; beyond it the oldest is forgotten before its time. One takes
            some 200 bytes. stemp sends an event again for up to 27 hours, so choose more than come in that time.
        clock: Returns seconds.

    Raises:
        TypeError: a number is not one.
        ValueError: a number makes no sense.
    """

    def __init__(
        self, *, keep: float = MONTH, max_entries: int = 100_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._keep = seconds("keep", keep, at_most=LONGEST)
        self._max_entries = whole_number("max_entries", max_entries, at_least=1)
        self._clock = clock
        self._lock = ForkSafeLock(brief=True)
        self._claims: dict[str, tuple[str, float]] = {}
        self._seen: dict[str, float] = {}  # in the order in which they end, as each is kept for the same time

    def claim(self, ids: Sequence[str], holder: str, lease: float) -> Claim:
        """Claim all of ``ids``, or none of them."""
        with self._lock.of_process():
            now = self._clock()
            self._forget(now)
            if any(key in self._seen for key in ids):
                return Claim.SEEN
            if any(key in self._claims for key in ids):
                return Claim.BUSY
            self._claims.update((key, (holder, now + lease)) for key in ids)
            return Claim.GRANTED

    def finish(self, ids: Sequence[str]) -> None:
        """Mark ``ids`` as seen."""
        with self._lock.of_process():
            until = self._clock() + self._keep
            for key in ids:
                self._claims.pop(key, None)
                self._seen.pop(key, None)
                self._seen[key] = until
            while len(self._seen) > self._max_entries:
                del self._seen[next(iter(self._seen))]

    def release(self, ids: Sequence[str], holder: str) -> None:
        """Give up the claims of ``holder``."""
        with self._lock.of_process():
            for key in ids:
                if key in self._claims and self._claims[key][0] == holder:
                    del self._claims[key]

    def _forget(self, now: float) -> None:
        while self._seen and self._seen[oldest := next(iter(self._seen))] <= now:
            del self._seen[oldest]
        # Few: there is one for each delivery that is being handled.
        for key in [key for key, (_, until) in self._claims.items() if until <= now]:
            del self._claims[key]
