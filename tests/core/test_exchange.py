"""What an exchange sends, what it makes of the answer, and what it refuses before."""

from __future__ import annotations

import attrs
import pytest
from pydantic import TypeAdapter

from stemp_sdk import (
    DecodeError,
    MissingScopeError,
    ScopeSet,
    User,
)
from stemp_sdk._core.call import Call, RawResponse
from stemp_sdk.models._reading import read_object

from .driving import Harness, answer, call_of

READ = call_of()


def test_a_request_is_method_path_query_body_and_token() -> None:
    harness = Harness()
    call = attrs.evolve(call_of("POST", path="/v1/things/{id}/do"), id="a%2Fb", query="page=0", body=b"{}")
    assert harness.run(call, answer(200, b"done")) == b"done"
    [send] = harness.sends
    assert (send.method, send.target, send.body) == ("POST", "/api/v1/things/a%2Fb/do?page=0", b"{}")
    assert send.token is not None
    assert send.token.reveal() == "kept-secret"
    assert send.timeout == 10.0


def test_the_path_of_an_operation_may_be_corrected() -> None:
    call = attrs.evolve(call_of(path="/v1/things/{id}"), id="x")
    harness = Harness(corrected={"things.do": attrs.evolve(call.operation, path="/v2/{id}/new")})
    harness.run(call, answer())
    assert harness.sends[0].target == "/api/v2/x/new"


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_2xx_is_a_success(status: int) -> None:
    assert Harness().run(READ, answer(status, b"body")) == b"body"


def test_a_success_is_logged_at_debug_level(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "stemp_sdk")
    Harness().run(READ, answer())
    assert caplog.messages == ["things.do: 200 at attempt 1, after 0.000 s"]


# --- Scopes


def test_without_its_scope_a_call_sends_nothing() -> None:
    harness = Harness(declared=ScopeSet("pass:create"))
    with pytest.raises(MissingScopeError) as caught:
        harness.run(READ)
    assert harness.sends == []
    assert caught.value.source == "local"
    assert (caught.value.needed, caught.value.held) == (ScopeSet("pass:read"), ScopeSet("pass:create"))


def test_unknown_scopes_are_not_an_empty_set() -> None:
    assert Harness(declared=None).run(READ, answer()) == b""
    with pytest.raises(MissingScopeError):
        Harness(declared=ScopeSet()).run(READ)


@pytest.mark.parametrize("held", [None, ScopeSet("pass:read"), ScopeSet("user:read")])
def test_the_servers_refusal_names_the_scope(held: ScopeSet | None) -> None:
    harness = Harness(declared=held, check_scopes="off")
    refusal = {"code": "access_denied", "message": "Insufficient scope: requires pass:read"}
    with pytest.raises(MissingScopeError) as caught:
        harness.run(READ, answer(403, refusal))
    error = caught.value
    assert (error.source, error.needed, error.held) == ("server", ScopeSet("pass:read"), held)
    assert error.missing == ScopeSet("pass:read")
    assert len(harness.sends) == 1


# --- Decoding


def decoding(answered: RawResponse) -> DecodeError:
    user = Call(call_of().operation, lambda answer: read_object(User, answer.body))
    with pytest.raises(DecodeError) as caught:
        Harness().run(user, answered)
    return caught.value


@pytest.mark.parametrize(
    ("answered", "path", "reason"),
    [
        (answer(200, b""), "", "it is empty"),
        (answer(204, b" \n"), "", "it is empty"),
        (answer(200, b"<html>", content_type="text/html; charset=utf-8"), "", "it is text/html, not JSON"),
        (answer(200, b"ok", content_type="a" * 500), "", "it is " + "a" * 199 + "…, not JSON"),
        (answer(200, b"kept-secret", content_type="kept-secret"), "", "it is ***, not JSON"),
        (answer(200, b'{"id": "usr_', content_type="application/json"), "", "Invalid JSON: EOF while parsing a string"),
        (answer(200, b"<html>"), "", "Invalid JSON: expected value"),
        (answer(200, b"[]", content_type="text/html"), "", "Input should be an object"),
        (answer(200, {"id": [7]}), "id", "Input should be a valid string"),
        (answer(200, {"email": "a"}), "id", "Field required"),
    ],
)
def test_a_body_that_is_not_the_result_is_a_decode_error(answered: RawResponse, path: str, reason: str) -> None:
    error = decoding(answered)
    assert (error.operation, error.status, error.path) == ("things.do", answered.status, path)
    assert error.reason.startswith(reason)
    where = f" at {path}" if path else ""
    assert str(error).startswith(
        f"things.do: the server responded with {answered.status}, but the body cannot be read{where}: {reason}"
    )


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
def test_a_write_whose_answer_cannot_be_read_may_be_done(method: str) -> None:
    user = Call(call_of(method).operation, lambda answer: read_object(User, answer.body))
    with pytest.raises(DecodeError) as caught:
        Harness().run(user, answer(201, b"<html>"))
    assert caught.value.outcome_unknown is (method != "GET")
    assert str(caught.value).endswith("read the current state before you repeat it") is (method != "GET")


def test_the_validators_own_error_which_quotes_the_body_is_not_chained() -> None:
    error = decoding(answer(200, {"id": ["secret"]}))
    assert (error.__cause__, error.__context__) == (None, None)
    assert "secret" not in str(error)


def test_a_decode_error_counts_the_place_in_a_list() -> None:
    numbers = Call(call_of().operation, lambda answer: TypeAdapter(list[int]).validate_json(answer.body))
    with pytest.raises(DecodeError) as caught:
        Harness().run(numbers, answer(200, [1, 2, "three"]))
    assert caught.value.path == "2"
