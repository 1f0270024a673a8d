"""One connection to the server, behind an httpx transport of its own.

httpx and httpcore offer pools only. Their pool examines every connection for each request, which takes most of the time
of many concurrent calls, and a cancellation at a bad moment makes it keep connections for ever. So each connection has
a transport of its own, and the pool is a stack of them. Mocks and instrumentation that patch the classes of httpx and
httpcore work as usual.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Final
from weakref import finalize

import httpcore
import httpx

from ._attempt import Attempt
from ._environment import Route, ssl_context
from ._network import Network

_NO_BODY: Final = frozenset({204, 304})


class _Connection:
    """Common base of sync and async connections."""

    __slots__ = ("__weakref__", "_pool", "attempt", "idle_since")

    def __init__(self) -> None:
        self.attempt = Attempt()
        self._pool: Any = None
        """httpcore's object: the connection itself, or a pool of one if there is a proxy."""
        self.idle_since = 0.0
        """By ``time.monotonic``."""
        # Its socket is closed even if the last reference is lost by an exception between two statements.
        finalize(self, _abort, self.attempt, os.getpid()).atexit = False

    def _state(self) -> Any:
        """Httpcore's connection; None if there is none."""
        pool = self._pool
        if not hasattr(pool, "connections"):
            return pool
        return pool.connections[0] if pool.connections else None

    def abort(self) -> None:
        """Close it at once."""
        self.attempt.abort()

    def is_usable(self) -> bool:
        """Whether it is open and silent. Unrequested bytes would be taken for the response to the next request.

        Has to be called right before the connection is used again.
        """
        return not self._state().has_expired()

    def is_whole_after(self, status: int, headers: dict[str, str]) -> bool:
        """Whether it can be used again after a response that was read to its end."""
        state = self._state()
        if state is None or not state.is_idle():
            return False
        if status in _NO_BODY and (headers.get("content-length", "0") != "0" or "transfer-encoding" in headers):
            return False  # a body is not allowed here, but may follow
        # h11 keeps bytes after the end of the response for the next one. No public attribute shows them.
        return not state._connection._h11_state.trailing_data[0]


def _abort(attempt: Attempt, process: int) -> None:
    if process == os.getpid():  # a forked child must not close its parent's connection
        attempt.abort()


class Connection(_Connection):
    """A connection for one thread at a time."""

    __slots__ = ("transport",)

    def __init__(self, route: Route) -> None:
        super().__init__()
        network = Network(self.attempt, route.server)
        if route.proxy is None:
            self._pool = httpcore.HTTPConnection(_origin(route), route.context, network_backend=network)
        else:
            kind = httpcore.SOCKSProxy if _is_socks(route.proxy) else httpcore.HTTPProxy
            self._pool = kind(**_through(route.proxy), ssl_context=route.context, network_backend=network)
        self.transport = _Transport(self._pool)


class AsyncConnection(_Connection):
    """A connection for one task at a time, in one event loop."""

    __slots__ = ("transport",)

    def __init__(
        self, route: Route, kind_of_network: Callable[[Attempt, str | None], httpcore.AsyncNetworkBackend]
    ) -> None:
        super().__init__()
        network = kind_of_network(self.attempt, route.server)
        if route.proxy is None:
            self._pool = httpcore.AsyncHTTPConnection(_origin(route), route.context, network_backend=network)
        else:
            kind = httpcore.AsyncSOCKSProxy if _is_socks(route.proxy) else httpcore.AsyncHTTPProxy
            self._pool = kind(**_through(route.proxy), ssl_context=route.context, network_backend=network)
        self.transport = _AsyncTransport(self._pool)


class _Transport(httpx.HTTPTransport):
    """httpx's transport over one given connection."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool


class _AsyncTransport(httpx.AsyncHTTPTransport):
    """httpx's async transport over one given connection."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool


def _origin(route: Route) -> httpcore.Origin:
    url = route.origin
    return httpcore.Origin(url.raw_scheme, url.raw_host, url.port or (80 if route.context is None else 443))


def _is_socks(proxy: httpx.Proxy) -> bool:
    return proxy.url.scheme.startswith("socks")


def _through(proxy: httpx.Proxy) -> dict[str, Any]:
    """The arguments of a proxy pool of httpcore's that holds one connection."""
    url = proxy.url
    options: dict[str, Any] = {
        "proxy_url": httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
        "proxy_auth": proxy.raw_auth,
        "max_connections": 1,
    }
    if url.scheme == "https":
        options["proxy_ssl_context"] = ssl_context()
    return options
