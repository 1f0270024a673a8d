"""What every store does, and what only some do. A killed process is in ``tests/chaos``."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import redis
from cryptography.fernet import Fernet

from stemp_sdk._core.secret import SecretBytes
from stemp_sdk.oauth import (
    EncryptedTokenStore,
    MemoryTokenStore,
    RedisTokenStore,
    SQLiteTokenStore,
    TokenStore,
    TokenStoreError,
)
from tests.oauth.world import World
from tests.support.twins import Twin

KEY, OLD_KEY = Fernet.generate_key(), Fernet.generate_key()


@pytest.fixture(params=["memory", "sqlite", "redis", "redis that decodes", "encrypted"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> TokenStore:
    if request.param == "sqlite":
        return SQLiteTokenStore(tmp_path / "tokens ?#%.db")
    if request.param == "redis":
        return RedisTokenStore(request.getfixturevalue("redis_client"))
    if request.param == "redis that decodes":
        request.getfixturevalue("redis_client")
        path = str(request.getfixturevalue("redis_socket"))
        client: Any = redis.Redis(unix_socket_path=path, decode_responses=True)
        return RedisTokenStore(client)
    return MemoryTokenStore() if request.param == "memory" else EncryptedTokenStore(MemoryTokenStore(), KEY)


def test_a_store_keeps_what_it_is_given(store: TokenStore) -> None:
    assert (store.load("ins_1"), store.keys()) == (None, [])
    store.save("ins_2", b"two")
    store.save("ins_1", b"one")
    store.save("ins_2", SecretBytes(b"three"))
    assert (store.load("ins_1"), store.load("ins_2"), store.keys()) == (b"one", b"three", ["ins_1", "ins_2"])
    store.delete("ins_1")
    store.delete("ins_1")
    assert (store.load("ins_1"), store.keys()) == (None, ["ins_2"])


def test_a_lock_is_held_by_one_at_a_time(store: TokenStore) -> None:
    inside: list[int] = []
    most: list[int] = []

    def work() -> None:
        for _ in range(3):
            with store.lock("ins_1"):
                inside.append(1)
                most.append(len(inside))
                store.save("ins_1", b"value")
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(most) == {1}
    assert len(most) == 12
    assert store.keys() == ["ins_1"]


def test_a_lock_is_free_after_an_error(store: TokenStore) -> None:
    for _ in range(2):
        with suppress(ZeroDivisionError), store.lock("ins_1"):
            _ = 1 / 0


def test_an_installation_lives_in_any_store(store: TokenStore, twin: Twin) -> None:
    world = World(twin, rotate=True, store=store)
    installation = world.install()
    client = world.client(installation)
    for _ in range(2):
        world.sandbox.apps.expire_access_tokens()
        assert world.users(client) == 3
    assert world.stored(installation).refresh_token != installation.refresh_token
    world.forget(installation)
    assert installation.id not in [*store.keys()]
    assert world.all_stored() == []


# --- Encrypted


def test_an_encrypted_store_keeps_nothing_in_the_clear() -> None:
    inner = MemoryTokenStore()
    store = EncryptedTokenStore(inner, KEY.decode())
    store.save("ins_1", b"srt_secret")
    kept = inner.load("ins_1")
    assert kept is not None
    assert b"secret" not in kept
    assert store.load("ins_1") == b"srt_secret"


def test_the_key_of_an_encrypted_store_can_be_changed() -> None:
    inner = MemoryTokenStore()
    EncryptedTokenStore(inner, OLD_KEY).save("ins_1", b"one")
    both, new = EncryptedTokenStore(inner, KEY, OLD_KEY), EncryptedTokenStore(inner, KEY)
    assert both.load("ins_1") == b"one"
    with pytest.raises(TokenStoreError, match="none of the keys can read what is stored for installation ins_1"):
        new.load("ins_1")
    both.rotate()
    assert new.load("ins_1") == b"one"
    assert both.keys() == ["ins_1"]


def test_a_value_that_no_key_can_read_stays_as_it_is() -> None:
    inner = MemoryTokenStore()
    inner.save("ins_1", b"damaged")
    with pytest.raises(TokenStoreError):
        EncryptedTokenStore(inner, KEY).rotate()
    assert inner.load("ins_1") == b"damaged"


def test_an_installation_that_goes_during_a_key_change_is_passed_over() -> None:
    class Vanishing(MemoryTokenStore):
        def keys(self) -> list[str]:
            return ["ins_gone"]

    inner = Vanishing()
    EncryptedTokenStore(inner, KEY).rotate()
    assert inner.load("ins_gone") is None


@pytest.mark.parametrize("key", ["short", b"short", "é" * 44])
def test_a_malformed_fernet_key_is_refused(key: str | bytes) -> None:
    with pytest.raises(ValueError, match="key must be a Fernet key"):
        EncryptedTokenStore(MemoryTokenStore(), KEY, key)


# --- Extras


@pytest.mark.parametrize(
    ("module", "extra", "make"),
    [
        ("filelock", "oauth", lambda: SQLiteTokenStore("never.db")),
        ("cryptography.fernet", "encryption", lambda: EncryptedTokenStore(MemoryTokenStore(), KEY)),
    ],
)
def test_without_its_extra_a_store_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, module: str, extra: str, make: Callable[[], object]
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=rf'pip install "stemp-sdk\[{extra}\]"'):
        make()
