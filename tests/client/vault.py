"""A token provider that counts how often it is asked, and the tokens that were sent."""

from __future__ import annotations

import threading
from collections.abc import Awaitable

import anyio.lowlevel
import attrs
import httpx

USER = httpx.Response(200, json={"id": "usr_1"})


@attrs.define
class Vault:
    """Gives one token after another, and the last one for ever."""

    tokens: list[str]
    asked: int = 0
    threads: set[int] = attrs.field(factory=set[int])

    def read(self) -> str:
        self.asked += 1
        self.threads.add(threading.get_ident())
        return self.tokens[min(self.asked, len(self.tokens)) - 1]

    async def aread(self) -> str:
        await _other_tasks()
        return self.read()

    def fetch(self) -> Awaitable[str]:
        return self.aread()


async def _other_tasks() -> None:
    await anyio.lowlevel.checkpoint()
