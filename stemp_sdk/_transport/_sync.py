"""The sync driver: runs a flow over connections of its own, or over the ``httpx.Client`` of the user."""

from __future__ import annotations

import os
import threading
from contextvars import copy_context
from time import monotonic
from typing import Any, TypeVar, cast

import httpx

from .._core.call import Call, Flow, Outcome, Renew, RenewalTimeout, Send, Sleep
from .._core.flow import request_flow, scope_check_flow
from .._core.secret import Secret
from .._core.settings import Settings
from ..scopes import ScopeSet
from ._attempt import NEVER
from ._body import ResponseReader
from ._connection import Connection
from ._engine import Engine
from ._environment import Way, way_to
from ._request import RequestBuilder
from ._stack import CLOSED, INHERITED, MOST, RECHECK, Stack, Waiter
from ._wire import nothing_free, outcome_of

T = TypeVar("T")


class _Connections:
    """The connections to one origin, of each process by itself.

    A forked child that used those of its parent would read answers that are not for it.
    """

    __slots__ = ("_opened", "engine", "is_closed", "origin")

    def __init__(self, origin: httpx.URL, engine: Engine | None) -> None:
        self.origin = origin
        self.engine = engine
        self._opened: dict[int, tuple[Stack[Connection], Way]] = {}  # by process id
        self.is_closed = False

    def opened(self) -> tuple[Stack[Connection], Way]:
        """This process's, and the way that they go."""
        return self._opened.get(os.getpid()) or self._open()

    def _open(self) -> tuple[Stack[Connection], Way]:
        # Without a lock, which a signal or a fork could leave locked: of two threads the second one's stack is dropped.
        way = way_to(self.origin)
        self._leave_alone()
        opened = self._opened.setdefault(os.getpid(), (Stack(lambda: Connection(way)), way))
        if self.is_closed:  # by another thread meanwhile
            opened[0].close()
        return opened

    def _leave_alone(self) -> None:
        own = os.getpid()
        INHERITED.update(opened for process, opened in list(self._opened.items()) if process != own)

    def close(self) -> None:
        """Close this process's."""
        self.is_closed = True
        self._leave_alone()
        if opened := self._opened.pop(os.getpid(), None):
            opened[0].close()


class Pool:
    """The connections of a client and all its copies; those of the clients of an app are lent by one pool.

    They open with the first request that needs them. Which token a request bears is the request's own.

    Args:
        origin: Where to.
        http_client: A client of the user's to send with in their place; None for connections of its own.

    Raises:
        TypeError: ``http_client`` is not a client that can be used.
    """

    __slots__ = ("_connections", "_is_closed", "_is_lent")

    def __init__(self, origin: httpx.URL, http_client: Any = None) -> None:
        self._connections = _Connections(origin, None if http_client is None else Engine(http_client))
        self._is_closed = self._is_lent = False

    @property
    def origin(self) -> httpx.URL:
        """Where its requests go."""
        return self._connections.origin

    def lend(self) -> Pool:
        """Another pool on the same connections, which leaves them open when it is closed, and ends with this one."""
        lent = object.__new__(Pool)
        lent._connections, lent._is_closed, lent._is_lent = self._connections, self._is_closed, True
        return lent

    def send(self, send: Send, builder: RequestBuilder) -> Outcome:
        """Send it once; redirects are never followed, so the token stays with its origin."""
        if self._is_closed or self._connections.is_closed:
            raise RuntimeError(CLOSED)
        ends = monotonic() + send.budget
        try:
            if self._connections.engine is not None:
                return self._connections.engine.send(send, builder, ends)
            stack, way = self._connections.opened()
            connection = stack.take(adds=send.adds) or _wait(stack, ends, adds=send.adds)
            if connection is None:
                return nothing_free(MOST, send.budget)
            is_whole = False
            try:
                outcome, is_whole = _exchange(connection, way, send, builder, ends)
                return outcome
            finally:
                if is_whole:
                    stack.give_back(connection)
                else:
                    stack.throw_away(connection)
        except BaseException as error:
            if not isinstance(error, Exception):
                # Interrupted: the connection's frames hold what it was writing, token and all.
                error.__traceback__ = None
            raise

    def close(self) -> None:
        """Close the connections, except those that were lent, and those of a client of the user's."""
        self._is_closed = True
        if not self._is_lent:
            self._connections.close()


def open_pool(origin: httpx.URL, http_client: Any = None) -> Pool:
    """A pool for a client: of its own, over a client of the user's, or lent by the pool that ``http_client`` is.

    Raises:
        TypeError: ``http_client`` is none of these.
        ValueError: that pool goes elsewhere.
    """
    if not isinstance(http_client, Pool):
        return Pool(origin, http_client)
    if http_client.origin != origin:
        raise ValueError(f"http_client is a pool of connections to {http_client.origin}, not to {origin}")
    return http_client.lend()


def _exchange(
    connection: Connection, way: Way, send: Send, builder: RequestBuilder, ends: float
) -> tuple[Outcome, bool]:
    """Send and read on one connection; what came of it, and whether the connection can be used again."""
    attempt = connection.attempt
    attempt.ends, attempt.sent = ends, None
    reader: ResponseReader | None = None
    try:
        response = connection.transport.handle_request(builder.build(send))
        reader = ResponseReader(response.status_code, response.headers.raw)
        stream = cast("httpx.SyncByteStream", response.stream)
        for piece in stream:
            if reader.feed(piece):
                attempt.ends = NEVER  # so that the stream ends by itself
        stream.close()
        answer = reader.answer()
    except Exception as error:
        late = send.budget if monotonic() >= ends else None
        if (outcome := outcome_of(error, reader, way, sent=attempt.sent, late=late)) is None:
            raise
        return outcome, False
    return answer, connection.is_whole_after(answer.status, reader.headers) and not answer.is_cut


def _wait(stack: Stack[Connection], ends: float, *, adds: bool) -> Connection | None:
    """A connection once one is free; None if that takes too long."""
    event = threading.Event()
    waiter = Waiter()
    waiter.wake = event.set
    stack.queue(waiter)
    try:
        while True:
            event.clear()
            connection = stack.take(waiter, adds=adds)
            left = ends - monotonic()
            if connection is not None or left <= 0:
                return connection
            event.wait(min(left, RECHECK))
    finally:
        stack.leave(waiter)


class Driver:
    """Runs calls with one client's settings."""

    __slots__ = ("_builder", "pool", "settings")

    def __init__(self, pool: Pool, settings: Settings) -> None:
        self.pool: Pool = pool
        self.settings: Settings = settings
        self._builder = RequestBuilder(pool.origin, settings.headers)

    def run(self, call: Call[T]) -> T:
        """Run the flow of ``call``."""
        return self._drive(request_flow(call, self.settings))

    def check(self, operation: str, needed: ScopeSet) -> None:
        """Check the scopes for what takes more than one call."""
        self._drive(scope_check_flow(operation, needed, self.settings))

    def _drive(self, steps: Flow[T]) -> T:
        try:
            step = next(steps)
            while True:
                if isinstance(step, Send):
                    step = steps.send(self.pool.send(step, self._builder))
                elif isinstance(step, Sleep):
                    self.settings.clock.sleep(step.seconds)
                    step = next(steps)
                else:
                    token, failure = _renewal(step)
                    step = steps.send(token) if failure is None else steps.throw(failure)
        except StopIteration as end:
            result: T = end.value
            return result


def _renewal(renew: Renew) -> tuple[Secret | None, Exception | None]:
    """Run a renewal; returns the token, or what was raised: the flow decides what that means for the call.

    It has a thread of its own, in which it goes on if the call cannot wait for it any longer.
    """
    ended: list[tuple[Secret | None, BaseException | None]] = []

    def run() -> None:
        try:
            ended.append((renew.credential.renew(renew.refused), None))
        except BaseException as error:  # noqa: BLE001  # it is raised again, in the flow
            ended.append((None, error))

    thread = threading.Thread(target=copy_context().run, args=(run,), name="stemp-renewal")
    try:
        thread.start()
    except RuntimeError:  # the interpreter ends, and starts no more threads
        run()
    else:
        thread.join(renew.budget)
    token, failure = ended[0] if ended else (None, RenewalTimeout())
    if failure is not None and not isinstance(failure, Exception):
        raise failure
    return token, failure
