"""Ends a write with a reference by a person's decision: the card is right, so nothing more is sent for it."""

from __future__ import annotations

from datetime import UTC, datetime
from math import ceil

from .._core.errors import DismissError
from .._core.journal import Known, WriteStore, known_of
from .._core.settling import NEVER
from ._references import takes_back


def dismiss(write: Known, store: WriteStore, now: float) -> None:
    """Note that a write is done, and with it all that would take back what it did too often.

    Args:
        write: The write, with what the caller knows of it.
        store: The journal.
        now: The present time, in Unix seconds.

    Raises:
        DismissError: a request may be under way, or the write is another than the caller knows. Nothing was changed.
        StoreError: the journal cannot be used.
    """
    writes = [write]
    listed: list[Known] = [known_of(each) for each in store.pending()]
    for intent, _ in writes:  # which grows meanwhile: what takes one back may have been carried out twice itself
        writes += [each for each in listed if takes_back(each[0], intent)]
    for intent, begun in writes:
        # A call that is to send a request has told the journal until when it may be carried out. So after that time, no
        # other call sends one without a note, which the store notices, or which fails after this one.
        if begun is not None and now < begun.settles != NEVER:
            until = datetime.fromtimestamp(ceil(begun.settles), UTC)
            raise DismissError(
                f"{intent.operation}: a request for {intent.reference!r} may be carried out until "
                f"{until:%Y-%m-%dT%H:%M:%SZ}. Nothing was changed: look at the card after that time, then dismiss it",
                until,
            )
    if not store.dismiss(writes, now):
        intent, _ = write
        raise DismissError(
            f"{intent.operation}: the write for {intent.reference!r} has changed since it was listed, or is done or "
            "forgotten. Nothing was changed: call pending() again, and look at the card if it is still there"
        )
