"""What a user of the SDK has and tests: a till, and an app that receives webhooks."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.routing import Route

from stemp_sdk import AsyncStemp, RateLimitError, Stemp, presets
from stemp_sdk.webhooks import ASGIApp, PassCreated, Verifier, WebhookReceiver

SECRET = "whsec_of_the_shop"


def stamp(client: Stemp[presets.PosScopes], card_id: str) -> str:
    """Put a stamp on a card; what the display of the till shows."""
    try:
        state = client.loyalty.add_stamp(card_id, note="Main St")
    except RateLimitError:
        return "try again"
    return f"{state.current_stamps} of {state.max_stamps_snapshot}"


async def stamp_async(client: AsyncStemp[presets.PosScopes], card_id: str) -> str:
    """The same, asynchronous."""
    state = await client.loyalty.add_stamp(card_id, note="Main St")
    return f"{state.current_stamps} of {state.max_stamps_snapshot}"


def create_app(client: AsyncStemp[presets.PosScopes]) -> FastAPI:
    """An app that puts a stamp on each new card."""
    receiver = WebhookReceiver(Verifier(SECRET))

    @receiver.on(PassCreated)
    async def welcome(event: PassCreated) -> None:
        await stamp_async(client, event.data.id)

    return FastAPI(routes=[Route("/stemp", ASGIApp(receiver), methods=["POST"])])
