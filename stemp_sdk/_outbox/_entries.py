"""The entries of an outbox: adding, listing, and what a card is to have."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from .._core.arguments import shown, text, whole_number
from .._core.journal import WriteStore
from .._core.reference import checked_reference
from .._resources._dry_run import dry_run_of
from ..scopes import LOYALTY_MANAGE, PASS_READ
from ._dismissing import dismiss_entry
from ._drain import Drain, arguments_of
from ._entry import OutboxChange, OutboxCounts, OutboxEntry, OutboxStatus
from ._file import OutboxFile

_SIGNS: Final[Mapping[str, int]] = {
    "loyalty.add_points": 1,
    "loyalty.remove_points": -1,
    "loyalty.redeem_points": -1,
}


class Entries:
    """The entries of an outbox: all of it but the sending."""

    def __init__(self, client: Any, path: str | os.PathLike[str]) -> None:
        client.require(LOYALTY_MANAGE | PASS_READ, unknown="pass")
        self._file = OutboxFile(path)
        if not client._settings.journal.is_durable:
            client = client.with_options(journal=self._file.path)
        self._client: Any = client
        self._now: Callable[[], float] = client._settings.clock.now
        self._drain = Drain(client, self._file)

    def add_stamp(
        self, pass_id: str, *, reference: str, note: str | None = None, sold_at: datetime | None = None
    ) -> OutboxEntry:
        """Add one stamp, now or when the network is back. It is on disk once this returns.

        Args:
            pass_id: The pass's id (``wp_…``).
            reference: A name for this one stamp, such as the receipt's number. A second call with the same reference
                returns the same entry.
            note: Kept in the history, with the time of the sale after it.
            sold_at: The time of the sale, with a time zone; the present time if not given.

        Raises:
            StoreError: the file cannot be written.
            TypeError: an argument has the wrong type.
            ValueError: an argument has a wrong value; the message names it.

        Scopes: loyalty:manage pass:read
        """
        return self._add("loyalty.add_stamp", pass_id, reference, None, note, sold_at)

    def add_points(
        self,
        pass_id: str,
        *,
        points: int | Decimal,
        reference: str,
        note: str | None = None,
        sold_at: datetime | None = None,
    ) -> OutboxEntry:
        """Add points; otherwise as ``add_stamp``.

        Scopes: loyalty:manage pass:read
        """
        return self._add("loyalty.add_points", pass_id, reference, points, note, sold_at)

    def remove_points(
        self,
        pass_id: str,
        *,
        points: int | Decimal,
        reference: str,
        note: str | None = None,
        sold_at: datetime | None = None,
    ) -> OutboxEntry:
        """Take points back; otherwise as ``add_stamp``.

        Scopes: loyalty:manage pass:read
        """
        return self._add("loyalty.remove_points", pass_id, reference, points, note, sold_at)

    def redeem_points(
        self,
        pass_id: str,
        *,
        points: int | Decimal,
        reference: str,
        note: str | None = None,
        sold_at: datetime | None = None,
    ) -> OutboxEntry:
        """Spend points; otherwise as ``add_stamp``. Whether the card has as many shows only when it is sent.

        Scopes: loyalty:manage pass:read
        """
        return self._add("loyalty.redeem_points", pass_id, reference, points, note, sold_at)

    def expected(self, pass_id: str) -> OutboxChange:
        """The changes of a card by the waiting entries, to be added to the last state from the server.

        Args:
            pass_id: The pass's id (``wp_…``).

        Raises:
            StoreError: the file cannot be read.
        """
        waiting = self._file.entries(OutboxStatus.WAITING, text("pass_id", pass_id))
        points = sum(_SIGNS.get(entry.operation, 0) * (entry.points or 0) for entry in waiting)
        return OutboxChange(sum(entry.operation == "loyalty.add_stamp" for entry in waiting), points)

    def entries(self, status: OutboxStatus | None = None) -> list[OutboxEntry]:
        """The entries in their order, or those of one status.

        Raises:
            StoreError: the file cannot be read.
            ValueError: there is no such status.
        """
        return self._file.entries(None if status is None else _checked_status(status))

    def counts(self) -> OutboxCounts:
        """The number of entries of each status.

        Raises:
            StoreError: the file cannot be read.
        """
        return self._file.counts()

    def retry(self, entry_id: int | None = None) -> int:
        """Let the dead entries, or one of them, be tried again; returns how many. Dismissed ones are not.

        Raises:
            StoreError: the file cannot be written.
            TypeError: ``entry_id`` is not an int.
            ValueError: ``entry_id`` is below 1.
        """
        return self._file.retry(None if entry_id is None else whole_number("entry_id", entry_id, at_least=1))

    def dismiss(self, entry_id: int, *, reason: str | None = None) -> None:
        """End a dead entry that a person has dealt with: the card is right, and nothing more is sent for it.

        It stays in the file with the status ``"dismissed"``, the time and the reason. It is not counted as dead, and
        ``retry`` does not let it wait again. Its write in the journal is dismissed too, so a later call with the
        reference sends nothing and succeeds.

        Args:
            entry_id: The ``id`` of the entry.
            reason: What was done, for those who read it later.

        Raises:
            DismissError: there is no such entry, or it is not dead. Or its latest request may still be carried out, so
                that the card may change after the person has looked; ``until`` says how long. Nothing was changed.
            StoreError: the file, or that of the journal, cannot be used.
            TypeError: an argument has the wrong type.
            ValueError: ``entry_id`` is below 1, or ``reason`` is blank or too long.
        """
        store: WriteStore = self._client._settings.journal
        dismiss_entry(self._file, store, entry_id, reason, self._now())

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._file.path.name}>"

    def _add(
        self,
        operation: str,
        pass_id: str,
        reference: str,
        points: int | Decimal | None,
        note: str | None,
        sold_at: datetime | None,
    ) -> OutboxEntry:
        checked_reference(reference)
        if note is not None and not isinstance(note, str):
            raise TypeError(f"note must be a str, not {type(note).__name__}")
        if sold_at is not None and (not isinstance(sold_at, datetime) or sold_at.tzinfo is None):
            raise ValueError("sold_at must be a datetime with a time zone")
        sold = self._now() if sold_at is None else sold_at.timestamp()
        amount = None if points is None else str(points)
        entry = OutboxEntry(
            0,
            operation,
            pass_id,
            reference,
            points,
            note,
            datetime.fromtimestamp(sold, UTC),
            OutboxStatus.WAITING,
            0,
            None,
        )
        dry_run_of(getattr(self._client.loyalty, operation.removeprefix("loyalty.")))(arguments_of(entry))
        added = self._file.add(operation, pass_id, reference, amount, note, sold)
        if added.points != points:
            raise ValueError(
                f"reference {reference!r} was used for {added.points} points on this card, and not for {points}"
            )
        return added


def _checked_status(status: str) -> OutboxStatus:
    try:
        return OutboxStatus(status)
    except ValueError:
        raise ValueError(f"status must be one of {', '.join(OutboxStatus)}, not {shown(status)}") from None
