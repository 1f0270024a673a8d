"""However a call ends, its connection comes back whole, or is thrown away: no slot is ever lost."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import httpx
import pytest
from httpcore._async.http11 import AsyncHTTP11Connection

from stemp_sdk._core.call import RawResponse
from stemp_sdk._transport import AsyncPool, Pool
from stemp_sdk._transport._request import RequestBuilder
from tests.support.interruptions import Interrupted
from tests.support.servers import USER, serving

from .pools import GET, stack_of

OURS = re.compile(r"/transport/_|/httpcore/(?!_backends)|/httpx/_transports")


def test_a_cancel_during_the_close_of_a_response_loses_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where httpcore's own pool loses a connection each time, and is dead after a hundred."""
    real: Any = vars(AsyncHTTP11Connection)["_response_closed"]

    async def at_this_moment(self: AsyncHTTP11Connection) -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await real(self)

    async def run(base_url: str) -> None:
        origin = httpx.URL(base_url).copy_with(path="/")
        pool, builder = AsyncPool(origin), RequestBuilder(origin)
        monkeypatch.setattr("stemp_sdk._transport._stack.MOST", 2)
        for _ in range(10):
            with contextlib.suppress(asyncio.CancelledError), monkeypatch.context() as patched:
                patched.setattr(AsyncHTTP11Connection, "_response_closed", at_this_moment)
                await asyncio.create_task(pool.send(GET, builder))
        assert isinstance(await pool.send(GET, builder), RawResponse)
        await pool.aclose()

    with serving(USER) as (base_url, _):
        asyncio.run(run(base_url))


def test_a_cancel_at_every_turn_of_the_loop_loses_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stemp_sdk._transport._stack.MOST", 2)

    async def run(base_url: str) -> int:
        origin = httpx.URL(base_url).copy_with(path="/")
        pool, builder = AsyncPool(origin), RequestBuilder(origin)
        turns = 0
        for turns in range(1000):
            task = asyncio.create_task(pool.send(GET, builder))
            for _ in range(turns):
                await asyncio.sleep(0)
            if not task.cancel():
                break
            with contextlib.suppress(asyncio.CancelledError):
                await task
        assert isinstance(await pool.send(GET, builder), RawResponse)
        await pool.aclose()
        return turns

    with serving(USER) as (base_url, _):
        assert asyncio.run(run(base_url)) > 3


def interrupted_at(number: int) -> Callable[[FrameType, str, Any], Any]:
    """A trace function that interrupts the so-manieth line of the transport and of what it uses."""
    count = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        # Not while a socket is being made: that is left to the garbage collector, which says so.
        code, caller = frame.f_code, frame.f_back
        names = {code.co_name, caller.f_code.co_name if caller is not None else ""}
        if not OURS.search(code.co_filename) or "connect_tcp" in names:
            return None
        if event == "line":
            count += 1
            if count == number:
                raise Interrupted
        return trace

    return trace


@pytest.mark.parametrize("opened", [False, True])
def test_an_interruption_at_every_line_loses_no_connection(opened: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """With two connections at most: a third slot that is lost would show."""
    monkeypatch.setattr("stemp_sdk._transport._stack.MOST", 2)
    monkeypatch.setattr("stemp_sdk._transport._sync.RECHECK", 0.01)
    interrupted = 0
    with serving(USER) as (base_url, _):
        origin = httpx.URL(base_url).copy_with(path="/")
        for number in range(1, 2000, 5):
            pool, builder = Pool(origin), RequestBuilder(origin)
            if opened:
                pool.send(GET, builder)
            before = sys.gettrace()
            try:
                sys.settrace(interrupted_at(number))
                pool.send(GET, builder)
            except Interrupted:
                interrupted += 1
            else:
                break
            finally:
                sys.settrace(before)
            for _ in range(3):
                assert isinstance(pool.send(GET, builder), RawResponse)
            stack = stack_of(pool)
            assert len(stack._all) == len(stack._idle) <= 2
            pool.close()
    assert interrupted > 50
