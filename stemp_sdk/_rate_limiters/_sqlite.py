"""A rate limiter for the processes of one machine."""

from __future__ import annotations

import json
import os
import sqlite3
from typing import Final

import attrs

from .._core.arguments import text
from .._core.errors import StoreError
from .._core.rate_limiter import Report, Turn
from .._core.sqlite import PrivateFile, database_path
from .._public import publish
from ._priority import WithPriority
from ._window import Window

_TABLE: Final = "CREATE TABLE IF NOT EXISTS windows (name TEXT PRIMARY KEY, state TEXT NOT NULL)"
# A crash of the machine loses at most what it would forget a window later.
_PRAGMAS: Final = ("synchronous = OFF",)


class SQLiteRateLimiter(WithPriority):
    """Shares the rate limit of an organization between the processes of one machine, in a file.

    It works as ``MemoryRateLimiter`` does. Each turn is two short transactions, which an async client runs in a thread.

    Args:
        path: The file, which only its owner may use (mode 0600). It is made if there is none. Not on a network file
            system, and not ``":memory:"``.
        name: The name of the budget: clients with the same file and name share it. Use one for each organization and
            kind of token.

    Raises:
        StoreError: the file belongs to another user, may be used by others, cannot be made, or is not a database.
        TypeError: an argument has the wrong type.
        ValueError: ``path`` does not name a file.
    """

    def __init__(self, path: str | os.PathLike[str], *, name: str = "stemp") -> None:
        self._name = text("name", name)
        self._file = PrivateFile(database_path(path), "the rate limiter", StoreError)
        self._file.create()
        with self._file.transaction() as connection:
            connection.execute(_TABLE)

    @property
    def is_async(self) -> bool:
        """False: the methods do not return awaitables."""
        return False

    def take(self, now: float) -> Turn:
        """Take a turn, or return the seconds to wait before the next attempt.

        Raises:
            StoreError: the file is gone, damaged, or may be used by others.
        """
        with self._file.transaction(*_PRAGMAS) as connection:
            window, turn = self._load(connection).take(now, self._reserve)
            self._save(connection, window)
            return turn

    def give(self, now: float, window: int, report: Report | None, *, used: bool) -> None:
        """End a turn.

        Raises:
            StoreError: the file is gone, damaged, or may be used by others.
        """
        with self._file.transaction(*_PRAGMAS) as connection:
            self._save(connection, self._load(connection).give(now, window, report, used=used))

    def _load(self, connection: sqlite3.Connection) -> Window:
        row = connection.execute("SELECT state FROM windows WHERE name = ?", (self._name,)).fetchone()
        try:
            return Window() if row is None else Window(**json.loads(row[0]))
        except (TypeError, ValueError):
            self._file.fail("is damaged: delete it, and it is made again")

    def _save(self, connection: sqlite3.Connection, window: Window) -> None:
        state = json.dumps(attrs.asdict(window))
        connection.execute("INSERT OR REPLACE INTO windows VALUES (?, ?)", (self._name, state))


publish("stemp_sdk", globals())
