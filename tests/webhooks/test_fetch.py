"""From an event to the API: typed by scope, and checked before any request."""

from __future__ import annotations

import asyncio

import pytest

from stemp_sdk import MissingScopeError, presets
from stemp_sdk.sandbox import Sandbox
from stemp_sdk.scopes import ORG_READ, PASS_READ, USER_READ
from stemp_sdk.webhooks import PassData, StampData, UserData


def test_fetch_gets_the_subject_of_an_event() -> None:
    sandbox = Sandbox().seed_demo()
    with sandbox.client(scopes=presets.POS) as till:
        user = till.users.get("cust_123")
        card = till.passes.list(user_id=user.id).items[0]
        assert UserData(id=user.id).fetch(till) == user
        assert PassData(id=card.id).fetch(till) == card
        assert StampData(wallet_pass_id=card.id).fetch(till) == till.loyalty.get_stamps(card.id)


def test_afetch_gets_the_subject_of_an_event() -> None:
    sandbox = Sandbox().seed_demo()

    async def work() -> None:
        async with sandbox.async_client(scopes=USER_READ | PASS_READ) as client:
            user = await client.users.get("cust_123")
            card = (await client.passes.list(user_id=user.id)).items[0]
            assert await UserData(id=user.id).afetch(client) == user
            assert await PassData(id=card.id).afetch(client) == card
            assert await StampData(wallet_pass_id=card.id).afetch(client) == await client.loyalty.get_stamps(card.id)

    asyncio.run(work())


def test_fetch_without_its_scope_sends_nothing() -> None:
    sandbox = Sandbox()
    client = sandbox.client(scopes=ORG_READ)
    with pytest.raises(MissingScopeError, match=r"users\.get needs user:read"):
        UserData(id="usr_1").fetch(client)  # type: ignore[arg-type]
    assert sandbox.requests == []


def test_fetch_of_stamps_without_a_card_is_an_error() -> None:
    client = Sandbox().client(scopes=PASS_READ)
    with pytest.raises(ValueError, match="walletPassId"):
        StampData(id="ss_1").fetch(client)
