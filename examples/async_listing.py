"""Stamp every card: all pages of a listing, with one page in memory at a time and several requests at once.

Runs against its own sandbox. For the real service, set STEMP_TOKEN, and STEMP_TEMPLATE to the id of a template.
"""

from __future__ import annotations

import asyncio
import os
from typing import Literal

from stemp_sdk import AsyncStemp, ScopeSet, presets
from stemp_sdk.sandbox import Sandbox
from stemp_sdk.scopes import PASS_CREATE, TEMPLATE_CREATE, USER_CREATE

AT_ONCE = 8


async def main() -> None:
    """Count the customers, then stamp all cards."""
    client, template_id = await connect()
    async with client:
        first = await client.users.list(size=20)  # an awaited listing is its first page …
        print(f"{first.total} customers on {first.total_pages} pages")

        without_phone = 0
        async for user in client.users.list(size=20):  # … and iteration is over all pages
            without_phone += user.phone is None
        print(f"{without_phone} without a phone number")

        print(f"{await stamp_all(client, template_id)} cards stamped")


async def stamp_all(client: AsyncStemp[ScopeSet[Literal["pass:read", "loyalty:manage"]]], template_id: str) -> int:
    """Stamp every card of a template, several at once. The first error cancels the rest."""
    slots = asyncio.Semaphore(AT_ONCE)
    stamped = 0

    async def stamp(card_id: str) -> None:
        nonlocal stamped
        try:
            await client.loyalty.add_stamp(card_id, note="Anniversary")
            stamped += 1
        finally:
            slots.release()

    async with asyncio.TaskGroup() as group:
        async for card in client.passes.list(template_id=template_id, size=20):
            await slots.acquire()  # waits for a free slot, so that the next page is not read too early
            group.create_task(stamp(card.id))
    return stamped


async def connect() -> tuple[AsyncStemp[presets.PosScopes], str]:
    """A client, and the id of the template of its cards."""
    if "STEMP_TOKEN" in os.environ:
        return AsyncStemp(scopes=presets.POS), os.environ["STEMP_TEMPLATE"]
    sandbox = Sandbox()
    async with sandbox.async_client(scopes=TEMPLATE_CREATE | USER_CREATE | PASS_CREATE) as kiosk:
        template = await kiosk.templates.create(name="Coffee card", type="stamps", max_stamps=10)
        for number in range(1, 51):
            phone = f"+49 30 {number:04}" if number % 5 else None
            user = await kiosk.users.create(email=f"customer-{number}@example.com", phone=phone)
            await kiosk.passes.create(template_id=template.id, user_id=user.id)
    return sandbox.async_client(scopes=presets.POS), template.id


if __name__ == "__main__":
    asyncio.run(main())
