"""Ends a dead entry by a person's decision, and its write in the journal with it."""

from __future__ import annotations

from typing import Final

from .._core.arguments import text, whole_number
from .._core.errors import DismissError
from .._core.journal import WriteStore, known_of
from .._resources._dismissing import dismiss
from .._resources._references import intent_of
from ._entry import OutboxEntry, OutboxStatus
from ._file import OutboxFile

_LONGEST: Final = 1_000  # characters of a reason


def dismiss_entry(file: OutboxFile, store: WriteStore, entry_id: int, reason: str | None, now: float) -> None:
    """End a dead entry.

    Args:
        file: The outbox.
        store: The journal of the writes.
        entry_id: The entry.
        reason: What was done; None if nothing is to be noted.
        now: The present time, in Unix seconds.

    Raises:
        DismissError: the entry is not dead, or a request of it may be under way. Nothing was changed.
        StoreError: a file cannot be used.
        TypeError: an argument has the wrong type.
        ValueError: an argument has a wrong value.
    """
    whole_number("entry_id", entry_id, at_least=1)
    if reason is not None and not text("reason", reason).strip():
        raise ValueError("reason is empty: leave it out")
    if reason is not None and len(reason) > _LONGEST:
        raise ValueError(f"reason has {len(reason)} characters: at most {_LONGEST} are allowed")
    entry = file.entry(entry_id)
    if entry is None or entry.status is not OutboxStatus.DEAD:
        raise _not_dead(entry_id, entry)
    # The journal first: after a kill in between, the entry is still dead, and can be dismissed again.
    _dismiss_write(entry, store, now)
    if not file.dismiss(entry_id, reason, now):
        raise _not_dead(entry_id, file.entry(entry_id))


def _dismiss_write(entry: OutboxEntry, store: WriteStore, now: float) -> None:
    """Note in the journal that the write of an entry is done, also if it was refused, and so forgotten."""
    intent = intent_of(entry.operation, entry.pass_id, entry.reference, entry.points, None)
    listed = (known_of(write) for write in store.pending())
    known = next((each for each in listed if each[0].key == intent.key), (intent, None))
    if known[0].points == intent.points:  # with other points, it is another program's write, which is not dealt with
        dismiss(known, store, now)


def _not_dead(entry_id: int, entry: OutboxEntry | None) -> DismissError:
    """The error for an entry that cannot be dismissed."""
    if entry is None:
        return DismissError(f"there is no entry {entry_id} in the outbox")
    return DismissError(f"entry {entry_id} is {entry.status.value}: only dead entries can be dismissed")
