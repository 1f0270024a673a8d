"""The store in Redis: its keys, what goes wrong, and what is not a client. The contract is in ``test_stores.py``."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anyio
import fakeredis
import pytest
import redis
import redis.asyncio

from stemp_sdk import StoreError
from stemp_sdk.webhooks import Claim, RedisSeenStore, SeenStore, SeenStoreError, WebhookResponse
from tests.support.frames import locals_of
from tests.webhooks.deliveries import headers_of
from tests.webhooks.shop import BODY, Shop, in_loop, sync

IDS = ("event:evt_1", "event:evt_2")
LEASE = 45.0
CLOSED = "redis://user:kept-secret@127.0.0.1:1/0"


def closed(client: Any) -> Any:
    """A client of a server that is not there."""
    return client.from_url(CLOSED)


def test_keys_of_the_redis_seen_store_have_a_prefix_and_an_end() -> None:
    client: Any = fakeredis.FakeRedis()
    store: SeenStore = RedisSeenStore(client, prefix="shop:")
    store.claim(IDS, "a", LEASE)
    assert sorted(client.keys()) == [b"shop:event:evt_1", b"shop:event:evt_2"]
    assert 0 < client.pttl("shop:event:evt_1") <= LEASE * 1000
    store.finish(IDS)
    assert client.pttl("shop:event:evt_1") > 29 * 24 * 3600 * 1000


def test_a_redis_client_is_recognised_as_sync_or_async() -> None:
    clients: list[Any] = [redis.Redis(), fakeredis.FakeRedis()]
    assert not any(RedisSeenStore(client).is_async for client in clients)
    clients = [redis.asyncio.Redis(), redis.asyncio.RedisCluster("127.0.0.1", 1), fakeredis.FakeAsyncRedis()]
    assert all(RedisSeenStore(client).is_async for client in clients)


@pytest.mark.parametrize(
    ("client", "kind"), [("redis://:kept-secret@cache", "str"), (None, "NoneType"), (redis.Redis, "the class Redis")]
)
def test_an_object_that_is_not_a_redis_client_is_refused(client: Any, kind: str) -> None:
    with pytest.raises(TypeError, match=rf"^redis must be a client, such as .*, not {kind}$") as caught:
        RedisSeenStore(client)
    assert "kept-secret" not in locals_of(caught.tb)


def test_wrong_arguments_of_the_redis_seen_store_are_refused() -> None:
    make: Any = RedisSeenStore
    with pytest.raises(TypeError, match="prefix must be a str, not int"):
        make(fakeredis.FakeRedis(), prefix=5)
    with pytest.raises(ValueError, match="keep must be a finite number"):
        make(fakeredis.FakeRedis(), keep=0)


def test_an_error_of_a_redis_client_is_a_store_error_without_the_password() -> None:
    store: SeenStore = RedisSeenStore(closed(redis.Redis))
    calls: Sequence[Any] = [
        lambda: store.claim(IDS, "a", LEASE),
        lambda: store.finish(IDS),
        lambda: store.release(IDS, "a"),
    ]
    for call in calls:
        with pytest.raises(SeenStoreError, match=r"^Redis failed: ConnectionError: Error 111") as caught:
            call()
        assert isinstance(caught.value, StoreError)
        assert "kept-secret" not in str(caught.value)
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__


def test_an_error_of_an_async_redis_client_is_a_store_error_without_the_password() -> None:
    async def claim() -> None:
        client = closed(redis.asyncio.Redis)
        store: Any = RedisSeenStore(client)
        with pytest.raises(SeenStoreError, match=r"^Redis failed: ConnectionError: Error 111"):
            await store.claim(IDS, "a", LEASE)
        await client.aclose()

    anyio.run(claim)


@pytest.mark.parametrize("deliver", [sync, in_loop])
def test_a_redis_that_is_down_is_a_500(deliver: Any, caplog: pytest.LogCaptureFixture) -> None:
    shop = Shop(is_async=False, store=RedisSeenStore(closed(redis.Redis)))
    assert deliver(shop) == WebhookResponse(500, "the store of seen events failed")
    assert shop.handled == []
    assert "SeenStoreError: Redis failed: ConnectionError" in caplog.text
    assert "kept-secret" not in caplog.text


class OtherError(Exception):
    """Of another library, as valkey-py has."""


class Other:
    """A client that is like Redis's, but for its errors, or that is not what it seems."""

    def __init__(self, answer: Any = None, error: Exception | None = None) -> None:
        self.answer = answer
        self.error = error

    def get(self, *_: Any) -> Any:
        return self.set()

    def eval(self, *_: Any) -> Any:
        return self.set()

    def set(self, *_: Any, **__: Any) -> Any:
        if self.error is not None:
            raise self.error
        return self.answer() if callable(self.answer) else self.answer


_client: Any = fakeredis.FakeRedis()
PIPELINE: Any = _client.pipeline()


async def later() -> bool:
    return True


@pytest.mark.parametrize(
    ("client", "problem"),
    [
        (Other(error=OtherError("x" * 1000)), "Redis failed: OtherError: " + "x" * 200),
        (Other(error=TimeoutError()), "Redis failed: TimeoutError: "),
        (Other(answer=later), "the client in RedisSeenStore is async, but has no async method to recognize it by"),
        (PIPELINE, "set() of the client in RedisSeenStore returned Pipeline"),
    ],
)
def test_whatever_a_client_does_a_claim_is_granted_only_by_redis(client: Any, problem: str) -> None:
    with pytest.raises(SeenStoreError) as caught:
        RedisSeenStore(client).claim(["event:evt_1"], "a", LEASE)
    assert str(caught.value) == problem


def test_a_claim_by_a_holder_that_is_not_utf_8_is_busy() -> None:
    client: Any = fakeredis.FakeRedis()
    client.set("stemp:seen:event:evt_1", b"\xff")
    assert RedisSeenStore(client).claim(["event:evt_1"], "a", LEASE) is Claim.BUSY


def test_bytes_are_not_compared_with_strings() -> None:
    script = """
from stemp_sdk.webhooks import Claim, RedisSeenStore

class Redis:  # as fakeredis compares them itself
    def get(self, name):
        return b"seen"

    def set(self, name, value, px, nx):
        return None

    def eval(self, *args):
        return None

store = RedisSeenStore(Redis())
assert store.claim(["event:1"], "a", 45.0) is Claim.SEEN
"""
    subprocess.run([sys.executable, "-bb", "-c", script], check=True)


def test_a_real_redis_keeps_claims(redis_socket: Path) -> None:
    prefix = f"{uuid.uuid4()}:"  # the server is shared by all tests
    sync_client: Any = redis.Redis(unix_socket_path=str(redis_socket))
    sync_store: SeenStore = RedisSeenStore(sync_client, prefix=prefix)

    async def deliver() -> list[str]:
        client: Any = redis.asyncio.Redis(unix_socket_path=str(redis_socket))
        shop = Shop(is_async=True, store=RedisSeenStore(client, prefix=prefix))
        answers = [(await shop.receiver.ahandle(BODY, headers_of(BODY))).text for _ in range(3)]
        await client.aclose()
        return answers

    assert anyio.run(deliver) == ["handled", "handled before", "handled before"]
    assert sync_store.claim(["event:evt_1"], "a", LEASE) is Claim.SEEN
    assert sync_store.claim(["event:evt_2"], "a", LEASE) is Claim.GRANTED
    assert sync_store.claim(["event:evt_2"], "b", LEASE) is Claim.BUSY
    sync_store.release(["event:evt_2"], "a")
    assert sync_store.claim(["event:evt_2"], "b", LEASE) is Claim.GRANTED
