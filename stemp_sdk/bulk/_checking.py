"""Checks every row before the first request: names and values of its arguments, and the scopes that it needs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias, cast

import attrs

from .._core.call import Call
from .._core.errors import StempError
from .._core.operation import Replay
from .._core.referenced import ReferencedCall
from .._core.scope_errors import MissingScopeError, TokenKindError
from .._core.settings import Settings
from .._resources._declare import Declared, replay_of
from ..scopes import ScopeSet

Row: TypeAlias = Mapping[str, Any]

_MOST_SHOWN: Final = 10
_REPEATABLE: Final = frozenset({Replay.SAFE, Replay.IDEMPOTENT})


class RowsError(ValueError):
    """The rows, or some of them, cannot be used. Nothing was sent."""


class _Checked(Exception):  # noqa: N818  # the good end of a check
    """A method got as far as its first request."""


@attrs.frozen
class CheckingDriver:
    """Stands in for a driver: a method checks its arguments and scopes, and its first request ends it."""

    settings: Settings

    def run(self, call: Call[Any]) -> Any:
        """Check the scopes of a call in place of sending it."""
        self.settings.check(call.operation.name, call.operation.scopes)
        raise _Checked

    def run_referenced(self, write: ReferencedCall[Any]) -> Any:
        """Check the scopes of a write with a reference in place of sending it."""
        self.settings.check(write.call.operation.name, write.needed)
        raise _Checked

    def check(self, operation: str, needed: ScopeSet) -> Any:
        """Check the scopes of an operation that needs several calls."""
        self.settings.check(operation, needed)
        return _Nothing()


class _Nothing:
    """What an async method may await, and a sync one ignore."""

    def __await__(self) -> Iterator[None]:
        return iter(())


def resource_of(operation: Callable[..., Any]) -> Any:
    """The resource whose method ``operation`` is; None for any other function."""
    owner = getattr(operation, "__self__", None)
    return owner if isinstance(owner, Declared) else None


def checked_rows(operation: Callable[..., Any], rows: Iterable[Row]) -> int:
    """Check every row; returns how many there are.

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
    resource = resource_of(operation)
    dry: Callable[..., Any] | None = None
    if resource is not None:
        driver = cast("Any", CheckingDriver(resource._driver.settings))
        dry = getattr(type(resource)(driver), operation.__name__)

    def check(row: object) -> str | None:
        if not isinstance(row, Mapping):
            return f"it must be a mapping, not {type(row).__name__}"
        arguments = cast("Row", row)
        try:
            signature.bind(**arguments)
            if dry is not None:
                _run(dry, arguments)
        except _Checked:
            return None
        except (MissingScopeError, TokenKindError):
            raise  # all other rows would fail like this one
        except (StempError, TypeError, ValueError) as error:
            return str(error)
        return None

    return check


def _run(method: Callable[..., Any], arguments: Row) -> None:
    """Call a method, to its first request."""
    result = method(**arguments)
    next(result.__await__() if inspect.iscoroutine(result) else iter(()), None)


def may_repeat(operation: Callable[..., Any], row: Row) -> bool:
    """Whether a row whose outcome is unknown may be run again."""
    if row.get("reference") is not None:
        return True
    return resource_of(operation) is not None and replay_of(operation) in _REPEATABLE
