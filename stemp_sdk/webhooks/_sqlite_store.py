"""A store of seen events in an SQLite file, for any number of processes on one machine."""

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

_logger: Final = logging.getLogger("stemp_sdk")

# A row without a holder is seen, a row with a holder is claimed, both until the time in "until".
_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY, holder TEXT, until REAL NOT NULL) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS seen_until ON seen (until)",
)
_HOLDER: Final = "SELECT holder FROM seen WHERE id = ? AND until > ?"
_WRITE: Final = "INSERT OR REPLACE INTO seen VALUES (?, ?, ?)"
_RELEASE: Final = "DELETE FROM seen WHERE id = ? AND holder = ?"
_FORGET: Final = "DELETE FROM seen WHERE until <= ?"


class SQLiteSeenStore:
    """Remembers seen events in a file that only its owner may use (mode 0600), across processes and restarts.

    Each step is one transaction that is on disk before it returns, so a process may be killed at any moment.

    If the file is removed while the store is in use, it is created again, with mode 0600: deliveries continue, a
    warning is logged, and the events seen before are forgotten.

    Args:
        path: The file, which is created if it is missing; not on a network file system, and not ``":memory:"``.
        keep: Seconds for which an id stays seen. A delivery that is sent again after that is handled again.
        clock: Returns Unix seconds.

    Raises:
        SeenStoreError: the file belongs to another user, others may use it, it cannot be created, or it is not such a
            store.
        TypeError: an argument has the wrong type.
        ValueError: the path does not name a file, or ``keep`` is out of range.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, keep: float = MONTH, clock: Callable[[], float] = time.time
    ) -> None:
        self._file = PrivateFile(database_path(path), "the store of seen deliveries", SeenStoreError)
        self._keep = seconds("keep", keep, at_most=LONGEST)
        self._clock = clock
        self._file.create()
        with self._transaction():
            pass  # raises if the file cannot be used

    def claim(self, ids: Sequence[str], holder: str, lease: float) -> Claim:
        """Claim all of ``ids``, or none of them.

        Raises:
            SeenStoreError: others may use the file, or it is damaged. All methods raise this.
        """
        now = self._clock()
        with self._transaction() as connection:
            holders = [other for key in ids for (other,) in connection.execute(_HOLDER, (key, now))]
            if holders:
                return Claim.SEEN if None in holders else Claim.BUSY
            connection.executemany(_WRITE, [(key, holder, now + lease) for key in ids])
        return Claim.GRANTED

    def finish(self, ids: Sequence[str]) -> None:
        """Mark ``ids`` as seen. The mark is on disk once this returns."""
        now = self._clock()
        with self._transaction() as connection:
            connection.executemany(_WRITE, [(key, None, now + self._keep) for key in ids])
            connection.execute(_FORGET, (now,))

    def release(self, ids: Sequence[str], holder: str) -> None:
        """Release the claims of ``holder``."""
        with self._transaction() as connection:
            connection.executemany(_RELEASE, [(key, holder) for key in ids])

    @contextmanager
    def _transaction(self) -> Generator[sqlite3.Connection]:
        if self._file.create():
            _logger.warning("%s was removed, so the events seen before are forgotten", shown_name(self._file.path))
        with self._file.transaction() as connection:
            for statement in _TABLE:  # each time, as another process may just have created the file
                connection.execute(statement)
            yield connection
