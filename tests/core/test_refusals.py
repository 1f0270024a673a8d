"""Which scopes a server's refusal names, in its body or in a challenge."""

from __future__ import annotations

from typing import Any

import pytest

from stemp_sdk import (
    AuthenticationError,
    MissingScopeError,
    PermissionDeniedError,
    Replay,
    StempError,
)

from .driving import Harness, answer, call_of, refused


@pytest.mark.parametrize("status", [400, 401, 403, 404])
@pytest.mark.parametrize(
    ("words", "missing"),
    [
        ("Insufficient scope: requires pass:create", "pass:create"),
        ("insufficient scope: requires org:settings:read.", "org:settings:read"),
        ("Insufficient scope: requires user:read, user:update", "user:read user:update"),
        ("Insufficient scope: requires user:read and user:update to do this", "user:read user:update"),
        ("Insufficient scope: requires stamp:burn_2", "stamp:burn_2"),
        ("Insufficient scope: requires everything for this", "everything"),
    ],
)
def test_a_refusal_that_names_scopes_is_a_missing_scope_error(status: int, words: str, missing: str) -> None:
    error = refused(status, {"code": "access_denied", "message": words})
    assert isinstance(error, MissingScopeError)
    assert (error.source, str(error.missing)) == ("server", missing)


@pytest.mark.parametrize(
    "body",
    [
        {"code": "access_denied", "message": "Insufficient scope: requires "},
        {"code": "access_denied", "message": "Insufficient scope: requires Ünicode"},
        {"code": "access_denied", "message": ["Insufficient scope: requires pass:read"]},
        {"code": "other", "message": "Insufficient scope: requires pass:read"},
        {"message": "Insufficient scope: requires pass:read"},
    ],
)
def test_a_refusal_that_names_no_scopes_is_not_a_missing_scope_error(body: Any) -> None:
    assert type(refused(403, body)) is PermissionDeniedError


def challenged(status: int, challenge: str, body: object = b"") -> StempError:
    with pytest.raises(StempError) as caught:
        Harness(max_retries=0).run(call_of(), answer(status, body, www_authenticate=challenge))
    return caught.value


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        ({"code": "access_denied", "params": ["pass:read"]}, "pass:read"),
        ({"code": "access_denied", "params": ["pass:read", "pass:create"]}, "pass:create pass:read"),
        ({"code": "insufficient_scope", "params": ["pass:read"]}, "pass:read"),
        ({"code": "insufficient_scope", "message": "You need pass:read for this"}, "pass:read"),
        ({"error": "insufficient_scope", "error_description": "The token lacks pass:read"}, "pass:read"),
        ({"error": "insufficient_scope", "scope": "pass:read pass:create"}, "pass:create pass:read"),
        ({"error": {"code": "insufficient_scope", "message": "pass:read is missing"}}, "pass:read"),
        ({"code": "access_denied", "message": "Insufficient scopes: pass:read, user:read"}, "pass:read user:read"),
        ({"code": "access_denied", "message": "Missing required scope pass:read."}, "pass:read"),
        ({"code": "access_denied", "message": "This needs the scope 'org:settings:read'"}, "org:settings:read"),
        ({"code": "access_denied", "message": "Insufficient scopes: everything"}, "everything"),
    ],
    ids=str,
)
def test_undocumented_refusals_that_name_scopes_are_missing_scope_errors(body: Any, missing: str) -> None:
    error = refused(403, body)
    assert isinstance(error, MissingScopeError)
    assert (str(error.missing), error.source, error.any_of) == (missing, "server", False)


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(
    ("scope", "missing"),
    [('scope="pass:read"', "pass:read"), ("scope=pass:read", "pass:read"), ('scope="a:b c:d"', "a:b c:d")],
)
def test_a_challenge_that_names_scopes_is_a_missing_scope_error(status: int, scope: str, missing: str) -> None:
    error = challenged(status, f'Bearer realm="stemp", error="insufficient_scope", {scope}', b"<h1>Forbidden</h1>")
    assert isinstance(error, MissingScopeError)
    assert str(error.missing) == missing


def test_a_challenge_proves_nothing_of_a_write() -> None:
    challenge = 'Bearer error="insufficient_scope", scope="pass:read"'
    with pytest.raises(MissingScopeError) as caught:
        Harness().run(call_of("POST", replay=Replay.NEVER), answer(403, b"", www_authenticate=challenge))
    assert caught.value.outcome_unknown


@pytest.mark.parametrize(
    ("status", "challenge"),
    [
        (401, 'Bearer scope="pass:read"'),  # what the resource is for, and no word on what the token lacks
        (403, 'Basic scope="pass:read"'),
        (403, "Bearer"),
        (403, 'Bearer scope=""'),
        (403, 'Bearer scope="everything"'),
    ],
)
def test_a_challenge_that_names_no_scopes_is_not_a_missing_scope_error(status: int, challenge: str) -> None:
    assert isinstance(challenged(status, challenge), (PermissionDeniedError, AuthenticationError))


@pytest.mark.parametrize(
    "body",
    [
        {"code": "access_denied", "params": ["usr_1"]},
        {"code": "access_denied", "params": ["pass:read", "usr_1"]},
        {"code": "access_denied", "message": "user:read is suspended"},
        {"code": "access_denied", "message": "Insufficient scope: requires any of them"},
        {"code": "insufficient_scope"},
        {"error": "insufficient_scope"},
    ],
    ids=str,
)
def test_undocumented_refusals_that_name_no_scopes_are_not_missing_scope_errors(body: Any) -> None:
    assert type(refused(403, body)) is PermissionDeniedError


@pytest.mark.parametrize(
    "message",
    [
        "Insufficient scope: requires any of [pass:read, pass:update]",
        "Insufficient scope: requires one of pass:read, pass:update",
        "Either scope pass:read or pass:update is needed",
    ],
)
def test_a_refusal_that_any_one_scope_mends(message: str) -> None:
    error = refused(403, {"code": "access_denied", "message": message})
    assert isinstance(error, MissingScopeError)
    assert (str(error.needed), error.any_of) == ("pass:read pass:update", True)
    assert "the server says that the token lacks pass:read or pass:update" in str(error)
    assert error.suggestion == "presets.POS"  # which has one of them
    assert str(error.consent_scopes) == "pass:read"
