"""More calls at once than connections: who comes first is served first, and only the deadline ends the wait."""

from __future__ import annotations

import asyncio
import gc
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import attrs
import httpx
import pytest
import trio

from stemp_sdk._core.call import NoResponse, Outcome, RawResponse, Send
from stemp_sdk._transport import AsyncPool, Pool, _stack
from stemp_sdk._transport._request import RequestBuilder
from tests.support.servers import USER, serving

from .pools import GET, stack_of

NEVER = b""
NOBODY = "no connection was free within 0.2 s, when the deadline came: all 2 were in use"


@pytest.fixture(autouse=True)
def two_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("_stack", "_sync", "_async"):
        monkeypatch.setattr(f"stemp_sdk._transport.{module}.MOST", 2)


def in_threads(base_url: str, *sends: Any) -> list[Outcome]:
    origin = httpx.URL(base_url).copy_with(path="/")
    pool, builder = Pool(origin), RequestBuilder(origin)
    with ThreadPoolExecutor(len(sends)) as threads:
        outcomes = [waiting.result() for waiting in [threads.submit(pool.send, send, builder) for send in sends]]
    pool.close()
    return outcomes


def in_asyncio(base_url: str, *sends: Any) -> list[Outcome]:
    origin = httpx.URL(base_url).copy_with(path="/")
    pool, builder = AsyncPool(origin), RequestBuilder(origin)

    async def run() -> list[Outcome]:
        outcomes = await asyncio.gather(*(pool.send(send, builder) for send in sends))
        await pool.aclose()
        return outcomes

    return asyncio.run(run())


def in_trio(base_url: str, *sends: Any) -> list[Outcome]:
    origin = httpx.URL(base_url).copy_with(path="/")
    pool, builder = AsyncPool(origin), RequestBuilder(origin)
    outcomes: dict[int, Outcome] = {}

    async def one(number: int, send: Any) -> None:
        outcomes[number] = await pool.send(send, builder)

    async def run() -> None:
        async with trio.open_nursery() as nursery:
            for number, send in enumerate(sends):
                nursery.start_soon(one, number, send)
        await pool.aclose()

    trio.run(run)
    return [outcomes[number] for number in range(len(sends))]


each_way = pytest.mark.parametrize("run", [in_threads, in_asyncio, in_trio])


@each_way
def test_requests_that_wait_for_a_connection_longer_than_the_timeout_are_answered(run: Any) -> None:
    with serving(USER) as (base_url, seen):
        outcomes = run(base_url, *[attrs.evolve(GET, timeout=2.0)] * 50)
    assert all(isinstance(outcome, RawResponse) for outcome in outcomes)
    assert (len(seen.requests), seen.connections) == (50, 2)


@pytest.mark.parametrize("run", [in_threads, in_asyncio])  # trio begins tasks in any order
def test_the_deadline_ends_the_wait_for_a_connection(run: Any) -> None:
    long, short = attrs.evolve(GET, timeout=1.0), attrs.evolve(GET, budget=0.2)
    with serving(NEVER) as (base_url, seen):
        outcomes = run(base_url, long, long, short, short)
    waited = [outcome for outcome in outcomes if isinstance(outcome, NoResponse) and "no connection" in outcome.reason]
    assert {(lost.reason, lost.sent, lost.timed_out) for lost in waited} == {(NOBODY, False, True)}
    assert len(waited) + len(seen.requests) == 4


@each_way
def test_a_lost_connection_makes_room_for_a_waiting_request(run: Any) -> None:
    with serving(None) as (base_url, seen):
        outcomes = run(base_url, *[GET] * 10)
    assert all(isinstance(outcome, NoResponse) for outcome in outcomes)
    assert seen.connections == 10


def test_the_first_request_that_waits_gets_the_connection() -> None:
    order: list[str] = []

    class Noting(RequestBuilder):
        def build(self, send: Send) -> httpx.Request:
            order.append(send.target)
            return super().build(send)

    async def run(base_url: str) -> None:
        origin = httpx.URL(base_url).copy_with(path="/")
        pool, builder = AsyncPool(origin), Noting(origin)
        async with asyncio.TaskGroup() as tasks:
            for number in range(20):
                tasks.create_task(pool.send(attrs.evolve(GET, target=f"/{number}"), builder))
        await pool.aclose()

    with serving(USER) as (base_url, _):
        asyncio.run(run(base_url))
    assert order == [f"/{number}" for number in range(20)]


def test_a_request_that_gives_up_its_wait_holds_up_no_other() -> None:
    async def run(base_url: str) -> None:
        origin = httpx.URL(base_url).copy_with(path="/")
        pool, builder = AsyncPool(origin), RequestBuilder(origin)
        holding = [asyncio.create_task(pool.send(attrs.evolve(GET, timeout=0.5), builder)) for _ in range(2)]
        await asyncio.sleep(0)
        waiting = [asyncio.create_task(pool.send(GET, builder)) for _ in range(5)]
        await asyncio.sleep(0)
        for task in waiting[:4]:
            task.cancel()
        await asyncio.gather(*holding)
        assert isinstance(await waiting[4], RawResponse)
        await pool.aclose()

    with serving(NEVER, NEVER, USER) as (base_url, _):
        asyncio.run(run(base_url))


def test_a_connection_lost_between_two_statements_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection and a waiter that are gone without the pool having noticed."""
    monkeypatch.setattr(_stack, "RECHECK", 0.01)
    monkeypatch.setattr("stemp_sdk._transport._sync.RECHECK", 0.01)
    with serving(USER) as (base_url, seen):
        origin = httpx.URL(base_url).copy_with(path="/")
        pool, builder = Pool(origin), RequestBuilder(origin)
        stack = stack_of(pool)
        taken = [stack.take(adds=False), stack.take(adds=False)]
        stack.queue(_stack.Waiter())
        assert stack.take(adds=False) is None
        outcomes: list[Outcome] = []
        thread = threading.Thread(target=lambda: outcomes.append(pool.send(GET, builder)))
        thread.start()
        taken.clear()
        gc.collect()
        thread.join()
        pool.close()
    assert isinstance(outcomes[0], RawResponse)
    assert len(seen.requests) == 1
