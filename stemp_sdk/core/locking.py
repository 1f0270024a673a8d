"""A lock that survives a fork."""

from __future__ import annotations

import os
import threading
from typing import final


@final
class ForkSafeLock:
    """A lock of each process by itself.

    A plain one that another thread held at the moment of a fork would stay locked in the child for ever, as that thread
    is not there to release it. It goes by the process id, since servers written in C fork without Python's hooks.
    """

    __slots__ = ("_locks",)

    def __init__(self) -> None:
        self._locks: dict[int, threading.Lock] = {}

    def locked(self) -> bool:
        """Whether a thread of this process holds it."""
        return os.getpid() in self._locks and self._locks[os.getpid()].locked()

    def __enter__(self) -> None:
        self._locks.setdefault(os.getpid(), threading.Lock()).acquire()

    def __exit__(self, *_: object) -> None:
        self._locks[os.getpid()].release()
