"""A sandbox over real HTTP, for a client in any language.  Needs the extra ``sandbox``."""

from __future__ import annotations

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

import attrs

from .routing import BASE_PATH
from .sandbox import Sandbox
from .values import Request

try:
    import uvicorn
    from starlette import requests, responses
    from starlette.applications import Starlette
    from starlette.routing import Mount
    from starlette.types import Receive, Scope, Send
except ImportError as _error:
    raise ImportError('the sandbox\'s server needs an extra: pip install "stemp-sdk[sandbox]"') from _error

LOOPBACK: Final = "127.0.0.1"


def asgi_app(sandbox: Sandbox) -> Starlette:
    """The sandbox as an ASGI app, for any server."""
    return Starlette(routes=[Mount("/", app=_Endpoint(sandbox))])


def serve(sandbox: Sandbox, host: str = LOOPBACK, port: int = 8787) -> None:
    """Serve the sandbox until the process is interrupted, and deliver its webhooks.

    Args:
        sandbox: What to serve.
        host: The address to listen on. Beyond loopback everybody who can reach it gets in who has a token of the
            sandbox, and the token travels in the clear.
        port: The port to listen on.
    """
    with sandbox.webhooks.delivering():
        uvicorn.run(
            asgi_app(sandbox), host=host, port=port, log_level="warning", date_header=False, server_header=False
        )


@contextmanager
def serving(sandbox: Sandbox) -> Generator[str]:
    """Serve the sandbox on a free port of the loopback interface, from a thread, while the ``with`` block runs.

    Its webhooks are delivered as well; ``sandbox.webhooks.deliver()`` waits until none is due or on its way.

    ::

        with serving(sandbox) as base_url, Stemp(token, base_url=base_url) as client:
            ...

    Yields:
        The base URL, such as ``http://127.0.0.1:49321/api``.
    """
    config = uvicorn.Config(asgi_app(sandbox), log_level="warning", date_header=False, server_header=False)
    server = uvicorn.Server(config)
    # It listens from here on: a request that comes before the thread is ready waits in the queue.
    with socket.create_server((LOOPBACK, 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],), name="stemp-sandbox", daemon=True)
        thread.start()
        try:
            with sandbox.webhooks.delivering():
                yield f"http://{LOOPBACK}:{listener.getsockname()[1]}{BASE_PATH}"
        finally:
            server.should_exit = True
            thread.join()


@attrs.frozen
class _Endpoint:
    """Answers every request, whatever its method and path, with the sandbox's answer."""

    sandbox: Sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = requests.Request(scope, receive)
        target = f"{scope['raw_path'].decode('latin-1')}?{scope['query_string'].decode('latin-1')}"
        answer = self.sandbox.handle(Request.to(request.method, target, dict(request.headers), await request.body()))
        response = responses.Response(answer.body, answer.status, answer.headers)
        await response(scope, receive, send)
