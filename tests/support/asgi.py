"""An ASGI app on loopback."""

from __future__ import annotations

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import uvicorn


@contextmanager
def serving_app_at(listener: socket.socket, app: Any, **options: Any) -> Generator[None]:
    """Serve an app at a listening socket while the ``with`` block runs; the options are uvicorn's."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", **options))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def serving_app(app: Any) -> Generator[str]:
    """Serve an app while the ``with`` block runs; gives the URL of its endpoint for webhooks."""
    with socket.create_server(("127.0.0.1", 0)) as listener, serving_app_at(listener, app, lifespan="off"):
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/stemp"
