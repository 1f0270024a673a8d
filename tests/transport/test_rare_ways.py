"""What seldom happens to a connection: races, systems that lack something, and errors that are nobody's network."""

# What is tested here happens too seldom to be brought about from outside.
# pyright: reportPrivateUsage=false

from __future__ import annotations

import asyncio
import os
import select
import socket
import ssl
import threading
from collections.abc import Generator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import attrs
import httpcore
import httpx
import pytest
import trio

from stemp_sdk._core.call import NoResponse, Outcome, RawResponse
from stemp_sdk._transport import AsyncPool, Pool, _environment
from stemp_sdk._transport._attempt import Attempt
from stemp_sdk._transport._connection import Connection, _abort
from stemp_sdk._transport._environment import Route
from stemp_sdk._transport._network_asyncio import _MAX_UNREAD, AsyncioNetwork, AsyncioStream
from stemp_sdk._transport._network_trio import TrioNetwork
from stemp_sdk._transport._readable import is_readable
from stemp_sdk._transport._request import RequestBuilder, _Body
from stemp_sdk._transport._stack import Stack
from tests.support.servers import USER, serving
from tests.support.twins import Twin, on_trio_too

from .pools import GET, sending


def timed() -> Attempt:
    attempt = Attempt()
    attempt.ends = monotonic() + 30
    return attempt


# --- Races


def test_two_tasks_that_need_the_first_connection_at_once_are_both_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    def is_quick(_: httpx.URL) -> bool:
        return False  # as where certificates have to be loaded

    monkeypatch.setattr("stemp_sdk._transport._async.is_quick", is_quick)

    async def run(base_url: str) -> tuple[Outcome, Outcome]:
        origin = httpx.URL(base_url).copy_with(path="/")
        pool, builder = AsyncPool(origin), RequestBuilder(origin)
        outcomes = await asyncio.gather(pool.send(GET, builder), pool.send(GET, builder))
        await pool.aclose()
        return outcomes

    with serving(USER) as (base_url, _):
        assert [type(outcome) for outcome in asyncio.run(run(base_url))] == [RawResponse, RawResponse]


def test_a_pool_that_another_thread_closes_while_it_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(USER) as (base_url, _):
        origin = httpx.URL(base_url).copy_with(path="/")
        pool = Pool(origin)
        real = _environment.route_to

        def route_to(to: httpx.URL) -> Route:
            pool.close()
            return real(to)

        monkeypatch.setattr("stemp_sdk._transport._sync.route_to", route_to)
        assert isinstance(pool.send(GET, RequestBuilder(origin)), RawResponse)
        with pytest.raises(RuntimeError, match="closed"):
            pool.send(GET, RequestBuilder(origin))


def test_certificates_that_another_thread_loads_are_loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    monkeypatch.setattr(_environment, "_CONTEXTS", {})

    @contextmanager
    def unforked() -> Generator[None]:
        _environment._CONTEXTS[_environment._setting()] = loaded  # the other thread is done by now
        yield

    monkeypatch.setattr(_environment, "unforked", unforked)
    assert _environment.ssl_context() is loaded


@attrs.define(eq=False)
class Idle:
    """A connection that goes nowhere."""

    idle_since: float = 0.0
    aborted: bool = False

    def abort(self) -> None:
        self.aborted = True

    def is_usable(self) -> bool:
        return True


def idle_stack() -> Any:
    kind: Any = Idle
    return Stack(kind)


def test_a_connection_that_comes_back_after_the_close_is_closed() -> None:
    stack = idle_stack()
    connection = stack.take(adds=False)
    stack.close()
    stack.release(connection)
    assert connection.aborted


def test_a_caller_that_waits_no_longer_is_not_woken() -> None:
    stack = idle_stack()
    stack._waiting.append(lambda: None)
    stack.discard(stack._open())
    assert len(stack._waiting) == 1


def test_a_forked_child_does_not_close_what_its_parent_has() -> None:
    attempt = Attempt()
    attempt.stream = stream = Idle()
    _abort(attempt, os.getpid() + 1)
    assert not stream.aborted
    _abort(attempt, os.getpid())
    assert stream.aborted


# --- Errors that are not of the network


@on_trio_too
def test_an_error_of_code_in_the_transport_is_raised_unchanged(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer_of(_: object) -> RawResponse:
        raise ZeroDivisionError

    monkeypatch.setattr("stemp_sdk._transport._body.ResponseReader.response", answer_of)
    with serving(USER) as (base_url, _), sending(twin, base_url) as sender, pytest.raises(ZeroDivisionError):
        sender.send()


def test_a_request_to_an_unknown_host_was_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def getaddrinfo(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    with serving(USER) as (base_url, _):
        origin = httpx.URL(base_url).copy_with(path="/")
        pool = Pool(origin)
        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        outcome = pool.send(GET, RequestBuilder(origin))
        pool.close()
    assert isinstance(outcome, NoResponse)
    assert not outcome.sent
    assert "Name or service not known" in outcome.reason


# --- Proxies


def test_a_proxy_over_https_is_met_with_the_certificates_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    monkeypatch.setattr("stemp_sdk._transport._connection.ssl_context", lambda: context)
    way = Route(httpx.URL("https://api.stemp.app/"), context, httpx.Proxy("https://proxy.example:3128"))
    pool: Any = Connection(way).transport._pool
    assert pool._proxy_ssl_context is context


def test_a_connection_that_no_proxy_has_made_is_not_kept() -> None:
    way = Route(
        httpx.URL("https://api.stemp.app/"), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), httpx.Proxy("http://[::1]:9")
    )
    assert not Connection(way).is_whole_after(200, {})


# --- Sockets


def test_a_socket_is_readable_once_bytes_arrived(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = socket.socketpair()
    with one, other:
        for lacks_poll in (False, True):
            if lacks_poll:  # as on Windows, and under gevent
                monkeypatch.delattr(select, "poll")
            assert not is_readable(one)
            other.send(b"x")
            assert is_readable(one)
            one.recv(1)
    assert is_readable(one)
    assert is_readable(None)


def test_a_body_is_read_again_and_again() -> None:
    async def run() -> list[bytes]:
        parts = aiter(_Body(b"one"))
        return [part async for part in aiter(parts)]

    assert asyncio.run(run()) == [b"one"]


# --- asyncio


@contextmanager
def listening() -> Generator[tuple[socket.socket, int]]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server, server.getsockname()[1]


def test_asyncio_connects_from_an_address() -> None:
    async def run(port: int) -> str:
        stream = await AsyncioNetwork(timed(), None).connect_tcp("127.0.0.1", port, local_address="127.0.0.1")
        name: str = stream.get_extra_info("client_addr")[0]
        stream.abort()
        return name

    with listening() as (_, port):
        assert asyncio.run(run(port)) == "127.0.0.1"


def test_an_event_loop_that_opens_no_connections_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    async def create_connection(*_: object, **__: object) -> None:
        raise NotImplementedError

    async def run() -> None:
        monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", create_connection, raising=False)
        await AsyncioNetwork(timed(), None).connect_tcp("127.0.0.1", 9)

    with pytest.raises(httpcore.ConnectError, match="opens no connections"):
        asyncio.run(run())


def test_a_connection_that_is_not_open_has_no_information() -> None:
    async def run() -> object:
        return AsyncioStream(timed(), None).get_extra_info("socket")

    assert asyncio.run(run()) is None


def test_nothing_is_written_to_a_connection_that_is_closed() -> None:
    attempt = timed()

    async def run(port: int) -> None:
        stream = await AsyncioNetwork(attempt, None).connect_tcp("127.0.0.1", port)
        stream.abort()
        await stream.write(b"GET")

    with listening() as (_, port), pytest.raises(httpcore.WriteError, match="the connection is closed"):
        asyncio.run(run(port))
    assert attempt.sent is False


@pytest.mark.parametrize("hangs_up", [False, True])
def test_a_server_that_takes_no_more_holds_the_write_up(hangs_up: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    held_up = threading.Event()
    real = AsyncioStream.pause_writing

    def pause_writing(self: AsyncioStream) -> None:
        real(self)
        held_up.set()

    monkeypatch.setattr(AsyncioStream, "pause_writing", pause_writing)
    body = bytes(32 * 2**20)
    came = 0

    def serve(server: socket.socket) -> None:
        nonlocal came
        connection, _ = server.accept()
        assert held_up.wait(10)
        with connection:
            while not hangs_up and came < len(body) and (part := connection.recv(2**20)):
                came += len(part)

    async def run(port: int) -> None:
        stream = await AsyncioNetwork(timed(), None).connect_tcp("127.0.0.1", port)
        try:
            await stream.write(body)
        finally:
            stream.abort()

    with listening() as (server, port):
        thread = threading.Thread(target=serve, args=[server])
        thread.start()
        if hangs_up:
            with pytest.raises(httpcore.WriteError):
                asyncio.run(run(port))
        else:
            asyncio.run(run(port))
        thread.join()
    assert came == (0 if hangs_up else len(body))


def test_reading_stops_at_a_bound_until_the_bytes_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    size = 2 * _MAX_UNREAD
    real = AsyncioStream.data_received

    async def run(port: int) -> int:
        beyond = asyncio.Event()

        def data_received(self: AsyncioStream, data: bytes) -> None:
            real(self, data)
            if self._size > _MAX_UNREAD:
                beyond.set()

        monkeypatch.setattr(AsyncioStream, "data_received", data_received)
        stream = await AsyncioNetwork(timed(), None).connect_tcp("127.0.0.1", port)
        assert isinstance(stream, AsyncioStream)
        got = 0
        await asyncio.wait_for(beyond.wait(), 60)
        while part := await stream.read(_MAX_UNREAD):
            got += len(part)
        stream.abort()
        return got

    def serve(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall(bytes(size))

    with listening() as (server, port):
        thread = threading.Thread(target=serve, args=[server])
        thread.start()
        assert asyncio.run(run(port)) == size
        thread.join()


# --- trio


def test_a_connection_is_closed_when_its_trio_loop_is_over() -> None:
    async def run(port: int) -> Any:
        stream: Any = await TrioNetwork(timed(), None).connect_tcp("127.0.0.1", port)
        return stream

    with listening() as (server, port):
        stream = trio.run(run, port)
        accepted, _ = server.accept()
        with accepted:
            stream.abort()
            accepted.settimeout(10)
            assert accepted.recv(1) == b""
