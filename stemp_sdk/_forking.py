"""Work that no fork may come into, as a library holds a lock of its own meanwhile.

A child that is forked while another thread has such a lock never gets it: OpenSSL's while certificates are loaded, and
pydantic's while a model builds its validator, at its first use.
"""

from __future__ import annotations

import os
import threading
from typing import Any, Final

_LONGEST: Final = 5.0
"""Seconds that a fork waits for: one who never ends must not keep a server from forking."""
_LOCKS: Final[dict[int, Any]] = {}
"""By process id, as the child has to begin with a lock that is free."""
_FORKING: Final[set[int]] = set()
"""The threads whose fork keeps others from such work."""


def unforked() -> Any:
    """The lock to hold during such work. The same thread may take it again."""
    return _LOCKS.setdefault(os.getpid(), threading.RLock())


def _before_fork() -> None:
    if unforked().acquire(timeout=_LONGEST):
        _FORKING.add(threading.get_ident())


def _after_fork() -> None:
    if threading.get_ident() in _FORKING:
        _FORKING.remove(threading.get_ident())
        unforked().release()


if hasattr(os, "register_at_fork"):  # pragma: no branch  # on Windows nothing forks
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_FORKING.clear)
