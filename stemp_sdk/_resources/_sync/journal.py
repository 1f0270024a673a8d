# Generated from _async/journal.py by `make sync`; edit that file.
"""``client.journal``: the writes with a reference that have begun."""

from __future__ import annotations

from typing import Literal

from ..._core.journal import PendingWrite, known_of
from ...scopes import LOYALTY_MANAGE, PASS_READ, Held, ScopeSet
from .._dismissing import dismiss
from .._references import ResumedWrite, resumed_call
from ._base import Needs


class Journal(Needs[Held], name="journal"):
    """The writes with a reference that have begun: in the file of ``journal=``, or else of this process alone.

    With a file, a write is on disk before its first request leaves, so a process that was killed can resume it, and a
    stamp whose reference the file does not have is not looked up in the history. So all programs that use a reference
    have to use the same file. It is for one machine, and is not on a network file system.
    """

    def pending(self) -> list[PendingWrite]:
        """List the writes that are not done, the oldest first.

        Each is under way at this moment, or was interrupted, or ended in an ``UnknownOutcomeError`` or a
        ``DuplicateWriteError``. ``surplus`` is the number of times too often that it was carried out. ``resume``
        finishes those that can be finished; ``dismiss`` is for those that only a person can judge.

        Raises:
            StoreError: the file cannot be read.
        """
        return self._driver.in_journal(lambda journal: journal.pending())

    def dismiss(self, write: PendingWrite) -> None:
        """End a write that a person has dealt with: the card is right, and nothing more is sent for it.

        For a write that ended in a ``DuplicateWriteError``, once the card has been corrected by hand; and for one whose
        outcome cannot be found out, as its card was deleted, or the history does not show it. It then counts as done:
        it is not in ``pending``, ``resume`` leaves it out, and a later call with this reference sends nothing and
        succeeds, as after any write that is done. What would take back points that came twice (``undo 1 of …``) is
        dismissed with its write.

        With a file, that is so for good, and for all who use the file. Without one, it is so for this client and those
        that share its memory (``with_options``), as long as they exist; any other client looks at the history, and
        sends the write if it is not there.

        It needs no scope, and sends nothing. Look at the card first: what ``dismiss`` says is not checked.

        Args:
            write: One of ``pending()``, as it was when the person looked at the card.

        Raises:
            DismissError: the write has changed since it was listed, is done or was forgotten: list it again. Or its
                latest request may still be carried out, so that the card may change after the person has looked;
                ``until`` says how long. Nothing was changed.
            StoreError: the file cannot be used.
            TypeError: ``write`` is not a ``PendingWrite``.
            ValueError: ``write`` was not returned by ``pending()``.
        """
        known, now = known_of(write), self._driver.settings.clock.now()
        self._driver.in_journal(lambda journal: dismiss(known, journal, now))

    def resume(self: Journal[ScopeSet[Literal["loyalty:manage", "pass:read"]]]) -> list[ResumedWrite]:
        """Carry out every pending write once, one after the other.

        It waits until the server has certainly stopped working on the latest request of each (``settle=``, and the
        deadline of the call that was interrupted).

        Returns:
            Each write with its result, or with the error, which stops no other write. After an ``UnknownOutcomeError``
            it is still pending. So it is after a ``DuplicateWriteError``, which each later call raises again until the
            write is dismissed: such as when the process was killed while it took a stamp back, so that the card may
            have one too many.

        Raises:
            StoreError: the file cannot be read.

        Scopes: loyalty:manage pass:read
        Wire: the request of each pending write (inferred)
        """
        self._driver.check("journal.resume", LOYALTY_MANAGE | PASS_READ)
        resumed: list[ResumedWrite] = []
        for write in self.pending():
            try:
                result = self._driver.run_resolvable(resumed_call(write), is_patient=True)
            except Exception as error:  # noqa: BLE001  # one of a token provider, too: the other writes are independent
                resumed.append(ResumedWrite(write, None, error))
            else:
                resumed.append(ResumedWrite(write, result, None))
        return resumed
