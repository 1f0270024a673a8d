"""Delivers the webhooks of a sandbox to an app in the same process."""

from __future__ import annotations

import inspect
import os
from typing import Any

from .._public import publish
from .._transport import AppClient, PostingClient
from ..sandbox import Delivery, Endpoint, Sandbox


class AppWebhooks:
    """The webhooks of a sandbox, delivered to the app under test.

    ::

        def test_welcome(stemp_client, stemp_webhooks):
            stemp_webhooks.connect(app, "/stemp", secret="whsec_test")
            stemp_client.passes.create(...)
            stemp_webhooks.deliver()                 # asynchronous tests: await stemp_webhooks.adeliver()
            ...                                      # check the state of the app

    Nothing is sent automatically. ``sandbox.webhooks`` has more: the log, duplicates, deliveries out of order.

    Args:
        sandbox: The sandbox.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def connect(
        self, app: Any, path: str = "/", *, secret: str | None = None, http_client: PostingClient | None = None
    ) -> Endpoint:
        """Deliver the events from now on to an app.

        Args:
            app: An ASGI app (FastAPI, Starlette, Django) or a WSGI app (Flask, Django). Its lifespan is not run; if it
                is needed, pass ``http_client=TestClient(app)`` within a ``with`` block of Starlette's ``TestClient``.
            path: The path in the app that receives the webhooks.
            secret: The secret that signs them; STEMP_WEBHOOK_SECRET from the environment if not given, else a new one,
                which is an attribute of the endpoint.
            http_client: The client to deliver with, instead of one that is made for ``app``.

        Raises:
            TypeError: an argument has the wrong type.
            ValueError: the path does not begin with a slash, or the secret is empty or not valid Unicode.
        """
        if not callable(app):
            raise TypeError(f"app must be an ASGI or a WSGI app, not {type(app).__name__}")
        if not isinstance(path, str):
            raise TypeError(f"path must be a str, not {type(path).__name__}")
        if not path.startswith("/"):
            raise ValueError(f"path must begin with a slash, not be {path!r}")
        return self._sandbox.webhooks.add(
            f"http://127.0.0.1{path}",
            secret=os.environ.get("STEMP_WEBHOOK_SECRET") if secret is None else secret,
            http_client=AppClient(app, is_async=_is_async(app)) if http_client is None else http_client,
        )

    def deliver(self, *, check: bool = True) -> list[Delivery]:
        """Deliver all due webhooks, and those that they cause. An ASGI app runs in its own event loop.

        Args:
            check: Whether the app has to accept each of them.

        Returns:
            Every delivery as it was after its attempt, in the order in which they were started.

        Raises:
            AssertionError: the app did not accept one; the message has its response.
        """
        deliveries = self._sandbox.webhooks.deliver()
        if check:
            _check(deliveries)
        return deliveries

    async def adeliver(self, *, check: bool = True) -> list[Delivery]:
        """The same as ``deliver``; an ASGI app runs in the event loop of the caller, asyncio's or trio's."""
        deliveries = await AppClient.in_this_loop(self._sandbox.webhooks.deliver)
        if check:
            _check(deliveries)
        return deliveries


def _is_async(app: Any) -> bool:
    """Whether it is an ASGI app: a coroutine function, or an object with one as ``__call__``."""
    return inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(type(app).__call__)


def _check(deliveries: list[Delivery]) -> None:
    refused = [each for each in deliveries if not each.attempts[-1].succeeded]
    if refused:
        lines = [f"  {each.event_type}: {each.attempts[-1].status} {each.attempts[-1].answer}" for each in refused]
        raise AssertionError(
            "\n".join([f"the app did not accept {len(refused)} of {len(deliveries)} webhooks:", *lines])
        )


publish("stemp_sdk.testing", globals())
