"""Token stores: the protocol, a store in memory, and the checks around every store."""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Final, Protocol

from .._core.errors import StempError
from .._core.secret import SecretBytes
from .._forking import ForkSafeLock
from ._errors import TokenStoreError
from ._installation import Installation

NOTE: Final = "used callback "
"""The prefix of keys that are not ids of installations; no id has a space."""

LOCK_PATIENCE: Final = 60.0
"""Seconds that a store waits for the lock of an installation, which is held during a refresh."""

_METHODS: Final = ("load", "save", "delete", "keys", "lock")


class TokenStore(Protocol):
    """A store with one value for each key. Every method may be called from any thread.

    A custom store needs only these five methods. ``lock`` makes refreshing safe: only one holder at a time, in all
    threads and processes that share the store, may have the lock of a key.

    A key is the id of an installation, or a note of the SDK on a used callback. The notes begin with ``"used callback
    "``, have small values without tokens, and are deleted by the SDK after about twenty minutes.
    """

    def load(self, key: str) -> bytes | None:
        """The value; None if there is none."""
        ...

    def save(self, key: str, value: bytes) -> None:
        """Store the value, durably when this returns."""
        ...

    def delete(self, key: str) -> None:
        """Delete the value, if there is one."""
        ...

    def keys(self) -> list[str]:
        """The keys that have a value, sorted."""
        ...

    def lock(self, key: str) -> AbstractContextManager[object]:
        """A lock of this key as a context manager, which waits for the lock."""
        ...


class MemoryTokenStore:
    """Keeps installations in memory until the process ends. No other process sees them, not even a forked one."""

    def __init__(self) -> None:
        self._values: dict[str, bytes] = {}
        self._locks: defaultdict[str, ForkSafeLock] = defaultdict(ForkSafeLock)

    def load(self, key: str) -> bytes | None:
        """The value; None if there is none."""
        return self._values.get(key)

    def save(self, key: str, value: bytes) -> None:
        """Store the value."""
        value = SecretBytes(value)
        self._values[key] = value

    def delete(self, key: str) -> None:
        """Delete the value, if there is one."""
        self._values.pop(key, None)

    def keys(self) -> list[str]:
        """The keys that have a value, sorted."""
        return sorted(self._values)

    def lock(self, key: str) -> AbstractContextManager[object]:
        """A lock of this key, within this process."""
        lock: AbstractContextManager[object] = self._locks[key].of_process()
        return lock


class CheckedStore:
    """A wrapper around any store that converts every error to a ``TokenStoreError``.

    Raises:
        TypeError: it is not a store, or is an asynchronous one.
    """

    def __init__(self, store: TokenStore) -> None:
        for name in _METHODS:
            method = getattr(store, name, None)
            if not callable(method):
                raise TypeError(f"store must have the methods of TokenStore; {type(store).__name__} has no {name}")
            if inspect.iscoroutinefunction(method):
                raise TypeError(f"store must have synchronous methods, and {name} of {type(store).__name__} is async")
        self._store = store

    def load(self, key: str) -> SecretBytes | None:
        """The value, masked at once so that no traceback shows it; None if there is none."""
        with _failing("load"):
            data: object = self._store.load(key)
        if data is None:
            return None
        if isinstance(data, (bytes, bytearray, memoryview)):
            return SecretBytes(data)
        kind, data = type(data).__name__, None
        raise TokenStoreError(f"load of the token store returned a {kind} for {key}: it must return bytes or None")

    def save(self, key: str, value: bytes) -> None:
        """Store the value."""
        with _failing("save"):
            self._store.save(key, value)

    def delete(self, key: str) -> None:
        """Delete the value, if there is one."""
        with _failing("delete"):
            self._store.delete(key)

    def keys(self) -> list[str]:
        """All keys."""
        with _failing("keys"):
            return [*self._store.keys()]

    @contextmanager
    def lock(self, key: str) -> Generator[None]:
        """A lock of this key. Exceptions of the block are not converted."""
        with ExitStack() as stack:
            with _failing("lock"):
                stack.enter_context(self._store.lock(key))
            yield

    def installation_ids(self) -> list[str]:
        """The ids of all installations."""
        return [key for key in self.keys() if not key.startswith(NOTE)]

    def installation(self, key: str) -> Installation | None:
        """The stored installation; None if there is none.

        Raises:
            DamagedInstallationError: it cannot be read.
            TokenStoreError: the store cannot be read.
        """
        data = self.load(key)
        return None if data is None else Installation.from_json(key, data)

    def save_installation(self, installation: Installation) -> None:
        """Store an installation."""
        self.save(installation.id, installation.to_json())


@contextmanager
def _failing(method: str) -> Generator[None]:
    try:
        yield
    except StempError:
        raise
    except Exception as error:
        raise TokenStoreError(f"{method} of the token store failed ({type(error).__name__})") from error
