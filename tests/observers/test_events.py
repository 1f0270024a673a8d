"""The events of a call, as an observer receives them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import anyio
import attrs
import httpx
import pytest
import respx

from stemp_sdk import (
    AsyncStemp,
    AttemptEnded,
    AttemptStarted,
    CallEnded,
    CallEvent,
    CallRefused,
    CallStarted,
    MemoryRateLimiter,
    MissingScopeError,
    NotFoundError,
    ScopeSet,
    ServerError,
    Stemp,
    TokenRenewed,
    UnknownOutcomeError,
    WaitStarted,
    presets,
)
from stemp_sdk._core.events import CallOutcome
from stemp_sdk.sandbox import Sandbox
from stemp_sdk.scopes import LOYALTY_MANAGE, PASS_READ, USER_CREATE, USER_READ
from tests.support.clocks import StillClock
from tests.support.twins import TOKEN, Twin, sent

from .answers import USER


class Seen(list[CallEvent]):
    """An observer that keeps the events."""

    def __call__(self, event: CallEvent) -> None:
        self.append(event)

    @property
    def kinds(self) -> list[type[Any]]:
        return [type(event) for event in self]

    @property
    def end(self) -> CallEnded:
        """The last event."""
        last = self[-1]
        assert isinstance(last, CallEnded)
        return last

    def only(self, kind: type[Any]) -> list[Any]:
        return [event for event in self if isinstance(event, kind)]


def test_a_call_reports_its_beginning_its_attempt_and_its_end(twin: Twin, wire: respx.Router) -> None:
    seen = Seen()
    wire.get("/v1/users/usr_1").respond(json=USER, headers={"x-request-id": "req_1"})
    twin.run(twin.client(scopes=USER_READ | PASS_READ, observers=[seen]).users.get("usr_1"))
    started, attempt, answered, ended = seen
    assert isinstance(started, CallStarted)
    call = started.call
    assert (call.operation, call.needed, call.held, call.server, call.token_name) == (
        "users.get",
        USER_READ,
        USER_READ | PASS_READ,
        "api.stemp.app",
        None,
    )
    assert attempt == AttemptStarted(call, 1, "GET")
    assert answered == AttemptEnded(call, 1, "GET", 0.0, 200, "req_1")
    assert ended == CallEnded(call, "succeeded", 1, 0.0)


def test_a_retry_reports_its_wait_and_both_attempts(twin: Twin, wire: respx.Router) -> None:
    seen = Seen()
    wire.get("/v1/users/usr_1").mock(
        side_effect=[httpx.ConnectError("refused"), httpx.Response(502), httpx.Response(200, json=USER)]
    )
    twin.run(twin.client(observers=[seen]).users.get("usr_1"))
    assert seen.kinds == [
        CallStarted, *(AttemptStarted, AttemptEnded, WaitStarted) * 2, AttemptStarted, AttemptEnded, CallEnded
    ]  # fmt: skip
    assert [(each.attempt, each.status, each.failure) for each in seen.only(AttemptEnded)] == [
        (1, None, "APIConnectionError"),
        (2, 502, None),
        (3, 200, None),
    ]
    assert [(each.seconds, each.reason) for each in seen.only(WaitStarted)] == [(0.5, "retry"), (1.0, "retry")]
    assert seen.end == CallEnded(seen[0].call, "succeeded", 3, 1.5)


def test_the_wait_for_a_window_of_the_rate_limit_is_reported(twin: Twin, wire: respx.Router, still: StillClock) -> None:
    seen = Seen()
    used_up = {"x-ratelimit-limit": "10", "x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(still.now) + 3)}
    wire.get("/v1/users/usr_1").respond(json=USER, headers=used_up)
    client = twin.client(observers=[seen])
    twin.run(client.users.get("usr_1"))
    assert seen.only(WaitStarted) == []
    twin.run(client.users.get("usr_1"))
    (wait,) = seen.only(WaitStarted)
    assert wait.reason == "rate_limit"
    assert wait.seconds >= 3


@pytest.mark.parametrize(
    ("status", "body", "outcome", "error"),
    [
        (404, {"error": {"code": "resource_not_found", "message": "No."}}, "failed", NotFoundError),
        (502, {}, "unknown", ServerError),
    ],
)
def test_the_end_has_the_outcome_and_the_raised_error(
    twin: Twin, wire: respx.Router, status: int, body: Any, outcome: CallOutcome, error: type[Exception]
) -> None:
    seen = Seen()
    wire.post("/v1/walletpasses/wp_1/stamps/add").respond(status, json=body)
    with pytest.raises(error) as raised:
        twin.run(twin.client(observers=[seen]).loyalty.add_stamp("wp_1", note="Main St"))
    assert seen.end == CallEnded(seen[0].call, outcome, 1, 0.0, raised.value)


def test_a_lost_response_is_a_failure_without_its_text(twin: Twin, wire: respx.Router) -> None:
    seen = Seen()
    wire.post("/v1/walletpasses/wp_1/stamps/add").mock(side_effect=httpx.ReadTimeout(f"sent {TOKEN}"))
    with pytest.raises(UnknownOutcomeError):
        twin.run(twin.client(observers=[seen]).loyalty.add_stamp("wp_1"))
    assert [each.failure for each in seen.only(AttemptEnded)] == ["APITimeoutError"]
    assert seen.end.outcome == "unknown"
    assert TOKEN not in repr(seen)


def test_a_refusal_is_reported_before_the_end_and_without_an_attempt(twin: Twin) -> None:
    seen = Seen()
    with pytest.raises(MissingScopeError) as raised:
        twin.run(twin.client(scopes=PASS_READ, observers=[seen]).users.get("usr_1"))
    call = seen[0].call
    assert seen[1:] == [CallRefused(call, raised.value), CallEnded(call, "refused", 0, 0.0, raised.value)]


def test_a_refusal_by_the_server_is_reported_too(twin: Twin, wire: respx.Router) -> None:
    seen = Seen()
    body = {"error": {"code": "insufficient_scope", "message": "Missing required scope: user:read"}}
    wire.get("/v1/users/usr_1").respond(403, json=body)
    with pytest.raises(MissingScopeError):
        twin.run(twin.client(observers=[seen]).users.get("usr_1"))
    assert seen.kinds[-2:] == [CallRefused, CallEnded]
    assert seen.end.outcome == "refused"


def test_a_renewal_is_reported(twin: Twin, wire: respx.Router) -> None:
    seen, tokens = Seen(), iter(["old-token", "new-token"])
    wire.get("/v1/users/usr_1").mock(side_effect=[httpx.Response(401), httpx.Response(200, json=USER)])
    twin.run(twin.client(lambda: next(tokens), observers=[seen]).users.get("usr_1"))
    assert [each.failure for each in seen.only(TokenRenewed)] == [None, None]
    assert "token" not in repr(seen.only(TokenRenewed)).replace("TokenRenewed", "").replace("token_name", "")


def test_a_failed_renewal_has_the_type_of_its_error(twin: Twin) -> None:
    seen = Seen()

    def fail() -> str:
        raise LookupError("the vault knows kept-secret")

    with pytest.raises(LookupError):
        twin.run(twin.client(fail, observers=[seen]).users.get("usr_1"))
    assert [each.failure for each in seen.only(TokenRenewed)] == ["LookupError"]
    assert seen.end.outcome == "failed"


def test_a_write_with_a_reference_is_one_call_of_several_requests(twin: Twin) -> None:
    sandbox, seen = Sandbox(), Seen()
    sandbox.seed_demo()
    make: Any = sandbox.client if twin.kind == "sync" else sandbox.async_client
    client = make(scopes=presets.POS)
    card = twin.all(client.passes.list())[0]
    observed = client.with_options(observers=[seen])
    twin.run(observed.loyalty.add_stamp(card.id, reference="receipt 4711"))
    assert seen[0].call.needed == LOYALTY_MANAGE | PASS_READ
    assert [each.http_method for each in seen.only(AttemptStarted)] == ["GET", "POST"]
    assert len(seen.only(CallStarted)) == len(seen.only(CallEnded)) == 1


def test_each_page_of_a_listing_is_a_call(twin: Twin, wire: respx.Router) -> None:
    seen = Seen()
    wire.get("/v1/users").respond(json={"data": [USER], "page": 1, "pages": 1, "total": 1})
    twin.all(twin.client(observers=[seen]).users.list())
    assert [each.call.operation for each in seen.only(CallEnded)] == ["users.list"]


def test_the_token_of_a_ring_is_named(twin: Twin, wire: respx.Router) -> None:
    seen = Seen()
    wire.get("/v1/users/usr_1").respond(json=USER)
    tokens: dict[str, tuple[str, ScopeSet]] = {"till": ("sk_live_a", presets.POS), "crm": ("sk_live_b", USER_READ)}
    twin.run(twin.of.ring(tokens, observers=[seen]).users.get("usr_1"))
    assert (seen[0].call.token_name, seen[0].call.held) == ("crm", USER_READ)


def test_an_observer_that_fails_is_logged_and_the_call_goes_on(
    twin: Twin, wire: respx.Router, caplog: pytest.LogCaptureFixture
) -> None:
    seen = Seen()

    def broken(_: CallEvent) -> None:
        raise ZeroDivisionError("no")

    wire.get("/v1/users/usr_1").respond(json=USER)
    twin.run(twin.client(observers=[broken, seen]).users.get("usr_1"))
    assert len(seen) == 4
    assert {record.getMessage() for record in caplog.records if record.levelno == logging.WARNING} == {
        f"the observer {broken.__qualname__} failed: ZeroDivisionError: no"
    }


def test_an_error_of_the_call_stays_the_error_if_an_observer_fails(twin: Twin, wire: respx.Router) -> None:
    def broken(_: CallEvent) -> None:
        raise ZeroDivisionError("no")

    wire.get("/v1/users/usr_1").respond(404, json={"error": {"code": "resource_not_found", "message": "No."}})
    with pytest.raises(NotFoundError):
        twin.run(twin.client(observers=[broken]).users.get("usr_1"))


def test_copies_keep_the_observers_and_with_options_replaces_them(twin: Twin, wire: respx.Router) -> None:
    first, second = Seen(), Seen()
    wire.get("/v1/users/usr_1").respond(json=USER)
    client = twin.client(observers=[first])
    twin.run(client.with_options(timeout=3).users.get("usr_1"))
    twin.run(client.with_options(observers=[second]).users.get("usr_1"))
    twin.run(client.with_options(observers=[]).users.get("usr_1"))
    assert (len(first), len(second)) == (4, 4)


def test_async_observers_are_awaited_in_order(wire: respx.Router) -> None:
    seen: list[str] = []

    async def observer(event: CallEvent) -> None:
        await anyio.lowlevel.checkpoint()
        seen.append(type(event).__name__)

    async def main() -> None:
        async with AsyncStemp(TOKEN, observers=[observer]) as client:
            await client.users.get("usr_1")

    wire.get("/v1/users/usr_1").respond(json=USER)
    asyncio.run(main())
    assert seen == ["CallStarted", "AttemptStarted", "AttemptEnded", "CallEnded"]


def test_an_async_observer_that_fails_ends_nothing(wire: respx.Router, caplog: pytest.LogCaptureFixture) -> None:
    async def observer(_: CallEvent) -> None:
        await anyio.lowlevel.checkpoint()
        raise ZeroDivisionError("no")

    async def main() -> None:
        async with AsyncStemp(TOKEN, observers=[observer]) as client:
            await client.users.get("usr_1")

    wire.get("/v1/users/usr_1").respond(json=USER)
    asyncio.run(main())
    assert len([record for record in caplog.records if "ZeroDivisionError" in record.getMessage()]) == 4


async def _waits(_: CallEvent) -> None:
    await anyio.sleep_forever()


@pytest.mark.parametrize("kind", ["a function", "an async function", "one that waits", "one that fails"])
def test_a_cancelled_call_ends_as_cancelled(kind: str, wire: respx.Router) -> None:
    seen: list[str] = []
    cancelled: list[CallEnded] = []

    def note(event: CallEvent) -> None:
        if isinstance(event, CallEnded):
            cancelled.append(event)

    async def note_async(event: CallEvent) -> None:
        note(event)

    async def note_and_wait(event: CallEvent) -> None:
        note(event)
        if isinstance(event, CallEnded):
            await anyio.sleep_forever()

    def note_and_fail(event: CallEvent) -> None:
        note(event)
        raise ZeroDivisionError("no")

    observers: dict[str, Callable[[CallEvent], Any]] = {
        "a function": note,
        "an async function": note_async,
        "one that waits": note_and_wait,
        "one that fails": note_and_fail,
    }

    async def main() -> None:
        started = anyio.Event()

        async def never(_: httpx.Request) -> httpx.Response:
            started.set()
            await anyio.sleep_forever()
            raise AssertionError

        wire.get("/v1/users/usr_1").mock(side_effect=never)
        async with AsyncStemp(TOKEN, observers=[observers[kind]]) as client, anyio.create_task_group() as tasks:
            tasks.start_soon(client.users.get, "usr_1")
            await started.wait()
            tasks.cancel_scope.cancel()
        seen.append("cancelled")

    asyncio.run(main())
    assert seen == ["cancelled"]
    assert [(each.outcome, each.attempts, each.error) for each in cancelled] == [("cancelled", 1, None)]


def test_an_interrupted_call_ends_as_cancelled(wire: respx.Router) -> None:
    seen = Seen()

    def interrupt(_: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    wire.get("/v1/users/usr_1").mock(side_effect=interrupt)
    with pytest.raises(KeyboardInterrupt), Stemp(TOKEN, observers=[seen]) as client:
        client.users.get("usr_1")
    assert seen.kinds == [CallStarted, AttemptStarted, CallEnded]
    assert seen.end.outcome == "cancelled"


class _AsyncCallable:
    async def __call__(self, event: CallEvent) -> None: ...


@pytest.mark.parametrize(
    ("observers", "message"),
    [
        (print, "observers must be a list of functions that take an event, not builtin_function_or_method"),
        ("log", "observers must be a list of functions that take an event, not 'log'"),
        ([3], "observers must be functions that take an event, not int"),
        ([Seen], "observers must be functions that take an event, not type"),
    ],
)
def test_arguments_that_are_no_observers_are_refused(twin: Twin, observers: Any, message: str) -> None:
    with pytest.raises(TypeError) as raised:
        twin.client(observers=observers)
    assert str(raised.value) == message
    with pytest.raises(TypeError, match="observers must be"):
        twin.client().with_options(observers=observers)


@pytest.mark.parametrize("observer", [_waits, _AsyncCallable()])
def test_a_sync_client_refuses_an_async_observer(observer: Any) -> None:
    with pytest.raises(TypeError, match=r"observers of a sync client must be sync functions, not \w+: use AsyncStemp"):
        Stemp(TOKEN, observers=[observer])
    AsyncStemp(TOKEN, observers=[observer])


def test_events_are_frozen_and_a_call_is_a_key(twin: Twin, wire: respx.Router) -> None:
    seen = Seen()
    wire.get("/v1/users/usr_1").respond(json=USER)
    client = twin.client(observers=[seen])
    twin.run(client.users.get("usr_1"))
    twin.run(client.users.get("usr_1"))
    assert len({event.call for event in seen}) == 2
    event: Any = seen[0]
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        event.call = None


def test_no_event_quotes_a_secret_that_the_server_echoes(twin: Twin, wire: respx.Router) -> None:
    seen = Seen()
    wire.get("/v1/users/usr_1").respond(json=USER, headers={"x-request-id": f"mine/Bearer {TOKEN}"})
    client = twin.client(observers=[seen]).with_options(headers={"x-correlation-id": "mine"})
    twin.run(client.users.get("usr_1"))
    assert [each.request_id for each in seen.only(AttemptEnded)] == ["***/Bearer ***"]


def broken(_: httpx.Request) -> httpx.Response:
    raise ZeroDivisionError("no")


def test_an_awaitable_for_a_sync_client_is_logged(wire: respx.Router, caplog: pytest.LogCaptureFixture) -> None:
    async def later(_: CallEvent) -> None: ...

    def begins_it(event: CallEvent) -> Any:
        return later(event)

    wire.get("/v1/users/usr_1").respond(json=USER)
    with Stemp(TOKEN, observers=[begins_it]) as client:
        client.users.get("usr_1")
    assert len(caplog.messages) == 4
    assert caplog.messages[0].endswith("failed: TypeError: it returned an awaitable, which only AsyncStemp can await")


def test_get_or_create_of_a_ring_uses_one_token_which_is_named(twin: Twin, wire: respx.Router) -> None:
    seen = Seen()
    wire.get("/v1/users/usr_1").respond(json=USER)
    tokens: dict[str, tuple[str, ScopeSet]] = {
        "reader": ("sk_live_a", USER_READ),
        "full": ("sk_live_b", USER_READ | USER_CREATE),
    }
    twin.run(twin.of.ring(tokens, observers=[seen]).users.get_or_create("usr_1", email="a@example.com"))
    assert seen[0].call.token_name == "full"
    assert sent(wire)[0].headers["authorization"] == "Bearer sk_live_b"


def test_a_closed_client_is_a_failure_and_no_cancellation(twin: Twin) -> None:
    seen = Seen()
    client = twin.client(observers=[seen])
    twin.close(client)
    with pytest.raises(RuntimeError) as raised:
        twin.run(client.users.get("usr_1"))
    assert (seen.end.outcome, seen.end.error) == ("failed", raised.value)


def test_an_error_of_a_hook_at_a_write_that_adds_leaves_its_outcome_unknown(twin: Twin) -> None:
    seen = Seen()
    client = twin.client(http_client=twin.http_client(broken), observers=[seen])
    with pytest.raises(ZeroDivisionError) as raised:
        twin.run(client.loyalty.add_stamp("wp_1"))
    assert (seen.end.outcome, seen.end.error) == ("unknown", raised.value)


@pytest.mark.parametrize("kind", [AttemptStarted, AttemptEnded, CallEnded])
def test_every_other_observer_is_told_of_the_end_if_one_is_interrupted(kind: type[Any], wire: respx.Router) -> None:
    first, last, limiter = Seen(), Seen(), MemoryRateLimiter()

    def interrupted(event: CallEvent) -> None:
        if isinstance(event, kind):
            raise KeyboardInterrupt

    wire.get("/v1/users/usr_1").respond(json=USER)
    with Stemp(TOKEN, rate_limiter=limiter, observers=[first, interrupted, last]) as client:
        with pytest.raises(KeyboardInterrupt):
            client.users.get("usr_1")
        assert [len(seen.only(CallEnded)) for seen in (first, last)] == [1, 1]
        assert last.end.outcome == "cancelled"
        # The turn was given back, so the next call does not wait for one.
        client.with_options(observers=[first], deadline=1).users.get("usr_1")


def test_observers_after_one_that_is_cancelled_are_told_of_the_end(wire: respx.Router) -> None:
    seen = Seen()

    async def main() -> None:
        handling = anyio.Event()

        async def slow(event: CallEvent) -> None:
            if isinstance(event, CallEnded):
                handling.set()
                await anyio.sleep_forever()

        async with AsyncStemp(TOKEN, observers=[slow, seen]) as client, anyio.create_task_group() as tasks:
            tasks.start_soon(client.users.get, "usr_1")
            await handling.wait()
            tasks.cancel_scope.cancel()

    wire.get("/v1/users/usr_1").respond(json=USER)
    asyncio.run(main())
    assert seen.end.outcome == "cancelled"
