"""Options of a client, its copies, its subclasses, and its end."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
import respx

from stemp_sdk import AuthenticationError, RateLimit, ServerError, presets
from stemp_sdk.scopes import USER_CREATE, parse
from tests.support.twins import BASE_URL, TOKEN, Twin, pool_of, sent, settings_of

USER = {"id": "usr_1"}
LIMITS = {"x-ratelimit-limit": "1000", "x-ratelimit-remaining": "7", "x-ratelimit-reset": "1800000030"}


def test_a_copy_has_other_options_on_the_same_connections(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/usr_1").respond(json=USER)
    client = twin.client(scopes=presets.POS)
    hasty = client.with_options(timeout=3, deadline=4, max_retries=0, check_scopes="off")
    twin.run(client.users.get("usr_1"))
    twin.run(hasty.users.get("usr_1"))
    assert [request.extensions["timeout"]["read"] for request in sent(wire)] == [10.0, 3.0]
    assert (hasty.scopes, type(hasty)) == (presets.POS, type(client))
    assert pool_of(hasty) is pool_of(client)


def test_a_copy_of_a_copy_keeps_what_is_not_given(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/usr_1").respond(503)
    client = twin.client().with_options(timeout=3).with_options(max_retries=0)
    with pytest.raises(ServerError, match="503"):
        twin.run(client.users.get("usr_1"))
    [request] = sent(wire)
    assert request.extensions["timeout"]["connect"] == 3.0
    assert not twin.still.slept


def test_the_rate_limit_is_that_of_the_latest_answer_to_any_copy(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/usr_1").respond(json=USER, headers=LIMITS)
    client = twin.client()
    other = client.with_options(timeout=3)
    assert (client.rate_limit, other.rate_limit) == (None, None)
    twin.run(other.users.get("usr_1"))
    assert client.rate_limit == other.rate_limit == RateLimit(limit=1000, remaining=7, reset=1_800_000_030)


def test_a_rate_limit_window_ends_at_a_moment_in_time() -> None:
    assert str(RateLimit(1000, 7, 1_800_000_030).resets_at) == "2027-01-15 08:00:30+00:00"


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"timeout": 0}, ValueError, "timeout must be a finite number of seconds above 0"),
        ({"timeout": float("inf")}, ValueError, "timeout must be a finite number"),
        ({"timeout": float("nan")}, ValueError, "timeout must be a finite number"),
        (
            {"timeout": 1e300},
            ValueError,
            "timeout must be a finite number .* and at most 86,400$",
        ),
        ({"timeout": "3"}, TypeError, "timeout must be a number of seconds, not str"),
        ({"timeout": True}, TypeError, "timeout must be a number of seconds, not bool"),
        ({"deadline": 0}, ValueError, "deadline must be a finite number of seconds above 0"),
        ({"deadline": "3"}, TypeError, "deadline must be a number of seconds, not str"),
        ({"max_retries": -1}, ValueError, "max_retries must be at least 0, not -1"),
        ({"max_retries": 1.0}, TypeError, "max_retries must be an int, not float"),
        ({"check_scopes": "maybe"}, ValueError, 'check_scopes must be "raise", "warn" or "off", not \'maybe\''),
    ],
)
def test_an_option_of_the_wrong_value_is_named(
    twin: Twin, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        twin.client(**options)
    with pytest.raises(error, match=message):
        twin.client().with_options(**options)


def test_a_copy_of_a_subclass_is_of_the_subclass(twin: Twin) -> None:
    shop_client: Any = type("ShopClient", (twin.of,), {"shop": "Main St"})
    client: Any = shop_client(TOKEN, scopes=presets.POS)
    for other in (client.with_options(timeout=3), client.only(presets.POS), client.require(presets.POS), client):
        assert (type(other), other.shop) == (shop_client, "Main St")
    assert isinstance(shop_client.from_api_token(TOKEN), shop_client)


def test_resources_are_made_once_and_are_a_copy_s_own(twin: Twin) -> None:
    client = twin.client()
    assert client.users is client.users
    assert client.org.members is client.org.members
    assert client.with_options(timeout=3).users is not client.users


def test_a_closed_client_says_so(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/usr_1").respond(json=USER)
    client = twin.client()
    twin.run(client.users.get("usr_1"))
    twin.close(client)
    twin.close(client)
    with pytest.raises(RuntimeError, match="the client is closed"):
        twin.run(client.users.get("usr_1"))
    assert len(sent(wire)) == 1


def test_a_client_is_not_pickled(twin: Twin) -> None:
    with pytest.raises(TypeError, match="a secret is not pickled"):
        pickle.dumps(settings_of(twin.client()))
    assert TOKEN not in repr(settings_of(twin.client()))


def test_a_client_without_arguments_reads_the_environment(
    twin: Twin, wire: respx.Router, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire.get("/v1/users/usr_1").respond(json=USER)
    monkeypatch.setenv("STEMP_TOKEN", "from-environment")
    monkeypatch.setenv("STEMP_SCOPES", "pass:read,user:read")
    client = twin.client(None)
    assert client.scopes == parse("pass:read user:read")
    twin.run(client.users.get("usr_1"))
    assert sent(wire)[0].headers["authorization"] == "Bearer from-environment"
    assert twin.client(None, scopes=presets.POS).scopes == presets.POS


def test_scopes_in_the_environment_belong_to_the_token_there(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEMP_SCOPES", "pass:read")
    assert twin.client().scopes is None
    monkeypatch.setenv("STEMP_TOKEN", "from-environment")
    assert twin.client().scopes is None
    monkeypatch.delenv("STEMP_SCOPES")
    assert twin.client(None).scopes is None


def test_presets_in_the_environment_are_read(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEMP_TOKEN", "from-environment")
    monkeypatch.setenv("STEMP_SCOPES", "POS|user:create")
    assert twin.client(None).scopes == presets.POS | USER_CREATE
    monkeypatch.setenv("STEMP_SCOPES", "user:raed")
    with pytest.raises(ValueError, match=r"^STEMP_SCOPES in the environment: 'user:raed' .* did you mean user:read\?$"):
        twin.client(None)


def test_the_base_url_in_the_environment_is_read(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    with respx.mock(base_url="http://127.0.0.1:8787/sandbox") as wire:
        wire.get("/v1/users/usr_1").respond(json=USER)
        monkeypatch.setenv("STEMP_BASE_URL", "http://127.0.0.1:8787/sandbox/")
        client = twin.client()
        monkeypatch.setenv("STEMP_BASE_URL", "https://elsewhere.example")  # read when a client is made, and only then
        assert twin.run(client.users.get("usr_1")).id == "usr_1"
    with respx.mock(base_url=BASE_URL) as wire:
        wire.get("/v1/users/usr_1").respond(json=USER)
        assert twin.run(twin.client(base_url=BASE_URL).users.get("usr_1")).id == "usr_1"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("http://api.stemp.app/api", "base_url must be https"),
        ("", "base_url must be an absolute https URL"),
    ],
)
def test_a_wrong_base_url_in_the_environment_names_the_variable(
    twin: Twin, monkeypatch: pytest.MonkeyPatch, value: str, message: str
) -> None:
    monkeypatch.setenv("STEMP_BASE_URL", value)
    with pytest.raises(ValueError, match=f"^STEMP_BASE_URL in the environment: {message}"):
        twin.client()
    twin.client(base_url=BASE_URL)


def test_a_wrong_value_in_the_environment_is_named(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STEMP_TOKEN", raising=False)
    with pytest.raises(TypeError, match="token is missing: pass it as the first argument, or set STEMP_TOKEN"):
        twin.client(None)
    monkeypatch.setenv("STEMP_TOKEN", "from-environment")
    monkeypatch.setenv("STEMP_SCOPES", "")
    with pytest.raises(ValueError, match="STEMP_SCOPES in the environment: scopes is an empty string"):
        twin.client(None)


@pytest.mark.parametrize(
    ("token", "error", "message"),
    [
        ("", ValueError, "token is empty"),
        ("kept-secret\n", ValueError, r"token ends with a line break; was it read from a file\?"),
        ("kept secret", ValueError, "token has a space"),
        ('"kept-secret"', ValueError, "token has quotes around it"),
        ("\ufeffkept-secret", ValueError, "token begins with a byte order mark"),
        ("kept-secrét", ValueError, "token has a character that is not ASCII"),
        (7, TypeError, "token must be a str, not int"),
        (b"kept-secret", TypeError, "token must be a str, not bytes"),
    ],
)
def test_a_token_that_no_header_can_carry_is_refused_and_not_quoted(
    twin: Twin, token: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        twin.client(token)
    assert "kept" not in str(caught.value)


def test_a_token_of_one_client_is_never_used_by_another(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/usr_1").respond(json=USER)
    clients = [twin.client(f"token-{number}") for number in range(3)]
    for client in [*clients, *reversed(clients)]:
        twin.run(client.users.get("usr_1"))
    assert [request.headers["authorization"][-1] for request in sent(wire)] == ["0", "1", "2", "2", "1", "0"]


def test_a_fixed_token_that_is_refused_is_tried_once(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/usr_1").respond(401, json={"code": "unauthorized", "params": None})
    with pytest.raises(AuthenticationError):
        twin.run(twin.client().users.get("usr_1"))
    assert len(sent(wire)) == 1


def test_a_shallow_copy_of_a_client_works(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/usr_1").respond(json=USER)
    assert twin.run(copy.copy(twin.client()).users.get("usr_1")).id == "usr_1"
