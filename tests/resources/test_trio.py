"""The async client on trio, over real HTTP: what waits, waits there too, and nothing is left behind."""

from __future__ import annotations

import gc
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeAlias

import pytest
import trio

from stemp_sdk import AsyncStemp, presets
from stemp_sdk.sandbox import Sandbox
from stemp_sdk.sandbox.server import serving

Work: TypeAlias = Callable[[AsyncStemp[presets.PosScopes]], Awaitable[None]]


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox().seed_demo()


@pytest.fixture
def run(sandbox: Sandbox) -> Iterator[Callable[[Work], None]]:
    with serving(sandbox) as base_url:

        async def session(work: Work) -> None:
            async with AsyncStemp(sandbox.issue_token(presets.POS), scopes=presets.POS, base_url=base_url) as client:
                await work(client)

        yield lambda work: trio.run(session, work)


def test_calls_at_once(run: Callable[[Work], None]) -> None:
    async def work(client: AsyncStemp[presets.PosScopes]) -> None:
        [card, *_] = (await client.passes.list()).items

        async def stamp() -> None:
            await client.loyalty.add_stamp(card.id)

        await client.loyalty.set_stamps(card.id, stamps=0)
        async with trio.open_nursery() as nursery:
            for _ in range(5):
                nursery.start_soon(stamp)
        assert (await client.loyalty.get_stamps(card.id)).current_stamps == 5

    run(work)


def test_another_try(run: Callable[[Work], None], sandbox: Sandbox) -> None:
    async def work(client: AsyncStemp[presets.PosScopes]) -> None:
        sandbox.fail_next(headers={"Retry-After": "0"})
        assert (await client.users.get("cust_123")).external_id == "cust_123"

    run(work)
    assert [request.status for request in sandbox.requests] == [503, 200]


def test_a_listing_that_is_left_in_the_middle(run: Callable[[Work], None]) -> None:
    async def work(client: AsyncStemp[presets.PosScopes]) -> None:
        async for _ in client.users.list(size=1):
            break
        async for _ in client.users.list(size=1).pages():
            break
        gc.collect()  # trio would warn of an async generator here
        assert len([user async for user in client.users.list(size=1)]) == 3

    run(work)
