"""The journal of writes in an SQLite file: for one machine, any number of threads and processes."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from typing import Any, ClassVar, Final

import attrs

from .errors import StoreError
from .journal import NO_SURPLUS, Begun, Intent, Known, PendingWrite, Surplus, pending
from .sqlite import PrivateFile, database_path

_TABLE: Final = """
    CREATE TABLE IF NOT EXISTS writes (
        key TEXT PRIMARY KEY, operation TEXT NOT NULL, pass_id TEXT NOT NULL, reference TEXT NOT NULL, points TEXT,
        note TEXT, begun REAL NOT NULL, sends INTEGER NOT NULL, settles REAL NOT NULL,
        noteless INTEGER NOT NULL DEFAULT 0, done INTEGER NOT NULL DEFAULT 0,
        count INTEGER NOT NULL DEFAULT 0, sent INTEGER NOT NULL DEFAULT 0, undone INTEGER NOT NULL DEFAULT 0,
        is_final INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID
"""
_COLUMNS: Final = (
    *("key", "operation", "pass_id", "reference", "points", "note", "begun", "sends", "settles", "noteless", "done"),
    *("count", "sent", "undone", "is_final"),
)
_BEGIN: Final = """
    INSERT OR IGNORE INTO writes (key, operation, pass_id, reference, points, note, begun, sends, settles)
    VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?)
"""
_BEGUN: Final = "done, sends, settles, points, noteless, count, sent, undone, is_final"
_DISMISS: Final = """
    UPDATE writes SET done = 1, note = NULL, count = ?, sent = ?, undone = ?, is_final = ? WHERE key = ?
"""
# Made with the file, so that another file at the same path is not taken for this one.
_IDENTITY: Final = (
    "CREATE TABLE IF NOT EXISTS identity (id TEXT NOT NULL)",
    "INSERT INTO identity SELECT hex(randomblob(16)) WHERE NOT EXISTS (SELECT * FROM identity)",
)
# What is written is on disk before the transaction ends, and so before the request it is about.
_PRAGMAS: Final = ("synchronous = FULL",)


class SQLiteWriteStore:
    """Keeps the writes in a file that only its owner may use (mode 0600). It has no token.

    Args:
        path: The file, which is made if it is missing. Not on a network file system.

    Raises:
        StoreError: the file is another user's, may be used by others, cannot be made, or is not an SQLite database.
        TypeError: the path is not one.
        ValueError: the path does not name a file.
    """

    is_durable: ClassVar[bool] = True

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._file = PrivateFile(database_path(path), "the journal", StoreError)
        self._file.create()
        # Readers and the one writer do not wait for each other then. The file keeps the mode.
        with self._file.transaction("journal_mode = WAL", *_PRAGMAS) as connection:
            for statement in (_TABLE, *_IDENTITY):
                connection.execute(statement)
            columns = tuple(row[1] for row in connection.execute("PRAGMA table_info(writes)"))
        if columns != _COLUMNS:
            self._file.fail("was made by another version of stemp_sdk: use another file once its writes are done")

    def identity(self) -> str:
        """The random id of the file, which is on disk before its first write.

        Raises:
            StoreError: the file cannot be used.
        """
        with self._file.transaction(writes=False) as connection:
            return str(connection.execute("SELECT id FROM identity").fetchone()[0])

    def begin(self, intent: Intent, settles: float, now: float) -> Begun | None:
        """See ``WriteStore``."""
        with self._file.transaction(*_PRAGMAS) as connection:
            begun = _begun(connection, intent.key)
            if begun is None:
                connection.execute(_BEGIN, (*attrs.astuple(intent), now, settles))
            return begun

    def send_again(self, key: str, known: float, settles: float) -> bool:
        """See ``WriteStore``."""
        return self._is_sent(key, known, settles, more=1)

    def postpone(self, key: str, known: float, settles: float) -> bool:
        """See ``WriteStore``."""
        return self._is_sent(key, known, settles, more=0)

    def _is_sent(self, key: str, known: float, settles: float, *, more: int) -> bool:
        statement = "UPDATE writes SET sends = sends + ?, settles = ? WHERE key = ? AND settles = ? AND NOT done"
        with self._file.transaction(*_PRAGMAS) as connection:
            return connection.execute(statement, (more, settles, key, known)).rowcount == 1

    def settle(self, key: str, settles: float, noteless: int) -> None:
        """See ``WriteStore``."""
        self._execute("UPDATE writes SET settles = ?, noteless = ? WHERE key = ?", settles, noteless, key)

    def change(self, intent: Intent, known: Surplus, new: Surplus, settles: float, now: float) -> bool:
        """See ``WriteStore``."""
        statement = (
            "UPDATE writes SET count = ?, sent = ?, undone = ?, is_final = ?, settles = ?, done = 0 "
            "WHERE key = ? AND count = ? AND sent = ? AND undone = ? AND is_final = ?"
        )
        values = (*attrs.astuple(new), settles, intent.key, *attrs.astuple(known))
        with self._file.transaction(*_PRAGMAS) as connection:
            connection.execute(_BEGIN, (*attrs.astuple(intent), now, settles))
            return connection.execute(statement, values).rowcount == 1

    def done(self, key: str) -> None:
        """See ``WriteStore``; its note is removed."""
        self._execute("UPDATE writes SET done = 1, note = NULL WHERE key = ? AND count <= undone + 1", key)

    def forget(self, key: str) -> None:
        """See ``WriteStore``."""
        self._execute("DELETE FROM writes WHERE key = ? AND NOT done", key)

    def dismiss(self, writes: Sequence[Known], now: float) -> bool:
        """See ``WriteStore``; their notes are removed."""
        with self._file.transaction(*_PRAGMAS) as connection:
            found = [_begun(connection, intent.key) for intent, _ in writes]
            for present, (_, known) in zip(found, writes, strict=True):
                if known != (None if present is None or present.done else present):
                    return False
            for present, (intent, _) in zip(found, writes, strict=True):
                surplus = NO_SURPLUS if present is None else present.surplus
                connection.execute(_BEGIN, (*attrs.astuple(intent), now, now))
                connection.execute(_DISMISS, (*attrs.astuple(surplus.dismissed()), intent.key))
            return True

    def pending(self) -> list[PendingWrite]:
        """See ``WriteStore``."""
        columns = f"key, operation, pass_id, reference, points, note, begun, {_BEGUN}"
        query = f"SELECT {columns} FROM writes WHERE NOT done ORDER BY begun"  # noqa: S608
        with self._file.transaction(writes=False) as connection:
            rows = connection.execute(query).fetchall()
        return [pending(Intent(*row[:6]), row[6], _as_begun(row[7:])) for row in rows]

    def _execute(self, statement: str, *values: object) -> None:
        with self._file.transaction(*_PRAGMAS) as connection:
            connection.execute(statement, values)


def _begun(connection: sqlite3.Connection, key: str) -> Begun | None:
    row = connection.execute(f"SELECT {_BEGUN} FROM writes WHERE key = ?", (key,)).fetchone()  # noqa: S608
    return None if row is None else _as_begun(row)


def _as_begun(row: Sequence[Any]) -> Begun:
    done, sends, settles, points, noteless, count, sent, undone, is_final = row
    return Begun(bool(done), sends, settles, points, noteless, Surplus(count, sent, undone, bool(is_final)))
