"""What every store does, and what only some do.  A killed process is in ``tests/chaos``."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import redis
from cryptography.fernet import Fernet
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import LockError

from stemp_sdk.core.secret import SecretBytes
from stemp_sdk.oauth import (
    EncryptedTokenStore,
    MemoryTokenStore,
    RedisTokenStore,
    SQLiteTokenStore,
    TokenStore,
    TokenStoreError,
)
from tests.conftest import Twin
from tests.oauth.world import World

KEY, OLD_KEY = Fernet.generate_key(), Fernet.generate_key()


@pytest.fixture
def redis_client(redis_socket: Path) -> Iterator[Any]:
    client: Any = redis.Redis(unix_socket_path=str(redis_socket))
    with client:
        client.flushall()
        yield client


@pytest.fixture(params=["memory", "sqlite", "redis", "redis that decodes", "encrypted"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> TokenStore:
    if request.param == "sqlite":
        return SQLiteTokenStore(tmp_path / "tokens ?#%.db")
    if request.param == "redis":
        return RedisTokenStore(request.getfixturevalue("redis_client"))
    if request.param == "redis that decodes":
        request.getfixturevalue("redis_client")
        path = str(request.getfixturevalue("redis_socket"))
        return RedisTokenStore(redis.Redis(unix_socket_path=path, decode_responses=True))
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
        world.sandbox.expire_access_tokens()
        assert world.users(client) == 3
    assert world.stored(installation).refresh_token != installation.refresh_token
    world.forget(installation)
    assert store.keys() == []


# --- SQLite


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    umask = os.umask(0)
    try:
        SQLiteTokenStore(tmp_path / "db").save("ins_1", b"one")
    finally:
        os.umask(umask)
    assert {path.stat().st_mode & 0o077 for path in tmp_path.rglob("*")} == {0}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    store = SQLiteTokenStore(tmp_path / "db")
    store.save("ins_1", b"one")
    (tmp_path / "db").chmod(mode)
    for use in (lambda: SQLiteTokenStore(tmp_path / "db"), lambda: store.load("ins_1"), lambda: store.save("x", b"")):
        with pytest.raises(
            TokenStoreError, match=rf"^the token store db may be read by others \(mode 0{mode:o}\): chmod"
        ):
            use()
    (tmp_path / "db").chmod(0o600)
    assert store.load("ins_1") == b"one"


def test_what_is_deleted_leaves_no_trace_in_the_file(tmp_path: Path) -> None:
    store = SQLiteTokenStore(tmp_path / "db")
    store.save("ins_1", b"srt_of_yesterday")
    store.save("ins_1", b"srt_of_today")
    assert b"yesterday" not in (tmp_path / "db").read_bytes()
    store.delete("ins_1")
    assert b"srt_of" not in (tmp_path / "db").read_bytes()


def test_a_file_that_is_gone_is_not_made_anew(tmp_path: Path) -> None:
    store = SQLiteTokenStore(tmp_path / "db")
    (tmp_path / "db").unlink()
    with pytest.raises(TokenStoreError, match="the token store db is gone"):
        store.save("ins_1", b"one")
    assert not (tmp_path / "db").exists()


def test_a_file_that_is_no_token_store_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "db"
    path.write_bytes(b"my diary" * 200)
    path.chmod(0o600)
    with pytest.raises(TokenStoreError, match="the token store db cannot be used: file is not a database"):
        SQLiteTokenStore(path)
    assert path.read_bytes() == b"my diary" * 200


def test_a_damaged_file_is_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "db"
    store = SQLiteTokenStore(path)
    for number in range(100):
        store.save(f"ins_{number}", b"value" * 100)
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * 8192 + whole[4096 + 8192 :])
    with pytest.raises(TokenStoreError, match="the token store db cannot be used: database disk image is malformed"):
        store.keys()
    path.write_bytes(whole)
    assert len(store.keys()) == 100


def test_what_somebody_typed_in_is_read_as_bytes(tmp_path: Path) -> None:
    store = SQLiteTokenStore(tmp_path / "db")
    with sqlite3.connect(tmp_path / "db") as connection:
        connection.execute("INSERT INTO installations VALUES ('ins_1', 'text'), ('ins_2', 5)")
    connection.close()
    assert (store.load("ins_1"), store.load("ins_2")) == (b"text", b"5")


@pytest.mark.parametrize("place", ["same process", "other process"])
def test_a_lock_that_is_never_freed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.setattr("stemp_sdk.oauth._sqlite_store._PATIENCE", 0.0)
    store = SQLiteTokenStore(tmp_path / "db")
    wait = "print('held', flush=True); input()"
    hold = f"from stemp_sdk.oauth import SQLiteTokenStore as S\nwith S({str(tmp_path / 'db')!r}).lock('ins_1'): {wait}"
    if place == "same process":
        with store.lock("ins_1"):
            _assert_taken(store)
        return
    with subprocess.Popen([sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        _assert_taken(store)
        holder.kill()  # the system frees the lock
    with store.lock("ins_1"):
        pass


def _assert_taken(store: TokenStore) -> None:
    with pytest.raises(TokenStoreError, match="the lock of installation ins_1 was not free for 0 s"):
        store.lock("ins_1").__enter__()


WRITER = """
import sys
from stemp_sdk.oauth import SQLiteTokenStore
store = SQLiteTokenStore(sys.argv[1])
for number in range(10_000_000):
    store.save("ins_1", b"%08d" % number * 2000)
    print(number, flush=True)
"""


@pytest.mark.parametrize("writes", [1, 7, 30])
def test_a_writer_that_is_killed_leaves_the_last_value_or_the_next(tmp_path: Path, writes: int) -> None:
    path = tmp_path / "db"
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        first = [int(writer.stdout.readline()) for _ in range(writes)]
        writer.kill()
        told = max(*first, *map(int, writer.stdout.read().split()), -1)
    value = SQLiteTokenStore(path).load("ins_1")
    assert value is not None
    assert int(value[:8]) in {told, told + 1}
    assert value == value[:8] * 2000


# --- Redis


def test_keys_are_kept_apart_from_others(redis_client: Any) -> None:
    redis_client.set("other", b"x")
    store = RedisTokenStore(redis_client, prefix="my app:")
    with store.lock("ins_1"):
        store.save("ins_1", b"one")
        assert store.keys() == ["ins_1"]
        assert sorted(redis_client.keys()) == [b"my app:ins_1", b"my app:ins_1:lock", b"other"]
    assert redis_client.get("my app:ins_1") == b"one"


class Stub:
    """A Redis of which a test knows everything."""

    def __init__(self, acquired: bool = True, error: Exception | None = None) -> None:
        self.acquired = acquired
        self.error = error
        self.done: list[str] = []
        self.kept = threading.Event()

    def lock(self, name: str, timeout: float, *, sleep: float, thread_local: bool) -> Any:
        assert (timeout, sleep, thread_local) == (0.03, 0.02, False)
        self.done.append(name)
        return self

    def acquire(self, blocking_timeout: float) -> bool:
        assert blocking_timeout == 60
        return self.acquired

    def reacquire(self) -> bool:
        self.kept.set()
        raise LockError("gone")

    def release(self) -> None:
        self.done.append("released")
        raise LockError("gone")

    def _failing(self, *_: object, **__: object) -> Any:
        assert self.error is not None
        raise self.error

    get = set = delete = scan_iter = _failing


class QuickRedisTokenStore(RedisTokenStore):
    _lock_lifetime = 0.03


def test_a_lock_is_kept_alive_and_its_end_costs_nothing() -> None:
    stub = Stub()
    with QuickRedisTokenStore(stub).lock("ins_1"):
        assert stub.kept.wait(30)
    assert stub.done == ["stemp:installation:ins_1:lock", "released"]


def test_a_redis_lock_that_is_never_freed() -> None:
    stub = Stub(acquired=False)
    with (
        pytest.raises(TokenStoreError, match="the lock of installation ins_1 was not free for 60 s"),
        QuickRedisTokenStore(stub).lock("ins_1"),
    ):
        pass


USES: list[Callable[[TokenStore], object]] = [
    lambda store: store.load("ins_1"),
    lambda store: store.save("ins_1", b"secret"),
    lambda store: store.delete("ins_1"),
    lambda store: store.keys(),
]


@pytest.mark.parametrize("use", USES)
def test_a_redis_that_does_not_answer(use: Callable[[TokenStore], object]) -> None:
    store = RedisTokenStore(Stub(error=RedisConnectionError("no route to secret")))
    with pytest.raises(TokenStoreError) as caught:
        use(store)
    assert str(caught.value) == "the token store in Redis does not answer (ConnectionError)"
    assert caught.value.__suppress_context__


# --- Encrypted


def test_nothing_is_kept_in_the_clear() -> None:
    inner = MemoryTokenStore()
    store = EncryptedTokenStore(inner, KEY.decode())
    store.save("ins_1", b"srt_secret")
    kept = inner.load("ins_1")
    assert kept is not None
    assert b"secret" not in kept
    assert store.load("ins_1") == b"srt_secret"


def test_a_key_can_be_changed() -> None:
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


def test_what_goes_while_keys_change_is_passed_over() -> None:
    class Vanishing(MemoryTokenStore):
        def keys(self) -> list[str]:
            return ["ins_gone"]

    EncryptedTokenStore(Vanishing(), KEY).rotate()


@pytest.mark.parametrize("key", ["short", b"short", "é" * 44])
def test_a_key_that_is_none(key: str | bytes) -> None:
    with pytest.raises(ValueError, match="key must be a Fernet key"):
        EncryptedTokenStore(MemoryTokenStore(), KEY, key)


# --- Extras


@pytest.mark.parametrize(
    ("module", "extra", "make"),
    [
        ("filelock", "oauth", lambda: SQLiteTokenStore("never.db")),
        ("redis.exceptions", "redis", lambda: RedisTokenStore(Stub())),
        ("cryptography.fernet", "encryption", lambda: EncryptedTokenStore(MemoryTokenStore(), KEY)),
    ],
)
def test_without_its_extra_a_store_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, module: str, extra: str, make: Callable[[], object]
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=rf'pip install "stemp-sdk\[{extra}\]"'):
        make()
