"""Play the story of a customer, with the app and its own sandbox: all webhooks and calls use real HTTP.

To use the real service instead, set STEMP_CLIENT_ID and STEMP_CLIENT_SECRET, STEMP_STORE and STEMP_INSTALLATION (the
file of installations, and the id of the one to act for), and STEMP_WEBHOOK_SECRET. The webhook's path is /stemp.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from stemp_sdk import AsyncStemp, Stemp, TokenKind, presets
from stemp_sdk.oauth import OAuthApp, SQLiteTokenStore
from stemp_sdk.sandbox import Sandbox, serving
from stemp_sdk.scopes import PASS_CREATE, TEMPLATE_CREATE, USER_CREATE
from stemp_sdk.webhooks import SQLiteSeenStore

from .app import SCOPES, WelcomeScopes, create_app

HOST, PORT = "127.0.0.1", 8000


def main() -> None:
    """Serve the app for the real service if that is configured, else play the story."""
    if "STEMP_CLIENT_ID" in os.environ:
        app = create_app(connect(), os.environ["STEMP_WEBHOOK_SECRET"], SQLiteSeenStore("welcome-seen.sqlite"))
        uvicorn.run(app, host=HOST, port=PORT)
    else:
        with in_sandbox() as (sandbox, base_url):
            play_story(sandbox, base_url)


def connect() -> AsyncStemp[WelcomeScopes]:
    """A client that acts for an organization which installed the app."""
    stemp = OAuthApp(
        os.environ["STEMP_CLIENT_ID"],
        os.environ["STEMP_CLIENT_SECRET"],
        f"http://{HOST}:{PORT}/callback",
        scopes=SCOPES,
        store=SQLiteTokenStore(os.environ["STEMP_STORE"]),
    )
    return stemp.async_client(stemp.installation(os.environ["STEMP_INSTALLATION"]))


@contextmanager
def in_sandbox() -> Generator[tuple[Sandbox, str]]:
    """A sandbox that sends its webhooks to the app, both served while the `with` block runs."""
    sandbox = Sandbox()
    with serving(sandbox) as base_url:
        token = sandbox.issue_token(SCOPES, kind=TokenKind.APP, name="welcome app")
        client = AsyncStemp(token, scopes=SCOPES, base_url=base_url)
        secret = secrets.token_urlsafe()
        with running(create_app(client, secret)) as url:
            sandbox.webhooks.add(f"{url}/stemp", secret=secret)
            yield sandbox, base_url


@contextmanager
def running(app: FastAPI) -> Generator[str]:
    """Serve the app on a free port while the `with` block runs."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    with socket.create_server((HOST, 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield f"http://{HOST}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def play_story(sandbox: Sandbox, base_url: str) -> None:
    """A customer gets a card, comes back twice, and receives an email."""
    kiosk_scopes = TEMPLATE_CREATE | USER_CREATE | PASS_CREATE
    with Stemp(sandbox.issue_token(kiosk_scopes), scopes=kiosk_scopes, base_url=base_url) as kiosk:
        design = kiosk.templates.create(name="Coffee card", type="stamps", max_stamps=3)
        jane = kiosk.users.create(email="jane@example.com", name="Jane Doe")
        card = kiosk.passes.create(template_id=design.id, user_id=jane.id)
    with Stemp(sandbox.issue_token(presets.POS), scopes=presets.POS, base_url=base_url) as till:
        sandbox.webhooks.deliver()  # waits until the app has handled every event
        print(f"{jane.name} has a card, and on it {till.loyalty.get_stamps(card.id).current_stamps} stamp from the app")
        for visit in ("Tuesday", "Friday"):
            state = till.loyalty.add_stamp(card.id, note=visit)
            print(f"{visit}: {state.current_stamps} of {state.max_stamps_snapshot}")
        sandbox.webhooks.deliver()
    customers = {jane.id: jane.email}
    for email in sandbox.emails:
        print(f"In the outbox: “{email.subject}”, to {customers[email.to]}")
    for delivery in sandbox.webhooks.deliveries:
        print(f"  {delivery.event_type:14}{delivery.state}, {delivery.attempts[-1].status}")


if __name__ == "__main__":
    main()
