"""One attempt at a request, as its connection sees it."""

from __future__ import annotations

from time import monotonic
from typing import Final, Protocol

import httpcore

NEVER: Final = float("-inf")
"""The deadline of an attempt that may read and write nothing more."""


class Abortable(Protocol):
    """A connection that can be closed at once, without waiting."""

    def abort(self) -> None:
        """Close it."""
        ...


class Attempt:
    """The deadline of an attempt, and what is known of its progress.

    A connection carries one attempt at a time, so each connection has one of these.
    """

    __slots__ = ("ends", "sent", "stream")

    def __init__(self) -> None:
        self.ends = NEVER
        """The deadline, by ``time.monotonic``."""
        self.sent: bool | None = None
        """Whether anything of the request may have reached the server; None before the network was used."""
        self.stream: Abortable | None = None
        """The connection, once it is open."""

    def bound(self, timeout: float | None, late: type[httpcore.TimeoutException]) -> float:
        """The seconds that one step may take.

        Args:
            timeout: The step's own limit in seconds.
            late: The error to raise if no time is left.
        """
        left = self.ends - monotonic()
        if left <= 0:
            raise late
        return left if timeout is None or left < timeout else timeout

    def abort(self) -> None:
        """Close the connection, whatever state it is in."""
        if self.stream is not None:
            self.stream.abort()
