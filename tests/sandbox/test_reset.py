"""``Sandbox.reset`` comes back to the state of the last checkpoint."""

from __future__ import annotations

from typing import Any

import pytest

from stemp_sdk import UnknownOutcomeError, presets
from stemp_sdk.sandbox import ConnectionFailed, Faults, Sandbox, SandboxRequest
from stemp_sdk.testing import Clock
from tests.support.clocks import StillClock

from .control import Control
from .endpoint import Shop
from .identity import AppSide
from .till import Till
from .wire import Wire


def test_reset_begins_again_with_the_faults_of_the_sandbox() -> None:
    faults = Faults(seed=4711, server_errors=0.3, lags=1, rules=[{"status": 502}])
    sandbox = Sandbox(faults=faults, clock=StillClock()).seed_demo()
    sandbox.checkpoint()
    token = sandbox.issue_token(presets.POS)

    def run() -> list[int]:
        path = "/api/v1/users/cust_123"
        request = SandboxRequest("GET", path, headers={"authorization": f"Bearer {token}"})
        return [sandbox.handle(request).status for _ in range(20)]

    first = run()
    assert (first[0], len(sandbox.faults.log) > 3) == (502, True)
    sandbox.fail_next(connection="lost", late=20, operation="users.list")
    with pytest.raises(ConnectionFailed):
        sandbox.handle(SandboxRequest("GET", "/api/v1/users"))
    sandbox.fail_next(times="always")
    sandbox.reset()
    assert (sandbox.faults.log, len(sandbox.faults.rules)) == ([], 1)
    sandbox.advance(60)
    token = sandbox.issue_token(presets.POS)
    assert run() == first


def test_reset_comes_back_to_the_state_of_the_checkpoint(control: Control, app_side: AppSide, wire: Wire) -> None:
    sandbox = control.sandbox.seed_demo()
    shop = Shop()
    shop.listen(sandbox)
    earlier = app_side.tokens()
    installations = sandbox.apps.installations
    sandbox.checkpoint()
    card = wire.get("/walletpasses").json["content"][0]["id"]

    def use() -> list[Any]:
        """Change a bit of everything; gives the new ids."""
        user = wire.made("/users", email="new@example.com", metadata={"a": 1})["id"]
        wire.post(f"/walletpasses/{card}/stamps/add")
        wire.post("/walletpasses/no/stamps/add")
        organization = control.post("/organizations", name="Harbour Books")[1]["id"]
        token = control.post("/tokens", scopes="POS")[1]["token"]
        client_id = control.post("/apps", name="Mail", redirect_uri="https://mail.example/")[1]["client_id"]
        app_side.tokens(scope="user:read")
        control.post("/endpoints", url="https://shop.example/other")
        control.post("/clock", seconds=3600)
        control.post("/tokens/withdraw", token=wire.token, scopes="org:read")
        control.post("/deliveries/reorder", times=9)
        control.post("/failures", status=503, operation="users.list")
        wire.made("/templates", name="Another")
        return [user, organization, token, client_id]

    first = use()
    now = control.get("/clock")["unix"]
    for _ in range(2):
        assert control.post("/reset") == (204, None)
        assert sandbox.requests == []
        assert control.get("/deliveries") == {"deliveries": []}
        assert control.get("/clock")["unix"] == now - 3600
        assert sandbox.apps.installations == installations
        assert [each.name for each in sandbox.organizations] == ["Sandbox Coffee"]
        assert [each.client_id for each in sandbox.apps.registered] == [app_side.app.client_id]
        assert len(sandbox.webhooks.endpoints) == 1
        assert wire.get("/organization").status == 200
        assert [each["email"] for each in wire.get("/users").json["content"]] == [
            "jane.doe@example.com",
            "kofi@example.com",
            "mia@example.com",
        ]
        assert wire.get(f"/walletpasses/{card}/stamps").json["currentStamps"] == 7
        assert len(wire.get("/templates").json["content"]) == 2
        assert app_side.refresh(earlier["refresh_token"])[1]["scope"] == "pass:read user:read"
        assert control.post("/reset")[0] == 204
        assert use() == first


def test_reset_renews_the_rate_limit() -> None:
    sandbox = Sandbox(rate_limit=1)
    wire = Wire(sandbox, sandbox.issue_token(presets.READ_ONLY))
    sandbox.checkpoint()
    assert [wire.get("/users").status, wire.get("/users").status] == [200, 429]
    sandbox.reset()
    assert wire.get("/users").status == 200


def test_reset_without_a_checkpoint_leaves_a_new_sandbox(sandbox: Sandbox, wire: Wire) -> None:
    sandbox.reset()
    assert wire.get("/users").status == 401


def test_a_delivery_in_flight_at_a_reset_is_not_sent_again(sandbox: Sandbox, wire: Wire) -> None:
    shop = Shop(answers=[500], then=lambda _: sandbox.reset())
    shop.listen(sandbox)
    sandbox.checkpoint()
    wire.made("/users", email="jane@example.com")
    assert [each.state for each in sandbox.webhooks.deliver()] == ["failed"]
    sandbox.advance(90_000)
    assert sandbox.webhooks.deliver() == sandbox.webhooks.deliveries == []


@pytest.mark.parametrize(
    "failure",
    [
        {"delay": 30, "carried_out": True},
        {"connection": "lost", "late": 30},
        {"delay": 30, "connection": "lost", "late": 10},
        {"delay": 30, "connection": "lost", "late_requests": 1},
    ],
)
def test_a_write_that_has_no_response_yet_does_not_change_the_state_after_a_reset(till: Till, failure: Any) -> None:
    till.sandbox.checkpoint()
    till.sandbox.fail_next(operation="loyalty.add_stamp", **failure)
    with pytest.raises(UnknownOutcomeError):
        till.stamp()
    till.sandbox.reset()
    till.sandbox.advance(100)
    assert [till.stamps, till.stamps, till.stamps] == [0, 0, 0]
    assert till.stamp().current_stamps == 1


@pytest.mark.parametrize("client", ["waiting", "gone"])
@pytest.mark.parametrize("replaced", [{}, {"status": 502, "carried_out": True}, {"status": 502, "late": 9}])
def test_a_request_that_is_being_handled_has_no_effect_after_a_reset(wire: Wire, client: Any, replaced: Any) -> None:
    headers = {"authorization": f"Bearer {wire.token}"}
    wire.sandbox.checkpoint()
    wire.sandbox.fail_next(delay=30, **replaced)
    steps = wire.sandbox.attend(SandboxRequest.to("POST", "/api/v1/users", headers, b'{"email": "a@b.c"}'))
    assert next(steps) == 30
    wire.sandbox.reset()
    with pytest.raises((StopIteration, ConnectionFailed)) as ended:
        steps.send(client)
    if client == "waiting" and replaced:
        assert isinstance(ended.value, StopIteration)
        assert ended.value.value.status == 502
    else:
        assert str(ended.value) == ("timeout" if client == "gone" else "lost")
    wire.sandbox.advance(100)
    assert wire.get("/users").json["totalElements"] == 0


def test_reset_ends_the_lag_of_a_history(till: Till) -> None:
    till.sandbox.fail_next(operation="loyalty.add_stamp", history_lag=20)
    till.stamp("before")
    till.sandbox.checkpoint()
    till.sandbox.fail_next(operation="loyalty.add_stamp", history_lag=20)
    till.stamp("after")
    assert till.history == []
    till.sandbox.reset()
    assert [entry.note for entry in till.history] == ["before"]
    till.stamp("again")  # with the same id as the one that the reset took away
    assert [entry.note for entry in till.history] == ["again", "before"]


def test_reset_moves_a_clock_of_the_testing_package_back() -> None:
    clock = Clock(1_800_000_000)
    sandbox = Sandbox(clock=clock)
    clock.advance(10)
    sandbox.checkpoint()
    for _ in range(2):
        sandbox.advance(90)
        sandbox.reset()
        assert (clock(), sandbox.now) == (1_800_000_010, clock.now)
    sandbox.reset()  # without a step in between
    assert clock() == 1_800_000_010
