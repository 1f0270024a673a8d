"""Which event loop runs, whichever library it belongs to."""

from __future__ import annotations

import asyncio
import sys

import pytest
import trio

from stemp_sdk._core.loops import running_loop


async def _running() -> object:
    return running_loop()


def test_running_loop_gives_the_loop_that_runs() -> None:
    with asyncio.Runner() as runner:
        assert runner.run(_running()) is runner.get_loop()
    assert type(trio.run(_running)).__module__.startswith("trio")


def test_running_loop_fails_outside_of_a_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "trio")
    with pytest.raises(RuntimeError, match="no running event loop"):
        running_loop()
