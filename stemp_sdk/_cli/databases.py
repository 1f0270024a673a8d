"""SQLite files that a command reads: recognized before they are opened in a way that could write to them."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from contextlib import closing
from pathlib import Path

from .._core.errors import StempError


def require_journal(path: Path) -> None:
    """Check that a file has a journal of writes with a reference, without changing it.

    Raises:
        StempError: there is no such file, or it is another one.
    """
    require_table(path, "a journal", "writes", ("key", "operation", "pass_id", "reference", "settles"))


def require_table(path: Path, what: str, table: str, columns: Collection[str]) -> None:
    """Check that a file is a database with a table, without changing it.

    Args:
        path: The file.
        what: A name for the right file, such as ``"an outbox"``.
        table: The table that each such file has.
        columns: Columns that the table has to have.

    Raises:
        StempError: there is no such file, or it is another one.
    """
    if not path.exists():
        raise StempError(f"{path} does not exist")
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            found = {name for (name,) in connection.execute("SELECT name FROM pragma_table_info(?)", (table,))}
    except sqlite3.Error as error:
        raise StempError(f"{path} is not {what}: {error}") from None
    if not found.issuperset(columns):
        raise StempError(f"{path} is not {what}: it has no table {table} as such a file has. Nothing was changed.")
