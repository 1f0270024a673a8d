"""The sync driver: runs a request flow over an httpx transport, or over the ``httpx.Client`` of the user."""

from __future__ import annotations

import os
from typing import TypeVar, cast

import httpx

from ..core.call import Call, Flow, Outcome, Renew, Send, Sleep
from ..core.flow import request_flow, scope_check_flow
from ..core.locking import ForkSafeLock
from ..core.secret import Secret
from ..core.settings import Settings
from ..scopes import ScopeSet
from ._environment import open_transport
from ._wire import CLOSED, INHERITED, RequestBuilder, answer_from, lost_from

T = TypeVar("T")


class Pool:
    """The connections of a client and all its copies.  Opened by the first request, as TLS takes its time to load.

    Each process opens its own: a forked child that used those of its parent would read answers that are not for it.
    """

    __slots__ = ("_builder", "_closed", "_lender", "_lock", "_transports", "injected")

    def __init__(self, origin: httpx.URL, http_client: httpx.Client | None) -> None:
        self._builder = RequestBuilder(origin)
        self._transports: dict[int, httpx.HTTPTransport] = {}  # by process id
        self._lock = ForkSafeLock()
        self._closed = False
        self._lender: Pool | None = None
        if http_client is not None and not isinstance(http_client, httpx.Client):
            raise TypeError(f"http_client must be an httpx.Client, not {type(http_client).__name__}")
        self.injected: httpx.Client | None = http_client

    @property
    def origin(self) -> httpx.URL:
        """Where its requests go."""
        return self._builder.origin

    def lend(self) -> Pool:
        """Another pool on the same connections, which leaves them open when it is closed."""
        lent = Pool(self.origin, None)
        lent._lender = self
        return lent

    def send(self, send: Send) -> Outcome:
        """Send it once; redirects are never followed, so the token stays with its origin."""
        if self._closed and (self.injected is not None or self._lender is not None):
            raise RuntimeError(CLOSED)
        if self._lender is not None:
            return self._lender.send(send)
        request = self._builder.build(send)
        try:
            if self.injected is not None:
                return answer_from(self.injected.send(request, auth=None, follow_redirects=False))
            response = (self._transports.get(os.getpid()) or self._open()).handle_request(request)
            try:
                received = b"".join(cast("httpx.SyncByteStream", response.stream))
            finally:
                response.close()
            return answer_from(response, received)
        except httpx.RequestError as error:
            return lost_from(error)
        except BaseException as error:
            if not isinstance(error, Exception):
                # Cancelled or interrupted: the connection's frames hold what it was writing, token and all.
                error.__traceback__ = None
            raise

    def _open(self) -> httpx.HTTPTransport:
        with self._lock:
            if self._closed:
                raise RuntimeError(CLOSED)
            own = os.getpid()
            if own not in self._transports:
                self._leave_alone()
                self._transports[own] = open_transport(httpx.HTTPTransport, self._builder.origin)
            return self._transports[own]

    def _leave_alone(self) -> None:
        own = os.getpid()
        INHERITED.update(transport for process, transport in self._transports.items() if process != own)

    def close(self) -> None:
        """Close the connections, except those of an injected client, which stay its owner's."""
        with self._lock:
            self._closed = True
            self._leave_alone()
            transport = self._transports.pop(os.getpid(), None)
        if transport is not None:
            transport.close()


def open_pool(origin: httpx.URL, http_client: httpx.Client | Pool | None = None) -> Pool:
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


class Driver:
    """Runs calls with one client's settings."""

    __slots__ = ("pool", "settings")

    def __init__(self, pool: Pool, settings: Settings) -> None:
        self.pool: Pool = pool
        self.settings: Settings = settings

    def run(self, call: Call[T]) -> T:
        """Run the request flow of ``call``."""
        return self._drive(request_flow(call, self.settings))

    def check(self, operation: str, needed: ScopeSet) -> None:
        """Check the scopes for what takes more than one call."""
        self._drive(scope_check_flow(operation, needed, self.settings))

    def _drive(self, steps: Flow[T]) -> T:
        try:
            step = next(steps)
            while True:
                if isinstance(step, Send):
                    step = steps.send(self.pool.send(step))
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
    """Run a renewal; returns the token, or what was raised: the flow decides what that means for the call."""
    try:
        return renew.credential.renew(renew.refused), None
    except Exception as error:  # noqa: BLE001  # it is raised again, in the flow
        return None, error
