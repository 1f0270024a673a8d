"""Checks every row before the first request: names and values of its arguments, and the scopes that it needs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias, cast

from .._core.concerns import concerns_client
from .._core.errors import StempError
from .._core.journal_file import SQLiteWriteStore
from .._core.operation import Replay
from .._resources._declare import replay_of
from .._resources._dry_run import dry_run_of, resource_of

Row: TypeAlias = Mapping[str, Any]

_MOST_SHOWN: Final = 10
_REPEATABLE: Final = frozenset({Replay.SAFE, Replay.IDEMPOTENT})


class RowsError(ValueError):
    """The rows, or some of them, cannot be used. Nothing was sent."""


def checked_rows(operation: Callable[..., Any], rows: Iterable[Row]) -> int:
    """Check every row, and return their number.

    Raises:
        RowsError: rows cannot be used, or ``rows`` can be iterated only once.
        MissingScopeError: the client does not hold the scopes that a row needs.
        TokenKindError: the same, of a kind of token.
    """
    if iter(rows) is rows:
        raise RowsError(
            "rows must be iterable twice, as all are checked before the first is sent: pass a list or read()"
        )
    bad: list[str] = []
    found = total = 0
    check = _check_of(operation)
    for total, row in enumerate(rows, 1):  # counted
        if (problem := check(row)) is not None:
            found += 1
            if len(bad) < _MOST_SHOWN:
                bad.append(f"row {total}: {problem}")
    if found:
        more = f"; and {found - len(bad)} more" if found > len(bad) else ""
        raise RowsError(f"{found} of {total} rows cannot be used, so nothing was sent: {'; '.join(bad)}{more}")
    return total


def _check_of(operation: Callable[..., Any]) -> Callable[[object], str | None]:
    signature = inspect.signature(operation)
    dry_run = None if resource_of(operation) is None else dry_run_of(operation)

    def check(row: object) -> str | None:
        if not isinstance(row, Mapping):
            return f"it must be a mapping, not {type(row).__name__}"
        arguments = cast("Row", row)
        try:
            signature.bind(**arguments)
            if dry_run is not None:
                dry_run(arguments)
        except (StempError, TypeError, ValueError) as error:
            if concerns_client(error):
                raise  # all other rows would fail like this one
            return str(error)
        return None

    return check


#: They look before they create, and the server refuses no second card: a late request of an earlier run makes one.
_LOOKS_ONLY: Final = frozenset({"Passes.get_or_create", "AsyncPasses.get_or_create"})


def may_repeat(operation: Callable[..., Any], row: Row, *, is_journaled: bool) -> bool:
    """Whether a row whose outcome is unknown may be run again.

    A function of the user's may do anything with its arguments, also with one of the name ``reference``.

    Args:
        operation: The operation.
        row: The row.
        is_journaled: Whether a journal of the client has each write with a reference of this job. Without one, a
            request of an earlier process is not known, and may be carried out after the look at the history.
    """
    if resource_of(operation) is None or operation.__qualname__ in _LOOKS_ONLY:
        return False
    return is_journaled if row.get("reference") is not None else replay_of(operation) in _REPEATABLE


def journal_of(operation: Callable[..., Any]) -> str:
    """The id of the client's journal; empty if it has none that survives the process.

    Raises:
        StoreError: the journal cannot be used.
    """
    resource = resource_of(operation)
    journal = None if resource is None else resource._driver.settings.journal
    return journal.identity() if isinstance(journal, SQLiteWriteStore) else ""
