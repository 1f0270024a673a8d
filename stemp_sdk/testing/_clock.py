"""A clock for tests: it stands still, and advances instead of letting a client wait."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final
from unittest.mock import patch

import attrs

from .._client._base import ClientBase
from .._core import clock as core
from .._core.arguments import seconds as checked_seconds
from .._public import publish
from ..oauth import OAuthApp
from ..sandbox._clock import MovableClock

_LONGEST_ADVANCE: Final = 1e9  # seconds


class Clock(MovableClock):
    """A clock that stands still until it is advanced, by ``advance`` or by a client that waits.

    ::

        clock = Clock()
        sandbox = Sandbox(clock=clock)               # its clients use the clock as well
        with clock.install():                        # and so do clients and apps that are created in the block
            client = Stemp("sk_live_x", http_client=httpx.Client(transport=...))
            client.users.get("usr_1")                # waits take no real time
        assert clock.slept == [0.5]

    Calling it returns the current time in Unix seconds. Threads and tasks may share it.

    Args:
        start: The time that it shows, as an aware datetime or in Unix seconds; None for the current second.
        jitter: The result of each random draw for the jitter of the backoff, from 0 to 1. With 1, each backoff is the
            longest one: 0.5 s, 1 s, 2 s.

    Raises:
        TypeError: an argument has the wrong type.
        ValueError: ``start`` has no time zone, or ``jitter`` is not from 0 to 1.
    """

    def __init__(self, start: datetime | float | None = None, *, jitter: float = 1.0) -> None:
        moment = _moment(start)
        if not isinstance(jitter, (int, float)) or isinstance(jitter, bool):
            raise TypeError(f"jitter must be a number, not {type(jitter).__name__}")
        if not 0 <= jitter <= 1:
            raise ValueError(f"jitter must be from 0 to 1, not {jitter}")
        super().__init__(lambda: moment)
        self.jitter: Final = jitter
        self.slept: list[float] = []
        """The seconds of each wait of a client, in the order in which they began."""

    @property
    def now(self) -> datetime:
        """The current time of the clock, in UTC."""
        return datetime.fromtimestamp(self(), UTC)

    def advance(self, seconds: float) -> None:
        """Advance the clock.

        Args:
            seconds: The seconds to advance it by.

        Raises:
            TypeError: it is not a number.
            ValueError: it is not above 0, or is more than 1e9 s (about 30 years).
        """
        super().advance(checked_seconds("seconds", seconds, at_most=_LONGEST_ADVANCE))

    def for_clients(self) -> core.Clock:
        """A clock for the SDK's clients. Not part of the public API."""
        return attrs.evolve(super().for_clients(), random=lambda: self.jitter)

    @contextmanager
    def install(self) -> Generator[None]:
        """Use this clock in every ``Stemp``, ``AsyncStemp`` and ``OAuthApp`` that is created in the block.

        Those with a sandbox's ``http_client`` use the clock of that sandbox, and subclasses with a clock of their own
        use that one.
        """
        clock = self.for_clients()
        with patch.object(ClientBase, "_clock", clock), patch.object(OAuthApp, "_clock", clock):
            yield

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        super()._sleep(seconds)

    async def _sleep_async(self, seconds: float) -> None:
        self.slept.append(seconds)
        await super()._sleep_async(seconds)


def _moment(start: object) -> float:
    """The argument ``start`` in Unix seconds."""
    if start is None:
        return float(int(time.time()))
    if isinstance(start, datetime):
        if start.tzinfo is None:
            raise ValueError("start must have a time zone, such as datetime(2027, 1, 15, tzinfo=UTC)")
        return start.timestamp()
    if not isinstance(start, (int, float)) or isinstance(start, bool):
        raise TypeError(f"start must be a datetime or Unix seconds, not {type(start).__name__}")
    return float(start)


publish("stemp_sdk.testing", globals())
