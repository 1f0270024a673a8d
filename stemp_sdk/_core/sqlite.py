"""SQLite files that only their owner may use: stores of tokens and seen deliveries, journals, outboxes, rate limits."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable, Generator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Final, NoReturn, cast

import attrs

from .errors import StoreError

PATIENCE: Final = 10.0
"""Seconds to wait for the transaction of another process; each takes milliseconds."""

IS_POSIX: Final = os.name == "posix"


def database_path(path: object) -> Path:
    """The argument ``path`` of a store, made absolute, so that a later ``chdir`` changes nothing.

    Raises:
        TypeError: it is not a path.
        ValueError: it does not name a file.
    """
    name: object = path
    if isinstance(path, os.PathLike):
        name = os.fspath(cast("os.PathLike[str]", path))
    if not isinstance(name, str):
        raise TypeError(f"path must be a str or a path, not {type(name).__name__}")
    if not name:
        raise ValueError("path is empty: it must name a file")
    if name == ":memory:":
        raise ValueError("path must name a file: ':memory:' would be another database for each connection")
    if name.startswith("file:"):
        raise ValueError("path must be the name of a file, not a URI: leave out 'file:' and all after '?'")
    if "\0" in name:
        raise ValueError("path has a null character in it, which no file name may have")
    return Path(os.path.normpath(Path(name).absolute()))  # absolute() keeps the .. in it


@attrs.frozen
class PrivateFile:
    """An SQLite database in a file of mode 0600 that belongs to the user of this process.

    Owner and mode are checked before each use. Each use has a connection of its own, as neither threads nor forked
    processes may share one.
    """

    path: Path
    what: str
    """A name for the file, such as ``"the token store"``, with which each error begins."""
    error: Callable[[str], StoreError]
    """Makes the error from a reason; everything that goes wrong is raised as one."""

    def create(self) -> bool:
        """Make the file, if there is none, and return whether it was made.

        Raises:
            StoreError: it cannot be made.
        """
        try:
            # Exclusive, so that a link which another user put there is not followed.
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            return False
        except OSError as error:
            self.fail(f"cannot be made: {error.strerror}")
        return True

    def open(self, *pragmas: str, patience: float = PATIENCE) -> sqlite3.Connection:
        """A connection without transactions of its own, which any one thread at a time may use.

        Args:
            pragmas: Settings of the connection, such as ``"secure_delete = ON"``.
            patience: Seconds to wait for another process.

        Raises:
            StoreError: the file is gone, may be used by others, or is not a database; or it is locked.
        """
        self._check()
        # mode=rw: SQLite itself never makes a file, whose mode would let others read it.
        uri = f"{self.path.as_uri()}?mode=rw"
        with ExitStack() as on_error:
            try:
                connection = sqlite3.connect(
                    uri, uri=True, timeout=patience, isolation_level=None, check_same_thread=False
                )
                on_error.enter_context(closing(connection))
                for pragma in pragmas:
                    connection.execute(f"PRAGMA {pragma}")
            except sqlite3.Error as error:
                self.fail(f"cannot be used: {error}")
            on_error.pop_all()
        return connection

    @contextmanager
    def transaction(self, *pragmas: str, writes: bool = True) -> Generator[sqlite3.Connection]:
        """A transaction, which is on disk once the block is left, or rolled back by an exception.

        Args:
            pragmas: Settings of the connection, such as ``"secure_delete = ON"``.
            writes: Whether the transaction changes anything.

        Raises:
            StoreError: the file is gone, may be used by others, or is not a database; or the disk is full, or another
                process keeps it locked.
        """
        try:
            with closing(self.open(*pragmas)) as connection:
                # A writer locks at once, or two processes could both read before either writes.
                connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
                with connection:
                    yield connection
        except sqlite3.Error as error:
            self.fail(f"cannot be used: {error}")

    def fail(self, reason: str) -> NoReturn:
        """Raise the store's error.

        Args:
            reason: The reason, as a clause that follows the name of the file.
        """
        raise self.error(f"{self.what} {shown_name(self.path)} {reason}") from None

    def _check(self) -> None:
        try:
            problem = private_problem(self.path)
        except FileNotFoundError:
            self.fail("is gone")
        except OSError as error:
            self.fail(f"cannot be used: {error.strerror}")
        if problem is not None:
            self.fail(problem)


def private_problem(path: Path, *, folder: bool = False) -> str | None:
    """The reason why a file or folder cannot be trusted; None if it has the right type and only its owner may use it.

    A link to a file counts if it belongs to the same user; a folder may not be a link.

    Raises:
        OSError: it does not exist, or cannot be read.
    """
    statuses = [path.lstat()] if folder else [path.lstat(), path.stat()]
    mode = statuses[-1].st_mode
    if folder and not stat.S_ISDIR(mode):
        return "is not a folder"
    if not folder and not stat.S_ISREG(mode):
        return "is not a file"
    if not IS_POSIX:
        return None  # there, the mode does not show what other users may do
    if any(status.st_uid != os.geteuid() for status in statuses):
        return "belongs to another user than that of this process"
    if mode & 0o077:
        advice = "chmod 700 it" if folder else "chmod 600 it, and consider what is in it as known"
        return f"may be used by others (mode {stat.S_IMODE(mode):04o}): {advice}"
    return None


def shown_name(path: Path) -> str:
    """The last part of a path, safe to print."""
    return path.name if path.name.isprintable() else ascii(path.name)
