"""``users.find``: a user, or None, or a new one."""

from __future__ import annotations

import json
from typing import Any

import pytest
import respx

from stemp_sdk import InvalidRequestError, NotFoundError, PermissionDeniedError, User
from tests.conftest import Twin, sent

MISSING = {"code": "resource_not_found", "params": None}


def test_a_user_that_exists(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/cust_1").respond(json={"id": "usr_1"})
    users = twin.client().users
    assert twin.run(users.find("cust_1")) == User(id="usr_1")
    assert twin.run(users.find("cust_1", enrol_as="ada@example.com")) == User(id="usr_1")
    assert {request.method for request in sent(wire)} == {"GET"}


def test_a_user_that_does_not(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/cust_1").respond(404, json=MISSING)
    assert twin.run(twin.client().users.find("cust_1")) is None


def test_a_user_that_is_enrolled(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/cust_1").respond(404, json=MISSING)
    wire.post("/v1/users").respond(201, json={"id": "usr_9", "email": "ada@example.com"})
    user = twin.run(twin.client().users.find("cust_1", enrol_as="ada@example.com", name="Ada", phone="+44 1"))
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
        twin.run(twin.client().users.find("cust_1", enrol_as="ada@example.com"))
    assert len(sent(wire)) == 1


def test_the_other_till_was_first(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/cust_1").respond(404, json=MISSING)
    wire.post("/v1/users").respond(400, json={"CUSTOM_VALIDATION": {"email_already_exists": ["ada@example.com"]}})
    with pytest.raises(InvalidRequestError, match=r"^users\.create: 400 email_already_exists \(ada@example\.com\)$"):
        twin.run(twin.client().users.find("cust_1", enrol_as="ada@example.com"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"enrol_as": 7}, "enrol_as must be a str, not int"),
        ({"enrol_as": "a", "name": 7}, "name must be a str, not int"),
        ({"enrol_as": "a", "phone": b"+44"}, "phone must be a str, not bytes"),
        ({"user_id": 7}, "user_id must be a str, not int"),
        ({"name": "Ada"}, "name is for a new user: pass enrol_as, too"),
        ({"phone": "+44"}, "phone is for a new user: pass enrol_as, too"),
    ],
)
def test_all_is_checked_before_anything_is_sent(
    twin: Twin, wire: respx.Router, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(TypeError, match=f"^{message}$"):
        twin.run(twin.client().users.find(**{"user_id": "cust_1", **arguments}))
    assert sent(wire) == []


def test_a_404_that_is_not_stemp_s_says_nothing_of_the_user(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/cust_1").respond(404, html="<h1>Not Found</h1>")
    with pytest.raises(NotFoundError):
        twin.run(twin.client().users.find("cust_1", enrol_as="jane@example.com"))
    assert len(sent(wire)) == 1
