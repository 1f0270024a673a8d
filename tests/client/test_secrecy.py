"""The token is seen by the server alone: no repr, log, error, pickle or traceback has it, also where it is echoed."""

from __future__ import annotations

import json
import logging
import pickle
import traceback
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import pytest

from stemp_sdk import MissingScopeError, Stemp, StempError, TokenKindError
from stemp_sdk.scopes import API_TOKEN_MANAGE, PASS_READ, PLATFORM_EMAIL_SEND
from tests.support.servers import answer, serving
from tests.support.twins import TOKEN, Twin

ECHO: Final = f"Bearer {TOKEN} is not what it was"
HTML: Final = f"<html>{ECHO}".encode()


def told(body: object, status: str) -> bytes:
    return answer(json.dumps(body).encode(), status=status)


#: Answers that echo the token in every place that is read, or break off.
ANSWERS: Final[dict[str, bytes | None]] = {
    "general": told({"code": ECHO, "message": ECHO, "params": [ECHO]}, "401 Unauthorized"),
    "fields": told({"STANDARD_VALIDATION": {ECHO: ECHO}}, "400 Bad Request"),
    "rule": told({"CUSTOM_VALIDATION": {ECHO: [ECHO]}}, "400 Bad Request"),
    "scope": told({"code": "access_denied", "message": f"Insufficient scope: requires {TOKEN}"}, "403 Forbidden"),
    "limit": told({"error": {"code": "rate_limit_exceeded", "message": ECHO}}, "429 Too Many Requests"),
    "oauth": told({"error": ECHO, "error_description": ECHO}, "400 Bad Request"),
    "proxy": answer(HTML, status="502 Bad Gateway"),
    "decode": answer(HTML),
    "truncated": answer(HTML, "connection: close")[:-5],
    "wrong type": told({"id": [ECHO]}, "200 OK"),
    "no HTTP": b"HTTP/1.1 200 OK\r\nbroken line with " + TOKEN.encode() + b"\r\n\r\n",
    "hung up": None,
}

CALLS: Final[list[Callable[[Any], Any]]] = [
    lambda client: client.users.get("usr_1"),
    lambda client: client.users.create(email="ada@example.com"),
    lambda client: client.api_tokens.list(),
]


def whole(error: BaseException) -> str:
    """Everything that can be known of an error, with the local variables of every frame."""
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "\n".join([*told.format(), str(error), repr(error), repr(vars(error)), repr(pickle.dumps(error))])


def raised(twin: Twin, client: Stemp, call: Callable[[Any], Any]) -> StempError:
    """The error of a call; the traceback begins here, so it has no local variables of a test."""
    with pytest.raises(StempError) as caught:
        twin.run(call(client))
    return caught.value


@pytest.mark.parametrize("given", ANSWERS)
@pytest.mark.parametrize("call", CALLS, ids=["get", "create", "list"])
def test_no_error_shows_the_token(
    twin: Twin, caplog: pytest.LogCaptureFixture, given: str, call: Callable[[Any], Any]
) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(ANSWERS[given]) as (base_url, seen):
        client = twin.client(base_url=base_url, max_retries=1)
        error = raised(twin, client, call)
        twin.close(client)
    assert TOKEN.encode() in seen.requests[0]
    assert TOKEN not in whole(error)
    assert error.__cause__ is error.__context__ is None
    for record in caplog.records:
        assert TOKEN not in f"{record.getMessage()} {vars(record)}" or _quotes_the_answer(record)


def _quotes_the_answer(record: logging.LogRecord) -> bool:
    """Whether it is the log of received headers, of httpcore: in one of these answers the token stands there."""
    return record.name.startswith("httpcore") and "receive_response_headers" in record.getMessage()


def test_a_local_refusal_does_not_show_the_token(twin: Twin) -> None:
    error = raised(twin, twin.client(scopes=PASS_READ), lambda client: client.users.get("usr_1"))
    assert isinstance(error, MissingScopeError)
    assert TOKEN not in whole(error)


def test_a_new_token_that_cannot_be_read_is_not_shown(twin: Twin) -> None:
    with serving(told({"token": "sk_live_new", "apiToken": {"id": ["sk_live_new"]}}, "201 Created")) as (base_url, _):
        client = twin.client(base_url=base_url)
        error = raised(twin, client, lambda client: client.api_tokens.create(name="Till", scopes=PASS_READ))
        twin.close(client)
    assert "sk_live_new" not in whole(error)


def test_the_log_of_a_success_does_not_show_the_token(twin: Twin, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(answer(b'{"id": "usr_1"}')) as (base_url, _):
        client = twin.client(base_url=base_url)
        twin.run(client.users.get("usr_1"))
        twin.run(client.users.create(email="ada@example.com"))
        twin.close(client)
    assert {record.name.split(".")[0] for record in caplog.records} >= {"httpcore", "stemp_sdk"}
    assert TOKEN not in "".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)


def test_no_repr_shows_the_token(twin: Twin) -> None:
    client = twin.client(scopes=PASS_READ)
    things = [client, client.users, client.org.members, client.with_options(timeout=3), *vars(client).values()]
    for thing in things:
        assert TOKEN not in f"{thing!r} {thing}"


#: Each argument of a constructor but the token, wrong in turn.
WRONG: Final[list[dict[str, Any]]] = [
    {"scopes": API_TOKEN_MANAGE | PLATFORM_EMAIL_SEND},
    {"scopes": "pass:read"},
    {"base_url": "http://api.stemp.app"},
    {"base_url": 7},
    {"timeout": 0},
    {"deadline": "soon"},
    {"max_retries": -1},
    {"check_scopes": "maybe"},
    {"paths": {"users.gte": "/x"}},
    {"paths": 7},
    {"http_client": 7},
]


def frames_of_ours(error: BaseException) -> str:
    """The frames of the SDK in an error's traceback, with their variables."""
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    told.stack = traceback.StackSummary.from_list([frame for frame in told.stack if "stemp_sdk" in frame.filename])
    assert len(told.stack) > 1
    return "".join(told.format())


@pytest.mark.parametrize("by", ["argument", "environment", "provider"])
@pytest.mark.parametrize("options", WRONG, ids=str)
def test_no_error_of_a_constructor_shows_the_token(
    twin: Twin, options: dict[str, Any], by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if by == "environment":
        monkeypatch.setenv("STEMP_TOKEN", TOKEN)
    given: Any = {"argument": TOKEN, "environment": None, "provider": partial(str, TOKEN)}[by]
    for make in (twin.of, twin.of.from_api_token, twin.of.from_app_token):
        with pytest.raises((TypeError, ValueError, TokenKindError)) as caught:
            make(given, **options)
        assert TOKEN not in frames_of_ours(caught.value)


@pytest.mark.parametrize(
    "token", [f"{TOKEN}\n", f'"{TOKEN}"', f"\ufeff{TOKEN}", f"{TOKEN} {TOKEN}", TOKEN.encode(), [TOKEN]]
)
def test_no_error_of_a_malformed_token_shows_the_token(twin: Twin, token: Any) -> None:
    for make in (twin.of, twin.of.from_api_token, twin.of.from_app_token):
        with pytest.raises((TypeError, ValueError), match=r"^token ") as caught:
            make(token)
        assert TOKEN not in frames_of_ours(caught.value)


@pytest.mark.parametrize("token", [f"{TOKEN}\n", TOKEN.encode(), [TOKEN]])
def test_no_error_of_what_a_provider_returns_shows_the_token(twin: Twin, token: Any) -> None:
    with pytest.raises((TypeError, ValueError), match=r"^the token from the provider 'partial' ") as caught:
        twin.run(twin.client(partial(_given, token)).users.get("usr_1"))
    assert TOKEN not in frames_of_ours(caught.value)


def _given(token: Any) -> Any:
    return token


def test_no_error_of_a_copy_shows_the_token(twin: Twin) -> None:
    client = twin.client()
    copies: list[Callable[[], object]] = [
        lambda: client.with_options(deadline=0),
        lambda: client.only(API_TOKEN_MANAGE | PLATFORM_EMAIL_SEND),
        lambda: client.require(PASS_READ, unknown="raise"),
    ]
    for copy in copies:
        with pytest.raises((ValueError, TokenKindError, MissingScopeError)) as caught:
            copy()
        assert TOKEN not in frames_of_ours(caught.value)
