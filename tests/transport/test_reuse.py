"""The connection that a request uses, and the ones that are never used again."""

from __future__ import annotations

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from stemp_sdk._core.call import RawResponse
from stemp_sdk._transport import _stack
from tests.support.clocks import StillClock
from tests.support.servers import USER, answer, serving
from tests.support.twins import Twin, on_trio_too

from .pools import sending

pytestmark = on_trio_too

POISON = answer(b'{"id":"POISON"}')


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> StillClock:
    time = StillClock(now=1000.0)
    monkeypatch.setattr(_stack, "monotonic", time)
    return time


@pytest.mark.parametrize(
    "first",
    [
        answer(b"{}", "connection: close"),
        b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/1.0 200 OK\r\nconnection: close\r\n\r\n{}",
        USER + POISON,
        USER + b"\n",
        b"HTTP/1.1 204 No Content\r\ncontent-length: 16\r\n\r\n",
        b'HTTP/1.1 204 No Content\r\ncontent-length: 16\r\n\r\n{"deleted":true}',
        b"HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\ncontent-length: 16\r\n\r\n",
    ],
)
def test_a_connection_that_may_hold_more_is_not_used_again(twin: Twin, first: bytes) -> None:
    with serving(first, USER) as (base_url, seen), sending(twin, base_url) as sender:
        sender.answer()
        assert sender.answer().body == b'{"id":"usr_1"}'
    assert seen.ways == [1, 2]


@pytest.mark.parametrize("first", [USER, b"HTTP/1.1 204 No Content\r\n\r\n", answer(b"", status="304 Not Modified")])
def test_a_connection_without_surplus_bytes_is_used_again(twin: Twin, first: bytes) -> None:
    with serving(first, USER) as (base_url, seen), sending(twin, base_url) as sender:
        sender.answer()
        sender.answer()
    assert seen.ways == [1, 1]


@contextmanager
def answering_twice() -> Generator[tuple[str, threading.Event, threading.Event, list[bytes]]]:
    """A server that sends a second answer to the first request, once it is told to."""
    go_on, done, requests = threading.Event(), threading.Event(), list[bytes]()

    def serve(server: socket.socket) -> None:
        with server.accept()[0] as first:
            requests.append(first.recv(65536))
            first.sendall(USER)
            go_on.wait()
            first.sendall(POISON)
            done.set()
            with server.accept()[0] as second:
                requests.append(second.recv(65536))
                second.sendall(USER)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=(server,))
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/api", go_on, done, requests
        thread.join()


def test_a_response_that_was_not_asked_for_is_dropped(twin: Twin) -> None:
    with answering_twice() as (base_url, go_on, done, requests), sending(twin, base_url) as sender:
        sender.answer()
        go_on.set()
        done.wait()
        assert sender.answer().body == b'{"id":"usr_1"}'
    assert len(requests) == 2


@pytest.mark.parametrize(("idle", "adds", "ways"), [(1.4, True, [1, 1]), (1.6, True, [1, 2]), (29, False, [1, 1])])
def test_a_write_that_adds_does_not_use_a_connection_that_may_be_closing(
    twin: Twin, time: StillClock, idle: float, adds: bool, ways: list[int]
) -> None:
    with serving(USER) as (base_url, seen), sending(twin, base_url) as sender:
        sender.answer()
        time.now += idle
        sender.answer(adds=adds)
    assert seen.ways == ways


def test_a_connection_that_a_write_avoids_is_kept_for_other_requests(twin: Twin, time: StillClock) -> None:
    with serving(USER) as (base_url, seen), sending(twin, base_url) as sender:
        sender.answer()
        time.now += 10
        sender.answer(adds=True)
        sender.answer()
        time.now += 10
        for _ in range(2):
            sender.answer(adds=True)
    assert seen.ways == [1, 2, 2, 3, 3]


def test_a_connection_that_a_write_avoids_is_closed_where_only_one_may_be_open(
    twin: Twin, time: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_stack, "MOST", 1)
    with serving(USER) as (base_url, seen), sending(twin, base_url) as sender:
        sender.answer()
        time.now += 10
        sender.answer(adds=True)
        sender.answer()
    assert seen.ways == [1, 2, 2]


def test_an_idle_connection_is_closed_after_30_s(twin: Twin, time: StillClock) -> None:
    with serving(USER) as (base_url, seen), sending(twin, base_url) as sender:
        sender.answer()
        time.now += 31
        sender.answer()
    assert seen.ways == [1, 2]


def test_a_connection_that_stays_idle_while_another_is_used_is_closed(twin: Twin, time: StillClock) -> None:
    gone = threading.Event()

    def serve(server: socket.socket) -> None:
        with server.accept()[0] as first:
            first.recv(65536)
            first.sendall(USER)
            with server.accept()[0] as second:
                for _ in range(2):
                    second.recv(65536)
                    second.sendall(USER)
                if first.recv(1) == b"":
                    gone.set()

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=(server,))
        thread.start()
        with sending(twin, f"http://127.0.0.1:{server.getsockname()[1]}/api") as sender:
            sender.answer()
            time.now += 10
            sender.answer(adds=True)
            time.now += 25
            sender.answer()
            assert gone.wait(10)
        thread.join()


def test_the_last_connection_used_is_the_next_one(twin: Twin, time: StillClock) -> None:
    with serving(USER) as (base_url, seen), sending(twin, base_url) as sender:
        for adds in (False, True, True, False):
            sender.answer(adds=adds)
            time.now += 2
    assert seen.ways == [1, 2, 3, 3]


def test_a_pool_that_is_closed_opens_nothing(twin: Twin) -> None:
    with serving(USER) as (base_url, seen), sending(twin, base_url) as sender:
        assert isinstance(sender.send(), RawResponse)
        sender.close()
        with pytest.raises(RuntimeError, match=r"^the client is closed: make a new one$"):
            sender.send()
    assert seen.connections == 1
