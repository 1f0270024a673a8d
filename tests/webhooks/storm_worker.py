"""A receiver in a process of its own, which takes deliveries line by line and dies where it is told to.

``python -m tests.webhooks.storm_worker STORE HANDLER JOURNAL SEED``: the store is the path of an SQLite file, or
``redis:PREFIX:SOCKET``; the handler is ``sync`` or ``async``; the journal gets one line for each event handled.
"""

from __future__ import annotations

import base64
import json
import os
import random
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import anyio
import anyio.lowlevel

from stemp_sdk.webhooks import (
    Claim,
    RedisSeenStore,
    SQLiteSeenStore,
    UserCreated,
    Verifier,
    WebhookReceiver,
    WebhookResponse,
)

SECRET = "whsec_storm"
FAILING = 0.05  # of all calls of the handler


class _Worker:
    def __init__(self, store: str, journal: str, seed: str, *, is_async: bool) -> None:
        self._now = 0.0
        self._die_at: str | None = None
        self._random = random.Random(seed)
        self._journal = os.open(journal, os.O_WRONLY | os.O_APPEND)
        self._receiver: WebhookReceiver[Any] = WebhookReceiver(Verifier(SECRET), store=_opened(self, store, is_async))
        self._receiver.on(UserCreated)(self._handle_async if is_async else self._handle)

    def clock(self) -> float:
        return self._now

    def reach(self, point: str) -> None:
        """Die here, if that is what the delivery says."""
        if point == self._die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def _handle(self, event: UserCreated) -> None:
        self.reach("before the handler")
        if self._random.random() < FAILING:
            raise RuntimeError("at random")
        os.write(self._journal, f"{event.id} {event.data.id}\n".encode())
        self.reach("between handler and mark")

    async def _handle_async(self, event: UserCreated) -> None:
        await anyio.lowlevel.checkpoint()
        self._handle(event)

    def run(self) -> None:
        for body, headers in self._orders():
            self._told(self._receiver.handle(body, headers))

    async def run_async(self) -> None:
        for body, headers in self._orders():
            self._told(await self._receiver.ahandle(body, headers))

    def _orders(self) -> Iterator[tuple[bytes, dict[str, str]]]:
        for line in sys.stdin:
            order = json.loads(line)
            self._now, self._die_at = order["now"], order["die_at"]
            yield base64.b64decode(order["body"]), order["headers"]

    def _told(self, response: WebhookResponse) -> None:
        self.reach("before the answer")
        print(response.status, flush=True)


class _Mortal:
    """A store whose process may die before a claim and after a mark."""

    def __init__(self, worker: _Worker, store: Any) -> None:
        self._reach: Callable[[str], None] = worker.reach
        self._store = store

    def claim(self, ids: Sequence[str], holder: str, lease: float) -> Claim:
        self._reach("before the claim")
        granted: Claim = self._store.claim(ids, holder, lease)
        return granted

    def finish(self, ids: Sequence[str]) -> None:
        self._store.finish(ids)
        self._reach("after the mark")

    def release(self, ids: Sequence[str], holder: str) -> None:
        self._store.release(ids, holder)


class _AsyncMortal:
    """As ``_Mortal``, of an async store."""

    def __init__(self, worker: _Worker, store: Any) -> None:
        self._reach: Callable[[str], None] = worker.reach
        self._store = store

    async def claim(self, ids: Sequence[str], holder: str, lease: float) -> Claim:
        self._reach("before the claim")
        granted: Claim = await self._store.claim(ids, holder, lease)
        return granted

    async def finish(self, ids: Sequence[str]) -> None:
        await self._store.finish(ids)
        self._reach("after the mark")

    async def release(self, ids: Sequence[str], holder: str) -> None:
        await self._store.release(ids, holder)


def _opened(worker: _Worker, name: str, is_async: bool) -> Any:
    kind, _, place = name.partition(":")
    if kind != "redis":
        return _Mortal(worker, SQLiteSeenStore(name, clock=worker.clock))
    prefix, _, socket = place.partition(":")
    if is_async:
        from redis.asyncio import Redis as AsyncRedis

        return _AsyncMortal(worker, RedisSeenStore(AsyncRedis(unix_socket_path=socket), prefix=prefix))
    from redis import Redis

    return _Mortal(worker, RedisSeenStore(Redis(unix_socket_path=socket), prefix=prefix))


if __name__ == "__main__":
    _store, _handler, _journal, _seed = sys.argv[1:]
    _made = _Worker(_store, _journal, _seed, is_async=_handler == "async")
    if _handler == "async":
        anyio.run(_made.run_async)
    else:
        _made.run()
