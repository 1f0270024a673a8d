"""What is known of writes with a reference that have begun: in memory, or in a file that outlives the process."""

from __future__ import annotations

from typing import ClassVar, Final, Protocol

import attrs

from .._forking import ForkSafeLock


@attrs.frozen
class Intent:
    """A write that is to be carried out once."""

    key: str
    """Identifies it: the card, the operation and the reference."""
    operation: str
    pass_id: str
    reference: str
    points: str | None
    """How many points it adds or takes; None for a stamp."""
    note: str | None
    """The note without the reference."""


@attrs.frozen
class Begun:
    """A write that was begun before."""

    done: bool
    sends: int
    """How many of its requests may have been carried out."""
    settles: float
    """When the server has certainly stopped working on the latest of them, in Unix seconds."""
    points: str | None


class Journal(Protocol):
    """Remembers the writes that have begun. Each method is atomic across all who share it."""

    is_durable: ClassVar[bool]
    """Whether it is complete, so that what it does not know was never sent; its methods wait for the disk then."""

    def begin(self, intent: Intent, settles: float, now: float) -> Begun | None:
        """Note a write before its first request.

        Returns:
            What is known of it; None if nothing was, and now it is noted with one request.
        """
        ...

    def send_again(self, key: str, known: float, settles: float) -> bool:
        """Note another request.

        Args:
            key: The write.
            known: When it settles, as the caller knows it.
            settles: When it settles with this request.

        Returns:
            Whether it may be sent: not if somebody else has sent one since.
        """
        ...

    def settle(self, key: str, settles: float) -> None:
        """Note when the latest request is settled."""
        ...

    def done(self, key: str) -> None:
        """Note that the write is done."""
        ...

    def forget(self, key: str) -> None:
        """Forget a write that was certainly not carried out."""
        ...


class MemoryJournal:
    """The journal of a client that was given none: of the writes under way, and of those whose outcome is unknown.

    So a call that is repeated at once, or made twice at the same time, does not take the first one for settled. What is
    settled is forgotten, as the history shows it.
    """

    is_durable: ClassVar[bool] = False

    def __init__(self) -> None:
        self._lock = ForkSafeLock(brief=True)
        self._begun: Final[dict[str, Begun]] = {}

    def begin(self, intent: Intent, settles: float, now: float) -> Begun | None:
        """As the protocol says."""
        with self._lock.of_process():
            for key in [key for key, begun in self._begun.items() if begun.settles <= now and key != intent.key]:
                del self._begun[key]
            known = self._begun.get(intent.key)
            if known is None:
                self._begun[intent.key] = Begun(done=False, sends=1, settles=settles, points=intent.points)
            return known

    def send_again(self, key: str, known: float, settles: float) -> bool:
        """As the protocol says."""
        with self._lock.of_process():
            begun = self._begun.get(key)
            if begun is None or begun.settles != known:
                return False
            self._begun[key] = attrs.evolve(begun, sends=begun.sends + 1, settles=settles)
            return True

    def settle(self, key: str, settles: float) -> None:
        """As the protocol says."""
        with self._lock.of_process():
            if key in self._begun:
                self._begun[key] = attrs.evolve(self._begun[key], settles=settles)

    def done(self, key: str) -> None:
        """As ``forget``, since the history shows what is done."""
        self.forget(key)

    def forget(self, key: str) -> None:
        """As the protocol says."""
        with self._lock.of_process():
            self._begun.pop(key, None)
