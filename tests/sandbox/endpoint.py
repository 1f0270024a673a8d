"""An endpoint for the sandbox's webhooks that needs no network: it keeps what reaches it, and answers as it is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import attrs
import httpx

from stemp_sdk.sandbox import Endpoint, Sandbox

URL = "https://shop.example/stemp"


@attrs.define
class Shop:
    """An endpoint that receives events."""

    got: list[httpx.Request] = attrs.field(factory=list[httpx.Request])
    answers: list[int] = attrs.field(factory=list[int])
    """The statuses of the next answers; 200 after those."""
    then: Callable[[httpx.Request], None] | None = None
    """What it does about each."""

    def client(self) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self._answer))

    def listen(self, sandbox: Sandbox, **options: Any) -> Endpoint:
        """Receive the events of the sandbox from now on."""
        return sandbox.webhooks.add(URL, http_client=self.client(), **options)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.got.append(request)
        if self.then is not None:
            self.then(request)
        return httpx.Response(self.answers.pop(0) if self.answers else 200, text="thanks")

    @property
    def events(self) -> list[dict[str, Any]]:
        """The bodies that reached it."""
        return [json.loads(request.content) for request in self.got]

    @property
    def types(self) -> list[str]:
        """The types of the events that reached it."""
        return [event["type"] for event in self.events]

    @property
    def ids(self) -> list[str]:
        """The delivery ids that reached it."""
        return [request.headers["X-Stemp-Delivery"] for request in self.got]
