"""The app, which reacts to stemp's webhooks.

Events arrive at least once, late, and out of order. So each handler first gets the current state, and does only what is
not done yet: a card gets one welcome stamp, even if its event is delivered twice.
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

SCOPES: Final = (
    presets.POS | PLATFORM_EMAIL_SEND
)  # only installed apps may send emails, so an API token cannot hold this
WelcomeScopes: TypeAlias = ScopeSet[presets.PosNames | Literal["platform:email:send"]]


def create_app(client: AsyncStemp[WelcomeScopes], secret: str, store: SeenStore | None = None) -> FastAPI:
    """Make the app.

    Args:
        client: Acts for the organization. Closed when the app ends.
        secret: The secret of the webhook's endpoint.
        store: Remembers which events were handled; in memory if not given.
    """
    receiver = WebhookReceiver(Verifier(secret), store=store)

    @receiver.on(PassCreated)
    async def welcome(event: PassCreated) -> None:
        """Put the first stamp on a new card."""
        note = f"Welcome ({event.id})"
        try:
            # After a crash, or if a response was lost, the same event arrives again. The history shows the stamp.
            if not [entry async for entry in client.loyalty.stamp_history(event.data.id) if entry.note == note]:
                await client.loyalty.add_stamp(event.data.id, note=note)
        except NotFoundError:
            pass  # the card was deleted in the meantime

    @receiver.on(StampCreated)
    async def thank(event: StampCreated) -> None:
        """Send the customer an email when the card is full."""
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
