"""A client of a sandbox, of either kind, and a card to stamp."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

import attrs

from stemp_sdk import presets
from stemp_sdk.sandbox import Sandbox

from .wire import Wire


@attrs.frozen
class Till:
    """A client of either kind, and a card of a template with ten stamps."""

    sandbox: Sandbox
    client: Any
    card: str

    def run(self, call: Callable[[Any], Any]) -> Any:
        """What a call of the client gives."""
        result = call(self.client)
        return asyncio.run(_finished(result)) if inspect.isawaitable(result) else result

    def stamp(self, note: str | None = None) -> Any:
        return self.run(lambda client: client.loyalty.add_stamp(self.card, note=note))

    def look(self) -> Any:
        return self.run(lambda client: client.loyalty.get_stamps(self.card))

    @property
    def history(self) -> list[Any]:
        """The stamps that the history has, newest first."""
        return [*self.run(lambda client: client.loyalty.stamp_history(self.card)).items]

    @property
    def stamps(self) -> int:
        """How many are on the card, without a call of the client."""
        wire = Wire(self.sandbox, self.sandbox.issue_token(presets.POS))
        stamps: int = wire.get(f"/walletpasses/{self.card}/stamps").json["currentStamps"]
        return stamps


async def _finished(result: Awaitable[Any]) -> Any:
    return await result
