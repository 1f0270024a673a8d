"""One attempt at a request, as far as its connection knows of it."""

from __future__ import annotations

from time import monotonic
from typing import Final, Protocol

import httpcore

NEVER: Final = float("-inf")
"""As an attempt's end: nothing more may be read or written."""


class Abortable(Protocol):
    """What can be closed at once, without waiting."""

    def abort(self) -> None:
        """Close it."""
        ...


class Attempt:
    """The limits of an attempt, and its outcome.

    A connection carries one attempt at a time, so that one of these goes with it.
    """

    __slots__ = ("ends", "sent", "stream")

    def __init__(self) -> None:
        self.ends = NEVER
        """When it is over, by ``time.monotonic``."""
        self.sent: bool | None = None
        """Whether anything of the request may have reached the server; None as long as the network was not asked."""
        self.stream: Abortable | None = None
        """The connection, once it is there."""

    def bound(self, timeout: float | None, late: type[httpcore.TimeoutException]) -> float:
        """The seconds that one step may take.

        Args:
            timeout: Seconds that it might take if there were time enough.
            late: What to raise if there is no time at all.
        """
        left = self.ends - monotonic()
        if left <= 0:
            raise late
        return left if timeout is None or left < timeout else timeout

    def abort(self) -> None:
        """Close the connection, whatever state it is in."""
        if self.stream is not None:
            self.stream.abort()
