"""Clients whose token comes from a function: asked by the first call, and again when its token is of no more use."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import httpx
import pytest
import respx

from stemp_sdk import (
    AuthenticationError,
    MissingScopeError,
    ScopeSet,
    TokenKind,
    TokenKindError,
    holds,
    presets,
)
from stemp_sdk.scopes import API_TOKEN_MANAGE, PASS_READ, PLATFORM_EMAIL_SEND, USER_READ
from tests.client.vault import USER, Vault
from tests.support.jwts import jwt
from tests.support.twins import Twin, on_trio_too, sent, settings_of, tokens_on

pytestmark = on_trio_too

REFUSED = httpx.Response(401, json={"code": "unauthorized"})
NOW = 1_800_000_000  # of the clock that stands still


@pytest.fixture(params=["read", "aread", "fetch"])
def ways(request: pytest.FixtureRequest, twin: Twin) -> Callable[[Vault], Any]:
    """Every kind of function that an async client may be given; the sync client has one."""
    return lambda vault: vault.read if twin.kind == "sync" else getattr(vault, request.param)


def test_a_provider_is_asked_by_the_first_call_and_its_token_is_kept(
    twin: Twin, wire: respx.Router, ways: Callable[[Vault], Any]
) -> None:
    wire.get("/v1/users/usr_1").mock(return_value=USER)
    vault = Vault(["sk_live_one"])
    client = twin.client(ways(vault), scopes=presets.POS)
    copy = client.with_options(timeout=3)
    assert (vault.asked, client.token_kind, client.scopes) == (0, None, presets.POS)
    for one in (client, copy, client):
        assert twin.run(one.users.get("usr_1")).id == "usr_1"
    assert (vault.asked, client.token_kind) == (1, TokenKind.API)
    assert tokens_on(wire) == ["sk_live_one"] * 3


def test_a_provider_is_asked_again_once_the_server_refuses_its_token(
    twin: Twin, wire: respx.Router, ways: Callable[[Vault], Any]
) -> None:
    wire.get("/v1/users/usr_1").mock(side_effect=[USER, REFUSED, USER])
    client = twin.client(ways(Vault(["one", "two"])))
    twin.run(client.users.get("usr_1"))
    twin.run(client.users.get("usr_1"))
    assert tokens_on(wire) == ["one", "one", "two"]


def test_the_refusal_stands_where_the_provider_has_no_other_token(
    twin: Twin, wire: respx.Router, ways: Callable[[Vault], Any]
) -> None:
    wire.get("/v1/users/usr_1").mock(return_value=REFUSED)
    vault = Vault(["one"])
    client = twin.client(ways(vault))
    for _ in range(2):
        with pytest.raises(AuthenticationError):
            twin.run(client.users.get("usr_1"))
    assert (tokens_on(wire), vault.asked) == (["one", "one"], 3)


@pytest.mark.parametrize(
    ("life", "kept"),
    [(1800, 1800 - 60), (100, 90)],
    ids=["a minute before its end", "the last tenth of a short life"],
)
def test_a_provider_is_asked_again_when_its_jwt_is_due(
    twin: Twin, wire: respx.Router, ways: Callable[[Vault], Any], life: int, kept: int
) -> None:
    wire.get("/v1/users/usr_1").mock(return_value=USER)
    first, second = jwt(exp=NOW + life, scopes=["user:read"]), jwt(exp=NOW + 10 * life, scopes=["pass:read"])
    vault = Vault([first, second])
    client = twin.client(ways(vault))
    twin.run(client.users.get("usr_1"))
    assert (client.token_kind, client.scopes) == (TokenKind.APP, USER_READ)
    twin.still.now += kept - 1
    twin.run(client.users.get("usr_1"))
    assert vault.asked == 1
    twin.still.now += 1
    with pytest.raises(MissingScopeError):  # of which the new token tells, before any request
        twin.run(client.users.get("usr_1"))
    assert (vault.asked, client.scopes) == (2, PASS_READ)
    assert tokens_on(wire) == [first, first]


@pytest.mark.parametrize("exp", [None, "soon", True, 2**60, float("nan")])
def test_a_jwt_without_an_end_is_kept(twin: Twin, wire: respx.Router, exp: object) -> None:
    wire.get("/v1/users/usr_1").mock(return_value=USER)
    vault = Vault([jwt(exp=exp)])
    client = twin.client(vault.read)
    for _ in range(2):
        twin.run(client.users.get("usr_1"))
        twin.still.now += 10**6
    assert vault.asked == 1


def test_a_provider_of_an_old_jwt_is_asked_each_time_and_the_server_decides(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/usr_1").mock(return_value=USER)
    vault = Vault([jwt(exp=NOW - 5)])
    client = twin.client(vault.read)
    for _ in range(2):
        assert twin.run(client.users.get("usr_1")).id == "usr_1"
    assert vault.asked == 2


def test_an_error_of_a_provider_reaches_the_caller_unchanged(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/usr_1").mock(return_value=USER)
    answers: list[Any] = [sealed := LookupError("the vault is sealed"), "one"]

    def read() -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return str(answer)

    client = twin.client(read)
    with pytest.raises(LookupError) as caught:
        twin.run(client.users.get("usr_1"))
    assert caught.value is sealed
    assert not sent(wire)
    assert twin.run(client.users.get("usr_1")).id == "usr_1"  # asked again by the next call


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (None, TypeError, r"^the token from the provider '.*<lambda>' must be a str, not None$"),
        (b"kept-secret", TypeError, r"must be a str, not bytes$"),
        ("", ValueError, r"^the token from the provider '.*<lambda>' is empty$"),
        ("kept-secret\n", ValueError, "ends with a line break"),
        ("kept-secrét", ValueError, "is not ASCII"),
    ],
)
def test_an_error_for_what_is_not_a_token_names_the_provider(
    twin: Twin, wire: respx.Router, given: Any, error: type[Exception], message: str
) -> None:
    client = twin.client(lambda: given)
    with pytest.raises(error, match=message) as caught:
        twin.run(client.users.get("usr_1"))
    assert "kept-secr" not in str(caught.value)
    assert not sent(wire)


def test_a_provider_may_be_given_where_the_kind_of_token_is_stated(twin: Twin) -> None:
    assert twin.of.from_api_token(lambda: "one", scopes=presets.POS).token_kind is TokenKind.API
    assert twin.of.from_app_token(lambda: "one").token_kind is TokenKind.APP
    client = twin.client(lambda: "sk_live_x")
    impossible: ScopeSet = API_TOKEN_MANAGE | PLATFORM_EMAIL_SEND
    assert holds(client, PLATFORM_EMAIL_SEND)
    with pytest.raises(TokenKindError):
        client.require(impossible)


def test_no_repr_shows_the_arguments_of_a_provider(twin: Twin) -> None:
    client = twin.client(partial(str, "kept-secret"))
    assert "kept-secret" not in repr(settings_of(client))
