"""The async driver: runs a flow over its own connections, or over an ``httpx.AsyncClient`` of the user's."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar, cast
from weakref import WeakKeyDictionary

import httpx

from .._core.call import Abandoned, Call, Flow, Outcome, Renew, RenewalTimeout, Send, Sleep, Work
from .._core.credential import AsyncCredential
from .._core.errors import Resolver, UnknownOutcomeError, attach_resolver
from .._core.flow import journal_flow, request_flow, scope_check_flow
from .._core.journal import WriteStore
from .._core.loops import running_loop
from .._core.resolvable import Resolvable
from .._core.secret import Secret
from .._core.settings import Settings
from ..scopes import ScopeSet
from ._attempt import NEVER
from ._body import ResponseReader
from ._connection import AsyncConnection
from ._engine import AsyncEngine
from ._environment import Route, is_quick, route_to
from ._loops import PerLoop, load_backends, network_of_the_loop
from ._request import RequestBuilder
from ._stack import CLOSED, MOST, RECHECK, Stack, Waiter
from ._wire import nothing_free, outcome_of

if TYPE_CHECKING:
    from anyio import Lock

T = TypeVar("T")

#: Seconds for which a cancelled call may clean up.
_CLEANUP: Final = 1.0


class _LoopConnections:
    """The connections of one event loop."""

    __slots__ = ("_ready",)

    def __init__(self) -> None:
        self._ready: tuple[Stack[AsyncConnection], Route] | None = None

    async def ready(self, origin: httpx.URL) -> tuple[Stack[AsyncConnection], Route]:
        """The connections and their route."""
        if self._ready is None:
            route = route_to(origin) if is_quick(origin) else await _in_thread(partial(route_to, origin))
            if self._ready is None:  # another task may have been faster
                network = network_of_the_loop()
                self._ready = Stack(lambda: AsyncConnection(route, network)), route
        return self._ready

    def close(self) -> None:
        """Close them."""
        if self._ready is not None:
            self._ready[0].close()


class _Connections:
    """The connections to one origin, separate for each event loop, as a connection belongs to one loop."""

    __slots__ = ("engine", "is_closed", "of_loops", "origin")

    def __init__(self, origin: httpx.URL, engine: AsyncEngine | None) -> None:
        self.origin = origin
        self.engine = engine
        self.is_closed = False
        self.of_loops: PerLoop[_LoopConnections] = PerLoop(_LoopConnections)


class AsyncPool:
    """The connections of a client and all its copies. The clients of an app share those of one pool.

    They open at the first request that needs them, separately in each event loop. They do not depend on the token.

    Args:
        origin: The server's origin.
        http_client: A client of the user's to send with; None for connections of its own.

    Raises:
        TypeError: ``http_client`` is not a client that can be used.
    """

    __slots__ = ("_connections", "_is_closed", "_is_shared", "_renewing")
    is_async: ClassVar[bool] = True

    def __init__(self, origin: httpx.URL, http_client: Any = None) -> None:
        load_backends()
        self._connections = _Connections(origin, None if http_client is None else AsyncEngine(http_client))
        self._is_closed = self._is_shared = False
        self._renewing: WeakKeyDictionary[Any, Lock] = WeakKeyDictionary()  # by event loop

    @property
    def origin(self) -> httpx.URL:
        """The origin of its requests."""
        return self._connections.origin

    def share(self) -> AsyncPool:
        """Another pool on the same connections. Closing it leaves them open; closing this pool closes both."""
        shared = object.__new__(AsyncPool)
        shared._connections, shared._is_closed, shared._is_shared = self._connections, self._is_closed, True
        shared._renewing = WeakKeyDictionary()
        return shared

    async def send(self, send: Send, builder: RequestBuilder) -> Outcome:
        """Send it once. Redirects are not followed, so the token goes to its origin only."""
        if self._is_closed or self._connections.is_closed:
            raise RuntimeError(CLOSED)
        ends = monotonic() + send.budget
        try:
            if self._connections.engine is not None:
                return await self._connections.engine.send(send, builder, ends)
            opened = await self._connections.of_loops.get()
            stack, route = await opened.ready(self.origin)
            connection = stack.take(adds=send.adds) or await _wait(stack, ends, adds=send.adds)
            if connection is None:
                return nothing_free(MOST, send.budget)
            is_whole = False
            try:
                outcome, is_whole = await _exchange(connection, route, send, builder, ends)
                return outcome
            finally:
                if is_whole:
                    stack.release(connection)
                else:
                    stack.discard(connection)
        except BaseException as error:
            if not isinstance(error, Exception):
                # Cancelled or interrupted: the connection's frames hold the bytes of the request, with the token.
                error.__traceback__ = None
            raise

    async def renew(self, step: Renew) -> tuple[Secret | None, Exception | None]:
        """Run a renewal: in the event loop if possible, else in a thread, as it waits for locks and stores.

        The tasks of a client renew one after the other, so that together they hold no more than one thread. A renewal
        in a thread continues after the call stopped waiting for it.

        Returns:
            The token, or the error: the flow decides what that means for the call.
        """
        from anyio import Lock, move_on_after  # here, as most clients never need them

        with move_on_after(step.budget):
            async with self._renewing.setdefault(running_loop(), Lock()):
                try:
                    if isinstance(step.credential, AsyncCredential):
                        return await step.credential.renew_async(step.refused), None
                    return await _in_thread(partial(step.credential.renew, step.refused)), None
                except Exception as error:  # noqa: BLE001  # it is raised again, in the flow
                    return None, error
        return None, RenewalTimeout()

    async def aclose(self) -> None:
        """Close the connections, unless they belong to another pool or to a client of the user's.

        Those of another event loop close when that loop ends, and those in use when their calls end.
        """
        from anyio.lowlevel import cancel_shielded_checkpoint

        self._is_closed = True
        if not self._is_shared:
            self._connections.is_closed = True
            await self._connections.of_loops.close()
            # asyncio closes a socket in the next iteration of its loop, which may be stopped after this.
            await cancel_shielded_checkpoint()


def open_async_pool(origin: httpx.URL, http_client: Any = None) -> AsyncPool:
    """A pool for a client: with connections of its own, with a client of the user's, or sharing a given pool.

    Raises:
        TypeError: ``http_client`` is neither a client that can be used nor a pool.
        ValueError: ``http_client`` is a pool for another origin.
    """
    if not isinstance(http_client, AsyncPool):
        return AsyncPool(origin, http_client)
    if http_client.origin != origin:
        raise ValueError(f"http_client is a pool of connections to {http_client.origin}, not to {origin}")
    return http_client.share()


async def _exchange(
    connection: AsyncConnection, route: Route, send: Send, builder: RequestBuilder, ends: float
) -> tuple[Outcome, bool]:
    """Send and read on one connection. Returns the outcome, and whether the connection can be used again."""
    attempt = connection.attempt
    attempt.ends, attempt.sent = ends, None
    reader: ResponseReader | None = None
    try:
        response = await connection.transport.handle_async_request(builder.build(send))
        reader = ResponseReader(response.status_code, response.headers.raw)
        async for piece in cast("httpx.AsyncByteStream", response.stream):
            if reader.feed(piece):
                attempt.ends = NEVER  # so that the next read ends the stream
        await response.aclose()
        result = reader.response()
    except Exception as error:
        late = send.budget if monotonic() >= ends else None
        if (outcome := outcome_of(error, reader, route, sent=attempt.sent, late=late)) is None:
            raise
        return outcome, False
    return result, connection.is_whole_after(result.status, reader.headers) and not result.is_cut


async def _wait(stack: Stack[AsyncConnection], ends: float, *, adds: bool) -> AsyncConnection | None:
    """Wait for a free connection; None at the deadline."""
    from anyio import Event, move_on_after  # here, as most clients never need them

    waiter = Waiter()
    stack.queue(waiter)
    try:
        while True:
            event = Event()
            waiter.wake = event.set
            connection = stack.take(waiter, adds=adds)
            left = ends - monotonic()
            if connection is not None or left <= 0:
                return connection
            with move_on_after(min(left, RECHECK)):
                await event.wait()
    finally:
        stack.leave(waiter)


async def _in_thread(function: Callable[[], T]) -> T:
    from anyio.to_thread import run_sync  # here, as most calls never need it

    return await run_sync(function, abandon_on_cancel=True)


async def _worked(work: Work) -> tuple[Any, Exception | None]:
    """The result of a function, or its error, on which the flow then decides."""
    try:
        return await (work.function() if work.is_async else _in_thread(work.function)), None
    except Exception as error:  # noqa: BLE001  # it is raised again, in the flow
        return None, error


class AsyncDriver:
    """Runs calls with one client's settings."""

    __slots__ = ("_builder", "pool", "settings")

    def __init__(self, pool: AsyncPool, settings: Settings) -> None:
        self.pool: AsyncPool = pool
        self.settings: Settings = settings
        self._builder = RequestBuilder(pool.origin, settings.headers)

    async def run(self, call: Call[T]) -> T:
        """Run the flow of ``call``."""
        if self.settings.observers:
            make = partial(request_flow, call)
            return await self._observed(make, call.operation.name, call.operation.scopes)
        return await self._drive(request_flow(call, self.settings))

    async def run_resolvable(self, write: Resolvable[T], *, is_patient: bool = False) -> T:
        """Run the flow of a write that looks before it sends; an unknown outcome can be resolved later.

        Args:
            write: The write.
            is_patient: Whether it waits until earlier requests are settled, however long that takes.
        """
        try:
            return await self._observed(partial(write.flow, is_patient=is_patient), write.name, write.needed)
        except UnknownOutcomeError as error:
            attach_resolver(error, Resolver(partial(self.run_resolvable, write, is_patient=True), is_async=True))
            raise

    async def in_journal(self, use: Callable[[WriteStore], T]) -> T:
        """Use the journal of writes with a reference, without a request."""
        return await self._drive(journal_flow(use, self.settings))

    async def check(self, operation: str, needed: ScopeSet) -> None:
        """Check the scopes of an operation that needs several calls."""
        await self._drive(scope_check_flow(operation, needed, self.settings))

    async def _observed(self, make: Callable[[Settings], Flow[T]], operation: str, needed: ScopeSet) -> T:
        """Run a flow, with the client's observers."""
        if not self.settings.observers:
            return await self._drive(make(self.settings))
        from .._core.observing import observed_flow  # loaded with the client: most clients have no observers

        return await self._drive(observed_flow(make, operation, needed, self.settings, self.pool.origin.host))

    async def _drive(self, steps: Flow[T]) -> T:
        try:
            step = next(steps)
            while True:
                if isinstance(step, Send):
                    step = steps.send(await self.pool.send(step, self._builder))
                elif isinstance(step, Sleep):
                    await self.settings.clock.sleep_async(step.seconds)
                    step = next(steps)
                elif isinstance(step, Work):
                    done, failure = await _worked(step)
                    step = steps.send(done) if failure is None else steps.throw(failure)
                else:
                    token, failure = await self.pool.renew(step)
                    step = steps.send(token) if failure is None else steps.throw(failure)
        except StopIteration as end:
            result: T = end.value
            return result
        except BaseException as error:
            if not isinstance(error, GeneratorExit):  # with which nothing may be awaited any more
                await _abandon(steps, error)
            steps.close()  # its cleanup is now, and not when the garbage is collected
            raise


async def _abandon(steps: Flow[Any], cause: BaseException) -> None:
    """Let a flow whose step was cancelled or interrupted, or raised, clean up; one that has ended has nothing to do."""
    with suppress(Abandoned, StopIteration):
        step = steps.throw(Abandoned(cause))
        from anyio import move_on_after  # here, as most calls never need it

        with move_on_after(_CLEANUP, shield=True):
            while True:
                done, _ = await _worked(cast("Work", step))
                step = steps.send(done)
