"""A call's deadline bounds all that one attempt does, on both clients alike."""

from __future__ import annotations

import socket
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest

from stemp_sdk._core.call import NoResponse
from tests.support.servers import USER, Drip, serving
from tests.support.twins import Twin, on_trio_too

from .pools import Sender, client_for, sending

pytestmark = on_trio_too

NEVER = b""
SHORT = 0.15
OVER = "the deadline came 0.15 s after this attempt began"


@contextmanager
def listening(*, backlog: int = 1) -> Generator[str]:
    """A server that accepts a connection, or not, and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=backlog) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/api"


def late(sender: Sender, **changes: Any) -> NoResponse:
    """The outcome of an attempt that the deadline ends, and not much later."""
    started = time.monotonic()
    lost = sender.lost(budget=SHORT, **changes)
    assert SHORT <= time.monotonic() - started < SHORT + 2
    assert lost.timed_out
    return lost


@pytest.mark.parametrize(
    "given",
    [
        NEVER,
        Drip(USER),
        Drip(b"HTTP/1.1 102 Processing\r\n\r\n" * 10 + USER),
        Drip(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 100),
    ],
)
def test_a_response_that_takes_too_long_ends_at_the_deadline(twin: Twin, given: bytes) -> None:
    with serving(given, USER) as (base_url, seen), sending(twin, base_url) as sender:
        lost = late(sender)
        sender.answer()
    assert (lost.sent, lost.reason) == (True, f"ReadTimeout: {OVER}")
    assert seen.ways == [1, 2]


def test_the_deadline_holds_on_a_connection_that_is_used_again(twin: Twin) -> None:
    with serving(USER, NEVER) as (base_url, seen), sending(twin, base_url) as sender:
        sender.answer()
        assert late(sender).reason == f"ReadTimeout: {OVER}"
    assert seen.ways == [1, 1]


def test_a_request_that_the_server_does_not_read_ends_at_the_deadline(twin: Twin) -> None:
    with listening() as base_url, sending(twin, base_url) as sender:
        lost = late(sender, method="POST", body=b"x" * 2**24)
    assert (lost.sent, lost.reason) == (True, f"WriteTimeout: {OVER}")


def test_a_handshake_that_does_not_end_is_ended_at_the_deadline(twin: Twin) -> None:
    with listening() as base_url, sending(twin, base_url.replace("http", "https")) as sender:
        lost = late(sender)
    assert (lost.sent, lost.reason) == (False, f"ConnectTimeout: {OVER}")


def test_a_proxy_that_does_not_answer_is_given_up_at_the_deadline(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has the line that asks for a tunnel, which is nothing of the request."""
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with listening() as base_url, sending(twin, "https://api.stemp.app/api") as sender:
        monkeypatch.setenv("HTTPS_PROXY", base_url.removesuffix("/api"))
        lost = late(sender)
    assert not lost.sent
    assert lost.reason.startswith("ReadTimeout at the proxy 127.0.0.1:")
    assert lost.reason.endswith(OVER)


def test_a_request_without_time_left_is_not_sent(twin: Twin) -> None:
    with serving(USER) as (base_url, seen), sending(twin, base_url) as sender:
        assert not sender.lost(budget=0.0).sent
        sender.answer()
        assert not sender.lost(budget=0.0).sent
        assert not sender.lost(budget=0.0, method="POST", body=b"{}").sent
    assert len(seen.requests) == 1


def test_the_timeout_of_a_step_counts_within_the_deadline(twin: Twin) -> None:
    with serving(NEVER) as (base_url, _), sending(twin, base_url) as sender:
        lost = sender.lost(timeout=0.05)
    assert lost.timed_out
    assert "deadline" not in lost.reason


@pytest.mark.parametrize("given", [NEVER, Drip(b"x" * 100, at_once=b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n")])
def test_an_injected_client_is_bound_by_the_deadline(twin: Twin, given: bytes) -> None:
    """But for a head in drips, which a sync client waits for."""
    with serving(given) as (base_url, _), sending(twin, base_url, client_for(twin)) as sender:
        lost = late(sender)
    assert lost.sent
    assert lost.reason.endswith(OVER)
