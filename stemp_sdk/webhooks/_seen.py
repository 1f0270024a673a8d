"""The interface of stores of seen events, and the store in memory."""

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
    """The result of ``SeenStore.claim``."""

    GRANTED = "granted"
    """The caller has to handle the event."""
    SEEN = "seen"
    """The event was handled before."""
    BUSY = "busy"
    """Another holder is handling the event, or has died: the event is free again when that holder's lease ends."""


class SeenStore(Protocol):
    """Remembers the ids of events. Its methods are called from any thread.

    A store of your own needs these three methods only. ``claim`` must be atomic, and an id must count as seen once
    ``finish`` has returned, and not before. If a method raises an error, the response is 500, and stemp sends again.
    """

    def claim(self, ids: Sequence[str], holder: str, lease: float) -> Claim:
        """Claim all of ``ids``, or none of them.

        Args:
            ids: The names of one event; a receiver passes one. If one of them was seen, all count as seen.
            holder: A string that is unique to the caller.
            lease: Seconds after which the claim ends by itself, in case its holder dies.
        """
        ...

    def finish(self, ids: Sequence[str]) -> None:
        """Mark ``ids`` as seen, even if the lease has ended meanwhile."""
        ...

    def release(self, ids: Sequence[str], holder: str) -> None:
        """Release the claims of ``holder``, and no others."""
        ...


class AsyncSeenStore(Protocol):
    """A ``SeenStore`` whose methods are ``async def``: for ``WebhookReceiver.ahandle`` and ``ASGIApp`` only.

    They run in the event loop of the delivery. A store whose methods return awaitables without being ``async def``
    needs an attribute ``is_async = True``.
    """

    # Not async def, as type checkers disagree on its type.

    def claim(self, ids: Sequence[str], holder: str, lease: float) -> Coroutine[Any, Any, Claim]:
        """The async form of ``SeenStore.claim``."""
        ...

    def finish(self, ids: Sequence[str]) -> Coroutine[Any, Any, None]:
        """The async form of ``SeenStore.finish``."""
        ...

    def release(self, ids: Sequence[str], holder: str) -> Coroutine[Any, Any, None]:
        """The async form of ``SeenStore.release``."""
        ...


class MemorySeenStore:
    """Remembers seen events in memory, until the process ends: for a single worker, and for tests.

    Args:
        keep: Seconds for which an id stays seen. A delivery that is sent again after that is handled again.
        max_entries: The maximum number of seen ids, of about 200 bytes each; beyond it, the oldest is forgotten early.
            stemp sends an event again for up to 27 hours, so choose more than the number of events in that time.
        clock: Returns seconds.

    Raises:
        TypeError: an argument is not a number.
        ValueError: a number is out of range.
    """

    def __init__(
        self, *, keep: float = MONTH, max_entries: int = 100_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._keep = seconds("keep", keep, at_most=LONGEST)
        self._max_entries = whole_number("max_entries", max_entries, at_least=1)
        self._clock = clock
        self._lock = ForkSafeLock(brief=True)
        self._claims: dict[str, tuple[str, float]] = {}
        self._seen: dict[str, float] = {}  # in the order of their ends, as each is kept for the same time

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
        """Release the claims of ``holder``."""
        with self._lock.of_process():
            for key in ids:
                if key in self._claims and self._claims[key][0] == holder:
                    del self._claims[key]

    def _forget(self, now: float) -> None:
        while self._seen and self._seen[oldest := next(iter(self._seen))] <= now:
            del self._seen[oldest]
        # There are few: one for each delivery that is being handled.
        for key in [key for key, (_, until) in self._claims.items() if until <= now]:
            del self._claims[key]
