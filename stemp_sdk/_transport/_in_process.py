"""httpx clients that pass each request to a function instead of a network, for a server in the same process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any, Final, Literal, TypeAlias, TypeVar

import httpx

from .._core.clock import Clock

InProcessHandler: TypeAlias = Callable[
    [str, str, Mapping[str, str], bytes, float | None], tuple[int, list[tuple[str, str]], bytes | Iterable[bytes]]
]
"""Takes method, target (path and query), headers (names in lower case), body, and the seconds for which the client
waits for each step (None: without limit). Returns status, headers, and the body or its pieces, or raises
``ConnectionFailed``, as the pieces may. With pieces there is a ``Content-Length``; if they are fewer bytes, the
connection breaks."""

T = TypeVar("T")

Connection: TypeAlias = Literal["refused", "lost", "reset", "timeout"]
"""The failure of a connection: refused; closed without a response ("lost"); reset; or no response in time."""

# The errors that httpx raises for these on a network, with the messages of httpcore and the operating system.
_ERRORS: Final[Mapping[Connection, tuple[type[httpx.TransportError], str]]] = {
    "refused": (httpx.ConnectError, "[Errno 111] Connection refused"),
    "lost": (httpx.RemoteProtocolError, "Server disconnected without sending a response."),
    "reset": (httpx.ReadError, "[Errno 104] Connection reset by peer"),
    "timeout": (httpx.ReadTimeout, "The read operation timed out"),
}


class ConnectionFailed(Exception):  # noqa: N818  (an event on the network, not an error in code)
    """Raised by a handler: the request gets no response.

    Args:
        connection: How its connection fails.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.connection: Final[Connection] = connection


class InProcessClient(httpx.Client):
    """A client without a network. A ``Stemp`` or ``OAuthApp`` that sends with it also waits on its clock."""

    def __init__(self, handler: InProcessHandler, clock: Clock) -> None:
        super().__init__(transport=_transport(handler))
        self.stemp_clock: Clock = clock


class AsyncInProcessClient(httpx.AsyncClient):
    """``InProcessClient`` for ``AsyncStemp``."""

    def __init__(self, handler: InProcessHandler, clock: Clock) -> None:
        super().__init__(transport=_transport(handler))
        self.stemp_clock: Clock = clock


# Whether the current thread belongs to anyio and its event loop runs the app.
_HAS_LOOP: Final[ContextVar[bool]] = ContextVar("_HAS_LOOP", default=False)


class AppClient:
    """Posts to an ASGI or a WSGI app in this process.

    Args:
        app: The app.
        is_async: Whether it is an ASGI app. It runs in a new event loop, except within ``in_this_loop``.
    """

    def __init__(self, app: Any, *, is_async: bool) -> None:
        self._app = app
        self._is_async = is_async

    @staticmethod
    async def in_this_loop(function: Callable[[], T]) -> T:
        """Call a function in a thread. ASGI apps that it posts to run in the caller's event loop."""
        from anyio.to_thread import run_sync

        _HAS_LOOP.set(True)
        try:
            return await run_sync(function)
        finally:
            _HAS_LOOP.set(False)

    @contextmanager
    def stream(self, method: str, url: str, **options: Any) -> Generator[httpx.Response]:
        """Send a request. The response has been read completely."""
        if not self._is_async:
            with httpx.Client(transport=httpx.WSGITransport(app=self._app)) as client:
                yield client.request(method, url, **options)
            return
        from anyio import from_thread

        send = partial(self._send, method, url, options)
        if _HAS_LOOP.get():
            yield from_thread.run(send)
        else:
            with from_thread.start_blocking_portal() as portal:
                yield portal.call(send)

    async def _send(self, method: str, url: str, options: Mapping[str, Any]) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=self._app)) as client:
            return await client.request(method, url, **options)


def _transport(handler: InProcessHandler) -> httpx.MockTransport:
    def handle(request: httpx.Request) -> httpx.Response:
        target = request.url.raw_path.decode("ascii")
        timeout = request.extensions.get("timeout", {}).get("read")
        try:
            status, headers, body = handler(request.method, target, dict(request.headers), request.content, timeout)
        except ConnectionFailed as failed:
            raise network_error(failed, request) from None
        if isinstance(body, bytes):
            return httpx.Response(status, headers=headers, content=body)
        length = int(httpx.Headers(headers)["Content-Length"])
        return httpx.Response(status, headers=headers, stream=_Pieces(body, length, request))

    return httpx.MockTransport(handle)


class _Pieces(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The body of a response, piece by piece."""

    def __init__(self, pieces: Iterable[bytes], length: int, request: httpx.Request) -> None:
        self._pieces = pieces
        self._length = length
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        received = 0
        try:
            for piece in self._pieces:
                received += len(piece)
                yield piece
        except ConnectionFailed as failed:
            raise network_error(failed, self._request) from None
        if received < self._length:
            ended = "peer closed connection without sending complete message body"
            count = f"received {received} bytes, expected {self._length}"
            raise httpx.RemoteProtocolError(f"{ended} ({count})", request=self._request)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


def network_error(failed: ConnectionFailed, request: httpx.Request | None = None) -> httpx.TransportError:
    """The error of httpx for a connection that fails on a network."""
    error, message = _ERRORS[failed.connection]
    return error(message, request=request)
