"""Answers: empty ones, broken ones, ones from the future, and refusals."""

from __future__ import annotations

from typing import Any, Final

import httpx
import pytest
import respx

from stemp_sdk import (
    BadRequestError,
    DecodeError,
    InvalidRequestError,
    OrganizationSettings,
    ScopeSet,
    ServerError,
    UnknownOutcomeError,
)
from tests.support.twins import Twin, on_trio_too, sent

from .table import BY_NAME, TABLE, Row

pytestmark = on_trio_too

#: What is known of the result of a write whose answer the vendor does not print.
KNOWN: Final[dict[str, dict[str, Any]]] = {
    "templates.update": {"id": "tpl_1"},
    "passes.update": {"id": "wp_1"},
    "users.update": {"id": "usr_1"},
    "org.update": {},
    "org.members.update_role": {"id": "mem_1"},
    **{row.operation: {"wallet_pass_id": "wp_1"} for row in TABLE if row.scope == "loyalty:manage"},
}


@pytest.mark.parametrize("empty", [b"", b" \r\n"])
@pytest.mark.parametrize("operation", KNOWN)
def test_an_empty_answer_does_not_break_a_write(twin: Twin, wire: respx.Router, operation: str, empty: bytes) -> None:
    row = BY_NAME[operation]
    wire.request(row.method, row.target).respond(200, content=empty)
    result = twin.run(row.call(twin.client()))
    assert type(result) is row.gives
    assert result.model_dump(exclude_unset=True) == KNOWN[operation]


def test_an_empty_answer_to_new_settings_gives_what_was_sent(twin: Twin, wire: respx.Router) -> None:
    wire.patch("/v1/organization/settings").respond(204)
    assert twin.run(twin.client().org.settings.update({"locale": "de"})) == OrganizationSettings({"locale": "de"})


@pytest.mark.parametrize("row", [row for row in TABLE if row.gives is None], ids=lambda row: row.operation)
@pytest.mark.parametrize("body", [b"", b"{}", b"null", b'{"id": "usr_1", "object": "user"}'])
def test_a_method_without_a_result_reads_no_body(twin: Twin, wire: respx.Router, row: Row, body: bytes) -> None:
    wire.request(row.method, row.target).respond(200, content=body)
    assert twin.run(row.call(twin.client())) is None


@pytest.mark.parametrize("row", [row for row in TABLE if row.gives is None], ids=lambda row: row.operation)
def test_an_html_page_is_not_a_success(twin: Twin, wire: respx.Router, row: Row) -> None:
    wire.request(row.method, row.target).respond(200, html="<html>Log in</html>")
    with pytest.raises(
        DecodeError, match=f"^{row.operation}: the server responded with 200, but .* it is text/html, not JSON"
    ):
        twin.run(row.call(twin.client()))


READERS = [row for row in TABLE if row.gives is not None and row.operation not in {*KNOWN, "org.settings.update"}]


@pytest.mark.parametrize("row", READERS, ids=lambda row: row.operation)
@pytest.mark.parametrize(
    ("content", "content_type", "says"),
    [
        (b"", "", "it is empty"),
        (b"<html><body>Welcome", "text/html", "it is text/html, not JSON"),
        (b'{"id": "us', "application/json", "Invalid JSON"),
        (b'"usr_1"', "application/json", "Input should be"),
        (b"null", "application/json", "Input should be"),
    ],
    ids=["empty", "html", "truncated", "text", "null"],
)
def test_a_body_that_is_not_the_result_of_the_method_is_a_decode_error(
    twin: Twin, wire: respx.Router, row: Row, content: bytes, content_type: str, says: str
) -> None:
    wire.request(row.method, row.target).respond(200, content=content, content_type=content_type)
    with pytest.raises(DecodeError) as caught:
        twin.run(row.call(twin.client()))
    error = caught.value
    assert (error.operation, error.status, error.path) == (row.operation, 200, "")
    assert error.reason.startswith(says)
    assert len(sent(wire)) == 1


MISTYPED: Final[list[tuple[str, Any, str]]] = [
    ("users.get", {"id": ["usr_1"]}, "id"),
    ("users.get", {"email": "ada@example.com"}, "id"),
    ("users.list", {"content": [{"id": None}, {"email": "ada@example.com"}]}, "content"),
    ("api_tokens.create", {"token": "sk_live_new", "apiToken": {"id": []}}, "apiToken.id"),
    ("api_tokens.create", {"token": ["sk_live_new"], "apiToken": {"id": "akt_1"}}, "token"),
    ("api_tokens.list", [{"scopes": ["sk_live_new and more"]}], ""),
]


@pytest.mark.parametrize(("operation", "body", "path"), MISTYPED)
def test_a_value_of_the_wrong_type_is_reported_with_its_place(
    twin: Twin, wire: respx.Router, operation: str, body: Any, path: str
) -> None:
    row = BY_NAME[operation]
    wire.request(row.method, row.target).respond(json=body)
    with pytest.raises(DecodeError) as caught:
        twin.run(row.call(twin.client()))
    assert caught.value.path == path
    assert "sk_live_new" not in str(caught.value)


def test_an_unknown_field_of_a_result_is_kept(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/usr_1").respond(json={"id": "usr_1", "loyaltyTier": "gold"})
    wire.get("/v1/organization/members/mem_1").respond(json={"id": "mem_1", "role": "barista"})
    wire.get("/v1/api-keys").respond(json=[{"id": "akt_1", "scopes": ["stamp:burn", "pass:read"]}])
    client = twin.client()
    assert twin.run(client.users.get("usr_1")).model_extra == {"loyaltyTier": "gold"}
    assert twin.run(client.org.members.get("mem_1")).role == "barista"
    [token] = twin.all(client.api_tokens.list())
    assert token.scopes == ScopeSet("pass:read", "stamp:burn")


def test_a_new_token_shows_only_when_asked(twin: Twin, wire: respx.Router) -> None:
    wire.post("/v1/api-keys").respond(201, json={"token": "sk_live_new", "apiToken": {"id": "akt_1"}})
    created = twin.run(BY_NAME["api_tokens.create"].call(twin.client()))
    assert created.token.get_secret_value() == "sk_live_new"
    assert "sk_live_new" not in f"{created!r} {created}"


@pytest.mark.parametrize("status", [400, 422])
def test_a_value_that_breaks_a_rule_is_reported_by_argument(twin: Twin, wire: respx.Router, status: int) -> None:
    wire.post("/v1/users").respond(status, json={"STANDARD_VALIDATION": {"externalId": "size must be at most 100"}})
    with pytest.raises(InvalidRequestError) as caught:
        twin.run(twin.client().users.create(email="ada@example.com", external_id="x" * 101))
    assert caught.value.fields == {"external_id": "size must be at most 100"}
    assert str(caught.value) == (f"users.create: {status} STANDARD_VALIDATION: external_id size must be at most 100")


def test_a_recipient_that_does_not_exist_is_an_error_of_its_own(twin: Twin, wire: respx.Router) -> None:
    wire.post("/v1/platform/emails").respond(400, json={"code": "platform.email.user_not_found", "params": None})
    with pytest.raises(BadRequestError, match=r"^emails\.send: 400 platform\.email\.user_not_found$"):
        twin.run(BY_NAME["emails.send"].call(twin.client()))


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.operation)
def test_only_idempotent_operations_are_sent_twice(twin: Twin, wire: respx.Router, row: Row) -> None:
    wire.request(row.method, row.target).respond(500)
    with pytest.raises(ServerError) as caught:
        twin.run(row.call(twin.client()))
    assert len(sent(wire)) == (1 if row.once else 3)
    assert caught.value.outcome_unknown is (row.method != "GET")


@pytest.mark.parametrize("row", [row for row in TABLE if row.once], ids=lambda row: row.operation)
def test_a_write_whose_response_is_lost_has_an_unknown_outcome(twin: Twin, wire: respx.Router, row: Row) -> None:
    wire.request(row.method, row.target).mock(side_effect=httpx.ReadTimeout)
    with pytest.raises(UnknownOutcomeError, match=rf"^{row.operation}: the request was sent and its response was lost"):
        twin.run(row.call(twin.client()))
    assert len(sent(wire)) == 1
