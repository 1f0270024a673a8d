"""Waiting until the server has certainly stopped working on a request, and looking what it did. No I/O."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from .call import Flow, NoResponse, Sleep
from .flow import Run
from .settings import Settings

S = TypeVar("S")

#: Seconds after which a request is settled whose connection broke, or to which stemp itself responded with an error.
SETTLES_SOON: Final = 5.0
#: Seconds after which any other request is settled. The vendor documents no such time; gateways commonly give up on a
#: server after 30 to 100 s, and the server may go on working.
SETTLES_LATE: Final = 120.0
#: The settling time of what can never be sent again.
NEVER: Final = float("inf")


class Settling:
    """Progress of a write that is looked for if its outcome is unknown.

    Args:
        settings: The client's.
        is_patient: Whether it waits until earlier requests are settled, however long that takes: the deadline is then
            for all else.
    """

    def __init__(self, settings: Settings, *, is_patient: bool) -> None:
        self.settings = settings
        self.is_patient = is_patient
        self.run = Run(settings)
        self.may_wait = is_patient or settings.max_retries > 0  # without retries nothing waits
        if is_patient:
            self.run.retries = max(1, settings.max_retries)

    def allow(self, settle: float) -> None:
        """Let the deadline be later by a wait for earlier requests, if that does not count."""
        is_patient = self.is_patient or (self.may_wait and settle <= self.settings.patience)
        if is_patient and settle != NEVER:
            self.run.postpone(settle)

    def part(self) -> Run:
        """Another request within the deadline."""
        run = Run(self.settings)
        run.started, run.ends, run.whole = self.run.started, self.run.ends, self.run
        return run

    def settle(self) -> float:
        """Seconds after which the latest failed request is settled."""
        if self.settings.settle is not None:
            return self.settings.settle
        failed = self.run.failed
        is_over = not failed.timed_out if isinstance(failed, NoResponse) else failed is not None and failed.from_stemp
        return SETTLES_SOON if is_over else SETTLES_LATE

    def look_flow(
        self, look: Callable[[], Flow[S]], is_found: Callable[[S], bool], settle: float
    ) -> Flow[tuple[S, bool]]:
        """Look until it is found, or as late as the settling time and the deadline allow.

        Args:
            look: Makes the steps of a look.
            is_found: Whether a look showed what was looked for.
            settle: Seconds after which the latest request is settled.

        Returns:
            The last look, and whether the settling time was over.

        Raises:
            StempError: the look failed.
        """
        self.allow(settle)
        soon = min(settle, SETTLES_SOON)
        waited = yield from self.wait_flow(soon)
        seen = yield from look()
        rest = settle - soon
        if is_found(seen) or not self._fits(rest):
            return seen, waited >= settle
        waited += yield from self.wait_flow(rest)
        return (yield from look()), waited >= settle

    def _fits(self, seconds: float) -> bool:
        return self.may_wait and 0 < seconds < self.run.left

    def wait_flow(self, seconds: float, *, is_allowed: bool = False) -> Flow[float]:
        """Wait, if there is time. Returns the seconds.

        Args:
            seconds: How long.
            is_allowed: Whether the deadline is later by this wait, if waits for earlier requests do not count.
        """
        if is_allowed:
            self.allow(seconds)
        if not self._fits(seconds):
            return 0.0
        yield Sleep(seconds, "settle")
        return seconds


def longest(settings: Settings) -> float:
    """Seconds after which any request is settled."""
    return SETTLES_LATE if settings.settle is None else settings.settle
