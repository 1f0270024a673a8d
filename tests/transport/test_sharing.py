"""One client in several threads, which share its connections, and in several event loops, which cannot."""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from weakref import WeakSet

import pytest
import trio

from stemp_sdk import AsyncStemp, Stemp, presets
from tests.support.servers import USER, serving
from tests.support.twins import TOKEN


def test_threads_share_the_connections_of_a_client() -> None:
    with serving(USER) as (base_url, seen), Stemp(TOKEN, scopes=presets.POS, base_url=base_url) as client:
        start = threading.Barrier(8)

        def work(_: int) -> set[str]:
            start.wait()
            return {client.users.get("usr_1").id for _ in range(50)}

        with ThreadPoolExecutor(8) as threads:
            assert list(threads.map(work, range(8))) == [{"usr_1"}] * 8
    assert len(seen.requests) == 400
    assert 1 <= seen.connections <= 8


async def get(client: AsyncStemp, times: int = 2) -> None:
    for _ in range(times):
        assert (await client.users.get("usr_1")).id == "usr_1"


def in_asyncio(client: AsyncStemp) -> None:
    asyncio.run(get(client))


def in_trio(client: AsyncStemp) -> None:
    trio.run(get, client)


@pytest.mark.parametrize("run", [in_asyncio, in_trio])
def test_event_loops_one_after_the_other_share_a_client(run: Callable[[AsyncStemp], None]) -> None:
    """As Django, Celery and tests do it; each loop closes its connections at its end."""
    with serving(USER) as (base_url, seen):
        client = AsyncStemp(TOKEN, base_url=base_url)
        for _ in range(3):
            run(client)
            gc.collect()
    assert seen.ways == [1, 1, 2, 2, 3, 3]


def test_asyncio_and_trio_in_turn_share_a_client() -> None:
    with serving(USER) as (base_url, seen):
        client = AsyncStemp(TOKEN, base_url=base_url)
        in_asyncio(client)
        in_trio(client)
        in_asyncio(client)
    assert seen.ways == [1, 1, 2, 2, 3, 3]


def test_several_event_loops_at_once_share_a_client() -> None:
    with serving(USER) as (base_url, seen):
        client = AsyncStemp(TOKEN, base_url=base_url)
        start = threading.Barrier(4)

        def work(run: Callable[[AsyncStemp], None]) -> None:
            start.wait()
            run(client)

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(work, [in_asyncio, in_trio] * 2))
    assert (len(seen.requests), seen.connections) == (8, 4)
    assert all(seen.ways.count(way) == 2 for way in (1, 2, 3, 4))


def test_event_loops_in_turn_keep_their_connections() -> None:
    with serving(USER) as (base_url, seen), asyncio.Runner() as one, asyncio.Runner() as other:
        client = AsyncStemp(TOKEN, base_url=base_url)
        for runner in (one, other, one, other):
            runner.run(get(client, times=1))
    assert seen.ways == [1, 2, 1, 2]


def test_aclose_closes_the_connections_of_every_event_loop() -> None:
    with serving(USER) as (base_url, _), asyncio.Runner() as one, asyncio.Runner() as other:
        client = AsyncStemp(TOKEN, base_url=base_url)
        one.run(get(client))
        other.run(get(client))
        one.run(client.aclose())
        for runner in (one, other):
            with pytest.raises(RuntimeError, match="the client is closed"):
                runner.run(get(client))
        other.run(client.aclose())


def test_an_event_loop_without_connections_may_close_the_client() -> None:
    with serving(USER) as (base_url, _), asyncio.Runner() as runner:
        client = AsyncStemp(TOKEN, base_url=base_url)
        runner.run(get(client))
        asyncio.run(client.aclose())
        trio.run(client.aclose)


def test_a_client_that_is_dropped_closes_its_connections_where_they_are() -> None:
    with serving(USER) as (base_url, seen), asyncio.Runner() as runner:
        runner.run(get(AsyncStemp(TOKEN, base_url=base_url)))
        gc.collect()
        runner.run(get(AsyncStemp(TOKEN, base_url=base_url)))
        gc.collect()
    assert seen.ways == [1, 1, 2, 2]


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # asyncio's own, of what such a loop leaves behind
def test_an_event_loop_that_ends_without_aclose_is_forgotten() -> None:
    with serving(USER) as (base_url, seen):
        client = AsyncStemp(TOKEN, base_url=base_url)
        loops: WeakSet[asyncio.AbstractEventLoop] = WeakSet()
        for _ in range(3):
            loop = asyncio.new_event_loop()
            loops.add(loop)
            loop.run_until_complete(get(client))
            loop.close()
            del loop
        gc.collect()
        assert len(loops) == 1  # the last one, of which it cannot know yet
        del client
        gc.collect()
    assert seen.ways == [1, 1, 2, 2, 3, 3]


@pytest.mark.parametrize("modules", [("trio",), ()])
def test_a_call_outside_of_any_event_loop_is_an_error(
    modules: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in modules:
        monkeypatch.delitem(sys.modules, module)
    call: Coroutine[Any, Any, object] = AsyncStemp(TOKEN).users.get("usr_1")
    with pytest.raises(RuntimeError, match=r"no running event loop|async context"):
        call.send(None)
