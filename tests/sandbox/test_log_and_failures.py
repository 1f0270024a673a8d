from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import attrs
import pytest

from stemp_sdk import presets
from stemp_sdk.sandbox import LoggedRequest, Sandbox, SandboxRequest, SandboxResponse

from .wire import Wire


def test_the_log_has_the_requests_and_never_a_token(wire: Wire) -> None:
    wire.get("/users/usr_1?page=1")
    wire.get("/nothing")
    wire.sandbox.handle(
        SandboxRequest("DELETE", "/api/v1/templates/tpl_1", headers={"authorization": "Bearer sk_live_x"})
    )
    assert wire.sandbox.requests == [
        LoggedRequest("GET", "/api/v1/users/usr_1", "users.get", 404, "everything"),
        LoggedRequest("GET", "/api/v1/nothing", None, 404, "everything"),
        LoggedRequest("DELETE", "/api/v1/templates/tpl_1", "templates.delete", 401, None),
    ]
    assert wire.token not in repr(wire.sandbox.requests)


def test_a_request_does_not_show_its_headers() -> None:
    assert "sk_live_x" not in repr(SandboxRequest("GET", "/", headers={"authorization": "Bearer sk_live_x"}))


def test_a_failure_is_sent_unchanged_and_nothing_is_carried_out(wire: Wire) -> None:
    wire.sandbox.fail_next(status=502, body=b"<html>", headers={"Content-Type": "text/html"}, times=2)
    wire.sandbox.fail_next()
    request = SandboxRequest(
        "POST", "/api/v1/users", headers={"authorization": f"Bearer {wire.token}"}, body=b'{"email": "a@b"}'
    )
    answers = [wire.sandbox.handle(request) for _ in range(4)]
    broken = SandboxResponse(502, {"Content-Type": "text/html"}, b"<html>")
    assert answers[:3] == [broken, broken, SandboxResponse(503, {}, b"")]
    assert answers[3].status == 201
    assert [entry.status for entry in wire.sandbox.requests] == [502, 502, 503, 201]
    assert {entry.operation for entry in wire.sandbox.requests} == {"users.create"}


def test_only_an_operation_fails_and_only_so_often(wire: Wire) -> None:
    wire = attrs.evolve(wire, documented=False)
    wire.sandbox.fail_next(operation="users.create", times=2)
    wire.sandbox.fail_next(status=500)
    assert [wire.post("/users", {"email": "a@b"}).status, wire.get("/users").status] == [503, 500]
    assert [wire.get("/users").status, wire.post("/users", {"email": "a@b"}).status] == [200, 503]
    assert wire.post("/users", {"email": "a@b"}).status == 201


def test_a_failure_may_lose_the_response_alone(wire: Wire) -> None:
    wire = attrs.evolve(wire, documented=False)
    card = wire.card()
    wire.sandbox.fail_next(operation="loyalty.add_stamp", status=504, carried_out=True)
    assert wire.post(f"{card}/stamps/add").status == 504
    assert wire.get(f"{card}/stamps").json["currentStamps"] == 1
    assert [entry.status for entry in wire.sandbox.requests[-2:]] == [504, 200]


def test_a_refresh_may_fail(wire: Wire) -> None:
    wire.sandbox.fail_next(operation="oauth.refresh")
    assert wire.get("/users").status == 200
    assert wire.sandbox.handle(SandboxRequest("POST", "/api/v1/apps/oauth2/refresh", body=b"{}")).status == 503


def test_a_failure_of_an_unknown_operation_or_no_times_is_refused(wire: Wire) -> None:
    with pytest.raises(ValueError, match=r"^'users.creat' is not an operation: did you mean 'users.create'\?$"):
        wire.sandbox.fail_next(operation="users.creat")
    with pytest.raises(ValueError, match="times must be at least 1"):
        wire.sandbox.fail_next(times=0)


def test_the_demo_has_something_to_look_at() -> None:
    sandbox = Sandbox(seed=1).seed_demo()
    wire = Wire(sandbox, sandbox.issue_token(presets.READ_ONLY))
    jane = wire.get("/users/cust_123").json
    card = wire.get(f"/walletpasses?userId={jane['id']}").json["content"][0]
    assert wire.get(f"/walletpasses/{card['id']}/stamps").json["currentStamps"] == 7
    assert wire.get("/templates").json["totalElements"] == 2


def test_threads_may_share_a_sandbox(wire: Wire) -> None:
    card = wire.card()
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(wire.post, [f"{card}/points/add"] * 800, [{"points": 1}] * 800))
    assert {answer.status for answer in answers} == {200}
    assert wire.get(f"{card}/points").json["balance"] == 800
    assert len(wire.sandbox.requests) == 800 + 4
