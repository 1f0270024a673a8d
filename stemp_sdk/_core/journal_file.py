"""The journal of writes in an SQLite file: for one machine, any number of threads and processes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar, Final

from .errors import StoreError
from .journal import Begun, Intent, PendingWrite, pending
from .sqlite import PrivateFile, database_path

_TABLE: Final = """
    CREATE TABLE IF NOT EXISTS writes (
        key TEXT PRIMARY KEY, operation TEXT NOT NULL, pass_id TEXT NOT NULL, reference TEXT NOT NULL, points TEXT,
        note TEXT, begun REAL NOT NULL, sends INTEGER NOT NULL, settles REAL NOT NULL,
        noteless INTEGER NOT NULL DEFAULT 0, done INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID
"""
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
            connection.execute(_TABLE)

    @property
    def path(self) -> Path:
        """The file."""
        return self._file.path

    def begin(self, intent: Intent, settles: float, now: float) -> Begun | None:
        """See ``WriteStore``."""
        with self._file.transaction(*_PRAGMAS) as connection:
            query = "SELECT done, sends, settles, points, noteless FROM writes WHERE key = ?"
            row = connection.execute(query, (intent.key,)).fetchone()
            if row is not None:
                return Begun(done=bool(row[0]), sends=row[1], settles=row[2], points=row[3], noteless=row[4])
            values = (intent.key, intent.operation, intent.pass_id, intent.reference, intent.points, intent.note)
            connection.execute("INSERT INTO writes VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?, 0, 0)", (*values, now, settles))
            return None

    def send_again(self, key: str, known: float, settles: float) -> bool:
        """See ``WriteStore``."""
        statement = "UPDATE writes SET sends = sends + 1, settles = ? WHERE key = ? AND settles = ? AND NOT done"
        with self._file.transaction(*_PRAGMAS) as connection:
            return connection.execute(statement, (settles, key, known)).rowcount == 1

    def settle(self, key: str, settles: float, noteless: int) -> None:
        """See ``WriteStore``."""
        self._execute("UPDATE writes SET settles = ?, noteless = ? WHERE key = ?", settles, noteless, key)

    def done(self, key: str) -> None:
        """Note that the write is done; its note is removed."""
        self._execute("UPDATE writes SET done = 1, note = NULL WHERE key = ?", key)

    def forget(self, key: str) -> None:
        """See ``WriteStore``."""
        self._execute("DELETE FROM writes WHERE key = ?", key)

    def pending(self) -> list[PendingWrite]:
        """See ``WriteStore``."""
        query = "SELECT key, operation, pass_id, reference, points, note, begun, sends FROM writes WHERE NOT done"
        with self._file.transaction(writes=False) as connection:
            rows = connection.execute(f"{query} ORDER BY begun").fetchall()
        return [pending(Intent(*row[:6]), *row[6:]) for row in rows]

    def _execute(self, statement: str, *values: object) -> None:
        with self._file.transaction(*_PRAGMAS) as connection:
            connection.execute(statement, values)
