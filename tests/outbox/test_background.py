"""An outbox that drains in the background, for as long as a block runs."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from time import monotonic
from typing import Any, Final

import pytest
from anyio.lowlevel import checkpoint

from stemp_sdk import (
    Outbox,
    OutboxStatus,
)
from stemp_sdk._outbox._drain import Drain

from .tills import Till

_HOUR: Final = 3600.0


async def _until(is_so: Callable[[], bool]) -> None:
    while not is_so():  # nothing announces it
        await checkpoint()


def test_an_outbox_drains_in_the_background(till: Till, caplog: pytest.LogCaptureFixture) -> None:
    outbox = till.outbox()
    done = threading.Event()

    def watch() -> None:
        if all(entry.status is OutboxStatus.SENT for entry in Outbox(till.sandbox.client(), till.path).entries()):
            done.set()

    if till.kind == "sync":
        with outbox.draining(every=0.02):
            outbox.add_stamp(till.card, reference="receipt 1")
            while not done.wait(0.01):
                watch()
    else:

        async def drain() -> None:
            async with outbox.draining(every=0.02):
                await outbox.add_stamp(till.card, reference="receipt 1")
                while not done.is_set():
                    await asyncio.sleep(0.01)
                    watch()

        asyncio.run(drain())
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


def test_the_block_ends_at_once_though_an_entry_is_added_in_the_middle_of_a_drain(till: Till) -> None:
    outbox, looking, go_on = till.outbox(), threading.Event(), threading.Event()

    class Stalls(Drain):
        def claim(self) -> str | None:
            looking.set()
            found = None if not go_on.is_set() else super().claim()
            go_on.wait(60)
            return found

    outbox._drain = Stalls(till.client(), outbox._drain._file)
    began = monotonic()
    if till.kind == "sync":
        with outbox.draining(every=60, concurrency=1):
            looking.wait(60)
            outbox.add_stamp(till.card, reference="receipt 1")
            threading.Timer(0.05, go_on.set).start()
    else:

        async def drain() -> None:
            async with outbox.draining(every=60, concurrency=1):
                await _until(looking.is_set)
                await outbox.add_stamp(till.card, reference="receipt 1")
                threading.Timer(0.05, go_on.set).start()

        asyncio.run(drain())
    assert monotonic() - began < 30
    assert till.stamps() == 1


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
    moved = till.path.with_suffix(".moved")
    till.path.rename(moved)
    if till.kind == "sync":
        with outbox.draining(every=0.01):
            while "could not be drained" not in caplog.text:
                pass
            moved.rename(till.path)
            outbox.add_stamp(till.card, reference="receipt 1")
            while till.stamps() != 1:
                pass
    else:

        async def drain() -> None:
            async with outbox.draining(every=0.01):
                await _until(lambda: "could not be drained" in caplog.text)
                moved.rename(till.path)
                await outbox.add_stamp(till.card, reference="receipt 1")
                await _until(lambda: till.stamps() == 1)

        asyncio.run(drain())
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
