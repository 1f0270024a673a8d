"""The events of a call, as an observer receives them."""

from __future__ import annotations

from typing import Any

import attrs
import httpx
import pytest
import respx

from stemp_sdk import (
    AttemptEnded,
    AttemptStarted,
    CallEnded,
    CallRefused,
    CallStarted,
    MissingScopeError,
    NotFoundError,
    ScopeSet,
    ServerError,
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
from .seen import Seen


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
