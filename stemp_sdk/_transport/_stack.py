"""The connections of one process, or of one event loop in it: a stack, with the last one used on top.

A caller releases or discards each connection that it takes. If an exception between two statements prevents that, even
one that a signal handler raises, the connection is closed and its slot freed when the last reference is gone.
"""

from __future__ import annotations

from _thread import RLock
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Final, Generic, TypeVar
from weakref import WeakSet, ref

from ._connection import AsyncConnection, Connection

C = TypeVar("C", Connection, AsyncConnection)

CLOSED: Final = "the client is closed: make a new one"

#: Connections that a forked child inherited, kept until the child ends: closing them could wait for a lock that a
#: thread of the parent held, and dropping them makes Python warn of unclosed sockets.
INHERITED: Final[set[object]] = set()

MOST: Final = 100
"""Connections at once; a call that needs one more waits."""
_MAX_IDLE: Final = 20
"""Idle connections that are kept; more are kept only as long as they are soon used again."""
_KEEP_ALIVE: Final = 30.0
"""Seconds for which an idle connection is kept."""
_FRESH: Final = 1.5
"""Seconds after which a server may be about to close an idle connection, so a write that adds takes a new one."""
RECHECK: Final = 1.0
"""Seconds after which a waiting call looks again, in case it was not woken."""


class Waiter:
    """A call that waits for a connection."""

    __slots__ = ("__weakref__", "wake")

    def __init__(self) -> None:
        self.wake: Callable[[], object] = bool
        """Called to make it look again."""


class Stack(Generic[C]):
    """Open connections, and the calls that wait for one: first come, first served.

    Args:
        connect: Makes a connection, which opens at its first request.
    """

    __slots__ = ("__weakref__", "_all", "_connect", "_idle", "_is_closed", "_lock", "_waiting")

    def __init__(self, connect: Callable[[], C]) -> None:
        self._connect: Callable[[], C] = connect
        self._idle: list[C] = []  # the longest idle first
        self._all: WeakSet[C] = WeakSet()
        self._waiting: deque[ref[Waiter]] = deque()
        # For counting; lists and deques need no lock. Reentrant, as a signal handler may make a call in between. The
        # interpreter's own also under gevent: it is held for a moment, and gevent's are not safe between threads.
        self._lock = RLock()
        self._is_closed = False

    def take(self, waiter: Waiter | None = None, *, adds: bool) -> C | None:
        """A connection, if one is free and no other call waits for it.

        Args:
            waiter: The call, if it has waited.
            adds: Whether the request must not use a connection that the server may have closed.
        """
        if self._waiting and self._waiting[0]() is not waiter:
            return None
        now = monotonic()
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:  # none is idle, or another thread was faster
                break
            idle = now - connection.idle_since
            if adds and _FRESH < idle < _KEEP_ALIVE:
                self._idle.append(connection)  # for another request; those below are older
                break
            if idle < _KEEP_ALIVE and connection.is_usable():
                return connection
            self._drop(connection)
        return self._open()

    def _open(self) -> C | None:
        with self._lock:
            if len(self._all) >= MOST and not self._drop_oldest():
                return None
            connection = self._connect()
            self._all.add(connection)
            return connection

    def _drop_oldest(self) -> bool:
        try:
            self._drop(self._idle.pop(0))
        except IndexError:
            return False
        return True

    def _drop(self, connection: C) -> None:
        connection.abort()
        self._all.discard(connection)

    def queue(self, waiter: Waiter) -> None:
        """Add a waiting call. It is removed by ``leave``, or when it is no longer referenced."""
        self._waiting.append(ref(waiter, self._waiting.remove))

    def leave(self, waiter: Waiter) -> None:
        """Remove a waiting call."""
        for place in tuple(self._waiting):
            if place() is waiter:
                self._waiting.remove(place)
        self._wake()

    def _wake(self) -> None:
        try:
            waiter = self._waiting[0]()
        except IndexError:
            return
        if waiter is not None:
            waiter.wake()

    def release(self, connection: C) -> None:
        """Keep a connection that can be used again."""
        connection.idle_since = now = monotonic()
        self._idle.append(connection)
        oldest = next(iter(self._idle), connection)  # another thread may have taken them all
        if now - oldest.idle_since > (_FRESH if len(self._idle) > _MAX_IDLE else _KEEP_ALIVE):
            self._drop_oldest()
        if self._is_closed:
            self.close()
        if self._waiting:
            self._wake()

    def discard(self, connection: C) -> None:
        """Close a connection that cannot be used again."""
        self._drop(connection)
        if self._waiting:
            self._wake()

    def close(self) -> None:
        """Close the idle connections now, and the others when they are released."""
        self._is_closed = True
        while self._drop_oldest():
            pass
