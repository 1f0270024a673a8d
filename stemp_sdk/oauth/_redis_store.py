"""Installations in Redis: for any number of machines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any, Final, Protocol

_LOCK_LIFETIME: Final = 30.0  # seconds; a lock whose holder was killed is free after that


class Redis(Protocol):
    """What the store needs of a ``redis.Redis``."""

    def get(self, name: str, /) -> Any: ...
    def set(self, name: str, value: bytes, /) -> Any: ...
    def delete(self, *names: str) -> Any: ...
    def scan_iter(self, match: str) -> Iterator[Any]: ...
    def lock(self, name: str, timeout: float, *, blocking_timeout: float) -> AbstractContextManager[object]: ...


class RedisTokenStore:
    """Keeps installations in Redis (extra ``redis``: redis-py).

    Args:
        redis: The connection. Turn on Redis's append-only file, or an installation may not survive Redis itself.
        prefix: Begins each key, to keep them apart from others in the same database.
    """

    def __init__(self, redis: Redis, prefix: str = "stemp:installation:") -> None:
        self._redis = redis
        self._prefix = prefix

    def load(self, key: str) -> bytes | None:
        """The value; None if there is none."""
        value = self._redis.get(self._prefix + key)
        return value.encode() if isinstance(value, str) else value

    def save(self, key: str, value: bytes) -> None:
        """Keep the value."""
        self._redis.set(self._prefix + key, value)

    def delete(self, key: str) -> None:
        """Forget the value, if there is one."""
        self._redis.delete(self._prefix + key)

    def keys(self) -> list[str]:
        """The keys that have a value, sorted."""
        found = self._redis.scan_iter(match=f"{self._prefix}*")
        names = (name.decode() if isinstance(name, bytes) else str(name) for name in found)
        return sorted(name.removeprefix(self._prefix) for name in names if not name.endswith(":lock"))

    def lock(self, key: str) -> AbstractContextManager[object]:
        """A lock of this key, across machines."""
        return self._redis.lock(f"{self._prefix}{key}:lock", _LOCK_LIFETIME, blocking_timeout=2 * _LOCK_LIFETIME)
