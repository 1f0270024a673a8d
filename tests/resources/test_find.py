"""``users.find``: a user, or None. ``users.get_or_create``: a user, or a new one."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
import respx

from stemp_sdk import (
    APIConnectionError,
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
    ServerError,
    Stemp,
    UnknownOutcomeError,
    User,
)
from tests.support.twins import Twin, sent

MISSING = {"code": "resource_not_found", "params": None}
TAKEN = {"CUSTOM_VALIDATION": {"email_already_exists": ["ada@example.com"]}}


def enrol(twin: Twin, client: Stemp | None = None) -> User:
    """``get_or_create``, on a client that does not try again."""
    client = client or twin.client(max_retries=0)
    return twin.run(client.users.get_or_create("cust_1", email="ada@example.com"))


def test_find_gives_a_user_that_exists(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/cust_1").respond(json={"id": "usr_1"})
    assert twin.run(twin.client().users.find("cust_1")) == User(id="usr_1")
    assert enrol(twin) == User(id="usr_1")
    assert {request.method for request in sent(wire)} == {"GET"}


def test_find_gives_none_for_a_user_that_does_not_exist(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/cust_1").respond(404, json=MISSING)
    assert twin.run(twin.client().users.find("cust_1")) is None


def test_get_or_create_enrols_a_user_that_does_not_exist(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/cust_1").respond(404, json=MISSING)
    wire.post("/v1/users").respond(201, json={"id": "usr_9", "email": "ada@example.com"})
    users = twin.client().users
    user = twin.run(users.get_or_create("cust_1", email="ada@example.com", name="Ada", phone="+44 1"))
    assert user.id == "usr_9"
    get, post = sent(wire)
    assert get.url.path == "/api/v1/users/cust_1"
    assert json.loads(post.content) == {
        "email": "ada@example.com",
        "name": "Ada",
        "phone": "+44 1",
        "externalId": "cust_1",
    }


def test_a_refusal_is_not_taken_for_a_user_that_does_not_exist(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/cust_1").respond(403, json={"code": "access_denied", "message": "Suspended"})
    with pytest.raises(PermissionDeniedError):
        enrol(twin)
    assert len(sent(wire)) == 1


# Spring's own page for a path that it does not have; the code of another thing that is missing; a proxy's page.
OTHER_404S: list[dict[str, Any]] = [
    {"json": {"timestamp": "2026-11-24T08:30:00Z", "status": 404, "error": "Not Found", "path": "/v1/users/cust_1"}},
    {"json": {"error": "not_found"}},
    {"json": {"code": "organization_not_found", "params": None}},
    {"json": {"title": "Not Found", "detail": "No route", "status": 404}},
    {"html": "<h1>Not Found</h1>"},
    {},
]


@pytest.mark.parametrize("body", OTHER_404S, ids=str)
def test_another_404_does_not_mean_that_the_user_does_not_exist(
    twin: Twin, wire: respx.Router, body: dict[str, Any]
) -> None:
    wire.get("/v1/users/cust_1").respond(404, **body)
    with pytest.raises(NotFoundError):
        twin.run(twin.client().users.find("cust_1"))
    with pytest.raises(NotFoundError):
        enrol(twin)
    assert {request.method for request in sent(wire)} == {"GET"}


# --- Another till enrols the same customer at the same moment


@pytest.mark.parametrize(
    ("status", "body"), [(400, TAKEN), (422, TAKEN), (409, {"code": "user_already_exists"})], ids=str
)
def test_get_or_create_finds_the_user_that_another_till_enrolled_first(
    twin: Twin, wire: respx.Router, status: int, body: dict[str, Any]
) -> None:
    wire.get("/v1/users/cust_1").mock(
        side_effect=[httpx.Response(404, json=MISSING), httpx.Response(200, json={"id": "usr_1"})]
    )
    wire.post("/v1/users").respond(status, json=body)
    assert enrol(twin).id == "usr_1"
    assert [request.method for request in sent(wire)] == ["GET", "POST", "GET"]


def test_get_or_create_raises_if_the_address_is_that_of_another_customer(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/cust_1").respond(404, json=MISSING)
    wire.post("/v1/users").respond(400, json=TAKEN)
    with pytest.raises(InvalidRequestError, match=r"^users\.create: 400 email_already_exists \(ada@example\.com\)$"):
        enrol(twin)
    assert [request.method for request in sent(wire)] == ["GET", "POST", "GET"]


# --- The response to the enrolment is lost


def test_a_lost_enrolment_that_was_carried_out_is_found(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/cust_1").mock(
        side_effect=[httpx.Response(404, json=MISSING), httpx.Response(200, json={"id": "usr_1"})]
    )
    wire.post("/v1/users").mock(side_effect=httpx.ReadTimeout("too late"))
    assert enrol(twin).id == "usr_1"
    assert [request.method for request in sent(wire)] == ["GET", "POST", "GET"]


def test_a_lost_enrolment_that_is_not_there_so_far_is_not_repeated(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/cust_1").respond(404, json=MISSING)
    wire.post("/v1/users").mock(side_effect=httpx.ReadTimeout("too late"))
    with pytest.raises(UnknownOutcomeError) as caught:
        enrol(twin)
    assert caught.value.outcome_unknown
    assert [request.method for request in sent(wire)] == ["GET", "POST", "GET"]


def test_a_lost_enrolment_that_cannot_be_looked_up(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/cust_1").mock(side_effect=[httpx.Response(404, json=MISSING), httpx.ConnectError("gone")])
    wire.post("/v1/users").mock(side_effect=httpx.ReadTimeout("too late"))
    with pytest.raises(UnknownOutcomeError) as caught:
        enrol(twin)
    assert isinstance(caught.value.__cause__, APIConnectionError)


@pytest.mark.parametrize(
    ("status", "error"), [(503, ServerError), (403, PermissionDeniedError), (409, ConflictError)], ids=str
)
def test_get_or_create_raises_errors_that_are_not_a_sign_of_another_till(
    twin: Twin, wire: respx.Router, status: int, error: type[Exception]
) -> None:
    wire.get("/v1/users/cust_1").respond(404, json=MISSING)
    wire.post("/v1/users").respond(status, json={"code": "some_reason", "params": None})
    with pytest.raises(error):
        enrol(twin)


# --- Arguments


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"email": 7}, "email: Input should be a valid string, not int"),
        ({"email": None}, "email must be given, and not None"),
        ({"email": "a", "name": 7}, "name: Input should be a valid string, not int"),
        ({"email": "a", "phone": b"+44"}, "phone: Input should be a valid string, not bytes"),
        ({"email": "a", "external_id": 7}, "external_id: Input should be a valid string, not int"),
    ],
)
def test_get_or_create_checks_all_arguments_before_anything_is_sent(
    twin: Twin, wire: respx.Router, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(TypeError, match=f"^{message}$"):
        twin.run(twin.client().users.get_or_create(**{"external_id": "cust_1", **arguments}))
    assert sent(wire) == []


@pytest.mark.parametrize(("value", "error"), [(7, TypeError), (" ", ValueError), ("..", ValueError)])
def test_find_refuses_an_id_that_cannot_be_one(
    twin: Twin, wire: respx.Router, value: Any, error: type[Exception]
) -> None:
    with pytest.raises(error, match=r"^external_id "):
        twin.run(twin.client().users.find(value))
    if error is ValueError:
        with pytest.raises(error, match=r"^external_id "):
            twin.run(twin.client().users.get_or_create(value, email="ada@example.com"))
    assert sent(wire) == []
