"""A server in a process of its own that keeps a ledger: what it carried out how often, and how many sockets are open.

``python -m tests.chaos.ledger`` prints its port, and its state for each line that it reads. A stamp's note says what
happens to it: its own name, its fate and a delay in milliseconds, such as ``17 drop 5``.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Final

import attrs
from typing_extensions import override

from tests.support.paths import ROOT

FATES: Final = ("ok", "late", "pieces", "drop", "reset", "half", "page", "busy")
AT_ONCE: Final = 100
"""So many calls of ``hold`` are answered once all of them are there."""

_PATIENCE: Final = 20.0  # seconds until what should be over has to be over


def _answer(status: int, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status} Any\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


_PAGE: Final = _answer(503, b"<html>upstream connect error</html>")
_BUSY: Final = _answer(429, b'{"error": {"code": "rate_limit_exceeded", "message": "Retry."}}')


class _Ledger:
    def __init__(self) -> None:
        self.done: Counter[str] = Counter()
        self.requests = 0
        self.open: set[asyncio.Transport] = set()
        self.closed = asyncio.Event()
        """Set whenever a connection has ended."""
        self.most_open = 0
        self._busy: set[str] = set()
        self._held: list[asyncio.Transport] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def hold(self, transport: asyncio.Transport) -> None:
        """Answer once there are enough that wait."""
        self._held = [other for other in self._held if not other.is_closing()] + [transport]
        if len(self._held) == AT_ONCE:
            for held in self._held:
                held.write(_answer(200, b'{"id": "hold"}'))
            self._held = []

    def stamp(self, transport: asyncio.Transport, note: str) -> None:
        task = asyncio.create_task(self._stamp(transport, note))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _stamp(self, transport: asyncio.Transport, note: str) -> None:
        _, fate, delay = note.split()
        if fate == "busy" and note not in self._busy:
            self._busy.add(note)
            transport.write(_BUSY)
            return
        if fate != "late":
            self.done[note] += 1
        whole = _answer(200, json.dumps({"id": note, "currentStamps": 1}).encode())
        if fate in {"pieces", "half"}:
            transport.write(whole[: len(whole) // 2])
        await asyncio.sleep(int(delay) / 1000)
        if fate == "late":  # whether or not a client still waits for it
            self.done[note] += 1
        if fate == "reset":
            transport.abort()
        elif fate in {"drop", "half"}:
            transport.close()
        elif fate == "page":
            transport.write(_PAGE)
        else:
            transport.write(whole[len(whole) // 2 :] if fate == "pieces" else whole)

    async def settled(self) -> None:
        """All that was begun is over."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def state(self, wanted: int) -> str:
        """As JSON, once no more sockets are open than wanted, or that has taken too long."""
        await self.settled()
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                while len(self.open) > wanted:
                    self.closed.clear()
                    await self.closed.wait()
        return json.dumps(
            {"done": self.done, "requests": self.requests, "open": len(self.open), "most_open": self.most_open}
        )


class _Connection(asyncio.Protocol):
    def __init__(self, ledger: _Ledger) -> None:
        self._ledger = ledger
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ledger.open.add(transport)
        self._ledger.most_open = max(self._ledger.most_open, len(self._ledger.open))

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._ledger.open.discard(self._transport)
        self._ledger.closed.set()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        length = re.search(rb"\r\ncontent-length: (\d+)", head, re.IGNORECASE)
        if not end or len(body) < (int(length[1]) if length else 0):
            return
        self._received = b""
        self._ledger.requests += 1
        target = head.split(b" ")[1]
        if target.endswith(b"/stamps/add"):
            self._ledger.stamp(self._transport, json.loads(body)["note"])
        elif target.endswith(b"/hold"):
            self._ledger.hold(self._transport)
        else:
            self._transport.write(_answer(200, b'{"id": "usr_1"}'))


async def _serve() -> None:
    ledger = _Ledger()
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(ledger), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        print(await ledger.state(int(line)), flush=True)
    server.close()


@attrs.frozen
class State:
    """What the server has seen so far."""

    done: dict[str, int]
    """How often each stamp was given, by its note."""
    requests: int
    open: int
    """Sockets."""
    most_open: int
    """How many there were at a time."""


@attrs.frozen
class Ledger:
    """The server, seen from the test."""

    base_url: str
    _process: subprocess.Popen[str]

    def state(self, wanted: int) -> State:
        """The state, once nothing is going on any more and at most so many sockets are open, or that took too long."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(wanted, file=self._process.stdin, flush=True)
        return State(**json.loads(self._process.stdout.readline()))


@contextmanager
def running() -> Generator[Ledger]:
    """The server, while it runs."""
    command = [sys.executable, "-m", "tests.chaos.ledger"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        yield Ledger(f"http://127.0.0.1:{int(process.stdout.readline())}/api", process)


if __name__ == "__main__":
    asyncio.run(_serve())
