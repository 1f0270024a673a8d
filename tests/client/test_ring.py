"""``ring``: one client over several tokens, and the token that each call is sent with."""

from __future__ import annotations

import copy
import logging
import pickle
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
import respx

from stemp_sdk import (
    AuthenticationError,
    MissingScopeError,
    MissingScopeWarning,
    RateLimit,
    TokenKind,
    TokenKindError,
    holds,
    presets,
)
from stemp_sdk._core.secret import Secret
from stemp_sdk._resources._dry_run import dry_run_of
from stemp_sdk.scopes import (
    API_TOKEN_MANAGE,
    LOYALTY_MANAGE,
    PASS_READ,
    PLATFORM_EMAIL_SEND,
    TEMPLATE_DELETE,
    USER_CREATE,
    USER_READ,
)
from tests.support.credentials import Renewing
from tests.support.jwts import jwt
from tests.support.twins import Twin, sent, settings_of, tokens_on

from .vault import USER

TILL, SYNC = "sk_live_till", "sk_live_sync"
APP = jwt(scopes=["platform:email:send", "user:read", "org:members:read"])
STAMPS = httpx.Response(200, json={"id": "ss_1", "currentStamps": 1})
REFUSED = httpx.Response(401, json={"code": "unauthorized"})


@pytest.fixture
def answering(wire: respx.Router) -> respx.Router:
    """The API, with some response to everything."""

    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path
        return STAMPS if "/stamps" in path else USER if "/users" in path else httpx.Response(200, json={"content": []})

    wire.route().mock(side_effect=answer)
    return wire


def ring(twin: Twin, tokens: Mapping[str, Any] | None = None, **options: Any) -> Any:
    """A ring of a till and a CRM, unless others are given; the connections are closed at the end of the test."""
    given: Mapping[str, Any] = (
        {"till": (TILL, presets.POS), "sync": (SYNC, presets.CRM_SYNC)} if tokens is None else tokens
    )
    return twin.kept(twin.of.ring(given, **options))


def test_each_call_goes_out_with_the_smallest_token_that_covers_it(twin: Twin, answering: respx.Router) -> None:
    client = ring(
        twin,
        {
            "report": ("sk_live_wide", presets.READ_ONLY),
            "till": (TILL, presets.POS),
            "reader": ("sk_live_r", USER_READ),
        },
    )
    twin.run(client.users.get("usr_1"))
    twin.run(client.loyalty.add_stamp("wp_1"))
    twin.run(client.loyalty.get_stamps("wp_1"))
    assert tokens_on(answering) == ["sk_live_r", TILL, TILL]


def test_of_equal_tokens_the_first_is_used(twin: Twin, answering: respx.Router) -> None:
    twin.run(ring(twin, {"b": ("sk_live_b", PASS_READ), "a": ("sk_live_a", PASS_READ)}).loyalty.get_stamps("wp_1"))
    assert tokens_on(answering) == ["sk_live_b"]


def test_an_api_token_and_an_apps_token_work_side_by_side(twin: Twin, answering: respx.Router) -> None:
    client = ring(twin, {"till": (TILL, presets.POS), "mail": (APP, presets.EMAIL_APP)})
    assert client.token_kind is None
    twin.all(client.emails.logs())
    twin.run(client.loyalty.add_stamp("wp_1"))
    assert tokens_on(answering) == [APP, TILL]
    assert ring(twin).token_kind is TokenKind.API


def test_a_call_that_no_token_covers_names_the_nearest_and_what_it_lacks(twin: Twin, wire: respx.Router) -> None:
    client = ring(twin)
    with pytest.raises(MissingScopeError) as caught:
        twin.run(client.request("GET", "/v1/x", scopes=LOYALTY_MANAGE | PASS_READ | USER_CREATE))
    error = caught.value
    assert (error.token_name, error.missing, error.held) == ("till", USER_CREATE, presets.POS)
    assert "no token of the ring covers; the token 'till' comes nearest and lacks user:create" in str(error)
    assert "No request was sent." in str(error)
    assert pickle.loads(pickle.dumps(error)).token_name == "till"
    assert not sent(wire)


def test_a_call_of_several_steps_is_checked_as_one(twin: Twin, wire: respx.Router) -> None:
    client = ring(twin, {"reader": ("sk_live_r", USER_READ), "writer": ("sk_live_w", USER_CREATE)})
    with pytest.raises(MissingScopeError, match="'reader' comes nearest and lacks user:create"):
        twin.run(client.users.get_or_create("c", email="a@b"))
    assert not sent(wire)


def test_a_write_with_a_reference_uses_one_token(twin: Twin, wire: respx.Router) -> None:
    history = wire.get("/v1/walletpasses/wp_1/stamps/history")
    history.mock(return_value=httpx.Response(200, json={"content": [], "last": True}))
    wire.post("/v1/walletpasses/wp_1/stamps/add").mock(return_value=STAMPS)
    client = ring(twin, {"reader": ("sk_live_r", PASS_READ), "till": (TILL, presets.POS)})
    twin.run(client.loyalty.add_stamp("wp_1", reference="receipt 4711"))
    assert set(tokens_on(wire)) == {TILL}


def test_warn_sends_with_the_nearest_token(twin: Twin, wire: respx.Router) -> None:
    wire.delete("/v1/templates/tpl_1").mock(return_value=httpx.Response(204))
    client = ring(twin, {"small": ("sk_live_small", USER_READ), "till": (TILL, presets.POS)}, check_scopes="warn")
    with pytest.warns(MissingScopeWarning, match="the token 'small' comes nearest and lacks template:delete"):
        twin.run(client.templates.delete("tpl_1"))
    assert tokens_on(wire) == ["sk_live_small"]


def test_the_server_may_refuse_a_scope_of_the_token_that_was_sent(twin: Twin, wire: respx.Router) -> None:
    refusal = {"code": "access_denied", "message": "Insufficient scope: requires user:create"}
    wire.post("/v1/users").mock(return_value=httpx.Response(403, json=refusal))
    with pytest.raises(MissingScopeError, match="the server says that the token 'sync' lacks user:create") as caught:
        twin.run(ring(twin).users.create(email="a@b"))
    assert (caught.value.source, caught.value.token_name) == ("server", "sync")


def test_rate_limits_are_apart(twin: Twin, wire: respx.Router) -> None:
    limit = {
        "X-RateLimit-Limit": "60",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": str(int(twin.still.now) + 30),
    }
    wire.post("/v1/walletpasses/wp_1/stamps/add").mock(
        return_value=httpx.Response(200, json={"currentStamps": 1}, headers=limit)
    )
    wire.post("/v1/users").mock(return_value=USER)
    client = ring(twin)
    twin.run(client.loyalty.add_stamp("wp_1"))
    assert client.rate_limit is None
    used_up = client.with_options(timeout=3).rate_limits
    assert isinstance(used_up["till"], RateLimit)
    assert used_up["till"].remaining == 0
    assert used_up["sync"] is None
    twin.run(client.users.create(email="a@b"))
    assert not twin.still.slept
    twin.run(client.loyalty.add_stamp("wp_1"))
    assert twin.still.slept == [30.0]
    assert twin.client("sk_live_x").rate_limits == {}


def test_a_refused_token_is_renewed_alone(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/usr_1").mock(side_effect=[REFUSED, USER])
    wire.post("/v1/users").mock(return_value=USER)
    wire.delete("/v1/users/usr_1").mock(return_value=REFUSED)
    asked: list[str] = []

    def vault() -> str:
        asked.append("till")
        return f"sk_live_{len(asked)}"

    client = ring(twin, {"till": (vault, USER_READ), "sync": (SYNC, presets.CRM_SYNC)})
    twin.run(client.users.get("usr_1"))
    twin.run(client.users.create(email="a@b"))
    with pytest.raises(AuthenticationError, match="the token 'sync' may be revoked"):
        twin.run(client.users.delete("usr_1"))
    assert tokens_on(wire) == ["sk_live_1", "sk_live_2", SYNC, SYNC]
    assert asked == ["till", "till"]


def test_a_token_that_lost_a_scope_no_longer_covers_it(twin: Twin, answering: respx.Router) -> None:
    credential: Any = Renewing([Secret("app")])
    credential.grant = type(credential.grant)(TokenKind.APP, USER_READ | PASS_READ)
    client = ring(twin, {"app": (credential, USER_READ | PASS_READ), "wide": (TILL, presets.POS | USER_CREATE)})
    twin.run(client.users.get("usr_1"))
    credential.grant = type(credential.grant)(TokenKind.APP, PASS_READ)
    twin.run(client.users.get("usr_1"))
    assert tokens_on(answering) == ["app", TILL]


def test_scopes_of_all_tokens_are_held_together(twin: Twin) -> None:
    client = ring(twin)
    assert client.scopes == presets.POS | presets.CRM_SYNC
    assert client.require(LOYALTY_MANAGE | USER_CREATE) is client
    assert holds(client, USER_CREATE)
    assert not holds(client, TEMPLATE_DELETE)
    assert client.can("loyalty.add_stamp")
    assert client.can("users.create")
    assert not client.can("templates.delete")
    with pytest.raises(MissingScopeError, match="comes nearest and lacks template:delete"):
        client.require(TEMPLATE_DELETE)


def test_a_method_can_be_checked_without_a_request(twin: Twin, wire: respx.Router) -> None:
    client = ring(twin)
    dry_run_of(client.loyalty.add_stamp)({"pass_id": "wp_1"})
    with pytest.raises(MissingScopeError, match="'till' comes nearest and lacks template:delete"):
        dry_run_of(client.templates.delete)({"template_id": "tpl_1"})
    assert not sent(wire)


def test_scopes_limit_what_the_ring_holds(twin: Twin, wire: respx.Router) -> None:
    client = ring(twin, scopes=LOYALTY_MANAGE | USER_CREATE)
    assert client.scopes == LOYALTY_MANAGE | USER_CREATE
    with pytest.raises(MissingScopeError, match="lacks user:update"):
        twin.run(client.users.delete("usr_1"))
    with pytest.raises(MissingScopeError, match=r"ring\(scopes=...\) needs template:delete"):
        ring(twin, scopes=TEMPLATE_DELETE)
    assert not sent(wire)


def test_only_confines_every_token(twin: Twin, answering: respx.Router) -> None:
    client = ring(twin)
    narrow = client.only(USER_READ)
    twin.run(narrow.users.get("usr_1"))
    with pytest.raises(MissingScopeError, match=r"only\(\) confines this client"):
        twin.run(narrow.users.create(email="a@b"))
    twin.run(client.users.create(email="a@b"))
    assert tokens_on(answering) == [TILL, SYNC]


def test_copies_keep_the_tokens_and_the_connections(twin: Twin, answering: respx.Router) -> None:
    client = ring(twin)
    for other in (client.with_options(max_retries=0), copy.deepcopy(client)):
        twin.run(other.users.create(email="a@b"))
        assert other.rate_limits.keys() == {"till", "sync"}
    assert set(tokens_on(answering)) == {SYNC}


def test_options_apply_to_each_token(twin: Twin, answering: respx.Router) -> None:
    client = ring(twin, paths={"users.get": "/v1/users/by-id/{id}"}).with_options(extra_body={"a": 1})
    twin.run(client.users.get("usr_1"))
    twin.run(client.users.create(email="a@b"))
    assert [request.url.path for request in sent(answering)] == ["/api/v1/users/by-id/usr_1", "/api/v1/users"]
    assert b'"a": 1' in sent(answering)[1].content
    assert tokens_on(answering) == [TILL, SYNC]


@pytest.mark.usefixtures("answering")
def test_no_repr_log_or_pickle_shows_a_token(twin: Twin, caplog: pytest.LogCaptureFixture) -> None:
    client = ring(twin)
    with caplog.at_level(logging.DEBUG, "stemp_sdk"):
        twin.run(client.users.get("usr_1"))
    assert "users.get: the token 'till'" in caplog.text
    assert "sk_live" not in caplog.text + repr(client) + repr(settings_of(client))
    with pytest.raises(TypeError, match="pickle"):
        pickle.dumps(settings_of(client).tokens["till"].credential)


@pytest.mark.parametrize(
    ("tokens", "kind", "message"),
    [
        ({}, ValueError, "tokens is empty"),
        ([("till", (TILL, presets.POS))], TypeError, "tokens must be a mapping of names to .token, scopes., not list"),
        ({"till": TILL}, TypeError, r"tokens\['till'\] must be a tuple \(token, scopes\), not str"),
        ({"till": (TILL,)}, TypeError, r"tokens\['till'\] must be a tuple"),
        ({"till": (TILL, None)}, TypeError, r"tokens\['till'\]: scopes must be a ScopeSet, not NoneType"),
        ({"till": (None, presets.POS)}, TypeError, r"tokens\['till'\]: token is missing"),
        ({"till": ("sk live", presets.POS)}, ValueError, r"tokens\['till'\]: token"),
        ({1: (TILL, presets.POS)}, TypeError, "tokens: a name must be a str, not int"),
        ({" ": (TILL, presets.POS)}, ValueError, "tokens: a name must not be empty"),
        (
            {"mail": (TILL, PLATFORM_EMAIL_SEND)},
            TokenKindError,
            r"tokens\['mail'\] needs platform:email:send, which an API",
        ),
        (
            {"both": (lambda: "t", PLATFORM_EMAIL_SEND | API_TOKEN_MANAGE)},
            TokenKindError,
            r"tokens\['both'\]: no single",
        ),
        ({"app": (APP, presets.POS)}, MissingScopeError, r"tokens\['app'\] needs .*the token lacks"),
    ],
)
def test_a_bad_entry_is_named(twin: Twin, tokens: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message) as caught:
        ring(twin, tokens)
    assert "sk_live" not in str(caught.value)


def test_scopes_have_to_be_a_set(twin: Twin) -> None:
    with pytest.raises(TypeError, match="scopes must be a ScopeSet, not str"):
        ring(twin, scopes="pass:read")
