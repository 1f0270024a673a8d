"""The async client on asyncio and on trio, with the real clock."""

from __future__ import annotations

import json

import anyio.to_thread
import pytest

from stemp_sdk import AsyncStemp, NotFoundError
from tests.support.servers import USER, answer, serving
from tests.support.twins import TOKEN

pytestmark = pytest.mark.anyio

NEVER = b""


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


async def test_a_result_and_an_error_come_over_one_connection() -> None:
    with serving(USER, answer(b"{}", status="404 Not Found")) as (base_url, seen):
        async with AsyncStemp(TOKEN, base_url=base_url) as client:
            assert (await client.users.get("usr_1")).id == "usr_1"
            with pytest.raises(NotFoundError):
                await client.users.get("usr_2")
    assert seen.ways == [1, 1]


async def test_a_listing_is_read_on_both_event_loops() -> None:
    def page(*ids: str, last: bool) -> bytes:
        return answer(json.dumps({"content": [{"id": user_id} for user_id in ids], "last": last}).encode())

    pages = page("usr_1", "usr_2", last=False), page("usr_3", last=True)
    with serving(*pages, *pages) as (base_url, seen):
        async with AsyncStemp(TOKEN, base_url=base_url) as client:
            assert [user.id async for user in client.users.list(size=2)] == ["usr_1", "usr_2", "usr_3"]
            assert [user.id for user in (await client.users.list(size=2)).items] == ["usr_1", "usr_2"]
    assert seen.ways == [1, 1, 1]


async def test_a_call_waits_between_tries_on_both_event_loops() -> None:
    busy = answer(b"", "retry-after: 0", status="503 Service Unavailable")
    with serving(busy, busy, USER) as (base_url, seen):
        async with AsyncStemp(TOKEN, base_url=base_url) as client:
            assert (await client.users.get("usr_1")).id == "usr_1"
    assert seen.ways == [1, 1, 1]


async def test_a_cancelled_call_leaves_the_client_whole() -> None:
    with serving(NEVER, USER) as (base_url, seen):
        async with AsyncStemp(TOKEN, base_url=base_url) as client:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(client.users.get, "usr_1")
                assert await anyio.to_thread.run_sync(seen.arrived.wait, 60)
                tasks.cancel_scope.cancel()
            assert (await client.users.get("usr_1")).id == "usr_1"
    assert seen.ways == [1, 2]


async def test_many_calls_at_once_are_all_answered() -> None:
    with serving(USER) as (base_url, seen):
        async with AsyncStemp(TOKEN, base_url=base_url) as client, anyio.create_task_group() as tasks:
            for _ in range(20):
                tasks.start_soon(client.users.get, "usr_1")
    assert len(seen.requests) == 20
