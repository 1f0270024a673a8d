"""The app: stemp tells it what happened, and it acts on what it is told.

Events come at least once, late, and out of order. So each handler first looks at what is true now, and does again only
what was not done: whatever happens between two deliveries, a card is welcomed once.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from html import escape
from typing import Final, Literal, TypeAlias

from fastapi import FastAPI
from starlette.routing import Route

from stemp_sdk import AsyncStemp, NotFoundError, ScopeSet, presets
from stemp_sdk.scopes import PLATFORM_EMAIL_SEND
from stemp_sdk.webhooks import ASGIApp, PassCreated, SeenStore, StampCreated, Verifier, WebhookReceiver

SCOPES: Final = presets.POS | PLATFORM_EMAIL_SEND  # mail is for installed apps, so no API token may hold this
WelcomeScopes: TypeAlias = ScopeSet[presets.PosNames | Literal["platform:email:send"]]


def create_app(client: AsyncStemp[WelcomeScopes], secret: str, store: SeenStore | None = None) -> FastAPI:
    """The app.

    Args:
        client: Acts for the organization; closed when the app ends.
        secret: The secret of the webhook's endpoint.
        store: Remembers which events were handled; in memory if not given.
    """
    receiver = WebhookReceiver(Verifier(secret), store=store)

    @receiver.on(PassCreated)
    async def welcome(event: PassCreated) -> None:
        """Put the first stamp on a new card."""
        note = f"Welcome ({event.id})"
        try:
            # After a crash, or a stamp whose answer was lost, the same event comes again. The history tells.
            if not [entry async for entry in client.loyalty.stamp_history(event.data.id) if entry.note == note]:
                await client.loyalty.add_stamp(event.data.id, note=note)
        except NotFoundError:
            pass  # the card is gone by now, and nobody misses the stamp

    @receiver.on(StampCreated)
    async def thank(event: StampCreated) -> None:
        """Mail the customer when the card is full."""
        if not event.data.is_full or event.data.wallet_pass_id is None:
            return
        try:
            card = await client.passes.get(event.data.wallet_pass_id)
            if card.user_id is None:
                return
            user = await client.users.get(card.user_id)
        except NotFoundError:
            return
        # A crash right after this line sends the email twice: better than never.
        await client.emails.send(
            to=user.id,
            subject="Your card is full",
            html_body=f"<p>Dear {escape(user.name or 'customer')},</p><p>the next one is on us.</p>",
            text_body="The next one is on us.",
            category="transactional",
        )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        async with client:
            yield

    return FastAPI(routes=[Route("/stemp", ASGIApp(receiver), methods=["POST"])], lifespan=lifespan)
