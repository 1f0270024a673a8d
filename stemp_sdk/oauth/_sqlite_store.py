"""A token store in an SQLite file, for any number of processes on one machine."""

from __future__ import annotations

import os
import zlib
from collections.abc import Generator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Final

from .._core.secret import SecretBytes
from .._core.sqlite import PrivateFile, database_path, private_problem, shown_name
from ._errors import TokenStoreError
from ._stores import LOCK_PATIENCE

_LOCKS: Final = 64  # lock files, which installations share, so that their number stays small
_POLL: Final = 0.01  # seconds
_WHAT: Final = "the token store"
_TABLE: Final = "CREATE TABLE IF NOT EXISTS installations (key TEXT PRIMARY KEY, value BLOB NOT NULL)"
# Data is on disk before the transaction ends, and old tokens do not stay in the file.
_PRAGMAS: Final = ("synchronous = EXTRA", "secure_delete = ON")


class SQLiteTokenStore:
    """Keeps installations in an SQLite file that only its owner may use (mode 0600).

    Each write is a transaction that is on disk before ``save`` returns, so a killed process loses nothing. The locks
    are those of the operating system (extra ``oauth``: filelock), which releases them when their process ends in any
    way. They are files in a folder next to the database, which only its owner may use too (mode 0700).

    A file that is removed while the store is in use is an error and is not created again, as its tokens are lost.

    Args:
        path: The file. It and the folder of locks, whose name is that of the file plus ``.locks``, are created if they
            are missing. It may not be on a network file system, and not ``":memory:"``.

    Raises:
        ImportError: the extra is missing.
        TokenStoreError: the file or the folder belongs to another user, may be used by others, or cannot be created; or
            the file is not a token store.
        TypeError: it is not a path.
        ValueError: the path does not name a file.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        try:
            import_module("filelock")
        except ImportError as error:
            raise ImportError('SQLiteTokenStore needs an extra: pip install "stemp-sdk[oauth]"') from error
        self._file = PrivateFile(database_path(path), _WHAT, TokenStoreError)
        self._locks = self._file.path.with_name(self._file.path.name + ".locks")
        self._file.create()
        self._lock_folder()
        with self._file.transaction(*_PRAGMAS) as connection:
            connection.execute(_TABLE)

    def load(self, key: str) -> bytes | None:
        """The value; None if there is none.

        Raises:
            TokenStoreError: the file was removed, is damaged, or may be used by others, as from every method.
        """
        with self._file.transaction(writes=False) as connection:
            query = "SELECT CAST(value AS BLOB) FROM installations WHERE key = ?"
            row = connection.execute(query, (key,)).fetchone()
            return None if row is None else SecretBytes(row[0])

    def save(self, key: str, value: bytes) -> None:
        """Store the value; it is on disk when this returns."""
        value = SecretBytes(value)
        with self._file.transaction(*_PRAGMAS) as connection:
            connection.execute("INSERT OR REPLACE INTO installations VALUES (?, ?)", (key, value))

    def delete(self, key: str) -> None:
        """Delete the value, if there is one."""
        with self._file.transaction(*_PRAGMAS) as connection:
            connection.execute("DELETE FROM installations WHERE key = ?", (key,))

    def keys(self) -> list[str]:
        """The keys that have a value, sorted."""
        with self._file.transaction(writes=False) as connection:
            return [str(key) for (key,) in connection.execute("SELECT key FROM installations ORDER BY key")]

    @contextmanager
    def lock(self, key: str) -> Generator[None]:
        """A lock of this key, across threads and processes.

        Raises:
            TokenStoreError: it was not free for a minute, or the lock file cannot be used.
        """
        from filelock import FileLock, Timeout

        number = zlib.crc32(key.encode(errors="surrogatepass")) % _LOCKS
        try:
            lock = FileLock(self._lock_folder() / f"{number:02}.lock", mode=0o600)
            lock.acquire(timeout=LOCK_PATIENCE, poll_interval=_POLL)
        except Timeout:
            raise TokenStoreError(f"the lock of {key} was not free for {LOCK_PATIENCE:.0f} s") from None
        except (OSError, NotImplementedError) as error:  # the latter if the file system has no locks
            raise self._no_lock(f"cannot be used: {getattr(error, 'strerror', None) or error}") from None
        try:
            yield
        finally:
            lock.release()

    def _lock_folder(self) -> Path:
        """The folder of the lock files, which is created again if it was removed."""
        try:
            with suppress(FileExistsError):
                self._locks.mkdir(mode=0o700)
            problem = private_problem(self._locks, folder=True)
        except OSError as error:
            problem = f"cannot be used: {error.strerror}"
        if problem is not None:
            raise self._no_lock(problem)
        return self._locks

    def _no_lock(self, problem: str) -> TokenStoreError:
        return TokenStoreError(f"the locks of {_WHAT} in {shown_name(self._locks)}: the folder {problem}")
