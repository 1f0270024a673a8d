"""The store in Redis: against a real server where there is one, and against a stub that fails in each way."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final, cast

import fakeredis
import pytest
import redis
import redis.asyncio
from redis.exceptions import ConnectionError as RedisConnectionError

from stemp_sdk.oauth import RedisTokenStore, TokenStore, TokenStoreError
from tests.oauth.stub_redis import StubRedis
from tests.support.frames import shows

USES: Final[list[Callable[[TokenStore], object]]] = [
    lambda store: store.load("ins_1"),
    lambda store: store.save("ins_1", b"secret"),
    lambda store: store.delete("ins_1"),
    lambda store: store.keys(),
]


def test_keys_of_the_redis_store_have_a_prefix(redis_client: Any) -> None:
    redis_client.set("other", b"x")
    redis_client.set("my app?:ins_9", b"x")
    store = RedisTokenStore(redis_client, prefix="my app*:")
    with store.lock("ins_1"):
        store.save("ins_1", b"one")
        assert store.keys() == ["ins_1"]
        assert {b"my app*:ins_1", b"my app*:ins_1:lock"} < set(redis_client.keys())
    assert redis_client.get("my app*:ins_1") == b"one"


@pytest.mark.parametrize(
    ("client", "prefix", "message"),
    [
        (
            redis.asyncio.Redis(),
            "x:",
            "redis must be a sync client, such as",
        ),
        (cast("Any", fakeredis).FakeAsyncRedis(), "x:", "redis must be a sync client"),
        (None, "x:", "redis must be a client, such as .*, not NoneType"),
        ("redis://:secret@localhost", "x:", "redis must be a client, such as .*, not str"),
        (redis.Redis, "x:", "redis must be a client, such as .*, not the class Redis"),
        (redis.Redis(), None, "prefix must be a str, not NoneType"),
    ],
)
def test_a_redis_store_refuses_what_is_not_a_client(client: Any, prefix: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        RedisTokenStore(client, prefix=prefix)


def test_a_url_in_place_of_a_client_is_not_shown() -> None:
    url: Any = "redis://:made-up-password@localhost"
    with pytest.raises(TypeError) as caught:
        RedisTokenStore(url)
    assert shows(caught.value, "made-up-password") == []


# --- Locks that are lost


def test_a_process_that_lost_the_lock_changes_nothing(redis_client: Any, caplog: pytest.LogCaptureFixture) -> None:
    """As after a pause of the machine, in which the lock expired and another process renewed the token."""
    store, other = RedisTokenStore(redis_client), RedisTokenStore(redis_client)
    with caplog.at_level(logging.WARNING, "stemp_sdk"), store.lock("ins_1"):
        store.save("ins_1", b"mine")
        redis_client.delete("stemp:installation:ins_1:lock")  # it ran out
        with other.lock("ins_1"):
            other.save("ins_1", b"theirs")
        for change in USES[1:3]:
            with pytest.raises(TokenStoreError) as caught:
                change(store)
            assert str(caught.value).startswith("the lock was lost, as its holder was suspended")
        store.save("ins_2", b"of another key")
    assert store.load("ins_1") == b"theirs"
    assert [message.partition(":")[0] for message in caplog.messages] == [
        "the lock of ins_1 ended before it was released"
    ]
    with store.lock("ins_1"):
        store.save("ins_1", b"mine")
    assert other.load("ins_1") == b"mine"


class QuickRedisTokenStore(RedisTokenStore):
    _lock_lifetime = 0.03


def test_a_redis_lock_is_kept_alive_and_its_end_costs_nothing() -> None:
    stub = StubRedis()
    with QuickRedisTokenStore(stub).lock("ins_1"):
        assert stub.kept.wait(30)
    assert stub.done == ["stemp:installation:ins_1:lock", "released"]


def test_a_redis_lock_that_is_never_freed_is_an_error() -> None:
    stub = StubRedis(acquired=False)
    with (
        pytest.raises(TokenStoreError, match="the lock of ins_1 was not free for 60 s"),
        QuickRedisTokenStore(stub).lock("ins_1"),
    ):
        pass


# --- Errors


class ValkeyError(Exception):
    """As valkey-py names its base."""


class ValkeyTimeoutError(ValkeyError):
    pass


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("error", [RedisConnectionError, ValkeyTimeoutError, BrokenPipeError])
def test_a_redis_that_does_not_answer_is_a_store_error(
    use: Callable[[TokenStore], object], error: type[Exception]
) -> None:
    store = RedisTokenStore(StubRedis(error=error("no route to secret")))
    with pytest.raises(TokenStoreError) as caught:
        use(store)
    assert str(caught.value) == f"the token store in Redis does not respond ({error.__name__})"
    assert caught.value.__suppress_context__
