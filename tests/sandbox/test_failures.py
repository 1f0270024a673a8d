"""What a client makes of the failures that a test asks for, in the same process."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from stemp_sdk import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    ServerError,
    StempError,
    UnknownOutcomeError,
)
from stemp_sdk.sandbox import ConnectionFailed, Sandbox, SandboxRequest

from .till import Till
from .wire import Wire

# --- How a connection fails


@pytest.mark.parametrize("carried_out", [True, False])
@pytest.mark.parametrize(
    ("connection", "words"),
    [
        ("lost", "RemoteProtocolError: Server disconnected without sending a response"),
        ("reset", "ReadError: [Errno 104] Connection reset by peer"),
        ("timeout", "ReadTimeout: The read operation timed out"),
    ],
)
def test_a_write_without_a_response_has_an_unknown_outcome(
    till: Till, connection: Any, words: str, *, carried_out: bool
) -> None:
    till.sandbox.fail_next(operation="loyalty.add_stamp", connection=connection, carried_out=carried_out)
    with pytest.raises(UnknownOutcomeError) as caught:
        till.stamp()
    assert caught.value.reason == words
    assert till.stamps == carried_out
    (logged,) = (entry for entry in till.sandbox.requests if entry.operation == "loyalty.add_stamp")
    assert (logged.status, logged.token_name) == (None, "sandbox")
    assert till.stamp().current_stamps == 1 + carried_out


@pytest.mark.parametrize(
    ("connection", "error"),
    [
        ("refused", APIConnectionError),
        ("lost", APIConnectionError),
        ("reset", APIConnectionError),
        ("timeout", APITimeoutError),
    ],
)
def test_a_read_without_an_answer_is_a_connection_error(till: Till, connection: Any, error: type[StempError]) -> None:
    till.sandbox.fail_next(connection=connection)
    with pytest.raises(error) as caught:
        till.look()
    assert type(caught.value) is error
    assert not caught.value.outcome_unknown


def test_a_refused_connection_carries_nothing_and_is_not_logged(till: Till) -> None:
    before = len(till.sandbox.requests)
    till.sandbox.fail_next(connection="refused", times=2)
    with pytest.raises(APIConnectionError, match="ConnectError") as caught:
        till.stamp()
    assert not caught.value.outcome_unknown
    assert len(till.sandbox.requests) == before
    again = till.client.with_options(max_retries=1)
    assert till.run(lambda _: again.loyalty.add_stamp(till.card)).current_stamps == 1


def test_a_timeout_takes_the_clients_time_on_the_sandboxs_clock(till: Till) -> None:
    moments: list[str] = []
    till.sandbox.fail_next(connection="timeout")
    for call in (till.stamp, till.look):
        try:
            call()
        except UnknownOutcomeError:
            moments.append("lost")
    date = till.sandbox.handle(SandboxRequest("GET", "/api/v1/users")).headers["Date"]
    assert (moments, date) == (["lost"], "Fri, 15 Jan 2027 08:00:05 GMT")


# --- Slowness


def test_a_delayed_response_in_time_is_the_usual_one(till: Till) -> None:
    till.sandbox.fail_next(delay=5)
    began = time.monotonic()
    assert till.stamp().current_stamps == 1
    assert time.monotonic() - began < 4
    assert (
        till.sandbox.handle(SandboxRequest("GET", "/api/v1/users")).headers["Date"] == "Fri, 15 Jan 2027 08:00:05 GMT"
    )


def test_a_late_write_is_carried_out_once_the_clock_gets_there(till: Till) -> None:
    till.sandbox.fail_next(delay=30, carried_out=True)
    with pytest.raises(UnknownOutcomeError, match="ReadTimeout"):
        till.stamp()
    assert till.stamps == 0
    till.sandbox.advance(24)
    assert till.stamps == 0
    till.sandbox.advance(1)
    assert till.stamps == 1
    till.sandbox.advance(1000)
    assert till.stamps == 1


def test_a_delayed_write_may_be_dropped_after_the_client_has_left(till: Till) -> None:
    till.sandbox.fail_next(delay=30)
    with pytest.raises(UnknownOutcomeError, match="ReadTimeout"):
        till.stamp()
    till.sandbox.advance(1000)
    assert till.stamps == 0


@pytest.mark.parametrize(("failure", "error"), [({"status": 504}, ServerError), ({"connection": "lost"}, None)])
def test_a_delay_comes_before_any_other_failure(till: Till, failure: Any, error: type[StempError] | None) -> None:
    till.sandbox.fail_next(delay=4, carried_out=True, **failure)
    with pytest.raises(error or UnknownOutcomeError):
        till.stamp()
    assert till.stamps == 1
    assert (
        till.sandbox.handle(SandboxRequest("GET", "/api/v1/users")).headers["Date"] == "Fri, 15 Jan 2027 08:00:04 GMT"
    )


def test_a_client_without_a_timeout_is_told_at_once(till: Till) -> None:
    request = SandboxRequest("GET", "/api/v1/users")
    till.sandbox.fail_next(connection="timeout")
    with pytest.raises(ConnectionFailed, match="timeout"):
        till.sandbox.handle(request)
    assert till.sandbox.handle(request).headers["Date"] == "Fri, 15 Jan 2027 08:00:00 GMT"


# --- Statuses


@pytest.mark.parametrize("status", [200, 299, 302, 400, 418, 429, 500, 524, 599])
def test_a_failure_may_have_any_status(till: Till, status: int) -> None:
    till.sandbox.fail_next(status=status, body=b"<h1>It works", headers={"Content-Type": "text/html"})
    with pytest.raises(StempError) as caught:
        till.look()
    assert str(status) in str(caught.value)
    assert not isinstance(caught.value, APIConnectionError)
    if isinstance(caught.value, APIStatusError):
        assert caught.value.status == status


@pytest.mark.parametrize("more", [{}, {"body": b"x"}, {"headers": {"X-A": "b"}}, {"delay": 1, "body": b"x"}])
def test_a_failure_has_status_503_by_default(till: Till, more: Any) -> None:
    till.sandbox.fail_next(**more)
    with pytest.raises(ServerError) as caught:
        till.look()
    assert caught.value.status == 503


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (
            {"status": 500, "connection": "lost"},
            ValueError,
            "given with status: there is no response",
        ),
        ({"body": b"x", "connection": "lost"}, ValueError, "connection cannot be given with body"),
        ({"headers": {"a": "b"}, "connection": "lost"}, ValueError, "connection cannot be given with headers"),
        ({"connection": "refused", "carried_out": True}, ValueError, "cannot be given with carried_out, delay or late"),
        ({"connection": "refused", "delay": 1}, ValueError, "cannot be given with carried_out, delay or late"),
        (
            {"connection": "dropped"},
            ValueError,
            "connection must be one of refused, lost, reset, timeout, not 'dropped'",
        ),
        ({"status": 199}, ValueError, "status must be at least 200"),
        ({"status": 600}, ValueError, "status must be 200 to 599, not 600"),
        ({"status": "503"}, TypeError, "status must be an int"),
        ({"delay": -1}, ValueError, "delay must be a finite number of seconds"),
        ({"delay": "1"}, TypeError, "delay must be a number of seconds"),
        ({"body": "x"}, TypeError, "body must be bytes, not str"),
        ({"times": 0}, ValueError, "times must be at least 1"),
    ],
)
def test_a_failure_with_wrong_arguments_is_refused(
    wire: Wire, wrong: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        wire.sandbox.fail_next(**wrong)
    assert wire.get("/users").status == 200


def test_a_timeout_of_httpx_itself_counts() -> None:
    sandbox = Sandbox()
    sandbox.fail_next(delay=3)
    with sandbox.http_client() as client, pytest.raises(httpx.ReadTimeout):
        client.get(f"{sandbox.base_url}/v1/users", timeout=2)
