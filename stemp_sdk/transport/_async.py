"""The async driver: runs a request flow over an httpx transport, or over the ``httpx.AsyncClient`` of the user."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast
from weakref import WeakKeyDictionary, ref

import attrs
import httpx

from ..core.call import Call, Flow, Outcome, Renew, Send, Sleep
from ..core.credential import AsyncCredential
from ..core.flow import request_flow, scope_check_flow
from ..core.secret import Secret
from ..core.settings import Settings
from ..scopes import ScopeSet
from ._environment import open_transport
from ._wire import CLOSED, INHERITED, RequestBuilder, answer_from, lost_from

if TYPE_CHECKING:
    from anyio import Lock

T = TypeVar("T")


_Home: TypeAlias = tuple[int, object]
"""A process and an event loop in it."""


@attrs.frozen(eq=False)
class _Opened:
    """The connections of one event loop."""

    transport: httpx.AsyncHTTPTransport
    life: AsyncGenerator[None]
    """Suspended while they are open; ``aclose`` closes them."""


class AsyncPool:
    """The connections of a client and all its copies.  Opened by the first request, as TLS takes its time to load.

    Each event loop opens its own, as a connection can be used in no other; and so does each process, as a forked child
    that used those of its parent would read answers that are not for it.
    """

    __slots__ = ("__weakref__", "_builder", "_closed", "_lender", "_opened", "_renewing", "injected")

    def __init__(self, origin: httpx.URL, http_client: httpx.AsyncClient | None) -> None:
        self._builder = RequestBuilder(origin)
        self._opened: dict[_Home, _Opened] = {}
        self._closed = False
        self._lender: AsyncPool | None = None
        self._renewing: WeakKeyDictionary[Any, Lock] = WeakKeyDictionary()  # by event loop
        if http_client is not None and not isinstance(http_client, httpx.AsyncClient):
            raise TypeError(f"http_client must be an httpx.AsyncClient, not {type(http_client).__name__}")
        self.injected: httpx.AsyncClient | None = http_client

    @property
    def origin(self) -> httpx.URL:
        """Where its requests go."""
        return self._builder.origin

    def lend(self) -> AsyncPool:
        """Another pool on the same connections, which leaves them open when it is closed."""
        lent = AsyncPool(self.origin, None)
        lent._lender = self
        return lent

    async def send(self, send: Send) -> Outcome:
        """Send it once; redirects are never followed, so the token stays with its origin."""
        if self._closed:
            raise RuntimeError(CLOSED)
        if self._lender is not None:
            return await self._lender.send(send)
        request = self._builder.build(send)
        try:
            if self.injected is not None:
                return answer_from(await self.injected.send(request, auth=None, follow_redirects=False))
            opened = self._opened.get((os.getpid(), _running_loop())) or await self._open()
            response = await opened.transport.handle_async_request(request)
            try:
                received = b"".join([piece async for piece in cast("httpx.AsyncByteStream", response.stream)])
            finally:
                await response.aclose()
            return answer_from(response, received)
        except httpx.RequestError as error:
            return lost_from(error)
        except BaseException as error:
            if not isinstance(error, Exception):
                # Cancelled or interrupted: the connection's frames hold what it was writing, token and all.
                error.__traceback__ = None
            raise

    async def _open(self) -> _Opened:
        self._tidy()
        home = os.getpid(), _running_loop()
        transport = open_transport(httpx.AsyncHTTPTransport, self._builder.origin)
        opened = self._opened[home] = _Opened(transport, _life(ref(self), home, transport))
        await anext(opened.life)  # which never waits, so no other task comes between
        return opened

    def _tidy(self) -> None:
        """Forget what is of no more use: loops that ended without a word, and what a parent process had."""
        for home, opened in list(self._opened.items()):
            process, loop = home
            if process != os.getpid():
                INHERITED.add(opened)
            elif getattr(loop, "is_closed", bool)():
                self.forget(home)

    def forget(self, home: _Home) -> None:
        """Take note that the connections of an event loop are no more."""
        self._opened.pop(home, None)

    async def renew(self, step: Renew) -> tuple[Secret | None, Exception | None]:
        """Run a renewal: in the event loop if it can be, else in a thread, as it waits on locks and stores.

        Tasks wait for one another here, so that together they hold no more than one thread.

        Returns:
            The token, or what was raised: the flow decides what that means for the call.
        """
        from anyio import Lock  # httpx brings it; most clients never need it
        from anyio.to_thread import run_sync

        async with self._renewing.setdefault(_running_loop(), Lock()):
            try:
                if isinstance(step.credential, AsyncCredential):
                    return await step.credential.renew_async(step.refused), None
                return await run_sync(step.credential.renew, step.refused), None
            except Exception as error:  # noqa: BLE001  # it is raised again, in the flow
                return None, error

    async def aclose(self) -> None:
        """Close the connections, except those of an injected client, which stay its owner's.

        Those of another event loop close when that loop ends.
        """
        self._closed = True
        self._tidy()
        if self._opened and (opened := self._opened.pop((os.getpid(), _running_loop()), None)):
            await opened.life.aclose()


async def _life(pool: ref[AsyncPool], home: _Home, transport: httpx.AsyncHTTPTransport) -> AsyncGenerator[None]:
    """Closes the connections when it is closed: by ``aclose``, or by the event loop.

    ``asyncio.run``, ``trio.run`` and their like close every generator that is still suspended at their end, and one
    that nobody refers to any more. Elsewhere it would be too late, as a connection can only be closed in its own loop.
    """
    try:
        yield
    finally:
        if (owner := pool()) is not None:
            owner.forget(home)
        await transport.aclose()


def _running_loop() -> object:
    """What stands for the event loop that runs, asyncio's or trio's.

    anyio has the same only in its latest versions, and in ten times the time.
    """
    import asyncio  # a sync client never needs it

    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        trio: Any = sys.modules.get("trio")
        if trio is None:
            raise
        return trio.lowlevel.current_trio_token()


def open_async_pool(origin: httpx.URL, http_client: httpx.AsyncClient | AsyncPool | None = None) -> AsyncPool:
    """A pool for a client: of its own, over a client of the user's, or lent by the pool that ``http_client`` is.

    Raises:
        TypeError: ``http_client`` is none of these.
        ValueError: that pool goes elsewhere.
    """
    if not isinstance(http_client, AsyncPool):
        return AsyncPool(origin, http_client)
    if http_client.origin != origin:
        raise ValueError(f"http_client is a pool of connections to {http_client.origin}, not to {origin}")
    return http_client.lend()


class AsyncDriver:
    """Runs calls with one client's settings."""

    __slots__ = ("pool", "settings")

    def __init__(self, pool: AsyncPool, settings: Settings) -> None:
        self.pool: AsyncPool = pool
        self.settings: Settings = settings

    async def run(self, call: Call[T]) -> T:
        """Run the request flow of ``call``."""
        return await self._drive(request_flow(call, self.settings))

    async def check(self, operation: str, needed: ScopeSet) -> None:
        """Check the scopes for what takes more than one call."""
        await self._drive(scope_check_flow(operation, needed, self.settings))

    async def _drive(self, steps: Flow[T]) -> T:
        try:
            step = next(steps)
            while True:
                if isinstance(step, Send):
                    step = steps.send(await self.pool.send(step))
                elif isinstance(step, Sleep):
                    await self.settings.clock.sleep_async(step.seconds)
                    step = next(steps)
                else:
                    token, failure = await self.pool.renew(step)
                    step = steps.send(token) if failure is None else steps.throw(failure)
        except StopIteration as end:
            result: T = end.value
            return result
