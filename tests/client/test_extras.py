"""``with_options(headers=, extra_query=, extra_body=)``: what each request of a copy has besides."""

from __future__ import annotations

import json
import pickle
from typing import Any

import httpx
import pytest
import respx

from stemp_sdk import StempError
from stemp_sdk.scopes import PASS_READ
from tests.support.twins import Twin, on_trio_too, sent

TEMPLATE = {"id": "tpl_1", "name": "x"}


def bodies(wire: respx.Router) -> list[Any]:
    return [json.loads(request.content) if request.content else None for request in sent(wire)]


@on_trio_too
def test_extra_headers_go_with_every_request_of_the_copy(twin: Twin, wire: respx.Router) -> None:
    wire.route().respond(json={"id": "usr_1"})
    client = twin.client()
    copy = client.with_options(headers={"X-Shop": "Main St", "User-Agent": "till/1"})
    twin.run(copy.users.get("usr_1"))
    twin.run(copy.with_options(timeout=3).users.update("usr_1", name="x"))
    twin.run(client.users.get("usr_1"))
    twin.run(copy.with_options(headers={}).users.get("usr_1"))
    assert [request.headers.get("x-shop") for request in sent(wire)] == ["Main St", "Main St", None, None]
    assert [request.headers["user-agent"] == "till/1" for request in sent(wire)] == [True, True, False, False]
    assert {request.headers["authorization"] for request in sent(wire)} == {"Bearer kept-secret"}


def test_an_injected_client_sends_extra_headers(twin: Twin) -> None:
    seen: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("x-shop"))
        return httpx.Response(200, json={"id": "usr_1"})

    twin.run(twin.client(http_client=twin.http_client(answer)).with_options(headers={"X-Shop": "a"}).users.get("usr_1"))
    assert seen == ["a"]


def test_no_error_shows_the_value_of_an_extra_header(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/usr_1").respond(400, json={"code": "odd", "message": "g4teway"}, headers={"X-Echo": "g4teway"})
    client = twin.client().with_options(headers={"X-Gateway": "g4teway"})
    with pytest.raises(StempError) as caught:
        twin.run(client.users.get("usr_1"))
    error = caught.value
    assert error.response is not None
    shown = [str(error), repr(error), repr(error.response), repr(pickle.dumps(error)), repr(client), repr(vars(client))]
    assert not [one for one in shown if "g4teway" in one]


@pytest.mark.parametrize(
    ("headers", "error", "message"),
    [
        ("X-A: b", TypeError, "headers must be a mapping of names to values, not str"),
        ({"X-A": 7}, TypeError, "headers must be a mapping of str to str"),
        ({7: "a"}, TypeError, "headers must be a mapping of str to str"),
        ({"X A": "s3cret"}, ValueError, "headers has a name that no header can have"),
        ({"": "s3cret"}, ValueError, "headers has a name that no header can have"),
        ({"X-A": "s3cret\r\nHost: evil"}, ValueError, "headers['X-A'] must be printable ASCII"),
        ({"X-A": "s3cret\u00fc"}, ValueError, "headers['X-A'] must be printable ASCII"),
        ({"X-A": " s3cret"}, ValueError, "headers['X-A'] must be printable ASCII"),
        ({"X-A": ""}, ValueError, "headers['X-A'] must be printable ASCII"),
        *(
            ({name: "s3cret"}, ValueError, f"headers must not have {name}, which the client sets itself")
            for name in ("authorization", "Host", "Content-Length", "content-type", "Transfer-Encoding", "Accept")
        ),
    ],
    ids=str,
)
def test_extra_headers_that_cannot_be_sent_are_refused(
    twin: Twin, headers: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        twin.client().with_options(headers=headers)
    assert str(caught.value).startswith(message)
    traceback = caught.value.__traceback__
    while traceback is not None:  # no frame of the SDK holds a value
        if "stemp_sdk" in traceback.tb_frame.f_code.co_filename:
            assert "s3cret" not in repr(traceback.tb_frame.f_locals)
        traceback = traceback.tb_next


# --- The query


def test_the_extra_query_goes_with_every_request(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/walletpasses").respond(json=[])
    wire.get("/v1/walletpasses/wp_1").respond(json={"id": "wp_1"})
    client = twin.client().with_options(extra_query={"expand": ["user", "ümlaut"], "userId": "usr_2", "full": True})
    twin.run(client.passes.list(user_id="usr_1", template_id="tpl_1"))
    twin.run(client.passes.get("wp_1"))
    extra = b"expand=user&expand=%C3%BCmlaut&userId=usr_2&full=true"
    assert [request.url.query for request in sent(wire)] == [b"templateId=tpl_1&page=0&size=100&" + extra, extra]


def test_a_list_in_the_query_of_a_request_stays_a_list(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/things").respond(json=[])
    client = twin.client().with_options(extra_query={"a": "b c"})
    twin.run(client.request("GET", "/v1/things", scopes=PASS_READ, query={"tag": ["x", "y"], "none": ""}))
    assert sent(wire)[0].url.query == b"tag=x&tag=y&none=&a=b%20c"


@pytest.mark.parametrize(
    ("query", "error", "message"),
    [
        ("a=b", TypeError, "extra_query must be a mapping of names to values, not str"),
        ({"a": {}}, TypeError, "extra_query['a'] must be a str, a number, a bool or a list of these, not dict"),
        ({"page": 1}, ValueError, "extra_query must not have page, which is an argument of the methods that list"),
        ({"size": 1}, ValueError, "extra_query must not have size"),
    ],
    ids=str,
)
def test_an_extra_query_that_cannot_be_sent_is_refused(
    twin: Twin, query: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        twin.client().with_options(extra_query=query)
    assert str(caught.value).startswith(message)


# --- The body


def test_extra_fields_are_added_to_the_body(twin: Twin, wire: respx.Router) -> None:
    wire.route().respond(json=TEMPLATE)
    given: dict[str, object] = {"backgroundColor": "#fff", "name": "Tea"}
    client = twin.client().with_options(extra_body=given)
    given["late"] = 1
    twin.run(client.templates.create(name="Coffee", max_stamps=10))
    twin.run(client.templates.update("tpl_1", description=None))
    twin.run(client.templates.get("tpl_1"))
    twin.run(client.request("POST", "/v1/things", scopes=PASS_READ))
    twin.run(client.request("POST", "/v1/things", scopes=PASS_READ, body=[1]))
    twin.run(client.with_options(extra_body={}).templates.create(name="Coffee"))
    extra = {"backgroundColor": "#fff", "name": "Tea"}
    assert bodies(wire) == [
        extra | {"maxStamps": 10},
        extra | {"description": None},
        None,
        extra,
        [1],
        {"name": "Coffee"},
    ]


def test_a_delete_gets_no_extra_body(twin: Twin, wire: respx.Router) -> None:
    wire.delete("/v1/users/usr_1").respond(204)
    twin.run(twin.client().with_options(extra_body={"a": 1}).users.delete("usr_1"))
    assert bodies(wire) == [None]


@pytest.mark.parametrize(
    ("body", "error", "message"),
    [
        ([1], TypeError, "extra_body must be a mapping of fields to values, not list"),
        ({"a": {1}}, TypeError, "extra_body: Object of type set is not JSON serializable"),
        ({"a": float("nan")}, ValueError, "extra_body contains a number that is not finite, or contains itself"),
    ],
    ids=str,
)
def test_an_extra_body_that_cannot_be_sent_is_refused(
    twin: Twin, body: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        twin.client().with_options(extra_body=body)
    assert str(caught.value).startswith(message)
