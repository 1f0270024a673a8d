"""A server on loopback, in a process of its own, that sends prebuilt responses by path.

It does as little as possible, so that the cost of the clients dominates. Its own cost is the same for all contenders,
so the ratios are a little closer to 1 than those of the clients alone.
"""

from __future__ import annotations

import asyncio
import json
import re
import ssl
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

TOKEN: Final = "sk_live_" + "0" * 24  # not a real token
PAGES: Final = 10_000
PAGE_SIZE: Final = 100

USER: Final = {
    "id": "usr_1",
    "object": "user",
    "email": "jane@example.com",
    "name": "Jane Doe",
    "phone": "+41791234567",
    "externalId": "cust_123",
    "metadata": {"store": "Main St"},
    "createdAt": "2026-01-15T10:30:00Z",
    "updatedAt": "2026-03-01T08:15:30Z",
}
STAMPS: Final = {
    "id": "ss_1",
    "walletPassId": "wp_1",
    "currentStamps": 4,
    "maxStampsSnapshot": 10,
    "totalStampsCollected": 24,
    "timesCompleted": 2,
    "lastStampAt": "2026-03-01T08:15:30Z",
}
# The peers get objects of their own kind, with about as many bytes as a user has.
CUSTOMER: Final = {
    "id": "cus_1",
    "object": "customer",
    "email": "jane@example.com",
    "name": "Jane Doe",
    "phone": "+41791234567",
    "description": "cust_123",
    "metadata": {"store": "Main St"},
    "created": 1768473000,
    "livemode": False,
}
STORE: Final = {
    "id": "vs_1",
    "object": "vector_store",
    "name": "Jane Doe",
    "status": "completed",
    "usage_bytes": 123456,
    "file_counts": {"in_progress": 0, "completed": 1, "failed": 0, "cancelled": 0, "total": 1},
    "metadata": {"store": "Main St"},
    "created_at": 1768473000,
    "last_active_at": 1772352930,
}

_HEAD: Final = (
    b"HTTP/1.1 200 OK\r\n"
    b"Date: Thu, 15 Jan 2026 10:30:00 GMT\r\n"
    b"Content-Type: application/json\r\n"
    b"Content-Length: %d\r\n"
    b"Connection: keep-alive\r\n"
    b"X-RateLimit-Limit: 600\r\n"
    b"X-RateLimit-Remaining: 599\r\n"
    b"X-RateLimit-Reset: 1768473060\r\n"
    b"X-Request-Id: 0192f7c2-6b0e-7d1c-9a4e-2f5b8c7d6e1a\r\n"
    b"X-Content-Type-Options: nosniff\r\n"
    b"Cache-Control: no-cache, no-store, max-age=0, must-revalidate\r\n"
    b"Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n"
    b"Vary: Origin\r\n"
    b"\r\n"
)


def _response(body: bytes) -> bytes:
    return _HEAD % len(body) + body


def _encode(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _page(prefix: str, item: Mapping[str, Any], key: str, **rest: object) -> bytes:
    """A page with placeholders: the page's number in each id, and the fields that depend on the number."""
    items = [{**item, "id": f"{prefix}_@@@@@{index:02}"} for index in range(PAGE_SIZE)]
    return _encode({key: items, **rest})


_OBJECTS: Final = {
    b"GET /api/v1/users/usr_1": _response(_encode(USER)),
    b"POST /api/v1/walletpasses/wp_1/stamps/add": _response(_encode(STAMPS)),
    b"GET /v1/customers/cus_1": _response(_encode(CUSTOMER)),
    b"POST /v1/customers/cus_1": _response(_encode(CUSTOMER)),
    b"GET /openai/vector_stores/vs_1": _response(_encode(STORE)),
    b"POST /openai/vector_stores": _response(_encode(STORE)),
}
_LISTINGS: Final = {
    b"GET /api/v1/users": _page(
        "usr",
        USER,
        "content",
        totalElements=PAGES * PAGE_SIZE,
        totalPages=PAGES,
        number="@number",
        size=PAGE_SIZE,
        last="@last",
    ),
    b"GET /v1/customers": _page("cus", CUSTOMER, "data", object="list", url="/v1/customers", has_more="@more"),
    b"GET /openai/vector_stores": _page("vs", STORE, "data", object="list", has_more="@more"),
}


def _number(query: bytes) -> int:
    """The number of the requested page, from the query or from the last id of the page before it."""
    if found := re.search(rb"\bpage=(\d+)", query):
        return int(found[1])
    if found := re.search(rb"after=[a-z]+_(\d+)\d\d", query):
        return int(found[1]) + 1
    return 0


def _listing(page: bytes, number: int) -> bytes:
    last, more = (b"true", b"false") if number + 1 >= PAGES else (b"false", b"true")
    for hole, value in (
        (b"@@@@@", b"%05d" % number),
        (b'"@number"', b"%d" % number),
        (b'"@last"', last),
        (b'"@more"', more),
    ):
        page = page.replace(hole, value)
    return _response(page)


def respond(request: bytes) -> bytes:
    """The response to the request with this first line."""
    target, _, _ = request.rpartition(b" ")
    if known := _OBJECTS.get(target):
        return known
    path, _, query = target.partition(b"?")
    if listing := _LISTINGS.get(path):
        return _listing(listing, _number(query))
    return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


class _Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - for type checkers
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        length = re.search(rb"\r\ncontent-length: (\d+)", head, re.IGNORECASE)
        # No contender sends a second request before it has the response to the first.
        if end and len(body) >= (int(length[1]) if length else 0):
            self._received = b""
            self._transport.write(respond(head.partition(b"\r\n")[0]))


async def _serve(certificate: str | None = None) -> None:
    tls = None
    if certificate is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", 0, ssl=tls, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    # Runs until the parent process closes the pipe or ends.
    await asyncio.to_thread(sys.stdin.read)
    server.close()


@contextmanager
def running(certificate: Path | None = None) -> Generator[str]:
    """Run the server. Yields its URL.

    Args:
        certificate: A file with a key and its certificate, for https.
    """
    command = [sys.executable, "-m", __name__, *([] if certificate is None else [str(certificate)])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - for type checkers
        yield f"{'http' if certificate is None else 'https'}://127.0.0.1:{int(process.stdout.readline())}"


if __name__ == "__main__":
    asyncio.run(_serve(*sys.argv[1:]))
