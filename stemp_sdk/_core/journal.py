"""The journal of writes with a reference that have begun: in memory, or in a file that outlives the process."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import ClassVar, Final, Protocol, TypeAlias

import attrs

from .._forking import ForkSafeLock
from .._public import publish

#: Seconds for which a write is remembered after it is settled, as a server may carry it out later than it should.
_KEPT: Final = 600.0


@attrs.frozen
class Intent:
    """A write that is to be carried out once."""

    key: str
    """The card, the operation and the reference, which identify the write."""
    operation: str
    pass_id: str
    reference: str
    points: str | None
    """The number of points that it adds or removes; None for a stamp."""
    note: str | None
    """The note without the reference."""


@attrs.frozen
class Surplus:
    """The state of a write that was carried out more than once."""

    count: int = 0
    """The number of times that the history shows it; 0 as long as no look has shown more than one."""
    sent: int = 0
    """The number of requests to take one back that may have been carried out."""
    undone: int = 0
    """The number of them that certainly were."""
    is_final: bool = False
    """Whether it was reported, so that no later call takes one back: a person may have done that. True of each write
    that was dismissed: a person has done that, so that both numbers are all that were too many."""

    @property
    def owed(self) -> int:
        """The number that is to be taken back."""
        return max(0, self.count - 1 - self.undone)

    @property
    def is_unclear(self) -> bool:
        """Whether one may have been taken back, and may not."""
        return self.sent > self.undone

    def dismissed(self) -> Surplus:
        """The state once a person has put the card right. It differs from every state that a call may know.

        So a call that has not ended, and has read the state before, takes nothing back.
        """
        undone = max(self.undone, self.count - 1)
        return Surplus(self.count, undone, undone, is_final=True)


NO_SURPLUS: Final = Surplus()


@attrs.frozen
class Begun:
    """A write that was begun before."""

    done: bool
    sends: int
    """The number of its requests that may have been carried out."""
    settles: float
    """The time at which the server has certainly stopped working on the latest of them, in Unix seconds."""
    points: str | None
    noteless: int = 0
    """The number of entries without a note in the history before the first request."""
    surplus: Surplus = NO_SURPLUS


@attrs.frozen
class PendingWrite:
    """A write with a reference that is not done.

    Its outcome is not known yet, or it was carried out too often, or it is under way at this moment.
    """

    operation: str
    """Its name, such as ``"loyalty.add_stamp"``."""
    pass_id: str
    reference: str
    points: Decimal | None
    """The number of points that it adds or takes; None for a stamp."""
    note: str | None
    begun_at: datetime
    requests: int
    """The number of its requests that may have been carried out."""
    surplus: int = 0
    """The number of stamps, or changes of the points, that are known to be too many and not known to be taken back."""
    _known: tuple[Intent, Begun] | None = attrs.field(default=None, repr=False, kw_only=True, alias="_known")
    """All that the journal had of it, so that ``dismiss`` notices a change."""


Known: TypeAlias = tuple[Intent, Begun | None]
"""A write, and what its journal has of it; None if it is not pending: the journal has nothing, or it is done."""


class WriteStore(Protocol):
    """Remembers the writes that have begun. Each method is atomic across all who share it."""

    is_durable: ClassVar[bool]
    """Whether it is complete, so that what it does not know was never sent; its methods wait for the disk then."""

    def begin(self, intent: Intent, settles: float, now: float) -> Begun | None:
        """Note a write before its first request.

        Returns:
            The earlier entry; None if there was none, and the write is now noted with one request.
        """
        ...

    def send_again(self, key: str, known: float, settles: float) -> bool:
        """Note another request.

        Args:
            key: The write.
            known: When it settles, as the caller knows it.
            settles: When it settles with this request.

        Returns:
            Whether it may be sent: not if another caller has sent one since.
        """
        ...

    def postpone(self, key: str, known: float, settles: float) -> bool:
        """Note that the latest request leaves later than it was to.

        Args:
            key: The write.
            known: When it settles, as the caller knows it.
            settles: When it settles now.

        Returns:
            Whether it may be sent: not if another caller has sent one since.
        """
        ...

    def settle(self, key: str, settles: float, noteless: int) -> None:
        """Note when the latest request is settled, and what the history was like before the first one."""
        ...

    def change(self, intent: Intent, known: Surplus, new: Surplus, settles: float, now: float) -> bool:
        """Note what is known of a write that was carried out more than once. It is no longer done, if it was.

        Args:
            intent: The write.
            known: What the caller knows to be noted.
            new: What is to be noted.
            settles: When the latest request is settled, in Unix seconds.
            now: The present time.

        Returns:
            Whether it was noted: not if another caller has noted something else since.
        """
        ...

    def done(self, key: str) -> None:
        """Note that the write is done; nothing changes if one is to be taken back."""
        ...

    def forget(self, key: str) -> None:
        """Forget a write that was certainly not carried out; nothing changes if it is done."""
        ...

    def dismiss(self, writes: Sequence[Known], now: float) -> bool:
        """Note that writes are done, as a person has put the card right. All are noted, or none.

        Args:
            writes: The writes, with what the caller knows of them.
            now: The present time.

        Returns:
            Whether they were noted: not if another caller has changed one since.
        """
        ...

    def pending(self) -> list[PendingWrite]:
        """The writes that have begun and are not done, the oldest first."""
        ...


class MemoryWriteStore:
    """The default journal of a client, for the writes under way and those whose outcome is unknown.

    So a call that is repeated at once, or made twice at the same time, does not treat the first one as settled. Settled
    writes are forgotten, as the history shows them.
    """

    is_durable: ClassVar[bool] = False

    def __init__(self) -> None:
        self._lock = ForkSafeLock(brief=True)
        self._begun: Final[dict[str, Begun]] = {}
        self._intents: Final[dict[str, tuple[Intent, float]]] = {}

    def begin(self, intent: Intent, settles: float, now: float) -> Begun | None:
        """See ``WriteStore``."""
        with self._lock.of_process():
            for key in [key for key, begun in self._begun.items() if _is_old(begun, now) and key != intent.key]:
                self._drop(key)
            known = self._begun.get(intent.key)
            if known is None:
                self._intents[intent.key] = intent, now
                self._begun[intent.key] = Begun(done=False, sends=1, settles=settles, points=intent.points)
            return known

    def send_again(self, key: str, known: float, settles: float) -> bool:
        """See ``WriteStore``."""
        return self._is_sent(key, known, settles, more=1)

    def postpone(self, key: str, known: float, settles: float) -> bool:
        """See ``WriteStore``."""
        return self._is_sent(key, known, settles, more=0)

    def _is_sent(self, key: str, known: float, settles: float, *, more: int) -> bool:
        with self._lock.of_process():
            begun = self._begun.get(key)
            if begun is None or begun.done or begun.settles != known:
                return False
            self._begun[key] = attrs.evolve(begun, sends=begun.sends + more, settles=settles)
            return True

    def settle(self, key: str, settles: float, noteless: int) -> None:
        """See ``WriteStore``."""
        with self._lock.of_process():
            if key in self._begun:
                self._begun[key] = attrs.evolve(self._begun[key], settles=settles, noteless=noteless)

    def change(self, intent: Intent, known: Surplus, new: Surplus, settles: float, now: float) -> bool:
        """See ``WriteStore``."""
        with self._lock.of_process():
            unknown = Begun(done=False, sends=new.count, settles=settles, points=intent.points)
            begun = self._begun.get(intent.key, unknown)
            if begun.surplus != known:
                return False
            self._intents.setdefault(intent.key, (intent, now))
            self._begun[intent.key] = attrs.evolve(begun, done=False, surplus=new, settles=settles)
            return True

    def done(self, key: str) -> None:
        """Forget the write, since the history shows it; unless one was taken back, which the history does not show."""
        with self._lock.of_process():
            begun = self._begun.get(key)
            if begun is None or begun.done or begun.surplus.owed:
                return
            if begun.surplus.count:
                self._begun[key] = attrs.evolve(begun, done=True)
            else:
                self._drop(key)

    def forget(self, key: str) -> None:
        """See ``WriteStore``."""
        with self._lock.of_process():
            if self._not_done(key) is not None:
                self._drop(key)

    def dismiss(self, writes: Sequence[Known], now: float) -> bool:
        """See ``WriteStore``. It is remembered for good, as the history may not show it."""
        with self._lock.of_process():
            if any(self._not_done(intent.key) != begun for intent, begun in writes):
                return False
            for intent, _ in writes:
                unknown = Begun(done=True, sends=0, settles=now, points=intent.points)
                begun = self._begun.get(intent.key, unknown)
                self._intents.setdefault(intent.key, (intent, now))
                self._begun[intent.key] = attrs.evolve(begun, done=True, surplus=begun.surplus.dismissed())
            return True

    def _not_done(self, key: str) -> Begun | None:
        begun = self._begun.get(key)
        return None if begun is None or begun.done else begun

    def _drop(self, key: str) -> None:
        self._begun.pop(key, None)
        self._intents.pop(key, None)

    def pending(self) -> list[PendingWrite]:
        """See ``WriteStore``."""
        with self._lock.of_process():
            return [pending(*self._intents[key], begun) for key, begun in self._begun.items() if not begun.done]


def _is_old(begun: Begun, now: float) -> bool:
    """Whether it was settled long ago, so that it is as good as new. Of several requests, one may be too many."""
    is_known = begun.sends == 1 or begun.done
    return begun.settles + _KEPT <= now and is_known and not begun.surplus.is_final


def pending(intent: Intent, when: float, begun: Begun) -> PendingWrite:
    """A write that has begun, as users see it."""
    return PendingWrite(
        intent.operation,
        intent.pass_id,
        intent.reference,
        None if intent.points is None else Decimal(intent.points),
        intent.note,
        datetime.fromtimestamp(when, UTC),
        begun.sends,
        begun.surplus.owed,
        _known=(intent, begun),
    )


def known_of(write: PendingWrite) -> tuple[Intent, Begun]:
    """The entry that the journal had of a write as it was listed.

    Raises:
        TypeError: it is not a ``PendingWrite``.
        ValueError: it was made by other means than ``pending()``.
    """
    if not isinstance(write, PendingWrite):
        raise TypeError(f"write must be a PendingWrite, not {type(write).__name__}")
    known = write._known  # pyright: ignore[reportPrivateUsage] - of this module
    if known is None:
        raise ValueError("write must be one that pending() returned: it says what the journal had at that time")
    return known


publish("stemp_sdk", globals())
