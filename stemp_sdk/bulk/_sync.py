"""Runs a job in threads."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any, Final

from ._checking import Row
from ._job import Item, Job, OnResult
from ._report import BulkReport
from ._result import RowStatus

_IS_ASYNC: Final = "operation is async: use arun"


def run(
    operation: Callable[..., Any],
    rows: Iterable[Row],
    *,
    journal: str | os.PathLike[str] | None = None,
    concurrency: int = 8,
    repeat_unknown: bool | None = None,
    on_result: OnResult | None = None,
) -> BulkReport:
    """Carry out one operation for each row.

    Every row is checked before the first request: the names and values of its arguments, and the scopes that it needs.
    Only the API knows whether a value is right for it. Requests are paced by the rate limit that the responses report
    (``rate_limiter=`` of the client; if it has none, one for this job), so a job uses the limit and hardly ever
    exceeds it. At most ``concurrency`` rows are in memory, besides what ``rows`` itself holds.

    Args:
        operation: A method of a ``Stemp``, such as ``client.users.get_or_create``, or a function of your own that
            takes the same arguments as a row has. Of a function, only the names of arguments are checked before.
        rows: Mappings of argument to value: a list, ``bulk.read(path)``, or anything else that can be iterated twice.
        journal: The path of a file in which the job notes which rows are done. Run the same job with the same file
            after an interruption, even ``kill -9``, and it goes on: rows that are done are not run again, and rows
            that failed are. Use a new file for each job.
        concurrency: The number of rows that may be carried out at once.
        repeat_unknown: Whether to run rows again that may have been carried out by an earlier run. By default, rows of
            methods that may be repeated: those that read, set or delete, and ``users.get_or_create``. Rows with a
            ``reference`` are among them if the client has had the same ``journal=`` in every run of the job: the same
            file, and not a new one at the same path. Such a row first waits until the server has certainly stopped
            working on its earlier request, with the default ``deadline`` and ``settle`` until five minutes after it
            was begun. Others, and all rows of a function of your own, are reported as unknown.
        on_result: A function that is given the ``RowResult`` of each row when it ends, in the calling thread, such as
            for a progress bar.

    Returns:
        The counts, and the first problems. A row that fails does not end the job.

    Raises:
        RowsError: rows cannot be used, or can be iterated only once. Nothing was sent.
        MissingScopeError: the client does not hold the scopes; nothing was sent, unless the server says so.
        TokenKindError: a token of this kind cannot hold the scopes.
        AuthenticationError: the server refuses the token.
        JournalError: the journal cannot be used, or is that of another job.
        StempError: of another kind that concerns the client and not one row, such as a ``StoreError`` of its token
            store. A function that uses several clients has to catch what ends the work of only one of them.
        TypeError: an argument has the wrong type.
        ValueError: ``concurrency`` is out of range.
    """
    if inspect.iscoroutinefunction(operation):
        raise TypeError(_IS_ASYNC)
    job = Job(operation, rows, journal, concurrency, repeat_unknown=repeat_unknown, on_result=on_result)
    try:
        _run(job)
    except BaseException:
        job.abandon()
        raise
    return job.close()


def _run(job: Job) -> None:
    ended: SimpleQueue[tuple[Item, Future[Any]]] = SimpleQueue()
    under_way = 0

    def start(item: Item) -> None:
        threads.submit(job.operation, **item.row).add_done_callback(lambda future: ended.put((item, future)))

    with ThreadPoolExecutor(job.concurrency, thread_name_prefix="stemp-bulk") as threads:
        while True:
            while under_way < job.concurrency and (item := job.next()) is not None:
                start(item)
                under_way += 1
            if not under_way:
                return
            item, future = ended.get()
            under_way -= 1
            error = future.exception()
            if error is None and inspect.isawaitable(value := future.result()):
                status = RowStatus.UNKNOWN
                if inspect.iscoroutine(value):  # one that is not awaited does nothing
                    value.close()
                    status = RowStatus.FAILED
                job.misused(item, TypeError(_IS_ASYNC), status)
            elif error is None:
                job.done(item, future.result())
            elif isinstance(error, Exception):
                job.failed(item, error)
            else:
                raise error
