"""A job: selects the next row, and records its result. It does everything but the calls."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any, Final

import attrs

from .._core.arguments import whole_number
from .._core.concerns import concerns_client
from .._core.errors import StempError, UnknownOutcomeError
from .._rate_limiters._memory import MemoryRateLimiter
from .._resources._dry_run import resource_of
from ._checking import Row, checked_rows, journal_of, may_repeat
from ._journal import BEGUN, Journal
from ._report import BulkReport
from ._result import RowResult, RowStatus

_PATIENCE: Final = 3600.0
"""Seconds that a request of a row may wait for its turn in the rate limit. They are not a part of the deadline, from
which a later run knows when a request is settled whose process was killed."""

OnResult = Callable[[RowResult], None]


@attrs.frozen
class Item:
    """A row that is to be carried out."""

    number: int
    row: Row


class Job:
    """One run of a job.

    Args:
        operation: The operation.
        rows: Its rows.
        journal: The path of the journal; None for a job that cannot be resumed.
        concurrency: The number of rows that may be carried out at once.
        repeat_unknown: Whether rows whose outcome is unknown may be run again.
        on_result: A function that is called with each result.
    """

    def __init__(
        self,
        operation: Callable[..., Any],
        rows: Iterable[Row],
        journal: str | os.PathLike[str] | None,
        concurrency: int,
        *,
        repeat_unknown: bool | None,
        on_result: OnResult | None,
    ) -> None:
        if not callable(operation):
            raise TypeError(f"operation must be a method of a client or a function, not {type(operation).__name__}")
        self.concurrency = whole_number("concurrency", concurrency, at_least=1)
        self.name = _name_of(operation)
        self.operation = _paced(operation)
        self.report = BulkReport(checked_rows(operation, rows))
        self.fatal: Exception | None = None
        self._rows = enumerate(rows, 1)
        self._repeat_unknown = repeat_unknown
        self._on_result = on_result
        self._journal = None if journal is None else Journal(journal, self.name, journal_of(operation))
        self._began = monotonic()

    def next(self) -> Item | None:
        """The next row to carry out, which is in the journal as begun; None if there is none."""
        for number, row in self._rows:
            if self.fatal is not None:
                return None
            if (journal := self._journal) is None:
                return Item(number, row)
            status = journal.status(number, row)
            if status == RowStatus.DONE.value:
                self._tell(RowResult(number, row, RowStatus.BEFORE))
            elif status is not None and not self._may_repeat(row, is_journaled=journal.is_journaled):
                self._end(RowResult(number, row, RowStatus.UNKNOWN, error=self._interrupted()))
            else:
                journal.note(number, row, BEGUN)
                return Item(number, row)
        return None

    def done(self, item: Item, value: Any) -> None:
        """A row was carried out."""
        self._end(RowResult(item.number, item.row, RowStatus.DONE, value))

    def failed(self, item: Item, error: Exception) -> None:
        """A row ended with an error. What an error of another package means for the row is unknown."""
        is_unknown = not isinstance(error, StempError) or error.outcome_unknown
        self._end(RowResult(item.number, item.row, RowStatus.UNKNOWN if is_unknown else RowStatus.FAILED, error=error))
        if concerns_client(error):
            self.fatal = self.fatal or error

    def misused(self, item: Item, error: TypeError, status: RowStatus) -> None:
        """The operation is of the other kind, sync or async, which ends the job."""
        self._end(RowResult(item.number, item.row, status, error=error))
        self.fatal = self.fatal or error

    def abandon(self) -> None:
        """End the run without a report. Rows under way stay begun in the journal."""
        if self._journal is not None:
            self._journal.close()

    def close(self) -> BulkReport:
        """End the run.

        Raises:
            Exception: the error that ended it early, such as a ``MissingScopeError``.
        """
        self.report.seconds = monotonic() - self._began
        self.abandon()
        if self.fatal is not None:
            self.fatal.add_note(f"The job was stopped, as every other row would end like this one. {self.report}")
            raise self.fatal
        return self.report

    def _may_repeat(self, row: Row, *, is_journaled: bool) -> bool:
        if self._repeat_unknown is not None:
            return self._repeat_unknown
        return may_repeat(self.operation, row, is_journaled=is_journaled)

    def _interrupted(self) -> UnknownOutcomeError:
        return UnknownOutcomeError(self.name, "an earlier run ended before the outcome of this row was known", 0)

    def _end(self, result: RowResult) -> None:
        if self._journal is not None:
            why = None if result.error is None else str(result.error)
            self._journal.note(result.number, result.row, result.status.value, why)
        self._tell(result)

    def _tell(self, result: RowResult) -> None:
        self.report.count(result)
        if self._on_result is not None:
            self._on_result(result)


def _paced(operation: Callable[..., Any]) -> Callable[..., Any]:
    """The operation, with a client that waits for its turn in the rate limit in place of meeting a 429.

    A function of the user's has clients of its own, which this cannot change.
    """
    resource = resource_of(operation)
    if resource is None:
        return operation
    driver = resource._driver
    settings = attrs.evolve(
        driver.settings,
        rate_limiter=driver.settings.rate_limiter or MemoryRateLimiter().background(reserve=0.0),
        patience=_PATIENCE,
    )
    paced: Callable[..., Any] = getattr(type(resource)(type(driver)(driver.pool, settings)), operation.__name__)
    return paced


def _name_of(operation: Callable[..., Any]) -> str:
    resource = resource_of(operation)
    name = getattr(operation, "__name__", type(operation).__name__)
    return name if resource is None else f"{resource._name}.{name}"
