"""A server on loopback that breaks its answers where it is told to, and counts what it carried out."""

from __future__ import annotations

import re
import socket
import struct
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from enum import Enum
from typing import Final

import attrs

_RESET: Final = struct.pack("ii", 1, 0)  # linger for no time: closing sends RST
_PIECE: Final = 65_536  # bytes


class End(Enum):
    """How the server ends a connection after an answer."""

    FIN = "FIN"
    RST = "RST"
    KEEP = "keep"
    """It does not: the next request may come over the same connection."""


@attrs.frozen
class Play:
    """What the server does with one request."""

    answer: bytes | Callable[[], Iterable[bytes]]
    """What it sends; an iterable is sent piece by piece, for as long as the client takes it."""
    carries_out: bool
    """Whether it does what the request asks for, before it answers."""
    end: End = End.FIN
    pause: float = 0.0
    """Seconds before each piece of an iterable."""


@attrs.define
class Act:
    """What happens to the requests of one call: the plays in turn, and then the last one again."""

    plays: tuple[Play, ...]
    requests: list[bytes] = attrs.field(factory=list[bytes])
    carried_out: int = 0
    sent: int = 0
    """Bytes of answers that the client's system took."""
    over: threading.Event = attrs.field(factory=threading.Event)
    """Set once an answer is sent, or the client has hung up."""
    ended: threading.Event = attrs.field(factory=threading.Event)
    """Set once a connection is closed."""


class FaultServer:
    """Serves one act after the other."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._act = Act(())
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._open: set[socket.socket] = set()
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    @property
    def base_url(self) -> str:
        """For a client."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/api"

    def perform(self, *plays: Play) -> Act:
        """Do this with the requests that come from now on; with no plays, hang up before any request is read."""
        self._act = Act(plays)
        return self._act

    def hang_up(self) -> None:
        """Close every connection that is open."""
        with self._lock:
            left = list(self._open)
        for connection in left:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Stop."""
        self._stopped.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._acceptor.join()
        self.hang_up()

    def _accept(self) -> None:
        with suppress(OSError):  # the listener is closed
            while True:
                connection, _ = self._listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with self._lock:
                    self._open.add(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        act = self._act
        try:
            with suppress(OSError):
                while act.plays and (request := _request(connection)):
                    act = self._act
                    if self._answer(connection, request, act) is not End.KEEP:
                        return
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()
            act.ended.set()

    def _answer(self, connection: socket.socket, request: bytes, act: Act) -> End:
        with self._lock:
            play = act.plays[min(len(act.requests), len(act.plays) - 1)]
            act.requests.append(request)
            act.carried_out += play.carries_out
        try:
            for piece in [play.answer] if isinstance(play.answer, bytes) else play.answer():
                if play.pause and self._stopped.wait(play.pause):
                    break
                for start in range(0, len(piece), _PIECE):
                    part = piece[start : start + _PIECE]
                    connection.sendall(part)
                    act.sent += len(part)
            if play.end is End.RST:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            return play.end
        finally:
            act.over.set()


def _request(connection: socket.socket) -> bytes:
    """A whole request; empty once the client has hung up."""
    received = b""
    while True:
        head, end, body = received.partition(b"\r\n\r\n")
        length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
        if end and len(body) >= (int(length[1]) if length else 0):
            return received
        piece = connection.recv(_PIECE)
        if not piece:
            return b""
        received += piece


@contextmanager
def running() -> Generator[FaultServer]:
    """The server, while it runs."""
    server = FaultServer()
    try:
        yield server
    finally:
        server.close()
