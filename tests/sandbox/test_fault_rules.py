"""Which requests fail, and how a rule is counted and removed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stemp_sdk.sandbox import ConnectionFailed, Faults, Sandbox, SandboxRequest
from stemp_sdk.sandbox import Wire as Variant
from stemp_sdk.scopes import ScopeSet, TokenKind
from tests.support.scopes import every_scope

from .wire import Wire


def statuses(wire: Wire, *requests: str) -> list[int]:
    """The status of each request, such as ``"GET /users"``."""
    return [wire.send_anyway(*request.split(" ")) for request in requests]


# --- Operations


def test_a_rule_may_be_for_several_operations(wire: Wire) -> None:
    wire.sandbox.fail_next(operation={"users.list", "templates.list"}, times="always")
    assert statuses(wire, "GET /users", "GET /walletpasses", "GET /templates") == [503, 200, 503]


# --- Passes and users


def test_a_rule_may_be_for_one_pass(wire: Wire) -> None:
    card, other = wire.card(), wire.card()
    rule = wire.sandbox.fail_next(pass_id=card.rpartition("/")[2], times="always")
    assert statuses(wire, f"GET {other}/stamps", f"GET {card}/stamps", f"POST {card}/stamps/add", "GET /users") == [
        *(200, 503, 503, 200),
    ]
    assert rule.hits == 2


def test_a_rule_may_be_for_a_user_and_all_that_is_theirs(wire: Wire) -> None:
    user = wire.made("/users", email="a@example.com", externalId="cust_1")["id"]
    template = wire.made("/templates", name="Coffee card")["id"]
    card = "/walletpasses/" + wire.made("/walletpasses", templateId=template, userId=user)["id"]
    other = wire.card()
    new = {"templateId": template, "userId": user}
    email = {"to": user, "subject": "x", "htmlBody": "x", "category": "x"}
    for given in (user, "cust_1"):
        rule = wire.sandbox.fail_next(user_id=given, times="always")
        assert statuses(wire, f"GET {card}/stamps", f"GET /users/{user}", "GET /users/cust_1") == [503] * 3
        assert statuses(wire, f"GET /walletpasses?userId={user}") == [503]
        assert wire.send_anyway("POST", "/walletpasses", new) == 503
        assert wire.send_anyway("POST", "/emails", email) == 503
        assert statuses(wire, f"GET {other}/stamps", "GET /users", "GET /users/usr_x") == [200, 200, 404]
        assert wire.send_anyway("POST", "/users", b"no JSON") == 400
        assert wire.send_anyway("POST", "/walletpasses", {**new, "userId": [user]}) == 400
        rule.remove()


def test_a_rule_for_a_user_is_not_for_one_of_another_organization_with_the_same_external_id(wire: Wire) -> None:
    sandbox = wire.sandbox.seed_demo()
    elsewhere = sandbox.seed_demo(sandbox.add_organization("Harbour Books").id).organizations[1].id
    other = Wire(sandbox, sandbox.issue_token(ScopeSet("user:read", "pass:read"), organization_id=elsewhere))
    user = wire.get("/users/cust_123").json["id"]
    card = wire.get(f"/walletpasses?userId={user}").json["content"][0]["id"]
    rule = sandbox.fail_next(user_id=user, times="always")
    assert statuses(other, "GET /users/cust_123", f"GET /walletpasses/{card}", "GET /users/cust_124") == [200, 404, 200]
    assert statuses(wire, "GET /users/cust_123", f"GET /walletpasses/{card}", "GET /users/cust_124") == [503, 503, 200]
    unknown = Wire(sandbox, "sk_live_unknown")
    assert statuses(unknown, f"GET /users/{user}", "GET /users/cust_123") == [503, 401]
    rule.remove()
    sandbox.fail_next(user_id="cust_123", times="always")
    assert statuses(other, "GET /users/cust_123") == statuses(wire, "GET /users/cust_123") == [503]


def test_a_rule_knows_ids_as_another_wire_has_them() -> None:
    sandbox = Sandbox(wire=Variant(ids="int"), seed=1)
    every = every_scope(TokenKind.API)
    wire = Wire(sandbox, sandbox.issue_token(every), documented=False)
    number = wire.made("/users", email="a@example.com")["id"]
    private: Any = sandbox
    (user,) = (user for account in private._accounts.values() for user in account.users)
    sandbox.fail_next(user_id=user)
    assert isinstance(number, int)
    assert statuses(wire, f"GET /users/{number}") == [503]


# --- How many


def test_a_rule_may_begin_with_the_nth_request(wire: Wire) -> None:
    rule = wire.sandbox.fail_next(operation="users.list", nth=3)
    assert statuses(wire, "GET /users", "GET /templates", *["GET /users"] * 4) == [200, 200, 200, 503, 200, 200]
    assert rule.hits == 1


def test_a_rule_may_hold_from_the_nth_request_on(wire: Wire) -> None:
    wire.sandbox.fail_next(nth=2, times="always")
    assert statuses(wire, *["GET /users"] * 4) == [200, 503, 503, 503]
    wire.sandbox.faults.stop()
    assert statuses(wire, "GET /users") == [200]


def test_a_rule_that_is_removed_ends(wire: Wire) -> None:
    rule = wire.sandbox.fail_next(times=5)
    assert statuses(wire, "GET /users") == [503]
    assert wire.sandbox.faults.rules == [rule]
    rule.remove()
    rule.remove()
    assert statuses(wire, "GET /users") == [200]
    assert (wire.sandbox.faults.rules, rule.hits) == ([], 1)


def test_a_rule_that_failed_as_often_as_it_should_is_gone(wire: Wire) -> None:
    rule = wire.sandbox.fail_next(times=2)
    assert statuses(wire, *["GET /users"] * 3) == [503, 503, 200]
    assert (wire.sandbox.faults.rules, rule.hits) == ([], 2)


def test_a_probability_is_about_kept_and_comes_out_the_same_again() -> None:
    def run(seed: int) -> list[int]:
        sandbox = Sandbox(faults=Faults(seed=seed))
        wire = Wire(sandbox, sandbox.issue_token(ScopeSet("user:read")), documented=False)
        sandbox.fail_next(probability=0.25, times="always")
        return statuses(wire, *["GET /users"] * 400)

    first = run(1)
    assert 70 < first.count(503) < 130
    assert run(1) == first
    assert run(2) != first


def test_a_probability_depends_on_how_many_requests_came_before_the_rule_too() -> None:
    def run(before: int) -> list[int]:
        sandbox = Sandbox(faults=Faults(seed=1))
        wire = Wire(sandbox, sandbox.issue_token(ScopeSet("user:read")), documented=False)
        first = statuses(wire, *["GET /users"] * before)
        sandbox.fail_next(probability=0.5, times="always")
        return first + statuses(wire, *["GET /users"] * (100 - before))

    assert run(40) == [200] * 40 + run(0)[40:]


def test_two_rules_with_a_probability_do_not_decide_alike(wire: Wire) -> None:
    first = wire.sandbox.fail_next(probability=0.5, times="always")
    second = wire.sandbox.fail_next(probability=0.5, times="always", status=500)
    sent = statuses(wire, *["GET /users"] * 100)
    assert (first.hits, second.hits) == (sent.count(503), sent.count(500))
    assert 0 < second.hits < 100 - first.hits


# --- What a rule and the log show


def test_a_rule_and_the_log_show_what_was_injected(wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "stemp_sdk.sandbox")
    card = wire.card()
    lost = wire.sandbox.fail_next(pass_id=card.rpartition("/")[2], connection="lost", nth=2)
    skew = wire.sandbox.fail_next(clock_skew=5, operation="loyalty.get_stamps")
    default = wire.sandbox.fail_next(operation="users.list")
    assert repr(default) == "<FaultRule 3: operation='users.list', hits=0>"
    wire.get(f"{card}/stamps")
    with pytest.raises(ConnectionFailed):
        wire.get(f"{card}/stamps")
    statuses(wire, "GET /users")
    log = wire.sandbox.faults.log
    assert [(each.operation, each.id == card.rpartition("/")[2], each.number, each.name) for each in log] == [
        ("loyalty.get_stamps", True, 1, "rule 2"),
        ("loyalty.get_stamps", True, 2, "rule 1"),
        ("users.list", False, 1, "rule 3"),
    ]
    assert (log[0].fault.clock_skew, log[1].fault.connection) == (5, "lost")
    seed = wire.sandbox.faults.seed
    assert caplog.messages[-1] == f"fault rule 3 in users.list -, request 1, seed {seed}"
    assert f"seed={seed}" in repr(wire.sandbox)
    assert "injected=3" in repr(wire.sandbox.faults)
    assert (lost.hits, skew.hits) == (1, 1)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ({"shape": "stemp"}, "application/json"),
        ({"shape": "html"}, "text/html"),
        ({"shape": "html", "headers": {"Content-Type": "text/plain"}}, "text/plain"),
        ({}, None),
    ],
)
def test_a_response_has_the_shape_that_was_asked_for(wire: Wire, body: Any, content_type: str | None) -> None:
    wire.sandbox.fail_next(status=599, **body)
    response = wire.sandbox.handle(SandboxRequest("GET", "/api/v1/users"))
    assert (response.status, response.headers.get("Content-Type")) == (599, content_type)
    if body.get("shape") == "stemp":
        assert json.loads(response.body) == {"code": "internal_error", "params": None}
    elif body:
        assert b"<h1>599 Unknown</h1>" in response.body


@pytest.mark.parametrize(
    ("status", "title"),
    [
        (502, "502 Bad Gateway"),
        (507, "507 Insufficient Storage"),
        (520, "520 Web server is returning an unknown error"),
    ],
)
def test_a_gateways_page_has_the_name_of_the_status(wire: Wire, status: int, title: str) -> None:
    wire.sandbox.fail_next(status=status, shape="html")
    assert title.encode() in wire.sandbox.handle(SandboxRequest("GET", "/api/v1/users")).body


def test_a_rate_limit_has_the_documented_shape_with_and_without_a_header(wire: Wire) -> None:
    request = SandboxRequest("GET", "/api/v1/users")
    wire.sandbox.fail_next(status=429, shape="stemp")
    wire.sandbox.fail_next(status=429, shape="stemp", retry_after=7)
    wire.sandbox.fail_next(status=400, shape="stemp")
    without, with_header, other = (wire.sandbox.handle(request) for _ in range(3))
    assert "Retry-After" not in without.headers
    assert with_header.headers["Retry-After"] == "7"
    assert json.loads(with_header.body)["error"]["code"] == "rate_limit_exceeded"
    assert json.loads(other.body)["code"] == "bad_request"


# --- How bodies arrive


def test_handle_returns_what_is_sent_of_a_truncated_body(wire: Wire) -> None:
    wire.sandbox.fail_next(operation="users.list", truncated=True)
    path = SandboxRequest("GET", "/api/v1/users", headers={"authorization": f"Bearer {wire.token}"})
    cut, whole = wire.sandbox.handle(path), wire.sandbox.handle(path)
    assert int(cut.headers["Content-Length"]) == len(whole.body) == 2 * len(cut.body) + len(whole.body) % 2
    assert (cut.is_truncated, whole.is_truncated) == (True, False)


@pytest.mark.parametrize("fault", [{"status": 204}, {"status": 503}])
def test_a_response_without_a_body_is_lost_if_truncated_and_sent_if_slow(wire: Wire, fault: Any) -> None:
    request = SandboxRequest("GET", "/api/v1/users")
    wire.sandbox.fail_next(truncated=True, **fault)
    with pytest.raises(ConnectionFailed, match="lost"):
        wire.sandbox.handle(request)
    wire.sandbox.fail_next(trickle=1, **fault)
    assert wire.sandbox.handle(request).status == fault["status"]


def test_a_slow_body_takes_time_of_the_sandboxs_clock(wire: Wire) -> None:
    request = SandboxRequest("GET", "/api/v1/users")
    wire.sandbox.fail_next(status=502, body=b"0123456789", trickle=2)
    assert wire.sandbox.handle(request, timeout=3).body == b"0123456789"
    assert wire.sandbox.handle(request).headers["Date"] == "Fri, 15 Jan 2027 08:00:20 GMT"
    wire.sandbox.fail_next(status=502, body=b"0123456789", trickle=2)
    with pytest.raises(ConnectionFailed, match="timeout"):
        wire.sandbox.handle(request, timeout=1)
    assert wire.sandbox.handle(request).headers["Date"] == "Fri, 15 Jan 2027 08:00:21 GMT"


# --- Wrong arguments


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"operation": 1}, TypeError, "operation must be the name of an operation, or several, not int"),
        ({"operation": []}, ValueError, "operation is empty: leave it out for any operation"),
        ({"operation": [1]}, TypeError, "operation must have names of operations, not int"),
        ({"operation": ["users.get", "users.gett"]}, ValueError, "'users.gett' is not an operation: did you mean"),
        ({"pass_id": " "}, ValueError, "pass_id is empty: leave it out for any"),
        ({"user_id": 1}, TypeError, "user_id must be a str, not int"),
        ({"nth": 0}, ValueError, "nth must be at least 1"),
        ({"probability": "0.1"}, TypeError, "probability must be a number, not str"),
        ({"probability": True}, TypeError, "probability must be a number, not bool"),
        ({"probability": 1.1}, ValueError, "probability must be from 0 to 1, not 1.1"),
        ({"probability": 0}, ValueError, "probability must be above 0"),
        ({"times": None}, TypeError, "times must be an int, not NoneType"),
        ({"probabilty": 0.1}, TypeError, "'probabilty' is not an option of a fault"),
        ({"shape": "xml"}, ValueError, "shape must be one of empty, stemp, html, not 'xml'"),
        ({"shape": "html", "connection": "lost"}, ValueError, "connection cannot be given with shape"),
        ({"shape": "html", "body": b"x"}, ValueError, "body cannot be given with shape"),
        ({"truncated": 1}, TypeError, "truncated must be a bool, not int"),
        ({"truncated": True, "connection": "lost"}, ValueError, "connection cannot be given with truncated"),
        ({"carried_out": "yes"}, TypeError, "carried_out must be a bool, not str"),
        ({"late": -1}, ValueError, "late must be a finite number of seconds above 0"),
        ({"late": 1, "late_requests": 1}, ValueError, "late cannot be given with late_requests"),
        ({"late": 1, "carried_out": True}, ValueError, "carried_out cannot be given with late"),
        ({"late": 1, "connection": "refused"}, ValueError, "cannot be given with carried_out, delay or late"),
        ({"late_requests": -1}, ValueError, "late_requests must be at least 0"),
        ({"history_lag": 1, "history_lag_requests": 1}, ValueError, "history_lag cannot be given with history_lag_req"),
        ({"clock_skew": "1"}, TypeError, "clock_skew must be a number of seconds"),
        ({"clock_skew": float("nan")}, ValueError, "clock_skew must be a finite number of seconds"),
        ({"retry_after": -1}, ValueError, "retry_after must be at least 0"),
        ({"headers": 1}, TypeError, "headers must be a mapping, not int"),
        ({"headers": {"a": 1}}, TypeError, "headers must map strings to strings, not int"),
        ({"headers": {1: "a"}}, TypeError, "headers must map strings to strings, not int"),
        ({"headers": {"content-length": "1"}}, ValueError, "headers cannot have content-length: truncated=True"),
        ({"headers": {"Transfer-Encoding": "chunked"}}, ValueError, "headers cannot have Transfer-Encoding: truncated"),
        ({"headers": {"": "a"}}, ValueError, "headers: '' is not the name of a header"),
        ({"headers": {"X A": "a"}}, ValueError, "headers: 'X A' is not the name of a header"),
        ({"headers": {"X-A\r\nX-B": "a"}}, ValueError, r"headers: 'X-A\\r\\nX-B' is not the name of a header"),
        ({"headers": {"X-Ä": "a"}}, ValueError, "headers: 'X-Ä' is not the name of a header"),
        *(
            ({"headers": {"X-A": value}}, ValueError, r"headers\['X-A'\] must be visible ASCII characters, with")
            for value in ("a\r\nX-B: c", "a\nb", "a\n", "\0", "€", " a", "a ", "a\t", " ", "Größe", "a\x7f")
        ),
    ],
)
def test_a_rule_with_wrong_arguments_is_refused(wire: Wire, wrong: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        wire.sandbox.fail_next(**wrong)
    assert wire.get("/users").status == 200
    assert wire.sandbox.faults.rules == []
