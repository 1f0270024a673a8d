"""A sandbox with one card, and clients of both kinds that use references."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest

from stemp_sdk import ScopeSet, UnknownOutcomeError, presets
from stemp_sdk.sandbox import Sandbox
from stemp_sdk.scopes import LOYALTY_MANAGE


@attrs.define
class Shop:
    """A sandbox with one card, and a client of one of the two kinds."""

    sandbox: Sandbox
    is_async: bool
    pass_id: str
    runner: asyncio.Runner

    def client(self, scopes: ScopeSet | None = presets.POS, **options: Any) -> Any:
        make: Callable[..., Any] = self.sandbox.async_client if self.is_async else self.sandbox.client
        return make(scopes=scopes).with_options(**options)

    def run(self, result: Any) -> Any:
        if not self.is_async:
            return result

        async def finished() -> Any:
            return await result

        return self.runner.run(finished())

    def write(self, client: Any, name: str = "add_stamp", reference: str | None = "No. 4711", **arguments: Any) -> Any:
        if name.endswith("points"):
            arguments.setdefault("points", 5)
        return self.run(getattr(client.loyalty, name)(self.pass_id, reference=reference, **arguments))

    def resolve(self, error: UnknownOutcomeError) -> Any:
        return self.run(error.aresolve()) if self.is_async else error.resolve()

    def fail(self, name: str = "add_stamp", **how: Any) -> None:
        self.sandbox.fail_next(operation=f"loyalty.{name}", **how)

    @property
    def notes(self) -> list[str | None]:
        """Those of the stamps, the oldest first."""
        with self.sandbox.client(scopes=presets.POS) as client:
            return [entry.note for entry in client.loyalty.stamp_history(self.pass_id)][::-1]

    @property
    def balance(self) -> Any:
        with self.sandbox.client(scopes=presets.POS) as client:
            return client.loyalty.get_points(self.pass_id).balance

    def sent(self) -> list[str | None]:
        return [request.operation for request in self.sandbox.requests]


@pytest.fixture(params=["sync", "async"])
def shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    sandbox = Sandbox()
    with sandbox.client(scopes=presets.CARD_DESIGN | presets.CARD_ISSUING | LOYALTY_MANAGE) as client:
        template = client.templates.create(name="Coffee", max_stamps=10)
        user = client.users.create(email="jane@example.com")
        card = client.passes.create(template_id=template.id, user_id=user.id)
        client.loyalty.add_points(card.id, points=100, note="Opening")
    with asyncio.Runner() as runner:
        yield Shop(sandbox, request.param == "async", card.id, runner)
