"""Installations in Redis: for any number of machines."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from typing import Any, ClassVar, Final, Protocol

from ..core.secret import SecretBytes
from ._errors import TokenStoreError

# Seconds.
_PATIENCE: Final = 60.0
_POLL: Final = 0.02


class Redis(Protocol):
    """What the store needs of a ``redis.Redis``."""

    def get(self, name: str, /) -> Any: ...
    def set(self, name: str, value: bytes, /) -> Any: ...
    def delete(self, *names: str) -> Any: ...
    def scan_iter(self, match: str) -> Iterator[Any]: ...
    def lock(self, name: str, timeout: float, *, sleep: float, thread_local: bool) -> Any: ...


class RedisTokenStore:
    """Keeps installations in Redis (extra ``redis``: redis-py).

    A lock is kept alive for as long as its holder lives, and is free ten seconds after that was killed.

    Args:
        redis: The connection, a ``redis.Redis``. Turn on Redis's append-only file, or an installation may not survive
            Redis itself.
        prefix: Begins each key, to keep them apart from others in the same database.

    Raises:
        ImportError: the extra is missing.
    """

    _lock_lifetime: ClassVar[float] = 10.0  # seconds

    def __init__(self, redis: Redis, prefix: str = "stemp:installation:") -> None:
        try:
            from redis.exceptions import RedisError
        except ImportError as error:
            raise ImportError('RedisTokenStore needs an extra: pip install "stemp-sdk[redis]"') from error
        self._error = RedisError
        self._redis = redis
        self._prefix = prefix

    def load(self, key: str) -> bytes | None:
        """The value; None if there is none.

        Raises:
            TokenStoreError: Redis does not answer, as from every method.
        """
        with self._reached():
            value = self._redis.get(self._prefix + key)
        if isinstance(value, str):  # the connection decodes
            value = value.encode()
        return None if value is None else SecretBytes(value)

    def save(self, key: str, value: bytes) -> None:
        """Keep the value."""
        with self._reached():
            self._redis.set(self._prefix + key, value)

    def delete(self, key: str) -> None:
        """Forget the value, if there is one."""
        with self._reached():
            self._redis.delete(self._prefix + key)

    def keys(self) -> list[str]:
        """The keys that have a value, sorted."""
        with self._reached():
            found = [*self._redis.scan_iter(match=f"{self._prefix}*")]
        names = (name.decode() if isinstance(name, bytes) else str(name) for name in found)
        return sorted(name.removeprefix(self._prefix) for name in names if not name.endswith(":lock"))

    @contextmanager
    def lock(self, key: str) -> Generator[None]:
        """A lock of this key, across machines."""
        lifetime = self._lock_lifetime
        # Not thread_local: the keeper has to know the lock too.
        lock = self._redis.lock(f"{self._prefix}{key}:lock", lifetime, sleep=_POLL, thread_local=False)
        with self._reached():
            acquired = lock.acquire(blocking_timeout=_PATIENCE)
        if not acquired:
            raise TokenStoreError(f"the lock of installation {key} was not free for {_PATIENCE:.0f} s")
        done = threading.Event()
        keeper = threading.Thread(target=self._keep, args=(lock, done), name="stemp-lock", daemon=True)
        keeper.start()
        try:
            yield
        finally:
            done.set()
            keeper.join()
            with suppress(self._error):  # it ends by itself
                lock.release()

    def _keep(self, lock: Any, done: threading.Event) -> None:
        while not done.wait(self._lock_lifetime / 3):
            with suppress(self._error):
                lock.reacquire()

    @contextmanager
    def _reached(self) -> Generator[None]:
        try:
            yield
        except self._error as error:
            # Without its cause, whose traceback shows what was sent.
            raise TokenStoreError(f"the token store in Redis does not answer ({type(error).__name__})") from None
