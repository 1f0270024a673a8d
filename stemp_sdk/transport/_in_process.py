"""httpx clients that hand each request to a function in place of a network, for a server that lives in this process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import httpx

Handler: TypeAlias = Callable[[str, str, Mapping[str, str], bytes], tuple[int, list[tuple[str, str]], bytes]]
"""Takes method, target (path and query), headers (names in lower case) and body; gives status, headers and body."""


def in_process(handler: Handler) -> httpx.Client:
    """A client to pass as ``http_client=``."""
    return httpx.Client(transport=_transport(handler))


def in_process_async(handler: Handler) -> httpx.AsyncClient:
    """An async client to pass as ``http_client=``."""
    return httpx.AsyncClient(transport=_transport(handler))


def _transport(handler: Handler) -> httpx.MockTransport:
    def handle(request: httpx.Request) -> httpx.Response:
        target = request.url.raw_path.decode("ascii")
        status, headers, body = handler(request.method, target, dict(request.headers), request.content)
        return httpx.Response(status, headers=headers, content=body)

    return httpx.MockTransport(handle)
