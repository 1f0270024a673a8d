"""Runs a job in tasks of an event loop."""

from __future__ import annotations

import inspect
import os
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from .._resources._dry_run import resource_of
from ._checking import Row
from ._job import Job, OnResult
from ._report import BulkReport
from ._result import RowStatus

if TYPE_CHECKING:
    from anyio.abc import TaskGroup

_IS_SYNC: Final = "operation is not async: use run, or a method of an AsyncStemp or an async function"


async def arun(
    operation: Callable[..., Awaitable[Any]],
    rows: Iterable[Row],
    *,
    journal: str | os.PathLike[str] | None = None,
    concurrency: int = 8,
    repeat_unknown: bool | None = None,
    on_result: OnResult | None = None,
) -> BulkReport:
    """Carry out one operation for each row; as ``run``, with a method of an ``AsyncStemp`` or an async function.

    It runs on asyncio and trio. Rows, journal and ``on_result`` are used in a thread, one at a time, so they do not
    block the event loop.

    Raises:
        RowsError: as ``run``, like all other errors.
    """
    if resource_of(operation) is not None and not inspect.iscoroutinefunction(operation):
        raise TypeError(_IS_SYNC)
    from anyio.to_thread import run_sync

    job = await run_sync(
        lambda: Job(operation, rows, journal, concurrency, repeat_unknown=repeat_unknown, on_result=on_result)
    )
    try:
        await _Tasks(job).run()
    except BaseException:
        job.abandon()
        raise
    return await run_sync(job.close)


class _Tasks:
    """The tasks of a job."""

    def __init__(self, job: Job) -> None:
        from anyio import Lock

        self._job = job
        self._lock = Lock()
        self._error: Exception | None = None

    async def run(self) -> None:
        """Carry out all rows. An error of the job itself is raised alone, not in a group."""
        from anyio import create_task_group

        async with create_task_group() as tasks:
            for _ in range(self._job.concurrency):
                tasks.start_soon(self._work, tasks)
        if self._error is not None:
            raise self._error

    async def _work(self, tasks: TaskGroup) -> None:
        try:
            while (item := await self._note(self._job.next)) is not None:
                try:
                    made = self._job.operation(**item.row)
                    if not inspect.isawaitable(made):
                        # The first rows have shown it, each by being carried out.
                        await self._note(self._job.misused, item, TypeError(_IS_SYNC), RowStatus.UNKNOWN)
                        continue
                    value = await made
                except Exception as error:  # noqa: BLE001  # it is the result of the row
                    await self._note(self._job.failed, item, error)
                else:
                    await self._note(self._job.done, item, value)
        except Exception as error:  # noqa: BLE001  # it is raised again by run
            self._error = self._error or error
            tasks.cancel_scope.cancel()

    async def _note(self, note: Callable[..., Any], *arguments: Any) -> Any:
        from anyio.to_thread import run_sync

        async with self._lock:
            return await run_sync(note, *arguments)
