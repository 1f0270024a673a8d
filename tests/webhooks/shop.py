"""A receiver to send deliveries to, in each way that there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from stemp_sdk.webhooks import UserCreated, Verifier, WebhookReceiver, WebhookResponse
from tests.support.clocks import JUMPING
from tests.webhooks.deliveries import SECRET, body_of, headers_of

BODY = body_of()
FAILED = "the handler failed or took too long"


class Shop:
    """A receiver with a handler that keeps what it got, and fails as often as it is told."""

    def __init__(self, *, is_async: bool, **options: Any) -> None:
        self.receiver = WebhookReceiver(Verifier(SECRET), **options)
        self.handled: list[str] = []
        self.failures = 0

        def welcome(event: UserCreated) -> None:
            if self.failures:
                self.failures -= 1
                raise RuntimeError("the till is closed")
            self.handled.append(event.id)

        async def welcome_async(event: UserCreated) -> None:
            await anyio.lowlevel.checkpoint()
            welcome(event)

        if is_async:
            self.receiver.on(UserCreated)(welcome_async)
        else:
            self.receiver.on(UserCreated)(welcome)


Deliver = Callable[..., WebhookResponse]


def sync(shop: Shop, body: bytes = BODY, **headers: str) -> WebhookResponse:
    return shop.receiver.handle(body, headers_of(body, **headers))


def in_loop(shop: Shop, body: bytes = BODY, **headers: str) -> WebhookResponse:
    return anyio.run(shop.receiver.ahandle, body, headers_of(body, **headers), backend_options=JUMPING)


ways = pytest.mark.parametrize(
    ("is_async", "deliver"),
    [(False, sync), (True, sync), (False, in_loop), (True, in_loop)],
    ids=["sync handler", "async handler, sync call", "sync handler, async call", "async handler"],
)
