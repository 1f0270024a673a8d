"""Locks beside forks, and the work that no fork may come into.

A thread that holds a lock at the moment of a fork is not in the child to release it. So each lock here is one of each
process by itself. For the locks of libraries that cannot be replaced, ``unforked`` keeps forks out.
"""

from __future__ import annotations

import os
import threading
from _thread import RLock
from collections.abc import Callable
from typing import Any, Final, final

_LONGEST: Final = 5.0
"""Seconds that a fork waits for: one who never ends must not keep a server from forking."""
_FORKING: Final[set[int]] = set()
"""The threads whose fork keeps others from such work."""


@final
class ForkSafeLock:
    """A lock of each process by itself: ``with lock.of_process():``.

    It is found by the process id, since servers written in C fork without Python's hooks. It is not a context manager:
    an exception that a signal handler raises could interrupt a method ``__enter__`` after the lock was acquired, and
    nothing would release it.

    Args:
        brief: It is never held while anything is waited for. Such a lock may be taken again by the thread that has it,
            and is the interpreter's own under gevent too. gevent's locks let other greenlets run meanwhile, which this
            one need not, and they are not safe between threads.
    """

    __slots__ = ("_locks", "_new")

    def __init__(self, *, brief: bool = False) -> None:
        self._locks: dict[int, Any] = {}
        self._new: Callable[[], Any] = RLock if brief else threading.Lock

    def of_process(self) -> Any:
        """The lock of this process."""
        pid = os.getpid()
        try:
            return self._locks[pid]
        except KeyError:
            return self._locks.setdefault(pid, self._new())


unforked: Final = ForkSafeLock(brief=True).of_process
"""The lock to hold during work in which a library holds a lock of its own.

That is OpenSSL's while certificates are loaded, pydantic's while a model builds its validator, and those of libraries
written in Rust whenever a line of theirs runs for the first time: it is run once under a lock, and while it waits for
the interpreter, another thread may fork. A child would wait for that lock for ever. So nothing is read, written or
encrypted by such a library outside of this. The same thread may take it again.
"""


def _before_fork() -> None:
    if unforked().acquire(timeout=_LONGEST):
        _FORKING.add(threading.get_ident())


def _after_fork() -> None:
    if threading.get_ident() in _FORKING:
        _FORKING.remove(threading.get_ident())
        unforked().release()


if hasattr(os, "register_at_fork"):  # pragma: no branch  # on Windows nothing forks
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_FORKING.clear)
