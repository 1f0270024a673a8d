"""A server on loopback, in a process of its own, that answers prebuilt bytes by path.

It does as little as it can, so that what the clients cost stands out; but it costs every contender the same, so the
ratios between them are a little closer to 1 than the clients alone would be.
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

TOKEN: Final = "sk_live_" + "0" * 24  # nobody's
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
# The peers get what they expect, in about as many bytes as a user has.
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


def _answer(body: bytes) -> bytes:
    return _HEAD % len(body) + body


def _encode(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _page(prefix: str, item: Mapping[str, Any], key: str, **rest: object) -> bytes:
    """A page with holes in it: the page's number in each id, and what else depends on the number."""
    items = [{**item, "id": f"{prefix}_@@@@@{index:02}"} for index in range(PAGE_SIZE)]
    return _encode({key: items, **rest})


_OBJECTS: Final = {
    b"GET /api/v1/users/usr_1": _answer(_encode(USER)),
    b"POST /api/v1/walletpasses/wp_1/stamps/add": _answer(_encode(STAMPS)),
    b"GET /v1/customers/cus_1": _answer(_encode(CUSTOMER)),
    b"POST /v1/customers/cus_1": _answer(_encode(CUSTOMER)),
    b"GET /openai/vector_stores/vs_1": _answer(_encode(STORE)),
    b"POST /openai/vector_stores": _answer(_encode(STORE)),
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
    """The page that is asked for: by its number, or by the last id of the page before it."""
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
    return _answer(page)


def respond(request: bytes) -> bytes:
    """The answer to the request with this first line."""
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
        # No contender sends a second request before it has the answer to the first.
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
    # Until the process that started it closes the pipe, or ends in whatever way.
    await asyncio.to_thread(sys.stdin.read)
    server.close()


@contextmanager
def running(certificate: Path | None = None) -> Generator[str]:
    """The server's URL, while it runs.

    Args:
        certificate: A file with a key and its certificate, for https.
    """
    command = [sys.executable, "-m", __name__, *([] if certificate is None else [str(certificate)])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - for type checkers
        yield f"{'http' if certificate is None else 'https'}://127.0.0.1:{int(process.stdout.readline())}"


if __name__ == "__main__":
    asyncio.run(_serve(*sys.argv[1:]))
