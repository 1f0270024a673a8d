"""One connection to the server, behind an httpx transport of its own.

httpx and httpcore know pools only; but theirs looks at every connection for each request, which takes most of the time
of many calls at once, and one that a cancel strikes at a bad moment keeps its connections for ever. So every connection
has a transport to itself, and the pool is a stack of them. What listens at httpx's and httpcore's classes, as mocks and
instrumentations do, meets them as usual.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Final
from weakref import finalize

import httpcore
import httpx

from ._attempt import Attempt
from ._environment import Way, ssl_context
from ._network import Network

_NO_BODY: Final = frozenset({204, 304})


class _Connection:
    """What both kinds have in common."""

    __slots__ = ("__weakref__", "_pool", "attempt", "idle_since")

    def __init__(self) -> None:
        self.attempt = Attempt()
        self._pool: Any = None
        """What httpcore has for it: the connection itself, or where there is a proxy, a pool of one."""
        self.idle_since = 0.0
        """By ``time.monotonic``."""
        # However it is lost, by an exception between two statements as well, its socket is closed.
        finalize(self, _abort, self.attempt, os.getpid()).atexit = False

    def _state(self) -> Any:
        """The connection as httpcore has it; None if there is none."""
        pool = self._pool
        if not hasattr(pool, "connections"):
            return pool
        return pool.connections[0] if pool.connections else None

    def abort(self) -> None:
        """Close it at once."""
        self.attempt.abort()

    def is_usable(self) -> bool:
        """Whether it is open and silent: what a server sends unasked would be taken for the answer to the next request.

        To be asked right before it is used again.
        """
        return not self._state().has_expired()

    def is_whole_after(self, status: int, headers: dict[str, str]) -> bool:
        """Whether it can be used again after an answer, which was read to its end."""
        state = self._state()
        if state is None or not state.is_idle():
            return False
        if status in _NO_BODY and (headers.get("content-length", "0") != "0" or "transfer-encoding" in headers):
            return False  # a body may follow, though none may
        # What came after the answer's end: h11 keeps it for the next one.
        return not state._connection._h11_state.trailing_data[0]  # nothing public tells


def _abort(attempt: Attempt, process: int) -> None:
    if process == os.getpid():  # a forked child would take it from its parent's event loop
        attempt.abort()


class Connection(_Connection):
    """For one thread at a time."""

    __slots__ = ("transport",)

    def __init__(self, way: Way) -> None:
        super().__init__()
        network = Network(self.attempt, way.server)
        if way.proxy is None:
            self._pool = httpcore.HTTPConnection(_origin(way), way.context, network_backend=network)
        else:
            kind = httpcore.SOCKSProxy if _is_socks(way.proxy) else httpcore.HTTPProxy
            self._pool = kind(**_through(way.proxy), ssl_context=way.context, network_backend=network)
        self.transport = _Transport(self._pool)


class AsyncConnection(_Connection):
    """For one task at a time, in one event loop."""

    __slots__ = ("transport",)

    def __init__(
        self, way: Way, kind_of_network: Callable[[Attempt, str | None], httpcore.AsyncNetworkBackend]
    ) -> None:
        super().__init__()
        network = kind_of_network(self.attempt, way.server)
        if way.proxy is None:
            self._pool = httpcore.AsyncHTTPConnection(_origin(way), way.context, network_backend=network)
        else:
            kind = httpcore.AsyncSOCKSProxy if _is_socks(way.proxy) else httpcore.AsyncHTTPProxy
            self._pool = kind(**_through(way.proxy), ssl_context=way.context, network_backend=network)
        self.transport = _AsyncTransport(self._pool)


class _Transport(httpx.HTTPTransport):
    """As httpx has it, but for what it sends with."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool


class _AsyncTransport(httpx.AsyncHTTPTransport):
    """As httpx has it, but for what it sends with."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool


def _origin(way: Way) -> httpcore.Origin:
    url = way.origin
    return httpcore.Origin(url.raw_scheme, url.raw_host, url.port or (80 if way.context is None else 443))


def _is_socks(proxy: httpx.Proxy) -> bool:
    return proxy.url.scheme.startswith("socks")


def _through(proxy: httpx.Proxy) -> dict[str, Any]:
    """What httpcore's pools need to know of a proxy; they are asked for one connection."""
    url = proxy.url
    options: dict[str, Any] = {
        "proxy_url": httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
        "proxy_auth": proxy.raw_auth,
        "max_connections": 1,
    }
    if url.scheme == "https":
        options["proxy_ssl_context"] = ssl_context()
    return options
