"""Listings on trio, which warns of what is left behind."""

from __future__ import annotations

import gc

import trio

from stemp_sdk import presets
from stemp_sdk.sandbox import Sandbox


def test_a_listing_may_be_left_in_the_middle_and_taken_up_again() -> None:
    async def read() -> None:
        async with Sandbox().seed_demo().async_client(scopes=presets.POS) as client:
            async for _ in client.users.list(size=1):
                break
            async for _ in client.users.list(size=1).pages():
                break
            gc.collect()  # trio would warn of an async generator here
            users = aiter(client.users.list(size=1))
            first = await anext(users)
            assert len({first.id, *[user.id async for user in users]}) == 3

    trio.run(read)
