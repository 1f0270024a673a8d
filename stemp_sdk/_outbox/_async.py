"""``AsyncOutbox``: drained in tasks."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Final, Literal, TypeVar

from .._client import AsyncStemp
from .._core.arguments import seconds, whole_number
from .._core.errors import StempError
from .._public import publish
from ..scopes import ScopeSet
from ._entries import Entries
from ._entry import DrainReport, OutboxChange, OutboxCounts, OutboxEntry, OutboxStatus

T = TypeVar("T")

_logger: Final = logging.getLogger("stemp_sdk")


class AsyncOutbox:
    """The same as ``Outbox``, for ``AsyncStemp``, on asyncio and trio.

    ::

        outbox = AsyncOutbox(client, "till.outbox")
        async with outbox.draining():
            await outbox.add_stamp("wp_1", reference="receipt 4711")

    The file is made by the constructor, which takes milliseconds; all later uses of it are in threads. An ``Outbox``
    and an ``AsyncOutbox`` may share a file.

    Args:
        client: The client. It needs ``loyalty:manage`` and ``pass:read``, by which references are looked up.
        path: The file, as for ``Outbox``.

    Raises:
        MissingScopeError: the client does not hold the scopes.
        StoreError: the file belongs to another user, may be used by others, cannot be made, or is not a database.
        TypeError: an argument has the wrong type.
        ValueError: ``path`` does not name a file.
    """

    def __init__(
        self, client: AsyncStemp[ScopeSet[Literal["loyalty:manage", "pass:read"]]], path: str | os.PathLike[str]
    ) -> None:
        if not isinstance(client, AsyncStemp):
            raise TypeError(f"client must be an AsyncStemp, not {type(client).__name__}")
        self._entries = Entries(client, path)
        self._drain = self._entries._drain  # pyright: ignore[reportPrivateUsage] - of this package
        self._additions = 0
        self._wake: Callable[[], object] = lambda: None

    async def add_stamp(
        self, pass_id: str, *, reference: str, note: str | None = None, sold_at: datetime | None = None
    ) -> OutboxEntry:
        """Add one stamp, as ``Outbox.add_stamp`` does.

        Scopes: loyalty:manage pass:read
        """
        return await self._added(
            partial(self._entries.add_stamp, pass_id, reference=reference, note=note, sold_at=sold_at)
        )

    async def add_points(
        self,
        pass_id: str,
        *,
        points: int | Decimal,
        reference: str,
        note: str | None = None,
        sold_at: datetime | None = None,
    ) -> OutboxEntry:
        """Add points; otherwise as ``add_stamp``.

        Scopes: loyalty:manage pass:read
        """
        return await self._added(
            partial(self._entries.add_points, pass_id, points=points, reference=reference, note=note, sold_at=sold_at)
        )

    async def remove_points(
        self,
        pass_id: str,
        *,
        points: int | Decimal,
        reference: str,
        note: str | None = None,
        sold_at: datetime | None = None,
    ) -> OutboxEntry:
        """Take points back; otherwise as ``add_stamp``.

        Scopes: loyalty:manage pass:read
        """
        return await self._added(
            partial(
                self._entries.remove_points, pass_id, points=points, reference=reference, note=note, sold_at=sold_at
            )
        )

    async def redeem_points(
        self,
        pass_id: str,
        *,
        points: int | Decimal,
        reference: str,
        note: str | None = None,
        sold_at: datetime | None = None,
    ) -> OutboxEntry:
        """Spend points; otherwise as ``add_stamp``. Whether the card has as many shows only when it is sent.

        Scopes: loyalty:manage pass:read
        """
        return await self._added(
            partial(
                self._entries.redeem_points, pass_id, points=points, reference=reference, note=note, sold_at=sold_at
            )
        )

    async def expected(self, pass_id: str) -> OutboxChange:
        """The changes of a card by the waiting entries; see ``Outbox.expected``."""
        return await _in_thread(partial(self._entries.expected, pass_id))

    async def entries(self, status: OutboxStatus | None = None) -> list[OutboxEntry]:
        """The entries in their order, or those of one status."""
        return await _in_thread(partial(self._entries.entries, status))

    async def counts(self) -> OutboxCounts:
        """The number of entries of each status."""
        return await _in_thread(self._entries.counts)

    async def retry(self, entry_id: int | None = None) -> int:
        """Let the dead entries, or one of them, be tried again; returns how many."""
        return await _in_thread(partial(self._entries.retry, entry_id))

    async def dismiss(self, entry_id: int, *, reason: str | None = None) -> None:
        """End a dead entry that a person has dealt with, as ``Outbox.dismiss`` does."""
        await _in_thread(partial(self._entries.dismiss, entry_id, reason=reason))

    async def drain(self, *, concurrency: int = 4) -> DrainReport:
        """Send every entry that waits, as ``Outbox.drain`` does.

        Scopes: loyalty:manage pass:read
        """
        whole_number("concurrency", concurrency, at_least=1)
        await _in_thread(self._drain.hurry)
        return await self._drain_due(concurrency)

    @asynccontextmanager
    async def draining(self, *, every: float = 15.0, concurrency: int = 4) -> AsyncGenerator[None]:
        """Drain in a task while the ``async with`` block runs, as ``Outbox.draining`` does in a thread.

        Scopes: loyalty:manage pass:read
        """
        from anyio import Event, create_task_group, move_on_after

        every, concurrency = seconds("every", every), whole_number("concurrency", concurrency, at_least=1)

        is_ended = False

        async def work() -> None:
            tried = -1  # of the entries that were added
            while tried != self._additions or not is_ended:
                woken = Event()
                self._wake, tried = woken.set, self._additions
                try:
                    await self._drain_due(concurrency)
                except Exception:  # a task that ends would drain nothing any more
                    _logger.exception("the outbox could not be drained, and will be tried again in %g s", every)
                if not is_ended:  # its wake may have been that of the event before this one
                    with move_on_after(every):
                        await woken.wait()

        failure: Exception | None = None
        async with create_task_group() as tasks:
            tasks.start_soon(work)
            try:
                yield
            except Exception as error:  # noqa: BLE001  # raised below, alone and not in a group
                failure = error
            is_ended = True
            self._wake()
        if failure is not None:
            raise failure

    async def _added(self, add: Callable[[], OutboxEntry]) -> OutboxEntry:
        entry = await _in_thread(add)
        self._additions += 1
        self._wake()
        return entry

    async def _drain_due(self, concurrency: int) -> DrainReport:
        from anyio import create_task_group

        report, errors = DrainReport(), list[Exception]()

        async def work() -> None:
            try:
                await self._work(report)
            except Exception as error:  # noqa: BLE001  # raised below, alone and not in a group
                errors.append(error)
                tasks.cancel_scope.cancel()

        async with create_task_group() as tasks:
            for _ in range(concurrency):
                tasks.start_soon(work)
        if errors:
            raise errors[0]
        return await _in_thread(partial(self._drain.counted, report))

    async def _work(self, report: DrainReport) -> None:
        from anyio import CancelScope

        steps = self._drain
        while report.stopped_by is None and (pass_id := await _in_thread(steps.claim)) is not None:
            try:
                while (
                    report.stopped_by is None and (entry := await _in_thread(partial(steps.next, pass_id))) is not None
                ):
                    if not await self._send(entry, report):
                        break
            finally:
                with CancelScope(shield=True):
                    await _in_thread(partial(steps.release, pass_id))

    async def _send(self, entry: OutboxEntry, report: DrainReport) -> bool:
        try:
            await self._drain.call(entry)
        except (StempError, ValueError) as error:
            return await _in_thread(partial(self._drain.failed, entry, error, report))
        await _in_thread(partial(self._drain.sent, entry, report))
        return True

    def __repr__(self) -> str:
        return repr(self._entries).replace("Entries", type(self).__name__)


async def _in_thread(function: Callable[[], T]) -> T:
    from anyio.to_thread import run_sync

    return await run_sync(function)


publish("stemp_sdk", globals())
