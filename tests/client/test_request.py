"""``client.request``: any endpoint, by the same rules as every other call."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import respx
from pydantic import BaseModel

from stemp_sdk import (
    APIConnectionError,
    DecodeError,
    MissingScopeError,
    NotFoundError,
    OrganizationSettings,
    ScopeSet,
    ServerError,
    StampState,
    UnknownOutcomeError,
    User,
    presets,
    response_of,
)
from stemp_sdk.scopes import APP_MANAGE, PASS_READ, USER_CREATE, USER_READ
from tests.support.twins import TOKEN, Twin, on_trio_too, sent


@on_trio_too
def test_request_sends_its_arguments_and_gives_the_json(twin: Twin, wire: respx.Router) -> None:
    wire.post("/v1/users/a%2Fb%20%C3%BC/rewards").respond(json={"rewards": [1, None]})
    client = twin.client(scopes=presets.POS)
    query: dict[str, Any] = {
        "status": "open & new",
        "tag": ["a", "b"],
        "page": 0,
        "ratio": 0.5,
        "all": True,
        "none": None,
    }
    found = twin.run(
        client.request("POST", "/v1/users/{}/rewards", "a/b ü", scopes=PASS_READ, query=query, body={"näme": None})
    )
    assert found == {"rewards": [1, None]}
    [request] = sent(wire)
    assert request.url.query == b"status=open%20%26%20new&tag=a&tag=b&page=0&ratio=0.5&all=true"
    assert json.loads(request.content) == {"näme": None}
    assert request.headers["content-type"] == "application/json"
    assert request.headers["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    ("path", "ids", "sends"),
    [
        ("/v1/apps", (), "/v1/apps"),
        ("/v1/a/{}", ("x",), "/v1/a/x"),
        ("/v1/a/{aId}/b/{b_id}", ("x", "y"), "/v1/a/x/b/y"),
        ("/v1/{}/{}/c/{}/d", ("x", "{id}", "z"), "/v1/x/%7Bid%7D/c/z/d"),
        ("/v1/a:search", (), "/v1/a:search"),
        ("/v1/a/", (), "/v1/a/"),
    ],
)
def test_request_puts_ids_into_the_path_in_order(
    twin: Twin, wire: respx.Router, path: str, ids: tuple[str, ...], sends: str
) -> None:
    wire.get(sends).respond(json=[])
    assert twin.run(twin.client().request("GET", path, *ids, scopes=ScopeSet())) == []
    [request] = sent(wire)
    assert request.url.raw_path == f"/api{sends}".encode()


# --- Scopes


def test_without_its_scopes_request_sends_nothing(twin: Twin, wire: respx.Router) -> None:
    client: Any = twin.client(scopes=presets.POS)
    with pytest.raises(MissingScopeError, match=r"^GET /v1/apps needs app:manage, which the token lacks\.") as caught:
        twin.run(client.request("GET", "/v1/apps", scopes=APP_MANAGE))
    assert (caught.value.needed, caught.value.source) == (APP_MANAGE, "local")
    assert sent(wire) == []


def test_a_holder_of_app_manage_can_request_what_needs_it(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/apps").respond(json={"content": []})
    client = twin.client("sk_live_x", scopes=APP_MANAGE)
    assert twin.run(client.request("GET", "/v1/apps", scopes=APP_MANAGE)) == {"content": []}


def test_the_refusal_of_the_server_is_a_missing_scope_error(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/apps").respond(403, json={"code": "access_denied", "message": "Insufficient scope: requires a:read"})
    with pytest.raises(MissingScopeError) as caught:
        twin.run(twin.client().request("GET", "/v1/apps", scopes=PASS_READ))
    assert (str(caught.value.missing), caught.value.source) == ("a:read", "server")


# --- Repeated by the method


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_an_idempotent_request_is_repeated(twin: Twin, wire: respx.Router, method: Any) -> None:
    wire.request(method, "/v1/things/x").mock(
        side_effect=[httpx.ReadTimeout("late"), httpx.Response(502), httpx.Response(200, json={"a": 1})]
    )
    assert twin.run(twin.client().request(method, "/v1/things/{}", "x", scopes=PASS_READ)) == {"a": 1}


def test_a_post_request_is_not_repeated(twin: Twin, wire: respx.Router) -> None:
    wire.post("/v1/things").mock(side_effect=httpx.ReadTimeout("late"))
    with pytest.raises(UnknownOutcomeError, match=r"^POST /v1/things: the request was sent and its response was lost"):
        twin.run(twin.client().request("POST", "/v1/things", scopes=PASS_READ))
    assert len(sent(wire)) == 1


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("scopes", [PASS_READ, ScopeSet()], ids=str)
def test_the_outcome_of_a_write_request_may_be_unknown(
    twin: Twin, wire: respx.Router, method: Any, scopes: ScopeSet
) -> None:
    wire.request(method, "/v1/things").respond(502)
    with pytest.raises(ServerError) as caught:
        twin.run(twin.client(max_retries=0).request(method, "/v1/things", scopes=scopes))
    assert caught.value.outcome_unknown


def test_the_outcome_of_a_get_request_is_never_unknown(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/things").mock(side_effect=httpx.ReadTimeout("late"))
    with pytest.raises(APIConnectionError) as caught:
        twin.run(twin.client().request("GET", "/v1/things", scopes=PASS_READ))
    assert not caught.value.outcome_unknown


@pytest.mark.parametrize("returns", [None, User])
def test_a_404_after_a_lost_delete_request_is_a_success(twin: Twin, wire: respx.Router, returns: Any) -> None:
    wire.delete("/v1/things/x").mock(
        side_effect=[httpx.ReadTimeout("late"), httpx.Response(404, json={"code": "resource_not_found"})]
    )
    client: Any = twin.client()
    if returns is None:
        assert twin.run(client.request("DELETE", "/v1/things/{}", "x", scopes=PASS_READ)) is None
    else:
        with pytest.raises(DecodeError, match="it is empty"):
            twin.run(client.request("DELETE", "/v1/things/{}", "x", scopes=PASS_READ, returns=returns))


# --- What it gives


class Reward(BaseModel):
    """A model of the user's own."""

    id: str
    open: bool = False


@pytest.mark.parametrize(
    ("returns", "body", "expected"),
    [
        (User, {"id": "usr_1"}, User(id="usr_1")),
        (User, {"data": {"id": "usr_1", "email": "a@b"}}, User(id="usr_1", email="a@b")),
        (Reward, {"id": "rw_1", "open": True}, Reward(id="rw_1", open=True)),
        (OrganizationSettings, {"locale": "de"}, OrganizationSettings({"locale": "de"})),
    ],
    ids=str,
)
def test_request_returns_the_given_type(
    twin: Twin, wire: respx.Router, returns: Any, body: object, expected: object
) -> None:
    wire.get("/v1/things").respond(json=body, headers={"X-Request-Id": "r"})
    found = twin.run(twin.client().request("GET", "/v1/things", scopes=PASS_READ, returns=returns))
    assert found == expected
    assert type(found) is returns
    if returns is Reward:
        with pytest.raises(TypeError, match="not Reward"):
            response_of(found)
    else:
        assert response_of(found).request_id == "r"


def test_a_201_without_a_body_gives_the_id_in_location(twin: Twin, wire: respx.Router) -> None:
    wire.post("/v1/users").respond(201, headers={"Location": "/v1/users/usr_9"})
    client = twin.client()
    assert twin.run(client.request("POST", "/v1/users", scopes=USER_CREATE, returns=User)) == User(id="usr_9")


@pytest.mark.parametrize("body", [b"", b"  "])
def test_a_response_without_a_body_is_none(twin: Twin, wire: respx.Router, body: bytes) -> None:
    wire.get("/v1/things").respond(200, content=body)
    assert twin.run(twin.client().request("GET", "/v1/things", scopes=PASS_READ)) is None


@pytest.mark.parametrize("returns", [None, User, Reward, StampState])
def test_an_html_page_is_not_a_result(twin: Twin, wire: respx.Router, returns: Any) -> None:
    wire.get("/v1/things").respond(200, html="<h1>Log in</h1>")
    with pytest.raises(DecodeError, match=r"^GET /v1/things: the server responded with 200, but the body .* text/html"):
        twin.run(twin.client().request("GET", "/v1/things", scopes=PASS_READ, returns=returns))


@pytest.mark.parametrize("returns", [None, User, Reward])
def test_an_error_with_a_status_of_success_is_that_error(twin: Twin, wire: respx.Router, returns: Any) -> None:
    wire.get("/v1/things/x").respond(200, json={"code": "resource_not_found", "params": None})
    with pytest.raises(NotFoundError):
        twin.run(twin.client().request("GET", "/v1/things/{}", "x", scopes=PASS_READ, returns=returns))


@pytest.mark.parametrize("returns", [Reward, StampState])
def test_a_request_refuses_an_object_that_is_not_the_model(twin: Twin, wire: respx.Router, returns: Any) -> None:
    wire.get("/v1/things").respond(json={"unknown": 1})
    with pytest.raises(DecodeError):
        twin.run(twin.client().request("GET", "/v1/things", scopes=PASS_READ, returns=returns))


# --- Arguments


def _circle() -> list[object]:
    circle: list[object] = []
    circle.append(circle)
    return circle


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"method": "TRACE"}, ValueError, "method must be one of GET, POST, PUT, PATCH, DELETE, not 'TRACE'"),
        ({"method": "get"}, ValueError, "method must be one of"),
        ({"path": 7}, TypeError, "path must be a str, not int"),
        (
            {"path": "v1/users"},
            ValueError,
            "path must be relative to base_url, such as '/v1/users/{}/rewards', not 'v1",
        ),
        ({"path": "https://evil.example/v1"}, ValueError, "path must be relative"),
        ({"path": "//evil.example/v1"}, ValueError, "path must be relative"),
        ({"path": "/v1/../admin"}, ValueError, "path must be relative"),
        ({"path": "/v1/%2e%2e/admin"}, ValueError, "path must be relative"),
        ({"path": "/v1/ü"}, ValueError, "path must be relative"),
        ({"path": "/v1/a b"}, ValueError, "path must be relative"),
        ({"path": "/v1/a\r\nHost: x"}, ValueError, "path must be relative"),
        ({"path": "/v1/a#b"}, ValueError, "path must be relative"),
        ({"path": "/v1/a{}"}, ValueError, "path must be relative"),
        ({"path": ""}, ValueError, "path must be relative"),
        ({"path": "/v1/users?page=1"}, ValueError, "path must be without its query, which goes into query="),
        ({"path": "/" + "a" * 2_000}, ValueError, "path has 2001 characters"),
        ({"path": "/v1/users/{}"}, ValueError, "path has 1 places for an id, such as {}, and 0 ids were given"),
        ({"ids": ("x",)}, ValueError, "path has 0 places for an id, such as {}, and 1 ids were given"),
        ({"path": "/v1/{}/{}", "ids": ("x", "..")}, ValueError, "ids[1] would leave its place in the path"),
        ({"path": "/v1/{}", "ids": (7,)}, TypeError, "ids[0] must be a str, not int"),
        ({"path": "/v1/{}", "ids": (" ",)}, ValueError, "ids[0] is empty"),
        ({"scopes": "pass:read"}, TypeError, "scopes must be a ScopeSet, not str"),
        ({"scopes": None}, TypeError, "scopes must be a ScopeSet, not NoneType"),
        ({"query": "page=1"}, TypeError, "query must be a mapping of names to values, not str"),
        ({"query": {1: "x"}}, TypeError, "a name in query must be a str, not int"),
        ({"query": {"a": {}}}, TypeError, "query['a'] must be a str, a number, a bool or a list of these, not dict"),
        (
            {"query": {"a": [b"x"]}},
            TypeError,
            "query['a'] must be a str, a number, a bool or a list of these, not bytes",
        ),
        ({"query": {"a": float("nan")}}, ValueError, "query['a'] must be a finite number"),
        ({"query": {"a": "\ud800"}}, ValueError, "query['a'] is not valid Unicode"),
        ({"body": {"a": {1}}}, TypeError, "body: Object of type set is not JSON serializable"),
        ({"body": float("inf")}, ValueError, "body contains a number that is not finite, or contains itself"),
        ({"body": _circle()}, ValueError, "body contains a number that is not finite, or contains itself"),
        ({"body": "\ud800"}, ValueError, "body contains text that is not valid Unicode"),
        ({"returns": dict}, TypeError, "returns must be a model, such as User, not type"),
        ({"returns": "User"}, TypeError, "returns must be a model, such as User, not 'User'"),
    ],
    ids=str,
)
def test_an_argument_of_request_that_cannot_be_sent_is_refused_by_name(
    twin: Twin, wire: respx.Router, change: dict[str, Any], error: type[Exception], message: str
) -> None:
    arguments: dict[str, Any] = {"method": "GET", "path": "/v1/things", "ids": (), "scopes": PASS_READ} | change
    method, path, ids = arguments.pop("method"), arguments.pop("path"), arguments.pop("ids")
    request: Callable[..., Any] = twin.client().request
    with pytest.raises(error) as caught:
        twin.run(request(method, path, *ids, **arguments))
    assert str(caught.value).startswith(message)
    assert sent(wire) == []


def test_request_takes_a_model_as_its_body(twin: Twin, wire: respx.Router) -> None:
    wire.put("/v1/things").respond(204)
    twin.run(twin.client().request("PUT", "/v1/things", scopes=USER_READ, body=Reward(id="rw_1")))
    [request] = sent(wire)
    assert json.loads(request.content) == {"id": "rw_1"}
