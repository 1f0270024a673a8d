"""``Outbox``: drained in threads."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

from .._client import Stemp
from .._core.arguments import seconds, whole_number
from .._core.errors import StempError
from .._public import publish
from ..scopes import ScopeSet
from ._entries import Entries
from ._entry import DrainReport, OutboxEntry

_logger: Final = logging.getLogger("stemp_sdk")


class Outbox(Entries):
    """Stamps and points of a till that may have no network: kept in a file, and carried out once each.

    ::

        outbox = Outbox(client, "till.outbox")
        with outbox.draining():                                      # a thread sends what waits
            outbox.add_stamp("wp_1", reference="receipt 4711")       # returns at once

    An entry survives restarts and power failures. Entries of one card are sent in their order, each exactly once for
    its reference, by whichever process drains; any number of processes of one machine may share the file. An entry
    whose outcome is unknown is looked up before it is sent again. What the server refuses is a dead letter, with the
    reason, and stays in the file.

    The file is also the journal of the writes, unless the client has one (``journal=``). A reference that the journal
    does not have is not looked up, so do not use it elsewhere: stamp through the outbox alone, or give all clients the
    same journal.

    Args:
        client: The client. It needs ``loyalty:manage`` and ``pass:read``, by which references are looked up.
        path: The file, which only its owner may use (mode 0600). It is made if there is none. Not on a network file
            system. It has no token in it.

    Raises:
        MissingScopeError: the client does not hold the scopes.
        StoreError: the file belongs to another user, may be used by others, cannot be made, or is not a database.
        TypeError: an argument has the wrong type.
        ValueError: ``path`` does not name a file.
    """

    def __init__(
        self, client: Stemp[ScopeSet[Literal["loyalty:manage", "pass:read"]]], path: str | os.PathLike[str]
    ) -> None:
        if not isinstance(client, Stemp):
            raise TypeError(f"client must be a Stemp, not {type(client).__name__}")
        super().__init__(client, path)
        self._additions = 0
        self._woken = threading.Event()

    def drain(self, *, concurrency: int = 4) -> DrainReport:
        """Send every entry that waits, until none is left, or an error ends it that all others would meet.

        Args:
            concurrency: How many cards are worked on at once.

        Returns:
            The counts. Errors of entries are in ``entries``, not raised.

        Raises:
            StoreError: the file cannot be used.
            TypeError: ``concurrency`` is not an int.
            ValueError: ``concurrency`` is below 1.

        Scopes: loyalty:manage pass:read
        """
        whole_number("concurrency", concurrency, at_least=1)
        self._drain.hurry()
        return self._drain_due(concurrency)

    @contextmanager
    def draining(self, *, every: float = 15.0, concurrency: int = 4) -> Generator[None]:
        """Drain in a thread while the ``with`` block runs: what is added at once, and the rest as soon as it can be.

        The end of the block waits until what was added in it has been tried once. What could not be sent stays in the
        file.

        Args:
            every: Seconds between two tries while something waits.
            concurrency: How many cards are worked on at once.

        Raises:
            TypeError: an argument has the wrong type.
            ValueError: an argument is out of range.

        Scopes: loyalty:manage pass:read
        """
        every, concurrency = seconds("every", every), whole_number("concurrency", concurrency, at_least=1)
        ended = threading.Event()

        def work() -> None:
            tried = -1  # of the entries that were added
            while tried != self._additions or not ended.is_set():
                tried = self._additions
                try:
                    self._drain_due(concurrency)
                except Exception:  # a thread that ends would drain nothing any more
                    _logger.exception("the outbox could not be drained, and will be tried again in %g s", every)
                if not ended.is_set():  # its wake may be cleared with that of an entry that was added just before
                    self._woken.wait(every)
                self._woken.clear()  # before the look at what woke it

        thread = threading.Thread(target=work, name="stemp-outbox", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            self._woken.set()
            thread.join()

    def _add(
        self,
        operation: str,
        pass_id: str,
        reference: str,
        points: int | Decimal | None,
        note: str | None,
        sold_at: datetime | None,
    ) -> OutboxEntry:
        entry = super()._add(operation, pass_id, reference, points, note, sold_at)
        self._additions += 1
        self._woken.set()
        return entry

    def _drain_due(self, concurrency: int) -> DrainReport:
        report = DrainReport()
        with ThreadPoolExecutor(concurrency, thread_name_prefix="stemp-outbox") as threads:
            try:
                for worker in [threads.submit(self._work, report) for _ in range(concurrency)]:
                    worker.result()
            except BaseException:  # such as Ctrl-C: no worker begins another entry
                report.stopped_by = report.stopped_by or StempError("the drain was interrupted")
                raise
        return self._drain.counted(report)

    def _work(self, report: DrainReport) -> None:
        while report.stopped_by is None and (pass_id := self._drain.claim()) is not None:
            try:
                while report.stopped_by is None and (entry := self._drain.next(pass_id)) is not None:
                    if not self._send(entry, report):
                        break
            finally:
                self._drain.release(pass_id)

    def _send(self, entry: OutboxEntry, report: DrainReport) -> bool:
        try:
            self._drain.call(entry)
        except (StempError, ValueError) as error:
            return self._drain.failed(entry, error, report)
        self._drain.sent(entry, report)
        return True


publish("stemp_sdk", globals())
