"""Installations in an SQLite file: for one machine, any number of processes."""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from ..core.secret import SecretBytes
from ._errors import TokenStoreError

_LOCKS: Final = 64  # lock files; installations share them, so that their number stays small
# Seconds.
_PATIENCE: Final = 60.0
_POLL: Final = 0.01


class SQLiteTokenStore:
    """Keeps installations in a file that only its owner may read (mode 0600).

    Each write is a transaction that is on disk before ``save`` returns, so a killed process loses nothing. Locks are
    those of the operating system (extra ``oauth``: filelock), which frees them when their process ends, however it
    ends.

    Args:
        path: The file; it and its folder of locks, beside it, are made where they are missing.

    Raises:
        ImportError: the extra is missing.
        TokenStoreError: others may read the file, or it is not a token store.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        try:
            import filelock  # noqa: F401  # pyright: ignore[reportUnusedImport]
        except ImportError as error:
            raise ImportError('SQLiteTokenStore needs an extra: pip install "stemp-sdk[oauth]"') from error
        self._path = Path(path)
        self._locks = self._path.with_name(self._path.name + ".locks")
        self._locks.mkdir(mode=0o700, exist_ok=True)
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        with self._connection() as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS installations (key TEXT PRIMARY KEY, value BLOB NOT NULL)")

    def load(self, key: str) -> bytes | None:
        """The value; None if there is none."""
        with self._connection() as connection:
            query = "SELECT CAST(value AS BLOB) FROM installations WHERE key = ?"
            row = connection.execute(query, (key,)).fetchone()
        return None if row is None else SecretBytes(row[0])

    def save(self, key: str, value: bytes) -> None:
        """Keep the value; it is on disk once this returns."""
        with self._connection() as connection:
            connection.execute("INSERT OR REPLACE INTO installations VALUES (?, ?)", (key, value))

    def delete(self, key: str) -> None:
        """Forget the value, if there is one."""
        with self._connection() as connection:
            connection.execute("DELETE FROM installations WHERE key = ?", (key,))

    def keys(self) -> list[str]:
        """The keys that have a value, sorted."""
        with self._connection() as connection:
            return [str(key) for (key,) in connection.execute("SELECT key FROM installations ORDER BY key")]

    @contextmanager
    def lock(self, key: str) -> Generator[None]:
        """A lock of this key, across threads and processes."""
        from filelock import FileLock, Timeout

        number = zlib.crc32(key.encode()) % _LOCKS
        lock = FileLock(self._locks / f"{number:02}.lock", mode=0o600)
        try:
            lock.acquire(timeout=_PATIENCE, poll_interval=_POLL)
        except Timeout:
            raise TokenStoreError(f"the lock of installation {key} was not free for {_PATIENCE:.0f} s") from None
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def _connection(self) -> Generator[sqlite3.Connection]:
        """A connection of its own for each use: threads and forked processes share none."""
        self._check_mode()
        # mode=rw: what was deleted is not made anew, with a mode that others may read.
        connection = sqlite3.connect(f"file:{quote(str(self._path))}?mode=rw", uri=True, timeout=_PATIENCE)
        try:
            with connection:
                connection.execute("PRAGMA synchronous = EXTRA")
                connection.execute("PRAGMA secure_delete = ON")  # old tokens do not stay in the file
                yield connection
        except sqlite3.DatabaseError as error:
            raise TokenStoreError(f"the token store {self._path.name} cannot be used: {error}") from None
        finally:
            connection.close()

    def _check_mode(self) -> None:
        try:
            mode = self._path.stat().st_mode & 0o777
        except FileNotFoundError:
            raise TokenStoreError(f"the token store {self._path.name} is gone") from None
        if mode & 0o077 and os.name == "posix":
            raise TokenStoreError(
                f"the token store {self._path.name} may be read by others (mode {mode:04o}): chmod 600 it, and "
                "consider its tokens as known"
            )
