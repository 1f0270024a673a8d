"""A process of the app: many threads, or many tasks, that act for one installation. Started by the tests beside it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs
import httpx

from stemp_sdk import presets
from stemp_sdk.oauth import OAuthApp, RedisTokenStore, SQLiteTokenStore, TokenStore


@attrs.frozen
class Job:
    """What a worker is told."""

    base_url: str
    client_id: str
    client_secret: str
    store: str
    """The path of an SQLite file, or of the socket of a Redis server behind ``redis:``."""
    installation_id: str
    is_async: bool
    workers: int
    calls: int
    death_note: str
    """A file; a process whose id is in it dies before it stores a token."""


class Dying:
    """A store whose process is killed before it saves, if the death note says so."""

    def __init__(self, store: TokenStore, death_note: Path) -> None:
        self._store = store
        self._death_note = death_note
        self.load, self.delete, self.keys, self.lock = store.load, store.delete, store.keys, store.lock

    def save(self, key: str, value: bytes) -> None:
        if self._death_note.exists() and self._death_note.read_text() == str(os.getpid()):
            os.kill(os.getpid(), signal.SIGKILL)
        self._store.save(key, value)


class ImpatientRedisTokenStore(RedisTokenStore):
    """Waits less long for those who were killed."""

    _lock_lifetime = 1.0


def open_store(name: str) -> TokenStore:
    if name.startswith("redis:"):
        import redis

        return ImpatientRedisTokenStore(redis.Redis(unix_socket_path=name.removeprefix("redis:"), max_connections=1000))
    return SQLiteTokenStore(name)


def run(job: Job) -> Counter[str]:
    """How often a call came to what."""

    def sign(request: httpx.Request) -> None:
        request.headers["X-Worker"] = str(os.getpid())  # so that the server knows whom it may kill

    with httpx.Client(event_hooks={"request": [sign]}) as http_client:
        app = OAuthApp(
            job.client_id,
            job.client_secret,
            "https://app.example/callback",
            scopes=presets.EMAIL_APP,
            store=Dying(open_store(job.store), Path(job.death_note)),
            base_url=job.base_url,
            http_client=http_client,
        )
        return asyncio.run(_in_tasks(app, job)) if job.is_async else _in_threads(app, job)


def _in_threads(app: OAuthApp, job: Job) -> Counter[str]:
    with app.client(app.installation(job.installation_id)) as client, ThreadPoolExecutor(job.workers) as threads:

        def call(_: int) -> str:
            try:
                return f"{len(client.users.list().items)} users"
            except Exception as error:  # noqa: BLE001  (whatever reaches a caller is told)
                return f"{type(error).__name__}: {error}"

        return Counter(threads.map(call, range(job.calls)))


async def _in_tasks(app: OAuthApp, job: Job) -> Counter[str]:
    left = iter(range(job.calls))
    outcomes: Counter[str] = Counter()

    async def work() -> None:
        for _ in left:
            try:
                outcomes[f"{len((await client.users.list()).items)} users"] += 1
            except Exception as error:  # noqa: BLE001  (whatever reaches a caller is told)
                outcomes[f"{type(error).__name__}: {error}"] += 1

    async with app.async_client(app.installation(job.installation_id)) as client:
        await asyncio.gather(*(work() for _ in range(job.workers)))
    return outcomes


if __name__ == "__main__":
    json.dump(run(Job(**json.load(sys.stdin))), sys.stdout)
