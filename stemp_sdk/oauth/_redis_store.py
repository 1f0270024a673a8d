"""A token store in Redis, for any number of machines."""

from __future__ import annotations

import inspect
import logging
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from typing import Any, ClassVar, Final, Protocol

from .._core.arguments import text
from .._core.secret import SecretBytes
from ._errors import TokenStoreError
from ._stores import LOCK_PATIENCE

_logger: Final = logging.getLogger("stemp_sdk")

_POLL: Final = 0.02  # seconds
_METHODS: Final = ("get", "set", "delete", "scan_iter", "lock")


class Redis(Protocol):
    """The methods of ``redis.Redis`` that the store uses."""

    def get(self, name: str, /) -> Any: ...
    def set(self, name: str, value: bytes, /) -> Any: ...
    def delete(self, *names: str) -> Any: ...
    def scan_iter(self, match: str) -> Iterator[Any]: ...
    def lock(self, name: str, timeout: float, *, sleep: float, thread_local: bool) -> Any: ...


class RedisTokenStore:
    """Keeps installations in Redis or Valkey (redis-py, which extra ``redis`` installs, or valkey-py).

    A lock is extended for as long as its holder lives, and expires ten seconds after the holder is killed. A holder
    that is suspended for longer loses its lock, and another process may have renewed the token meanwhile; saving and
    deleting then raise an error.

    Args:
        redis: The client, of redis-py or valkey-py, and sync. Give it a ``socket_timeout``: without one, an
            unresponsive Redis blocks forever. Turn on the append-only file of Redis, or a restart of Redis may lose
            installations.
        prefix: The prefix of each key, which separates them from other keys in the same database.

    Raises:
        TypeError: ``redis`` is an async client, or not a client at all; or ``prefix`` is not a string.
    """

    _lock_lifetime: ClassVar[float] = 10.0  # seconds

    def __init__(self, redis: Redis, *, prefix: str = "stemp:installation:") -> None:
        if isinstance(redis, type) or not all(callable(getattr(redis, method, None)) for method in _METHODS):
            kind = f"the class {redis.__name__}" if isinstance(redis, type) else type(redis).__name__
            del redis  # it may be a URL with a password
            raise TypeError(f"redis must be a client, such as redis.Redis.from_url(...), not {kind}")
        if any(inspect.iscoroutinefunction(getattr(redis, method, None)) for method in ("execute_command", "set")):
            raise TypeError("redis must be a sync client, such as redis.Redis.from_url(...), not one of redis.asyncio")
        self._redis = redis
        self._prefix = text("prefix", prefix)
        self._held = threading.local()  # the locks that this thread holds, by key

    def load(self, key: str) -> bytes | None:
        """The value; None if there is none.

        Raises:
            TokenStoreError: Redis does not respond, as from every method.
        """
        with _Reached():
            value = self._redis.get(self._prefix + key)
        if isinstance(value, str):  # the connection decodes
            value = value.encode()
        return None if value is None else SecretBytes(value)

    def save(self, key: str, value: bytes) -> None:
        """Store the value.

        Raises:
            TokenStoreError: this thread lost the lock of the key, so another process may have saved meanwhile.
        """
        value = SecretBytes(value)
        with _Reached():
            self._check_lock(key)
            self._redis.set(self._prefix + key, value)

    def delete(self, key: str) -> None:
        """Delete the value, if there is one.

        Raises:
            TokenStoreError: as from ``save``.
        """
        with _Reached():
            self._check_lock(key)
            self._redis.delete(self._prefix + key)

    def keys(self) -> list[str]:
        """The keys that have a value, sorted."""
        with _Reached():
            found = [*self._redis.scan_iter(match=f"{_literal(self._prefix)}*")]
        names = (name.decode() if isinstance(name, bytes) else str(name) for name in found)
        return sorted({name.removeprefix(self._prefix) for name in names if not name.endswith(":lock")})

    @contextmanager
    def lock(self, key: str) -> Generator[None]:
        """A lock of this key, across machines.

        Raises:
            TokenStoreError: it was not free for a minute.
        """
        lifetime = self._lock_lifetime
        # Not thread_local: the keeper has to know the lock too.
        lock = self._redis.lock(f"{self._prefix}{key}:lock", lifetime, sleep=_POLL, thread_local=False)
        with _Reached():
            acquired = lock.acquire(blocking_timeout=LOCK_PATIENCE)
        if not acquired:
            raise TokenStoreError(f"the lock of {key} was not free for {LOCK_PATIENCE:.0f} s")
        done = threading.Event()
        keeper = threading.Thread(target=self._keep, args=(lock, done), name="stemp-lock", daemon=True)
        keeper.start()
        vars(self._held)[key] = lock
        try:
            yield
        finally:
            del vars(self._held)[key]
            done.set()
            keeper.join()
            try:
                with _Reached():
                    lock.release()
            except TokenStoreError as error:
                _logger.warning("the lock of %s ended before it was released: %s", key, error)

    def _keep(self, lock: Any, done: threading.Event) -> None:
        while not done.wait(self._lock_lifetime / 3):
            with suppress(TokenStoreError), _Reached():  # a lost lock is detected by save and delete
                lock.reacquire()

    def _check_lock(self, key: str) -> None:
        """Raise if this thread has taken the lock and lost it.

        A thread that was suspended for too long does not know what other processes did meanwhile.
        """
        if (lock := vars(self._held).get(key)) is not None:
            lock.reacquire()


class _Reached:
    """Converts every error of Redis to a ``TokenStoreError``.

    A class, as the frames of ``contextlib.contextmanager`` would show the error, whose message may quote the data.
    """

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        del error, trace
        if kind is None or not issubclass(kind, Exception):
            return
        # By name, as redis-py and valkey-py have different classes.
        if any(base.__name__ == "LockError" for base in kind.__mro__):
            reason = "the lock was lost, as its holder was suspended: another process may have renewed the token"
        else:
            reason = f"the token store in Redis does not respond ({kind.__name__})"
        # Without its cause, whose traceback shows the data.
        raise TokenStoreError(reason) from None


def _literal(text: str) -> str:
    """A string as part of a pattern of Redis, escaped."""
    return "".join(f"\\{char}" if char in "\\*?[]^-" else char for char in text)
