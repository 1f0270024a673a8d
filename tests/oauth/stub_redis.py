"""A Redis client whose responses a test sets."""

from __future__ import annotations

import threading
from typing import Any

from redis.exceptions import LockNotOwnedError


class StubRedis:
    """A client that notes what it is asked, and raises what the test sets."""

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
        raise LockNotOwnedError("gone")

    def release(self) -> None:
        self.done.append("released")
        raise LockNotOwnedError("gone")

    def _failing(self, *_: object, **__: object) -> Any:
        assert self.error is not None
        raise self.error

    get = set = delete = scan_iter = _failing
