"""httpx clients that hand each request to a function in place of a network, for a server that lives in this process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Literal, TypeAlias

import httpx

from .._core.clock import Clock

InProcessHandler: TypeAlias = Callable[
    [str, str, Mapping[str, str], bytes, float | None], tuple[int, list[tuple[str, str]], bytes]
]
"""Takes method, target (path and query), headers (names in lower case), body, and the seconds that the client waits for
a response, None for any time; gives status, headers and body, or raises ``ConnectionFailed``."""

Connection: TypeAlias = Literal["refused", "lost", "reset", "timeout"]
"""How a connection fails: it is never made; closed without a response; reset; or no response comes in time."""

# What httpx raises for each on a network, in httpcore's and the operating system's words.
_ERRORS: Final[Mapping[Connection, tuple[type[httpx.TransportError], str]]] = {
    "refused": (httpx.ConnectError, "[Errno 111] Connection refused"),
    "lost": (httpx.RemoteProtocolError, "Server disconnected without sending a response."),
    "reset": (httpx.ReadError, "[Errno 104] Connection reset by peer"),
    "timeout": (httpx.ReadTimeout, "The read operation timed out"),
}


class ConnectionFailed(Exception):  # noqa: N818  (on a network it is an event, not a mistake of anybody)
    """A request gets no response.

    Args:
        connection: How its connection fails.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.connection: Final[Connection] = connection


class InProcessClient(httpx.Client):
    """A client without a network. Any ``Stemp`` or ``OAuthApp`` that sends with it waits on its clock."""

    def __init__(self, handler: InProcessHandler, clock: Clock) -> None:
        super().__init__(transport=_transport(handler))
        self.stemp_clock: Clock = clock


class AsyncInProcessClient(httpx.AsyncClient):
    """The same, async."""

    def __init__(self, handler: InProcessHandler, clock: Clock) -> None:
        super().__init__(transport=_transport(handler))
        self.stemp_clock: Clock = clock


def _transport(handler: InProcessHandler) -> httpx.MockTransport:
    def handle(request: httpx.Request) -> httpx.Response:
        target = request.url.raw_path.decode("ascii")
        timeout = request.extensions.get("timeout", {}).get("read")
        try:
            status, headers, body = handler(request.method, target, dict(request.headers), request.content, timeout)
        except ConnectionFailed as failed:
            error, words = _ERRORS[failed.connection]
            raise error(words, request=request) from None
        return httpx.Response(status, headers=headers, content=body)

    return httpx.MockTransport(handle)
