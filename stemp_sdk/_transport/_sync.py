"""The sync driver: runs a flow over its own connections, or over an ``httpx.Client`` of the user's."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from time import monotonic
from typing import Any, ClassVar, TypeVar, cast

import httpx

from .._core.call import Abandoned, Call, Flow, Outcome, Renew, RenewalTimeout, Send, Sleep, Work
from .._core.errors import Resolver, UnknownOutcomeError, attach_resolver
from .._core.flow import journal_flow, request_flow, scope_check_flow
from .._core.journal import WriteStore
from .._core.resolvable import Resolvable
from .._core.secret import Secret
from .._core.settings import Settings
from ..scopes import ScopeSet
from ._attempt import NEVER
from ._body import ResponseReader
from ._connection import Connection
from ._engine import Engine
from ._environment import Route, route_to
from ._request import RequestBuilder
from ._stack import CLOSED, INHERITED, MOST, RECHECK, Stack, Waiter
from ._wire import nothing_free, outcome_of

T = TypeVar("T")


class _Connections:
    """The connections to one origin, separate for each process.

    A forked child that used its parent's connections would read the responses to its parent's requests.
    """

    __slots__ = ("_opened", "engine", "is_closed", "origin")

    def __init__(self, origin: httpx.URL, engine: Engine | None) -> None:
        self.origin = origin
        self.engine = engine
        self._opened: dict[int, tuple[Stack[Connection], Route]] = {}  # by process id
        self.is_closed = False

    def opened(self) -> tuple[Stack[Connection], Route]:
        """The connections of this process, and their route."""
        return self._opened.get(os.getpid()) or self._open()

    def _open(self) -> tuple[Stack[Connection], Route]:
        # No lock, as a signal or a fork could leave it locked. If two threads get here, the second stack is dropped.
        route = route_to(self.origin)
        self._leave_alone()
        opened = self._opened.setdefault(os.getpid(), (Stack(lambda: Connection(route)), route))
        if self.is_closed:  # by another thread meanwhile
            opened[0].close()
        return opened

    def _leave_alone(self) -> None:
        own = os.getpid()
        INHERITED.update(opened for process, opened in list(self._opened.items()) if process != own)

    def close(self) -> None:
        """Close the connections of this process."""
        self.is_closed = True
        self._leave_alone()
        if opened := self._opened.pop(os.getpid(), None):
            opened[0].close()


class Pool:
    """The connections of a client and all its copies. The clients of an app share those of one pool.

    They open at the first request that needs them. They do not depend on the token.

    Args:
        origin: The server's origin.
        http_client: A client of the user's to send with; None for connections of its own.

    Raises:
        TypeError: ``http_client`` is not a client that can be used.
    """

    __slots__ = ("_connections", "_is_closed", "_is_shared")
    is_async: ClassVar[bool] = False

    def __init__(self, origin: httpx.URL, http_client: Any = None) -> None:
        self._connections = _Connections(origin, None if http_client is None else Engine(http_client))
        self._is_closed = self._is_shared = False

    @property
    def origin(self) -> httpx.URL:
        """The origin of its requests."""
        return self._connections.origin

    def share(self) -> Pool:
        """Another pool on the same connections. Closing it leaves them open; closing this pool closes both."""
        shared = object.__new__(Pool)
        shared._connections, shared._is_closed, shared._is_shared = self._connections, self._is_closed, True
        return shared

    def send(self, send: Send, builder: RequestBuilder) -> Outcome:
        """Send it once. Redirects are not followed, so the token goes to its origin only."""
        if self._is_closed or self._connections.is_closed:
            raise RuntimeError(CLOSED)
        ends = monotonic() + send.budget
        try:
            if self._connections.engine is not None:
                return self._connections.engine.send(send, builder, ends)
            stack, route = self._connections.opened()
            connection = stack.take(adds=send.adds) or _wait(stack, ends, adds=send.adds)
            if connection is None:
                return nothing_free(MOST, send.budget)
            is_whole = False
            try:
                outcome, is_whole = _exchange(connection, route, send, builder, ends)
                return outcome
            finally:
                if is_whole:
                    stack.release(connection)
                else:
                    stack.discard(connection)
        except BaseException as error:
            if not isinstance(error, Exception):
                # Interrupted: the connection's frames hold the bytes of the request, with the token.
                error.__traceback__ = None
            raise

    def close(self) -> None:
        """Close the connections, unless they belong to another pool or to a client of the user's."""
        self._is_closed = True
        if not self._is_shared:
            self._connections.close()


def open_pool(origin: httpx.URL, http_client: Any = None) -> Pool:
    """A pool for a client: with connections of its own, with a client of the user's, or sharing a given pool.

    Raises:
        TypeError: ``http_client`` is neither a client that can be used nor a pool.
        ValueError: ``http_client`` is a pool for another origin.
    """
    if not isinstance(http_client, Pool):
        return Pool(origin, http_client)
    if http_client.origin != origin:
        raise ValueError(f"http_client is a pool of connections to {http_client.origin}, not to {origin}")
    return http_client.share()


def _exchange(
    connection: Connection, route: Route, send: Send, builder: RequestBuilder, ends: float
) -> tuple[Outcome, bool]:
    """Send and read on one connection. Returns the outcome, and whether the connection can be used again."""
    attempt = connection.attempt
    attempt.ends, attempt.sent = ends, None
    reader: ResponseReader | None = None
    try:
        response = connection.transport.handle_request(builder.build(send))
        reader = ResponseReader(response.status_code, response.headers.raw)
        stream = cast("httpx.SyncByteStream", response.stream)
        for piece in stream:
            if reader.feed(piece):
                attempt.ends = NEVER  # so that the next read ends the stream
        stream.close()
        result = reader.response()
    except Exception as error:
        late = send.budget if monotonic() >= ends else None
        if (outcome := outcome_of(error, reader, route, sent=attempt.sent, late=late)) is None:
            raise
        return outcome, False
    return result, connection.is_whole_after(result.status, reader.headers) and not result.is_cut


def _wait(stack: Stack[Connection], ends: float, *, adds: bool) -> Connection | None:
    """Wait for a free connection; None at the deadline."""
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


def _worked(work: Work) -> tuple[Any, Exception | None]:
    """The result of a function, or its error, on which the flow then decides."""
    try:
        done = work.function()
    except Exception as error:  # noqa: BLE001  # it is raised again, in the flow
        return None, error
    if not work.is_async:
        return done, None
    done.close()  # a coroutine that is not awaited does nothing
    return None, TypeError("it returned an awaitable, which only AsyncStemp can await")


class Driver:
    """Runs calls with one client's settings."""

    __slots__ = ("_builder", "pool", "settings")

    def __init__(self, pool: Pool, settings: Settings) -> None:
        self.pool: Pool = pool
        self.settings: Settings = settings
        self._builder = RequestBuilder(pool.origin, settings.headers)

    def run(self, call: Call[T]) -> T:
        """Run the flow of ``call``."""
        if self.settings.observers:
            make = partial(request_flow, call)
            return self._observed(make, call.operation.name, call.operation.scopes)
        return self._drive(request_flow(call, self.settings))

    def run_resolvable(self, write: Resolvable[T], *, is_patient: bool = False) -> T:
        """Run the flow of a write that looks before it sends; an unknown outcome can be resolved later.

        Args:
            write: The write.
            is_patient: Whether it waits until earlier requests are settled, however long that takes.
        """
        try:
            return self._observed(partial(write.flow, is_patient=is_patient), write.name, write.needed)
        except UnknownOutcomeError as error:
            attach_resolver(error, Resolver(partial(self.run_resolvable, write, is_patient=True), is_async=False))
            raise

    def in_journal(self, use: Callable[[WriteStore], T]) -> T:
        """Use the journal of writes with a reference, without a request."""
        return self._drive(journal_flow(use, self.settings))

    def check(self, operation: str, needed: ScopeSet) -> None:
        """Check the scopes of an operation that needs several calls."""
        self._drive(scope_check_flow(operation, needed, self.settings))

    def _observed(self, make: Callable[[Settings], Flow[T]], operation: str, needed: ScopeSet) -> T:
        """Run a flow, with the client's observers."""
        if not self.settings.observers:
            return self._drive(make(self.settings))
        from .._core.observing import observed_flow  # loaded with the client: most clients have no observers

        return self._drive(observed_flow(make, operation, needed, self.settings, self.pool.origin.host))

    def _drive(self, steps: Flow[T]) -> T:
        try:
            step = next(steps)
            while True:
                if isinstance(step, Send):
                    step = steps.send(self.pool.send(step, self._builder))
                elif isinstance(step, Sleep):
                    self.settings.clock.sleep(step.seconds)
                    step = next(steps)
                elif isinstance(step, Work):
                    done, failure = _worked(step)
                    step = steps.send(done) if failure is None else steps.throw(failure)
                else:
                    token, failure = _renewal(step)
                    step = steps.send(token) if failure is None else steps.throw(failure)
        except StopIteration as end:
            result: T = end.value
            return result
        except BaseException as error:
            _abandon(steps, error)
            raise


def _abandon(steps: Flow[Any], cause: BaseException) -> None:
    """Let a flow whose step was interrupted, or raised, clean up; one that has ended has nothing to do."""
    with suppress(Abandoned, StopIteration):
        step = steps.throw(Abandoned(cause))
        while True:
            done, _ = _worked(cast("Work", step))
            step = steps.send(done)


def _renewal(renew: Renew) -> tuple[Secret | None, Exception | None]:
    """Run a renewal. Returns the token, or the error: the flow decides what that means for the call.

    It runs in a thread of its own, where it continues after the call stopped waiting for it.
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
    except RuntimeError:  # the interpreter is shutting down and starts no threads
        run()
    else:
        thread.join(renew.budget)
    token, failure = ended[0] if ended else (None, RenewalTimeout())
    if failure is not None and not isinstance(failure, Exception):
        raise failure
    return token, failure
