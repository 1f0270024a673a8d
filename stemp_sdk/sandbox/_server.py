"""A sandbox over real HTTP, for a client in any language. Needs the extra ``sandbox``."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any, Final

import anyio
import attrs

from .._public import publish
from .._transport import ConnectionFailed, network_error
from ._control import is_control
from ._facade import Sandbox
from ._routing import BASE_PATH
from ._values import WITHOUT_BODY, SandboxRequest, SandboxResponse, Steps

try:
    import uvicorn
    from starlette import requests, responses
    from starlette.routing import Router
    from starlette.types import Receive, Scope, Send
    from uvicorn.protocols.http.h11_impl import H11Protocol
except ImportError as _error:
    raise ImportError('the sandbox\'s server needs an extra: pip install "stemp-sdk[sandbox]"') from _error

LOOPBACK: Final = "127.0.0.1"

_TRANSPORT: Final = "stemp_sdk.sandbox.transport"
_RESET: Final = struct.pack("ii", 1, 0)  # with SO_LINGER, closing sends RST


def asgi_app(sandbox: Sandbox) -> Router:
    """The sandbox as an ASGI app, for any server.

    Under another server than ``serve`` and ``serving`` have, the app cannot break its connection. Where a fault would,
    it raises an error of httpx: a client that calls it in this process (httpx's ``ASGITransport``, Starlette's
    ``TestClient``) takes that for an error of the network, a server for a failure of the app. Delays take real time.
    """
    sandbox._begin_to_serve()  # pyright: ignore[reportPrivateUsage]
    return Router(redirect_slashes=False, default=_Endpoint(sandbox))


def serve(sandbox: Sandbox, host: str = LOOPBACK, port: int = 8787) -> None:
    """Serve the sandbox until the process is interrupted, and deliver its webhooks.

    Beyond loopback, everyone who can reach it and has a token of the sandbox has access, and the token is sent
    unencrypted. The API and, from another machine, the pages ``/outbox``, ``/webhooks`` and ``/apps`` need a token; the
    consent screen and the token endpoints need none, as at stemp. The control API below ``/_sandbox`` answers this
    machine alone, unless ``Sandbox(remote_control=True)``.

    Args:
        sandbox: The sandbox to serve.
        host: The address to listen on.
        port: The port to listen on.

    Raises:
        OSError: the address or the port is not available.
    """
    with listen(host, port) as listener:
        serve_on(sandbox, listener)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens: a request that arrives before the sandbox is served waits in its queue.

    Args:
        host: The address to listen on.
        port: The port to listen on; 0 for any free one.

    Raises:
        OSError: the address or the port is not available.
    """
    return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)


def serve_on(sandbox: Sandbox, listener: socket.socket) -> None:
    """Serve the sandbox on a socket that listens, until the process is interrupted."""
    server = uvicorn.Server(uvicorn.Config(asgi_app(sandbox), **_OPTIONS))
    with (
        suppress(KeyboardInterrupt),  # raised again by uvicorn once it has shut down
        sandbox.webhooks.delivering(finish=False),  # Ctrl-C does not wait for slow endpoints
    ):
        server.run(sockets=[listener])


@contextmanager
def serving(sandbox: Sandbox) -> Generator[str]:
    """Serve the sandbox on a free port of the loopback interface, from a thread, while the ``with`` block runs.

    Its webhooks are delivered as well; ``sandbox.webhooks.deliver()`` waits until none is due or in flight.

    ::

        with serving(sandbox) as base_url, Stemp(token, base_url=base_url) as client:
            ...

    Yields:
        The base URL, such as ``http://127.0.0.1:49321/api``.
    """
    server = uvicorn.Server(uvicorn.Config(asgi_app(sandbox), **_OPTIONS))
    with listen(LOOPBACK, 0) as listener:
        thread = threading.Thread(target=server.run, args=([listener],), name="stemp-sandbox", daemon=True)
        thread.start()
        try:
            with sandbox.webhooks.delivering():
                yield f"http://{LOOPBACK}:{listener.getsockname()[1]}{BASE_PATH}"
        finally:
            server.should_exit = True
            thread.join()


class _Protocol(H11Protocol):
    """Sends written data at once, and gives the app access to its connection, to break it."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        # uvicorn writes head and body of a response separately, and asyncio sets TCP_NODELAY for some sockets only.
        # Without it, the kernel delays the body until the client acknowledges the head, about 40 ms later.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.app_state = {**self.app_state, _TRANSPORT: transport}

    def shutdown(self) -> None:
        """Let the server stop although a request hangs on purpose."""
        super().shutdown()
        self.transport.close()


_OPTIONS: Final[dict[str, Any]] = {
    "http": _Protocol,
    "ws": "none",
    "log_level": "warning",
    "date_header": False,
    "server_header": False,
}


@attrs.frozen
class _Endpoint:
    """Responds to every request, whatever its method and path, with the sandbox's response."""

    sandbox: Sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
            return
        try:
            request = await _read(requests.Request(scope, receive))
            if is_control(request):  # which may wait for deliveries, whose receivers send requests
                answer = await anyio.to_thread.run_sync(self.sandbox.handle, request)
            else:
                answer = await _in_real_time(self.sandbox.attend(request), receive)
        except requests.ClientDisconnect:
            return
        except ConnectionFailed as failed:
            await _break(failed, scope, receive)
            return
        if answer.trickle or answer.is_truncated:
            await _send_in_part(answer, scope, receive, send)
            return
        body = b"" if answer.status in WITHOUT_BODY else answer.body
        await responses.Response(body, answer.status, answer.headers)(scope, receive, send)


async def _read(request: requests.Request) -> SandboxRequest:
    scope = request.scope
    target = f"{scope['raw_path'].decode('latin-1')}?{scope['query_string'].decode('latin-1')}"
    peer = "" if request.client is None else request.client.host
    headers = dict(request.headers)
    return SandboxRequest.to(
        request.method, target, headers, await request.body(), peer=peer, scheme=scope.get("scheme", "http")
    )


async def _in_real_time(steps: Steps, receive: Receive) -> SandboxResponse:
    """The response after the sandbox's delay, if the client waits for it.

    Raises:
        ConnectionFailed: there is no response.
    """
    try:
        seconds = next(steps)
        while True:
            with anyio.move_on_after(seconds) as in_time:
                await receive()  # returns when the client disconnects, as the whole body was read before
            seconds = steps.send("waiting" if in_time.cancelled_caught else "gone")
    except StopIteration as end:
        response: SandboxResponse = end.value
        return response


async def _send_in_part(answer: SandboxResponse, scope: Scope, receive: Receive, send: Send) -> None:
    """Send a body byte by byte, or only the beginning of it, and break the connection then."""
    headers = responses.Response(headers=answer.headers).raw_headers
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    size = 1 if answer.trickle else len(answer.body)
    for start in range(0, len(answer.body), size):
        with anyio.move_on_after(answer.trickle) as in_time:
            await receive()
        if not in_time.cancelled_caught:
            return  # the client is gone
        await send({"type": "http.response.body", "body": answer.body[start : start + size], "more_body": True})
    if answer.is_truncated:
        await _break(ConnectionFailed("lost"), scope, receive)
    else:
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _break(failed: ConnectionFailed, scope: Scope, receive: Receive) -> None:
    """Make the connection fail; return when the server has noticed.

    Raises:
        httpx.TransportError: it is not one of this module's server. A client that calls the app in this process lets it
            out as it is: httpx's ``ASGITransport``, Starlette's ``TestClient``.
    """
    transport = scope.get("state", {}).get(_TRANSPORT)
    if failed.connection != "timeout":
        if transport is None:
            error = network_error(failed)
            error.add_note("A fault of the sandbox: it breaks real connections under serve() or serving() alone.")
            raise error
        if failed.connection == "lost":
            transport.close()
        else:  # also for "refused", as the connection was made before the request was known
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            transport.abort()
    await receive()


publish("stemp_sdk.sandbox", globals())
