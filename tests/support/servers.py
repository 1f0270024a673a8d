"""A server on loopback that answers with raw bytes, to see what really goes over a connection."""

from __future__ import annotations

import socket
import socketserver
import ssl
import sys
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import attrs
from typing_extensions import Self


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """A whole HTTP answer."""
    lines = [f"HTTP/1.1 {status}", "content-type: application/json", f"content-length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


#: The answer with a user.
USER: Final = answer(b'{"id":"usr_1"}')


class Drip(bytes):
    """An answer that comes byte by byte, a hundredth of a second apart, after what comes at once."""

    at_once: bytes

    def __new__(cls, slowly: bytes, at_once: bytes = b"") -> Self:
        drip = super().__new__(cls, slowly)
        drip.at_once = at_once
        return drip


@attrs.define
class Seen:
    """What reached the server."""

    requests: list[bytes] = attrs.field(factory=list[bytes])
    ways: list[int] = attrs.field(factory=list[int])
    """By which connection each of them came, counted from 1."""
    connections: int = 0
    arrived: threading.Event = attrs.field(factory=threading.Event)
    """Set when the first request has arrived."""


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, answers: Sequence[bytes | None], seen: Seen, tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.seen = seen
        self._tls = tls
        self._answers = answers
        self._lock = threading.Lock()

    def get_request(self) -> tuple[socket.socket, object]:
        connection, address = super().get_request()
        return connection if self._tls is None else self._tls.wrap_socket(connection, server_side=True), address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def next_answer(self, request: bytes, way: int) -> bytes | None:
        """The next answer, or the last one again; None to hang up."""
        with self._lock:
            self.seen.requests.append(request)
            self.seen.ways.append(way)
            self.seen.arrived.set()
            return self._answers[min(len(self.seen.requests), len(self._answers)) - 1]


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server = self.server
        assert isinstance(server, _Server)
        server.seen.connections = way = server.seen.connections + 1
        while head := self._head():
            length = next(
                (int(line[15:]) for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"), 0
            )
            given = server.next_answer(head + self.rfile.read(length), way)
            if given is None:
                return
            if isinstance(given, Drip):
                self.wfile.write(given.at_once)
                for byte in given:
                    threading.Event().wait(0.01)
                    self.wfile.write(bytes([byte]))
            else:
                self.wfile.write(given)
            if b"connection: close" in given:
                return

    def _head(self) -> bytes:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self.rfile.readline()
            if not line:
                return b""
            head += line
        return head


@contextmanager
def serving(*answers: bytes | None, tls: ssl.SSLContext | None = None) -> Generator[tuple[str, Seen]]:
    """The base URL of a server that gives these answers in turn, and what reached it."""
    seen = Seen()
    with _Server(answers, seen, tls) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"{'http' if tls is None else 'https'}://127.0.0.1:{server.server_address[1]}/api", seen
        finally:
            server.shutdown()
            thread.join()
