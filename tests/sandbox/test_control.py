"""The control API: what a test in any language can do to a served sandbox."""

from __future__ import annotations

import json
from typing import Any, get_type_hints

import httpx
import pytest

from stemp_sdk import APIConnectionError, MissingScopeError, ServerError, Stemp, UnknownOutcomeError, presets
from stemp_sdk.sandbox import FailureOptions, Sandbox, SandboxRequest, serving
from stemp_sdk.scopes import USER_READ, TokenKind
from stemp_sdk.webhooks import ASGIApp, UserCreated, Verifier, WebhookReceiver
from tests.support.asgi import serving_app

from .control import HOST, Control
from .endpoint import Shop
from .identity import AppSide
from .till import Till
from .wire import Wire

# --- The index


def test_the_index_lists_every_route_with_its_fields(control: Control) -> None:
    routes = {(each["method"], each["path"]): each["body"] for each in control.get("")["routes"]}
    assert len(routes) == len(control.get("/")["routes"])
    assert [*routes["POST", "/_sandbox/failures"]] == [*get_type_hints(FailureOptions)]
    assert routes["POST", "/_sandbox/clock"] == {"seconds": "required"}
    assert routes["POST", "/_sandbox/endpoints"] == {
        "url": "required",
        "secret": "optional",
        "organization_id": "optional",
    }
    assert routes["DELETE", "/_sandbox/installations/{id}"] == {}


def test_each_route_of_the_index_can_be_reached(control: Control) -> None:
    for each in control.get("")["routes"]:
        path = each["path"].removeprefix("/_sandbox").replace("{id}", "ins_1")
        status, answer = control.send(each["method"], path, {})
        assert status in {200, 204, 404, 422} or (each["path"], status) == ("/_sandbox/tokens", 201), each
        assert status != 404 or ("ins_1" in path and answer["message"] == "the sandbox does not have this: ins_1")
        assert (status == 422) is ("required" in each["body"].values())


def test_requests_of_the_control_api_are_not_in_the_log(control: Control, wire: Wire) -> None:
    wire.get("/users")
    expected = {"method": "GET", "path": "/api/v1/users", "operation": "users.list", "status": 200}
    assert control.get("/requests") == {"requests": [{**expected, "token_name": "everything"}]}


# --- Failures


def test_a_failure_has_the_fields_of_fail_next(control: Control) -> None:
    body = {"status": 502, "body": "<html>", "headers": {"Content-Type": "text/html"}, "operation": "users.list"}
    assert control.send("POST", "/failures", body) == (204, None)
    client = control.sandbox.client(scopes=presets.READ_ONLY, max_retries=0)
    assert not client.templates.list()
    with pytest.raises(ServerError, match="<html>") as failed:
        client.users.list().to_list()
    assert failed.value.status == 502
    assert not client.users.list()


def test_the_body_of_a_failure_may_be_json(control: Control, wire: Wire) -> None:
    wire = Wire(wire.sandbox, wire.token, documented=False)
    for body in ({"code": "access_denied"}, ["odd"]):
        assert control.post("/failures", status=403, body=body)[0] == 204
        assert wire.get("/users").json == body


def test_a_connection_fails_as_often_as_the_control_api_says(control: Control, wire: Wire) -> None:
    control.post("/failures", connection="lost", carried_out=True, times=2, delay=1)
    client = Stemp(
        wire.token, base_url=control.sandbox.base_url, http_client=control.sandbox.http_client(), max_retries=0
    )
    with pytest.raises(UnknownOutcomeError):
        client.users.create(email="jane@example.com")
    with pytest.raises(APIConnectionError):
        client.users.list().to_list()
    assert [user.email for user in client.users.list()] == ["jane@example.com"]


def test_a_failure_may_be_any_fault(control: Control, till: Till) -> None:
    fields = {"operation": ["loyalty.add_stamp"], "pass_id": till.card, "late": 20, "times": "always"}
    assert control.post("/failures", connection="lost", **fields)[0] == 204
    with pytest.raises(UnknownOutcomeError):
        till.stamp()
    assert till.stamps == 0
    control.post("/clock", seconds=20)
    assert till.stamps == 1


@pytest.mark.parametrize(
    ("path", "fields", "message"),
    [
        ("/failures", {"status": "503"}, "status: input should be a valid integer"),
        ("/failures", {"status": True}, "status: input should be a valid integer"),
        ("/failures", {"status": 999}, "status must be 200 to 599, not 999"),
        ("/failures", {"body": 7}, "body: input should be a valid bytes"),
        ("/failures", {"headers": {"Retry-After": 7}}, "headers: input should be a valid string"),
        ("/failures", {"connection": "slow"}, "connection: input should be 'refused', 'lost', 'reset' or 'timeout'"),
        ("/failures", {"operation": "users.raed"}, "'users.raed' is not an operation: did you mean 'users.get'?"),
        ("/failures", {"carriedOut": True}, "'carriedOut' is not one of status, shape, body, "),
        ("/clock", {}, "seconds is missing"),
        ("/clock", {"seconds": -1}, "seconds must be a finite number of seconds above 0, "),
        ("/reset", {"now": True}, "'now' is not one of the fields, as there are none"),
        ("/deliveries/reorder", {"times": 1}, "times must be at least 2, not 1"),
        ("/endpoints", {"url": "http://shop.example/"}, "url must be https, or http on loopback, "),
        ("/endpoints", {"url": "https://shop.example/", "http_client": 1}, "'http_client' is not one of url, secret, "),
        ("/apps", {"name": "Till", "redirect_uri": "/back"}, "redirect_uri must be an absolute URL "),
        ("/tokens", {"scopes": "user:raed"}, "scopes: 'user:raed' is not a known scope: did you mean user:read?"),
        ("/tokens", {"scopes": 7}, "scopes must be a string such as 'POS,user:create', or a list of names"),
        ("/tokens", {"scopes": ["user:read", 7]}, "scopes: a scope name must be a str, not int"),
        ("/tokens", {"kind": "robot"}, "kind must be one of api, app, not 'robot'"),
        ("/tokens", {"kind": 7}, "kind: input should be "),
        ("/tokens/withdraw", {"token": "sk_live_1", "scopes": None}, "scopes must be a string such as "),
        ("/tokens", {"scopes": "EMAIL_APP", "kind": "api"}, "scopes: "),
    ],
)
def test_a_wrong_argument_is_named(control: Control, path: str, fields: dict[str, Any], message: str) -> None:
    status, answer = control.send("POST", path, fields)
    assert (status, answer["error"]) == (422, "invalid_argument")
    assert answer["message"].startswith(message), answer["message"]


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b"7", b"[" * 100_000])
def test_a_body_that_is_not_an_object_is_refused(control: Control, body: bytes) -> None:
    expected = {"error": "malformed_body", "message": "the body must be a JSON object"}
    assert control.send("POST", "/failures", body) == (400, expected)


@pytest.mark.parametrize("path", ["/failure", "/installations/ins_1/uninstall", "/deliveries//redeliver"])
def test_an_unknown_path_is_an_error(control: Control, path: str) -> None:
    status, answer = control.send("POST", path)
    message = "there is no such path: GET /_sandbox lists all of them"
    assert (status, answer) == (404, {"error": "no_such_path", "message": message})


def test_another_method_is_an_error_that_says_which_are_accepted(sandbox: Sandbox) -> None:
    response = sandbox.handle(SandboxRequest.to("PUT", "/_sandbox/clock", {"host": HOST}, b""))
    assert (response.status, response.headers["Allow"]) == (405, "GET, POST")
    assert json.loads(response.body)["message"] == "this path accepts GET, POST"


def test_a_path_that_only_begins_like_the_control_api_is_not_part_of_it(sandbox: Sandbox) -> None:
    assert sandbox.handle(SandboxRequest.to("GET", "/_sandboxes", {}, b"")).status == 401


# --- The clock


def test_the_clock_is_put_forward(control: Control) -> None:
    before = control.get("/clock")
    assert before["now"] == f"{control.sandbox.now:%Y-%m-%dT%H:%M:%SZ}"
    status, after = control.post("/clock", seconds=90)
    assert (status, after["unix"] - before["unix"]) == (200, 90)


# --- Deliveries


def test_deliveries_are_listed_sent_and_sent_again(control: Control, wire: Wire) -> None:
    shop = Shop(answers=[500])
    endpoint = shop.listen(control.sandbox)
    wire.made("/users", email="jane@example.com")
    (waiting,) = control.get("/deliveries")["deliveries"]
    assert waiting["endpoint"] == {"id": endpoint.id, "url": endpoint.url}
    assert (waiting["state"], waiting["attempts"], waiting["body"]["type"]) == ("waiting", [], "user.created")

    status, answer = control.post("/deliveries/deliver")
    (failed,) = answer["deliveries"]
    assert (status, failed["state"], failed["id"]) == (200, "waiting", waiting["id"])
    assert failed["attempts"] == [{"at": failed["attempts"][0]["at"], "status": 500, "answer": "thanks"}]

    status, again = control.post(f"/deliveries/{failed['id']}/redeliver")
    assert (status, again["event_id"], again["state"]) == (201, failed["event_id"], "waiting")
    assert control.post("/deliveries/evt_no/redeliver")[0] == 404
    control.post("/deliveries/deliver")
    assert shop.ids == [failed["id"], again["id"]]


def test_deliveries_are_duplicated_and_reordered(control: Control, wire: Wire) -> None:
    shop = Shop()
    shop.listen(control.sandbox)
    assert control.post("/deliveries/duplicate")[0] == control.post("/deliveries/reorder", times=2)[0] == 204
    for name in ("a", "b"):
        wire.made("/users", email=f"{name}@example.com")
    control.post("/deliveries/deliver")
    assert [event["data"]["email"][0] for event in shop.events] == ["b", "a", "a"]


def test_an_endpoint_that_is_set_up_hears_of_changes(control: Control) -> None:
    status, made = control.post("/endpoints", url="https://shop.example/", secret="whsec_1")
    assert (status, made["url"], made["secret"]) == (201, "https://shop.example/", "whsec_1")
    assert control.get("/endpoints") == {"endpoints": [made]}


def test_deliveries_without_an_end_are_a_conflict(control: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    def deliver() -> None:
        raise RuntimeError("10,000 deliveries and no end")

    monkeypatch.setattr(control.sandbox.webhooks, "deliver", deliver)
    expected = {"error": "conflict", "message": "10,000 deliveries and no end"}
    assert control.post("/deliveries/deliver") == (409, expected)


def test_deliver_waits_for_a_receiver_that_calls_the_sandbox() -> None:
    sandbox = Sandbox()
    with serving(sandbox) as base_url:
        token = sandbox.issue_token(presets.CRM_SYNC)
        client = Stemp(token, scopes=presets.CRM_SYNC, base_url=base_url)
        receiver = WebhookReceiver(Verifier("whsec_1"))
        seen: list[str | None] = []

        @receiver.on(UserCreated)
        def greet(event: UserCreated) -> None:
            assert event.data.id is not None
            seen.append(client.users.get(event.data.id).email)

        with client, serving_app(ASGIApp(receiver)) as url:
            home = base_url.removesuffix("/api")
            httpx.post(f"{home}/_sandbox/endpoints", json={"url": f"{url}/", "secret": "whsec_1"}).raise_for_status()
            client.users.create(email="jane@example.com")
            log = httpx.post(f"{home}/_sandbox/deliveries/deliver", timeout=30).json()
            assert [each["state"] for each in log["deliveries"]] == ["delivered"]
        assert seen == ["jane@example.com"]


# --- Tokens, apps and installations


def test_a_token_is_issued_and_loses_a_scope(control: Control) -> None:
    status, issued = control.post("/tokens", scopes="POS,user:create", name="till")
    client = Stemp(
        issued["token"], base_url=control.sandbox.base_url, http_client=control.sandbox.http_client(), max_retries=0
    )
    assert (status, client.users.list().total) == (201, 0)
    assert control.post("/tokens/withdraw", token=issued["token"], scopes=["user:read"]) == (204, None)
    with pytest.raises(MissingScopeError) as refused:
        client.users.list().to_list()
    assert (refused.value.missing, refused.value.source) == (USER_READ, "server")
    assert not client.passes.list()


def test_no_scope_is_taken_from_an_unknown_token(control: Control) -> None:
    status, answer = control.post("/tokens/withdraw", token="sk_live_no", scopes="user:read")
    assert (status, answer["message"]) == (404, "the sandbox does not have this: token")


def test_the_kind_and_the_organization_of_a_token_can_be_chosen(control: Control) -> None:
    _, organization = control.post("/organizations", name="Harbour Books")
    assert [each["name"] for each in control.get("/organizations")["organizations"]][1:] == ["Harbour Books"]
    issued = control.post("/tokens", scopes=["org:read"], kind="app", organization_id=organization["id"])[1]["token"]
    client = Stemp(issued, base_url=control.sandbox.base_url, http_client=control.sandbox.http_client())
    assert (client.token_kind, client.org.get().name) == (TokenKind.APP, "Harbour Books")
    assert control.post("/tokens", organization_id="org_no")[0] == 404
    assert control.post("/tokens", scopes=None, kind=None)[0] == 201
    assert control.post("/tokens/expire") == (204, None)
    assert Wire(control.sandbox, issued).get("/organization").status == 401


def test_an_app_is_registered_installed_and_uninstalled(control: Control) -> None:
    status, app = control.post(
        "/apps", name="Till", redirect_uri="https://app.example/callback", scopes="POS,user:read"
    )
    assert (status, control.get("/apps")) == (201, {"apps": [app]})
    (registered,) = control.sandbox.apps.registered
    assert (registered.client_secret, registered.scopes) == (app["client_secret"], presets.POS)
    app_side = AppSide(control.sandbox, registered)
    tokens = app_side.tokens()
    (installed,) = control.get("/installations")["installations"]
    assert (installed["client_id"], installed["scopes"]) == (app["client_id"], ["pass:read", "user:read"])

    assert control.post(f"/installations/{installed['id']}/withdraw", scopes="user:read") == (204, None)
    assert app_side.refresh(tokens["refresh_token"])[1]["scope"] == "pass:read"
    assert control.send("DELETE", f"/installations/{installed['id']}") == (204, None)
    assert app_side.refresh(tokens["refresh_token"])[0] == 400
    expected = {"error": "not_found", "message": f"the sandbox does not have this: {installed['id']}"}
    assert control.send("DELETE", f"/installations/{installed['id']}") == (404, expected)
