"""The journal of a job: which rows are done, in a file that a killed process leaves behind."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from pathlib import Path
from typing import Any, Final

from .._core.errors import StoreError
from .._core.sqlite import PrivateFile, database_path
from ._checking import Row
from ._result import RowStatus

BEGUN: Final = "begun"
_PRAGMAS: Final = ("PRAGMA locking_mode = EXCLUSIVE", "PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL")
_TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS job (operation TEXT NOT NULL, writes TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS rows (number INTEGER PRIMARY KEY, digest BLOB NOT NULL, status TEXT NOT NULL, why)",
)


class JournalError(StoreError):
    """The journal of a job cannot be used."""


class Journal:
    """An SQLite file in WAL mode. One process at a time may have it open.

    What is written survives the death of the process at once, and a power failure from the next checkpoint on.

    Args:
        path: The file, which only its owner may use (mode 0600). It is made if there is none.
        operation: The name of the operation: a journal is for one.
        writes: The id of the client's journal of writes with a reference; empty if it has none. It is not its path, as
            a new file at the same path does not have the writes of earlier runs.

    Raises:
        JournalError: another process has it open, it belongs to another operation, or it cannot be used.
    """

    def __init__(self, path: str | os.PathLike[str], operation: str, writes: str = "") -> None:
        self._file = PrivateFile(database_path(path), "the journal", JournalError)
        self._file.create()
        self._path: Path = self._file.path
        # One connection: it holds the lock that keeps other processes out, and is used by one thread at a time.
        self._connection = self._file.open(patience=0.0)
        try:
            self.is_journaled: Final = self._begin(operation, writes)
            """Whether every run of this job had this journal of writes, so that it has each write with a reference."""
        except JournalError:
            self.close()
            raise

    def _begin(self, operation: str, writes: str) -> bool:
        """Make the tables where there are none, and check whose they are. Returns ``is_journaled``.

        Raises:
            JournalError: as for the class.
        """
        for statement in (*_PRAGMAS, *_TABLES):
            self._run(statement)
        found = self._run("SELECT operation, writes FROM job")
        if found is None:
            self._run("INSERT INTO job VALUES (?, ?)", operation, writes)
            return bool(writes)
        if found[0] != operation:
            self._file.fail(f"belongs to {found[0]}, not to {operation}: use another file")
        if writes and found[1] == writes:
            return True
        self._run("UPDATE job SET writes = ''")
        return False

    def status(self, number: int, row: Row) -> str | None:
        """The status of a row; None if it was not begun, or has failed and may be tried again.

        Raises:
            JournalError: the row is not the one that was run under this number.
        """
        found = self._run("SELECT digest, status FROM rows WHERE number = ?", number)
        if found is None or found[1] == "failed":
            return None
        if found[0] != _digest(row):
            self._file.fail(
                f"has another row {number}, which is {found[1]}: the file was changed. Run what was added as a job of "
                "its own"
            )
        return str(found[1])

    def note(self, number: int, row: Row, status: str, why: str | None = None) -> None:
        """Write the status of a row, which is in the file once this returns."""
        self._run("INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?)", number, _digest(row), status, why)

    def unclear(self) -> int:
        """The number of rows that were begun and whose outcome is unknown."""
        statuses = (BEGUN, RowStatus.UNKNOWN.value)
        found = self._run("SELECT count(*) FROM rows WHERE status IN (?, ?)", *statuses)
        return int(found[0])

    def close(self) -> None:
        """Let another process have it."""
        self._connection.close()

    def _run(self, statement: str, *values: object) -> Any:
        try:
            row: Any = self._connection.execute(statement, values).fetchone()
        except sqlite3.Error as error:
            is_busy = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
            self._file.fail("is in use by another process" if is_busy else f"cannot be used: {error}")
        return row


def _digest(row: Row) -> bytes:
    text = json.dumps(row, sort_keys=True, default=repr)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
