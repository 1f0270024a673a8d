"""An outbox that drains in the background, for as long as a block runs."""

from __future__ import annotations

import asyncio
import logging
import threading
from threading import Thread
from time import monotonic
from typing import Any, Final

import pytest
from typing_extensions import override

from stemp_sdk import DrainReport, Outbox, OutboxEntry, OutboxStatus, StoreError
from stemp_sdk._outbox._drain import Drain

from .tills import Till

_HOUR: Final = 3600.0
_PATIENCE: Final = 60.0  # seconds, for what takes far less


class Watched(Drain):
    """A drain that tells the test what it has done."""

    def __init__(self, till: Till, outbox: Any) -> None:
        super().__init__(till.client(), outbox._drain._file)
        self.has_failed, self.has_sent = threading.Event(), threading.Event()
        outbox._drain = self

    @override
    def claim(self) -> str | None:
        try:
            return super().claim()
        except StoreError:
            self.has_failed.set()
            raise

    @override
    def sent(self, entry: OutboxEntry, report: DrainReport) -> None:
        super().sent(entry, report)
        self.has_sent.set()


def test_an_outbox_drains_in_the_background(till: Till, caplog: pytest.LogCaptureFixture) -> None:
    outbox = till.outbox()
    drain = Watched(till, outbox)

    def statuses() -> list[OutboxStatus]:
        return [entry.status for entry in Outbox(till.sandbox.client(), till.path).entries()]

    if till.kind == "sync":
        with outbox.draining(every=0.02):
            outbox.add_stamp(till.card, reference="receipt 1")
            assert drain.has_sent.wait(_PATIENCE)
            assert statuses() == [OutboxStatus.SENT]
    else:

        async def drain_in_a_task() -> None:
            async with outbox.draining(every=0.02):
                await outbox.add_stamp(till.card, reference="receipt 1")
                assert await asyncio.to_thread(drain.has_sent.wait, _PATIENCE)
                assert statuses() == [OutboxStatus.SENT]

        asyncio.run(drain_in_a_task())
    assert till.stamps() == 1
    assert caplog.records == []


def test_what_was_added_is_tried_before_the_block_ends(till: Till) -> None:
    outbox = till.outbox()
    if till.kind == "sync":
        with outbox.draining(every=_HOUR):
            outbox.add_stamp(till.card, reference="receipt 1")
    else:

        async def drain() -> None:
            async with outbox.draining(every=_HOUR):
                await outbox.add_stamp(till.card, reference="receipt 1")

        asyncio.run(drain())
    assert till.stamps() == 1


def test_the_block_ends_at_once_though_an_entry_is_added_in_the_middle_of_a_drain(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox, looking, go_on = till.outbox(), threading.Event(), threading.Event()
    waits: list[bool] = []  # an error in a drain is only logged

    class Stalls(Drain):
        @override
        def claim(self) -> str | None:
            looking.set()
            found = None if not go_on.is_set() else super().claim()
            waits.append(go_on.wait(_PATIENCE))
            return found

    outbox._drain = Stalls(till.client(), outbox._drain._file)
    began = monotonic()
    if till.kind == "sync":
        join = Thread.join

        def join_at_the_end(thread: Thread, timeout: float | None = None) -> None:
            if thread.name == "stemp-outbox":  # the block has ended
                go_on.set()
            join(thread, timeout)

        monkeypatch.setattr(Thread, "join", join_at_the_end)
        with outbox.draining(every=60, concurrency=1):
            assert looking.wait(_PATIENCE)
            outbox.add_stamp(till.card, reference="receipt 1")
            assert waits == []
    else:

        async def drain() -> None:
            async with outbox.draining(every=60, concurrency=1):
                assert await asyncio.to_thread(looking.wait, _PATIENCE)
                await outbox.add_stamp(till.card, reference="receipt 1")
                assert waits == []
                asyncio.get_running_loop().call_soon(go_on.set)  # the block has ended by then

        asyncio.run(drain())
    assert monotonic() - began < 30
    assert till.stamps() == 1
    assert waits == [True] * 3


def test_an_error_in_the_block_is_raised_as_it_is(till: Till) -> None:
    outbox = till.outbox()
    till.run(outbox.add_stamp(till.card, reference="receipt 1"))

    def drain_in_threads() -> None:
        with outbox.draining(every=_HOUR):
            raise LookupError("of the till")

    async def drain() -> None:
        async with outbox.draining(every=_HOUR):
            raise LookupError("of the till")

    with pytest.raises(LookupError, match="of the till"):
        drain_in_threads() if till.kind == "sync" else asyncio.run(drain())
    assert till.stamps() == 1


def test_a_failure_of_the_file_does_not_end_the_background(till: Till, caplog: pytest.LogCaptureFixture) -> None:
    outbox = till.outbox()
    drain = Watched(till, outbox)
    moved = till.path.with_suffix(".moved")
    till.path.rename(moved)
    if till.kind == "sync":
        with outbox.draining(every=0.01):
            assert drain.has_failed.wait(_PATIENCE)
            moved.rename(till.path)
            outbox.add_stamp(till.card, reference="receipt 1")
            assert drain.has_sent.wait(_PATIENCE)
            assert till.stamps() == 1
    else:

        async def drain_in_a_task() -> None:
            async with outbox.draining(every=0.01):
                assert await asyncio.to_thread(drain.has_failed.wait, _PATIENCE)
                moved.rename(till.path)
                await outbox.add_stamp(till.card, reference="receipt 1")
                assert await asyncio.to_thread(drain.has_sent.wait, _PATIENCE)
                assert till.stamps() == 1

        asyncio.run(drain_in_a_task())
    assert "could not be drained" in caplog.text
    assert "will be tried again in 0.01 s" in caplog.text
    assert {record.levelno for record in caplog.records} == {logging.ERROR}


@pytest.mark.parametrize(("argument", "value"), [("concurrency", 0), ("every", 0)])
def test_wrong_options_of_a_drain_are_named(till: Till, argument: str, value: Any) -> None:
    outbox = till.outbox()

    async def drain() -> None:
        async with outbox.draining(**{argument: value}):
            pass

    def drain_in_threads() -> None:
        with outbox.draining(**{argument: value}):
            pass

    with pytest.raises(ValueError, match=argument):
        drain_in_threads() if till.kind == "sync" else asyncio.run(drain())
    if argument == "concurrency":
        with pytest.raises(ValueError, match="concurrency must be at least 1"):
            till.run(outbox.drain(concurrency=0))
