"""Where installations are kept between runs, and the lock that lets one process at a time renew a token."""

from __future__ import annotations

from collections import defaultdict
from contextlib import AbstractContextManager
from typing import Protocol

from ..core.locking import ForkSafeLock
from ..core.secret import SecretBytes
from ._installation import Installation


class TokenStore(Protocol):
    """Keeps one value for each installation.  Every method may be called from any thread.

    A store of your own needs nothing but these five methods. ``lock`` is what makes refreshing safe: while one holder
    is inside, nobody else who shares the store, in whatever thread or process, gets in for the same key.
    """

    def load(self, key: str) -> bytes | None:
        """The value; None if there is none."""
        ...

    def save(self, key: str, value: bytes) -> None:
        """Keep the value, for good once this returns."""
        ...

    def delete(self, key: str) -> None:
        """Forget the value, if there is one."""
        ...

    def keys(self) -> list[str]:
        """The keys that have a value, sorted."""
        ...

    def lock(self, key: str) -> AbstractContextManager[object]:
        """A lock of this key; entering waits for it."""
        ...


class MemoryTokenStore:
    """Keeps installations for as long as the process lives.  No other process sees them, not even a forked one."""

    def __init__(self) -> None:
        self._values: dict[str, bytes] = {}
        self._locks: defaultdict[str, ForkSafeLock] = defaultdict(ForkSafeLock)

    def load(self, key: str) -> bytes | None:
        """The value; None if there is none."""
        return self._values.get(key)

    def save(self, key: str, value: bytes) -> None:
        """Keep the value."""
        self._values[key] = value

    def delete(self, key: str) -> None:
        """Forget the value, if there is one."""
        self._values.pop(key, None)

    def keys(self) -> list[str]:
        """The keys that have a value, sorted."""
        return sorted(self._values)

    def lock(self, key: str) -> AbstractContextManager[object]:
        """A lock of this key, in this process."""
        return self._locks[key]


def load_installation(store: TokenStore, key: str) -> Installation | None:
    """What is stored for an installation; None if nothing is.

    Raises:
        TokenStoreError: it is damaged, or the store cannot be read.
    """
    data = store.load(key)
    if data is None:
        return None
    data = SecretBytes(data)  # at once, for a store of any make: from here on no traceback shows it
    return Installation.from_json(key, data)
