"""The async driver: runs an exchange over an httpx transport, or over the ``httpx.AsyncClient`` of the user."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import httpx

from ..core.call import Call, Outcome, Renew, Reread, Send, Sleep
from ..core.credential import Renewal
from ..core.exchange import exchange
from ..core.settings import Settings
from ._wire import CLOSED, LIMITS, RequestBuilder, answer_from, lost_from, proxy_for

if TYPE_CHECKING:
    from anyio import Lock

T = TypeVar("T")


class AsyncPool:
    """The connections of a client and all its copies.  Opened by the first request, as TLS takes its time to load."""

    __slots__ = ("_builder", "_closed", "_renewing", "_transport", "injected")

    def __init__(self, origin: httpx.URL, http_client: httpx.AsyncClient | None) -> None:
        self._builder = RequestBuilder(origin)
        self._transport: httpx.AsyncHTTPTransport | None = None
        self._closed = False
        self._renewing: Lock | None = None
        if http_client is not None and not isinstance(http_client, httpx.AsyncClient):
            raise TypeError(f"http_client must be an httpx.AsyncClient, not {type(http_client).__name__}")
        self.injected: httpx.AsyncClient | None = http_client

    async def send(self, send: Send) -> Outcome:
        """Send it once; redirects are never followed, so the token stays with its origin."""
        if self._closed and self.injected is not None:
            raise RuntimeError(CLOSED)
        request = self._builder.build(send)
        try:
            if self.injected is not None:
                return answer_from(await self.injected.send(request, auth=None, follow_redirects=False))
            response = await (self._transport or self._open()).handle_async_request(request)
            try:
                await response.aread()
            finally:
                await response.aclose()
        except httpx.RequestError as error:
            return lost_from(error)
        except BaseException as error:
            if not isinstance(error, Exception):
                # Cancelled or interrupted: the connection's frames hold what it was writing, token and all.
                error.__traceback__ = None
            raise
        return answer_from(response)

    def _open(self) -> httpx.AsyncHTTPTransport:
        if self._closed:
            raise RuntimeError(CLOSED)
        self._transport = httpx.AsyncHTTPTransport(limits=LIMITS, proxy=proxy_for(self._builder.origin))
        return self._transport

    async def in_thread(self, step: Renew | Reread) -> Renewal | None:
        """Run what waits on the locks and stores of a credential, with the same code for both clients.

        Tasks wait for one another here, so that together they hold no more than one thread.
        """
        from anyio import Lock  # httpx brings it; most clients never need it
        from anyio.to_thread import run_sync

        if self._renewing is None:
            self._renewing = Lock()
        async with self._renewing:
            return await run_sync(step.run)

    async def aclose(self) -> None:
        """Close the connections, except those of an injected client, which stay its owner's."""
        self._closed = True
        transport, self._transport = self._transport, None
        if transport is not None:
            await transport.aclose()


class AsyncDriver:
    """Runs calls with one client's settings."""

    __slots__ = ("pool", "settings")

    def __init__(self, pool: AsyncPool, settings: Settings) -> None:
        self.pool: AsyncPool = pool
        self.settings: Settings = settings

    async def run(self, call: Call[T]) -> T:
        """Run the exchange of ``call``."""
        steps = exchange(call, self.settings)
        try:
            step = next(steps)
            while True:
                if isinstance(step, Send):
                    step = steps.send(await self.pool.send(step))
                elif isinstance(step, Sleep):
                    await self.settings.clock.sleep_async(step.seconds)
                    step = next(steps)
                else:
                    step = steps.send(await self.pool.in_thread(step))
        except StopIteration as end:
            result: T = end.value
            return result
