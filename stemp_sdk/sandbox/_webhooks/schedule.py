"""Decides which delivery is sent when; it sends none itself."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Final

import attrs

from .deliveries import Attempt, Delivery, State

#: Seconds from a failed attempt to the next one (documented, except for the moment from which they count).
RETRIES: Final[Sequence[float]] = (60.0, 300.0, 1800.0, 7200.0, 86400.0)


@attrs.define(eq=False)
class Job:
    """A delivery and its pending work."""

    delivery: Delivery
    failures: int = 0
    copies: int = 0
    """The number of times that it is sent again after a success."""


class Schedule:
    """The pending deliveries, for each endpoint in the order of their due times.

    ``take`` returns one to the sender, and ``settle`` receives its result; the sender makes no decision.
    """

    def __init__(self) -> None:
        self._due: dict[str, list[tuple[float, int, Job]]] = {}  # a heap for each endpoint's id
        self._number = count()
        self._duplicate = 0
        self._hold = 0
        self._held: list[Job] = []
        self._in_flight: set[Job] = set()

    def add(self, job: Job, now: float) -> None:
        """Add a delivery that is due now, unless it is held back to be sent out of order."""
        if self._duplicate:
            self._duplicate -= 1
            job.copies = 1
        if not self._hold:
            self._push(job, now)
            return
        job.delivery = attrs.evolve(job.delivery, state="held")
        self._held.append(job)
        self._hold -= 1
        if not self._hold:
            self.release(now)

    def duplicate_next(self, times: int) -> None:
        """Send each of the next deliveries twice."""
        self._duplicate += times

    def reorder_next(self, times: int) -> None:
        """Hold back the next deliveries until all of them exist, and send the latest first."""
        self._hold += times

    def release(self, now: float) -> None:
        """Release the deliveries that are held back."""
        while self._held:
            self._push(self._held.pop(), now)
        self._hold = 0

    def forget(self, endpoint_id: str) -> None:
        """Give up the pending deliveries to an endpoint, also those that are held back."""
        pending = [job for _, _, job in self._due.pop(endpoint_id, ())]
        pending += [job for job in self._held if job.delivery.endpoint.id == endpoint_id]
        self._held = [job for job in self._held if job not in pending]
        for job in pending:
            job.delivery = attrs.evolve(job.delivery, state="failed", next_attempt_at=None)

    def take(self, now: float, busy: Collection[str]) -> Job | None:
        """The job that is due first, which is in flight from now on; None if none is due.

        Args:
            now: Unix seconds.
            busy: The ids of endpoints to skip.
        """
        first = self._first(busy)
        if first is None or first[0] > now:
            return None
        job = first[2]
        heapq.heappop(self._due[job.delivery.endpoint.id])
        job.delivery = attrs.evolve(job.delivery, state="sending", next_attempt_at=None)
        self._in_flight.add(job)
        return job

    def settle(self, job: Job, attempt: Attempt, now: float) -> None:
        """Record the result of a delivery in flight, and reschedule it if necessary."""
        state: State = "delivered" if attempt.succeeded else "failed"
        job.delivery = attrs.evolve(job.delivery, state=state, attempts=(*job.delivery.attempts, attempt))
        if job not in self._in_flight:
            return  # another schedule gave it out, before a reset
        self._in_flight.remove(job)
        if attempt.succeeded:
            if job.copies:
                job.copies -= 1
                self._push(job, now)
        elif job.failures < len(RETRIES):
            self._push(job, now + RETRIES[job.failures])
            job.failures += 1

    def __len__(self) -> int:
        """The number of deliveries that are pending, due or not; those that are held back or in flight do not count."""
        return sum(map(len, self._due.values()))

    def next_due(self, busy: Collection[str]) -> float | None:
        """The time when the next delivery to an endpoint that is not busy is due; None if there is none."""
        first = self._first(busy)
        return None if first is None else first[0]

    def _first(self, busy: Collection[str]) -> tuple[float, int, Job] | None:
        return min((due[0] for endpoint, due in self._due.items() if due and endpoint not in busy), default=None)

    def _push(self, job: Job, due: float) -> None:
        job.delivery = attrs.evolve(job.delivery, state="waiting", next_attempt_at=moment(due))
        heapq.heappush(self._due.setdefault(job.delivery.endpoint.id, []), (due, next(self._number), job))


def moment(seconds: float) -> datetime:
    """The datetime for Unix seconds."""
    return datetime.fromtimestamp(seconds, UTC)
