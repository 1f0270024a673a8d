"""Seen ids in an SQLite file: for one machine, any number of processes."""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Final

from .._core.arguments import seconds
from .._core.sqlite import PrivateFile, database_path, shown_name
from ._errors import SeenStoreError
from ._seen import LONGEST, MONTH, Claim

_log: Final = logging.getLogger("stemp_sdk")

# A row without a holder was seen; one with a holder is claimed. Either holds until its time ends.
_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY, holder TEXT, until REAL NOT NULL) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS seen_until ON seen (until)",
)
_HOLDER: Final = "SELECT holder FROM seen WHERE id = ? AND until > ?"
_WRITE: Final = "INSERT OR REPLACE INTO seen VALUES (?, ?, ?)"
_RELEASE: Final = "DELETE FROM seen WHERE id = ? AND holder = ?"
_FORGET: Final = "DELETE FROM seen WHERE until <= ?"


class SQLiteSeenStore:
    """Remembers in a file that only its owner may use (mode 0600), across processes and restarts.

    Each step is one transaction that is on disk before it returns, so a process may be killed at any moment.

    A file that is removed while the store is in use is made anew, again with mode 0600: deliveries go on, a warning is
    logged, and what was seen before is forgotten.

    Args:
        path: The file, which is made where it is missing; not on a network file system, and not ``":memory:"``.
        keep: Seconds for which an id stays seen. A delivery that somebody sends again after that is handled again.
        clock: Gives Unix seconds.

    Raises:
        SeenStoreError: the file is another user's, may be used by others, cannot be made, or is not such a store.
        TypeError: an argument has the wrong type.
        ValueError: the path does not name a file, or ``keep`` makes no sense.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, keep: float = MONTH, clock: Callable[[], float] = time.time
    ) -> None:
        self._file = PrivateFile(database_path(path), "the store of seen deliveries", SeenStoreError)
        self._keep = seconds("keep", keep, at_most=LONGEST)
        self._clock = clock
        self._file.create()
        with self._transaction():
            pass  # it can be used

    def claim(self, ids: Sequence[str], holder: str, lease: float) -> Claim:
        """Claim all of ``ids``, or none of them.

        Raises:
            SeenStoreError: the file may be used by others, or is damaged, as from every method.
        """
        now = self._clock()
        with self._transaction() as connection:
            holders = [other for key in ids for (other,) in connection.execute(_HOLDER, (key, now))]
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
            connection.executemany(_RELEASE, [(key, holder) for key in ids])

    @contextmanager
    def _transaction(self) -> Generator[sqlite3.Connection]:
        if self._file.create():
            _log.warning("%s was removed, so what was seen before is forgotten", shown_name(self._file.path))
        with self._file.transaction() as connection:
            for statement in _TABLE:  # each time, as another process may have made the file a moment ago
                connection.execute(statement)
            yield connection
