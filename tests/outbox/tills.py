"""A till with an outbox of either kind."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import attrs

from stemp_sdk import (
    AsyncOutbox,
    Outbox,
    presets,
)
from stemp_sdk.sandbox import Sandbox
from stemp_sdk.testing import Clock


@attrs.define
class Till:
    """A sandbox with a card, and an outbox of either kind; the async one is called as the sync one."""

    kind: str
    path: Path
    clock: Clock
    sandbox: Sandbox
    card: str
    points_card: str

    def client(self, **options: Any) -> Any:
        make: Any = self.sandbox.client if self.kind == "sync" else self.sandbox.async_client
        return make(scopes=presets.POS, max_retries=0, **options)

    def outbox(self, client: Any = None) -> Any:
        kind: Any = Outbox if self.kind == "sync" else AsyncOutbox
        return kind(client or self.client(), self.path)

    def run(self, result: Any) -> Any:
        return result if self.kind == "sync" else asyncio.run(_finished(result))

    def stamps(self) -> int | None:
        return self.sandbox.client().loyalty.get_stamps(self.card).current_stamps

    def notes(self) -> list[str | None]:
        return [entry.note for entry in self.sandbox.client().loyalty.stamp_history(self.card)][::-1]


async def _finished(result: Any) -> Any:
    return await result
