"""The file of the outbox: one SQLite database for all processes of a machine."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from .._core.errors import StoreError
from .._core.sqlite import PrivateFile, database_path
from ._entry import OutboxCounts, OutboxEntry, OutboxStatus

_TABLES: Final = (
    """CREATE TABLE IF NOT EXISTS entries (
        id INTEGER PRIMARY KEY AUTOINCREMENT, operation TEXT NOT NULL, pass_id TEXT NOT NULL, reference TEXT NOT NULL,
        points TEXT, note TEXT, sold_at REAL NOT NULL, status TEXT NOT NULL DEFAULT 'waiting',
        tries INTEGER NOT NULL DEFAULT 0, reason TEXT, dismissed_at REAL, dismissed_because TEXT,
        not_before REAL NOT NULL DEFAULT 0,
        UNIQUE (operation, pass_id, reference)
    )""",
    "CREATE INDEX IF NOT EXISTS waiting ON entries (pass_id, id) WHERE status = 'waiting'",
    # A card that a process works on, until a time: no other process may send for it, so that the order is kept.
    "CREATE TABLE IF NOT EXISTS claims (pass_id TEXT PRIMARY KEY, holder TEXT NOT NULL, until REAL NOT NULL)",
)
_COLUMNS: Final = (
    *("id", "operation", "pass_id", "reference", "points", "note", "sold_at", "status", "tries", "reason"),
    *("dismissed_at", "dismissed_because", "not_before"),
)
# What is written is on disk before the transaction ends.
_DURABLE: Final = "synchronous = FULL"


class OutboxFile:
    """The entries and the claims.

    Args:
        path: The file, which only its owner may use (mode 0600). It is made if there is none.

    Raises:
        StoreError: the file belongs to another user, may be used by others, cannot be made, is not a database, or was
            made by another version.
        TypeError: the path is not one.
        ValueError: the path does not name a file.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._file = PrivateFile(database_path(path), "the outbox", StoreError)
        self._file.create()
        with self._transaction() as connection:
            for table in _TABLES:
                connection.execute(table)
            columns = tuple(row[1] for row in connection.execute("PRAGMA table_info(entries)"))
        if columns != _COLUMNS:
            self._file.fail("was made by another version of stemp_sdk: use another file once its entries are sent")

    @property
    def path(self) -> Path:
        """The file."""
        return self._file.path

    def add(
        self, operation: str, pass_id: str, reference: str, points: str | None, note: str | None, sold_at: float
    ) -> OutboxEntry:
        """Add an entry, which is on disk once this returns; or return the one that has this reference already."""
        with self._transaction() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO entries (operation, pass_id, reference, points, note, sold_at) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (operation, pass_id, reference, points, note, sold_at),
            )
            query = "SELECT * FROM entries WHERE operation = ? AND pass_id = ? AND reference = ?"
            return _entry(connection.execute(query, (operation, pass_id, reference)).fetchone())

    def entries(self, status: OutboxStatus | None = None, pass_id: str | None = None) -> list[OutboxEntry]:
        """The entries in their order."""
        query = "SELECT * FROM entries WHERE ifnull(?, status) = status AND ifnull(?, pass_id) = pass_id ORDER BY id"
        with self._transaction(writes=False) as connection:
            found = connection.execute(query, (None if status is None else status.value, pass_id))
            return [_entry(row) for row in found]

    def entry(self, entry: int) -> OutboxEntry | None:
        """The entry with an id; None if there is none."""
        with self._transaction(writes=False) as connection:
            row = connection.execute("SELECT * FROM entries WHERE id = ?", (entry,)).fetchone()
            return None if row is None else _entry(row)

    def counts(self) -> OutboxCounts:
        """The number of entries."""
        with self._transaction(writes=False) as connection:
            rows = connection.execute("SELECT status, count(*), min(sold_at) FROM entries GROUP BY status")
            found = {status: (count, oldest) for status, count, oldest in rows}
        waiting, oldest = found.get("waiting", (0, None))
        sent, dead, dismissed = (found.get(status, (0, None))[0] for status in ("sent", "dead", "dismissed"))
        return OutboxCounts(waiting, sent, dead, dismissed, _time(oldest))

    def claim(self, holder: str, now: float, until: float) -> str | None:
        """Claim the card of the oldest entry that is due and that no one works on; None if there is none."""
        with self._transaction() as connection:
            found = connection.execute(
                "SELECT pass_id FROM entries AS first WHERE status = 'waiting' AND not_before <= ? "
                "AND id = (SELECT min(id) FROM entries WHERE status = 'waiting' AND pass_id = first.pass_id) "
                "AND NOT EXISTS (SELECT 1 FROM claims WHERE claims.pass_id = first.pass_id AND until > ?) "
                "ORDER BY id LIMIT 1",
                (now, now),
            ).fetchone()
            if found is None:
                return None
            connection.execute("INSERT OR REPLACE INTO claims VALUES (?, ?, ?)", (found[0], holder, until))
            return str(found[0])

    def next(self, pass_id: str, holder: str, now: float, until: float) -> OutboxEntry | None:
        """The next entry of a claimed card, if it is due; the claim is extended. None if the claim is lost."""
        with self._transaction() as connection:
            renewed = connection.execute(
                "UPDATE claims SET until = ? WHERE pass_id = ? AND holder = ?", (until, pass_id, holder)
            )
            if renewed.rowcount == 0:
                return None
            query = "SELECT * FROM entries WHERE status = 'waiting' AND pass_id = ? ORDER BY id LIMIT 1"
            row = connection.execute(query, (pass_id,)).fetchone()
            return None if row is None or row[-1] > now else _entry(row)

    def note(self, entry: int, status: OutboxStatus, reason: str | None, not_before: float) -> None:
        """Write the outcome of a try. An entry that was dismissed since, after another process's try, stays so."""
        self._execute(
            "UPDATE entries SET status = ?, tries = tries + 1, reason = ?, not_before = ? "
            "WHERE id = ? AND status <> 'dismissed'",
            (status.value, reason, not_before, entry),
        )

    def release(self, pass_id: str, holder: str) -> None:
        """Let others work on a card."""
        self._execute("DELETE FROM claims WHERE pass_id = ? AND holder = ?", (pass_id, holder))

    def retry(self, entry: int | None) -> int:
        """Let dead entries, or one of them, wait again; returns how many."""
        statement = "UPDATE entries SET status = 'waiting', not_before = 0 WHERE status = 'dead' AND ifnull(?, id) = id"
        return self._execute(statement, (entry,))

    def dismiss(self, entry: int, because: str | None, now: float) -> bool:
        """Note that a person has dealt with a dead entry; returns whether it was dead."""
        statement = (
            "UPDATE entries SET status = 'dismissed', dismissed_at = ?, dismissed_because = ? "
            "WHERE id = ? AND status = 'dead'"
        )
        return self._execute(statement, (now, because, entry)) == 1

    def hurry(self) -> None:
        """Let all waiting entries be due now."""
        self._execute("UPDATE entries SET not_before = 0 WHERE status = 'waiting'", ())

    def _execute(self, statement: str, values: tuple[object, ...]) -> int:
        with self._transaction() as connection:
            return connection.execute(statement, values).rowcount

    @contextmanager
    def _transaction(self, *, writes: bool = True) -> Generator[sqlite3.Connection]:
        with self._file.transaction(_DURABLE, writes=writes) as connection:
            yield connection


def _entry(row: tuple[Any, ...]) -> OutboxEntry:
    identity, operation, pass_id, reference, points, note, sold_at, status, tries, reason, dismissed, because, _ = row
    amount = None if points is None else Decimal(points)
    return OutboxEntry(
        identity,
        operation,
        pass_id,
        reference,
        int(amount) if amount is not None and amount == int(amount) else amount,
        note,
        datetime.fromtimestamp(sold_at, UTC),
        OutboxStatus(status),
        tries,
        reason,
        _time(dismissed),
        because,
    )


def _time(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
