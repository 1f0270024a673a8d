"""``response_of(result)`` and ``error.response``: the response behind a result, without its body and its secrets."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import httpx
import pytest
import respx

from stemp_sdk import (
    APIConnectionError,
    APIStatusError,
    DecodeError,
    MissingScopeError,
    NotFoundError,
    OrganizationSettings,
    PaginationError,
    Response,
    StempError,
    User,
    response_of,
)
from stemp_sdk.scopes import PASS_READ
from tests.support.twins import TOKEN, Twin

USER = {"id": "usr_1", "email": "ada@example.com"}
HEADERS = {
    "X-Request-Id": "req-1",
    "Set-Cookie": "session=abc",
    "X-Auth-Token": "t0ken",
    "X-Api-Key": "k3y",
    "X-Echo": f"Bearer {TOKEN}",
    "X-RateLimit-Limit": "100",
}


def test_a_result_has_the_response_that_it_came_in(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/usr_1").respond(200, json=USER, headers=HEADERS)
    response = response_of(twin.run(twin.client().users.get("usr_1")))
    assert (response.status, response.request_id, response.attempts, response.elapsed) == (200, "req-1", 1, 0.0)
    assert response.headers["x-ratelimit-limit"] == "100"


def test_a_response_holds_no_secret(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/usr_1").respond(200, json=USER, headers=HEADERS)
    user = twin.run(twin.client().users.get("usr_1"))
    response = response_of(user)
    assert response.headers["x-echo"] == "Bearer ***"
    for shown in (repr(response), repr(user), str(user), repr(vars(user)), response.headers):
        assert not [secret for secret in (TOKEN, "abc", "t0ken", "k3y") if secret in str(shown)]


def test_a_www_authenticate_header_is_not_masked(twin: Twin, wire: respx.Router) -> None:
    said = 'Bearer error="insufficient_scope", scope="user:read"'
    wire.get("/v1/users/usr_1").respond(200, json=USER, headers={"WWW-Authenticate": said})
    assert response_of(twin.run(twin.client().users.get("usr_1"))).headers["www-authenticate"] == said


@pytest.mark.parametrize(
    ("headers", "request_id"),
    [
        ({"CF-Ray": "c", "X-Correlation-Id": "b", "X-Request-Id": "a"}, "a"),
        ({"CF-Ray": "c", "X-Correlation-Id": "b"}, "b"),
        ({"CF-Ray": "c", "X-Request-Id": ""}, "c"),
        ({}, None),
    ],
    ids=str,
)
def test_a_response_has_the_request_id(
    twin: Twin, wire: respx.Router, headers: dict[str, str], request_id: str | None
) -> None:
    wire.get("/v1/users/usr_1").respond(json=USER, headers=headers)
    assert response_of(twin.run(twin.client().users.get("usr_1"))).request_id == request_id


def test_a_response_has_its_attempts_and_the_time_that_they_took(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/usr_1").mock(
        side_effect=[httpx.Response(503, headers={"Retry-After": "3"}), httpx.Response(200, json=USER)]
    )
    response = response_of(twin.run(twin.client().users.get("usr_1")))
    assert (response.attempts, response.elapsed) == (2, 3.0)


def test_a_write_that_is_answered_without_a_body_has_its_response(twin: Twin, wire: respx.Router) -> None:
    wire.patch("/v1/users/usr_1").respond(204, headers=HEADERS)
    user = twin.run(twin.client().users.update("usr_1", name="Ada"))
    assert (response_of(user).status, response_of(user).request_id) == (204, "req-1")


def test_settings_have_their_response(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/organization/settings").respond(json={"locale": "de"}, headers=HEADERS)
    settings = twin.run(twin.client().org.settings.get())
    assert response_of(settings).request_id == "req-1"
    assert settings == OrganizationSettings({"locale": "de"})


def test_a_listing_and_its_pages_have_their_responses(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users", params={"page": "0"}).respond(json={"content": [USER], "last": False}, headers=HEADERS)
    wire.get("/v1/users", params={"page": "1"}).respond(
        json={"content": [{"id": "usr_2"}], "last": True}, headers={"X-Request-Id": "req-2"}
    )
    listing = twin.run(twin.client().users.list(size=1))
    assert response_of(listing).request_id == "req-1"
    assert response_of(listing.first).request_id == "req-1"
    pages = twin.pages(twin.client().users.list(size=1))
    assert [response_of(page).request_id for page in pages] == ["req-1", "req-2"]
    with pytest.raises(ValueError, match=r"^this User has no response: for an item of a listing"):
        response_of(listing.items[0])


# --- Nothing else sees it


def test_equality_dumps_and_pickles_do_not_see_the_response(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/usr_1").respond(json=USER, headers=HEADERS)
    user, made = twin.run(twin.client().users.get("usr_1")), User(id="usr_1", email="ada@example.com")
    assert user == made
    assert hash(user) == hash(made)
    assert (user.model_dump(), user.model_dump_json()) == (made.model_dump(), made.model_dump_json())
    assert pickle.dumps(user) == pickle.dumps(made)
    assert vars(user) == vars(made)
    assert (user.model_extra, user.model_fields_set) == (made.model_extra, made.model_fields_set)
    for copied in (copy.copy(user), copy.deepcopy(user), user.model_copy(), pickle.loads(pickle.dumps(user)), made):
        assert copied == user
        with pytest.raises(ValueError, match=r"^this User has no response"):
            response_of(copied)


def test_a_page_is_pickled_without_its_response(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users").respond(json=[USER], headers=HEADERS)
    page = twin.run(twin.client().users.list()).first
    assert response_of(page).request_id == "req-1"
    assert pickle.loads(pickle.dumps(page)) == page
    assert TOKEN not in repr(page)
    assert b"req-1" not in pickle.dumps(page)


def test_a_field_named_response_is_not_taken_for_the_response() -> None:
    user = User.model_validate({"id": "usr_1", "_response": [200]})
    with pytest.raises(ValueError, match=r"^this User has no response"):
        response_of(user)


@pytest.mark.parametrize("result", [None, {"id": "usr_1"}, [], "text", True])
def test_none_and_plain_json_have_no_response(result: object) -> None:
    with pytest.raises(TypeError, match=r"None and plain JSON keep no response$"):
        response_of(result)


# --- Errors


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (404, {"code": "resource_not_found"}, NotFoundError),
        (418, {"code": "teapot"}, APIStatusError),
        (403, {"code": "access_denied", "message": "Insufficient scope: requires user:read"}, MissingScopeError),
        (200, {"unexpected": 1}, DecodeError),
        (200, {"code": "resource_not_found"}, NotFoundError),
    ],
    ids=str,
)
def test_every_error_from_a_response_has_the_response(
    twin: Twin, wire: respx.Router, status: int, body: dict[str, Any], kind: type[StempError]
) -> None:
    wire.get("/v1/users/usr_1").respond(status, json=body, headers=HEADERS)
    with pytest.raises(kind) as caught:
        twin.run(twin.client().users.get("usr_1"))
    error = caught.value
    assert error.response is not None
    assert (error.response.status, error.response.request_id) == (status, "req-1")
    assert error.response.headers["x-echo"] == "Bearer ***"
    pickled: StempError = pickle.loads(pickle.dumps(error))
    rebuilt = kind(*json.loads(json.dumps(error.args)))
    assert pickled.response == rebuilt.response == error.response
    assert isinstance(rebuilt.response, Response)


def test_an_error_without_a_response_has_none(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/usr_1").mock(
        side_effect=[httpx.Response(503, headers=HEADERS), httpx.ConnectError("gone"), httpx.ConnectError("gone")]
    )
    with pytest.raises(APIConnectionError) as caught:
        twin.run(twin.client().users.get("usr_1"))
    assert caught.value.response is None
    reader: Any = twin.client().only(PASS_READ)
    with pytest.raises(MissingScopeError) as refused:
        twin.run(reader.users.get("usr_1"))
    assert refused.value.response is None


def test_an_error_of_a_listing_has_the_response_of_its_page(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users").respond(json={"content": [], "last": False}, headers=HEADERS)
    with pytest.raises(PaginationError) as caught:
        twin.run(twin.client().users.list())
    assert caught.value.response is not None
    assert caught.value.response.request_id == "req-1"
