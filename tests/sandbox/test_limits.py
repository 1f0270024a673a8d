from __future__ import annotations

import pytest

from stemp_sdk import presets
from stemp_sdk.sandbox import Sandbox, SandboxRequest
from stemp_sdk.scopes import TokenKind
from tests.support.clocks import StillClock

from .wire import Answer, Wire


def _limits(answer: Answer) -> tuple[int, int, int]:
    limit, remaining, reset = (answer.headers[f"X-RateLimit-{name}"] for name in ("Limit", "Remaining", "Reset"))
    return int(limit), int(remaining), int(reset)


def test_every_response_has_the_rate_limit(clock: StillClock) -> None:
    sandbox = Sandbox(clock=clock)
    wire = Wire(sandbox, sandbox.issue_token(presets.POS))
    clock.now += 0.25
    reset = int(clock.now) + 31
    assert _limits(wire.get("/users")) == (1000, 999, reset)
    clock.now += 29.5
    for target, status, remaining in [("/users/usr_x", 404, 998), ("/templates", 403, 997), ("/nothing", 404, 996)]:
        answer = wire.get(target)
        assert (answer.status, *_limits(answer)) == (status, 1000, remaining, reset)
    clock.now += 0.5
    assert _limits(wire.get("/users")) == (1000, 999, reset + 30)


def test_a_request_beyond_the_rate_limit_is_a_429(clock: StillClock) -> None:
    sandbox = Sandbox(clock=clock, rate_limit=2)
    wire = Wire(sandbox, sandbox.issue_token(presets.CRM_SYNC))
    wire.get("/users")
    clock.now += 19.5
    wire.get("/users")
    for _ in range(2):
        answer = wire.post("/users", {"email": "jane@example.com"})
        message = "Rate limit exceeded. Retry after 11 seconds."
        assert tuple(answer) == (429, {"error": {"code": "rate_limit_exceeded", "message": message}})
        assert _limits(answer) == (2, 0, 1_800_000_030)
        assert answer.headers["Retry-After"] == "11"
    clock.now += 11
    assert wire.get("/users").json["totalElements"] == 0


def test_each_kind_of_token_and_no_token_has_a_window_of_its_own(clock: StillClock) -> None:
    sandbox = Sandbox(clock=clock, rate_limit=1)
    tokens = [sandbox.issue_token(presets.POS, kind=kind) for kind in TokenKind]
    assert [Wire(sandbox, token).get("/users").status for token in [*tokens, "unknown"]] == [200, 200, 401]
    others = [sandbox.issue_token(presets.POS, kind=kind) for kind in TokenKind]
    assert [Wire(sandbox, token).get("/users").status for token in [*others, "other"]] == [429, 429, 429]


def test_a_window_is_as_long_as_was_chosen(clock: StillClock) -> None:
    sandbox = Sandbox(clock=clock, rate_limit=1, rate_limit_window=4)
    wire = Wire(sandbox, sandbox.issue_token(presets.POS))
    assert _limits(wire.get("/users")) == (1, 0, int(clock.now) + 4)
    clock.now += 3
    assert wire.get("/users").headers["Retry-After"] == "1"
    clock.now += 1
    assert wire.get("/users").status == 200
    with pytest.raises(ValueError, match="rate_limit_window must be at least 1, not 0"):
        Sandbox(rate_limit_window=0)


def test_a_rate_limit_lets_at_least_one_request_through() -> None:
    with pytest.raises(ValueError, match="rate_limit must be at least 1, not 0"):
        Sandbox(rate_limit=0)


def test_the_date_header_goes_by_the_sandboxs_clock(sandbox: Sandbox) -> None:
    response = sandbox.handle(SandboxRequest("GET", "/api/v1/users"))
    assert response.headers["Date"] == "Fri, 15 Jan 2027 08:00:00 GMT"
