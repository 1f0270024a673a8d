"""Seen ids in an SQLite file: for one machine, any number of processes."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ._seen import MONTH, Claim

_PATIENCE: Final = 5.0  # seconds to wait for another process's transaction, of which each takes milliseconds

# A row without a holder was seen; one with a holder is claimed. Either holds until its time ends.
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY, holder TEXT, until REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS seen_until ON seen (until);
"""
_HOLDERS: Final = "SELECT holder FROM seen WHERE id IN (SELECT value FROM json_each(?)) AND until > ?"
_WRITE: Final = "INSERT OR REPLACE INTO seen VALUES (?, ?, ?)"
_RELEASE: Final = "DELETE FROM seen WHERE id IN (SELECT value FROM json_each(?)) AND holder = ?"
_FORGET: Final = "DELETE FROM seen WHERE until <= ?"


class SQLiteSeenStore:
    """Remembers in a file that only its owner may use (mode 0600), across processes and restarts.

    Each step is one transaction that is on disk before it returns, so a process may be killed at any moment.

    Args:
        path: The file, which is made where it is missing; not on a network file system.
        keep: Seconds for which an id stays seen. A delivery that somebody sends again after that is handled again.
        clock: Gives Unix seconds.

    Raises:
        ValueError: others may use the file, or it is no such store.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, keep: float = MONTH, clock: Callable[[], float] = time.time
    ) -> None:
        self._path = Path(path)
        self._keep = keep
        self._clock = clock
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        mode = self._path.stat().st_mode & 0o777
        if mode & 0o077 and os.name == "posix":
            raise ValueError(f"{self._path.name} may be used by others (mode {mode:04o}): chmod 600 it")
        try:
            with self._transaction() as connection:
                for statement in _TABLE.split(";"):
                    connection.execute(statement)
        except sqlite3.DatabaseError as error:
            raise ValueError(f"{self._path.name} is no store of seen deliveries: {error}") from None

    def claim(self, ids: Sequence[str], holder: str, lease: float) -> Claim:
        """Claim all of ``ids``, or none of them."""
        now = self._clock()
        with self._transaction() as connection:
            holders = [other for (other,) in connection.execute(_HOLDERS, (json.dumps(ids), now))]
            if holders:
                return Claim.SEEN if None in holders else Claim.BUSY
            connection.executemany(_WRITE, [(key, holder, now + lease) for key in ids])
        return Claim.GRANTED

    def finish(self, ids: Sequence[str]) -> None:
        """Mark ``ids`` as seen; that is on disk once this returns."""
        now = self._clock()
        with self._transaction() as connection:
            connection.executemany(_WRITE, [(key, None, now + self._keep) for key in ids])
            connection.execute(_FORGET, (now,))

    def release(self, ids: Sequence[str], holder: str) -> None:
        """Give up the claims of ``holder``."""
        with self._transaction() as connection:
            connection.execute(_RELEASE, (json.dumps(ids), holder))

    @contextmanager
    def _transaction(self) -> Generator[sqlite3.Connection]:
        """A connection of its own for each: threads and forked processes share none."""
        connection = sqlite3.connect(self._path, timeout=_PATIENCE, isolation_level=None)
        try:
            # At once, or two processes could both read before either writes.
            connection.execute("BEGIN IMMEDIATE")
            with connection:
                yield connection
        finally:
            connection.close()
