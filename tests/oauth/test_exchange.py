from __future__ import annotations

from typing import Any

import httpx
import pytest

from stemp_sdk import APIConnectionError, DecodeError, RateLimitError, ServerError, UnknownOutcomeError
from stemp_sdk.oauth import (
    CallbackError,
    ConsentDeniedError,
    Installation,
    ReauthorizationRequired,
)
from stemp_sdk.scopes import PASS_READ, USER_READ, ScopeSet, parse
from tests.oauth.world import ASKED, REDIRECT_URI, TokenServer, World, answered
from tests.support.jwts import jwt


def _served(world: World, *answers: Any, **options: Any) -> Installation:
    """What an exchange makes of a server's answers."""
    app = world.new_app(client_id="app_1", http_client=TokenServer(*answers).client(), **options)
    pending = app.authorize()
    return world.exchange(answered(pending), pending, app)


def test_an_installation_is_what_was_granted(world: World) -> None:
    installation = world.install()
    installed = world.sandbox.apps.installations[0]
    assert (installation.id, installation.organization_id) == (installed.id, installed.organization_id)
    assert installation.client_id == world.registered.client_id
    assert (installation.scopes, installation.requested, installation.declined) == (ASKED, ASKED, ScopeSet())
    assert installation.expires_at - installation.issued_at == 1800
    assert world.stored(installation).to_json() == installation.to_json()
    assert world.users(world.client(installation)) == 3


def test_an_installation_is_forgotten_by_itself_or_by_its_id(world: World) -> None:
    second = world.sandbox.add_organization("Second").id
    one, two = world.install(), world.install(organization_id=second)
    assert {each.id for each in world.all_stored()} == {one.id, two.id}
    world.forget(one)
    assert [each.id for each in world.all_stored()] == [two.id]
    world.store.save(two.id, b"damaged")
    damaged: list[str] = []
    assert world.all_stored() == []
    assert world.all_stored(on_damaged=damaged.append) == []
    assert damaged == [two.id]
    for _ in range(2):
        world.forget(two.id)
    assert world.all_stored() == []
    with pytest.raises(ReauthorizationRequired, match="it is not in the token store") as caught:
        world.stored(one)
    world.forget(caught.value.installation_id)


def test_a_grant_of_fewer_scopes_is_not_an_error(world: World) -> None:
    installation = world.install(granted=USER_READ)
    assert installation.scopes == USER_READ
    assert installation.declined == parse("pass:read platform:email:send")
    assert world.stored(installation).declined == installation.declined


def test_a_grant_of_no_scopes_is_not_an_error(world: World) -> None:
    installation = world.install(granted=ScopeSet())
    assert (installation.scopes, installation.declined) == (ScopeSet(), ASKED)


def test_denied_consent_is_an_error_of_its_own(world: World) -> None:
    pending = world.app.authorize()
    with pytest.raises(ConsentDeniedError) as caught:
        world.exchange(world.sandbox.consent.deny(pending.url), pending)
    assert str(caught.value) == "the organization did not consent: the organization denied the request"
    assert str(ConsentDeniedError(None)) == "the organization did not consent"
    assert list(world.app.installations()) == []


@pytest.mark.parametrize(
    ("callback", "reason"),
    [
        ("?code=c&state=forged", "state mismatch"),
        ("?code=c", "state mismatch"),
        ("?code=c&state=", "state mismatch"),
        ("?code=c&state=\ud800", "state mismatch"),
        ("", "state mismatch"),
        ("?state={state}", "it has no code"),
        ("?state={state}&code=", "it has no code"),
        ("?state={state}&code=a&code=b", "it names a parameter twice"),
        ("?state={state}&error=server_error", "the server says server_error. Nothing"),
        (
            "?state={state}&error=server_error&error_description=come+back%0D%0Alater",
            "the server says server_error, come back later. Nothing",
        ),
    ],
)
def test_a_callback_that_cannot_be_used_is_refused(world: World, callback: str, reason: str) -> None:
    pending = world.app.authorize()
    with pytest.raises(CallbackError) as caught:
        world.exchange(REDIRECT_URI + callback.format(state=pending.state), pending)
    assert reason in str(caught.value)
    assert world.log == []


def test_a_fragment_is_no_part_of_the_query(world: World) -> None:
    pending = world.app.authorize()
    assert world.exchange(world.sandbox.consent.allow(pending.url) + "#_=_", pending).scopes == ASKED


def test_an_authorization_is_stale_after_ten_minutes(world: World) -> None:
    pending = world.app.authorize()
    world.twin.still.now += 600
    callback_url = world.sandbox.consent.allow(pending.url)
    world.exchange(callback_url, pending)
    world.twin.still.now += 1
    with pytest.raises(CallbackError, match="started more than ten minutes ago"):
        world.exchange(callback_url, pending)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((None, None), "callback_url must be a str, not NoneType"),
        ((httpx.URL("https://app.example/"), None), "callback_url must be a str, not URL"),
        (("https://app.example/", None), "pending must be a PendingAuthorization, not NoneType"),
        (("https://app.example/", "{}"), "pending must be a PendingAuthorization, not str"),
    ],
)
def test_an_exchange_without_its_arguments_is_refused(world: World, arguments: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        world.exchange(*arguments)


def test_each_argument_of_the_exchange_of_the_wrong_type_is_named(world: World) -> None:
    nothing: Any = "ins_1"
    for make in (world.app.client, world.app.async_client):
        with pytest.raises(TypeError, match="installation must be an Installation, not str"):
            make(nothing)
    with pytest.raises(TypeError, match="error must be a MissingScopeError, not str"):
        world.step_up(nothing)
    with pytest.raises(TypeError, match="requested must be a ScopeSet, not str"):
        world.install().diff(nothing)
    nothing = None
    with pytest.raises(TypeError, match="installation_id must be a str, not NoneType"):
        world.app.installation(nothing)


def test_a_callback_for_another_app_is_refused(world: World) -> None:
    other = world.sandbox.apps.register(name="Other", redirect_uri=REDIRECT_URI)
    theirs = world.new_app(client_id=other.client_id, client_secret=other.client_secret)
    pending, foreign = world.app.authorize(), theirs.authorize()
    with pytest.raises(CallbackError, match="may be forged"):
        world.exchange(world.sandbox.consent.allow(foreign.url), pending)
    code = world.sandbox.consent.allow(foreign.url).partition("code=")[2].partition("&")[0]
    with pytest.raises(CallbackError, match=r"does not take its code \(invalid_grant\)"):
        world.exchange(answered(pending, code), pending)
    assert list(world.app.installations()) == []


def test_a_wrong_client_secret_is_an_error(world: World) -> None:
    app = world.new_app(client_secret="wrong-secret")
    pending = app.authorize()
    callback_url = world.sandbox.consent.allow(pending.url)
    with pytest.raises(CallbackError) as caught:
        world.exchange(callback_url, pending, app)
    assert str(caught.value) == (
        "the authorization callback was refused: the server does not accept the app itself (invalid_client). Nothing "
        "was stored; check client_id and client_secret."
    )
    assert caught.value.code == "invalid_client"


GARBAGE: list[Any] = [None, 5, "", "ins 1", "ins_\ud800", "i" * 201, ["ins_1"], {}]


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({}, "the access token names no installation"),
        *(({"installationId": garbage}, "the access token names no installation") for garbage in GARBAGE),
        *(
            (
                {"installationId": "ins_1", "clientId": garbage},
                "the access token cannot be trusted: it is for another app",
            )
            for garbage in GARBAGE[1:]
        ),
    ],
)
def test_a_token_with_garbage_claims_is_not_stored(world: World, claims: dict[str, Any], reason: str) -> None:
    with pytest.raises(CallbackError, match=reason):
        _served(world, {"access_token": jwt(**claims)})
    assert list(world.app.installations()) == []


@pytest.mark.parametrize("token", ["opaque", "a.b.c", "..", "a.!!.c", "a.W10.c"])
def test_a_token_that_is_not_a_jwt_names_no_installation(world: World, token: str) -> None:
    with pytest.raises(CallbackError, match="names no installation"):
        _served(world, {"access_token": token})


def test_an_installation_has_none_for_what_its_token_does_not_say(world: World) -> None:
    token = jwt(installationId="ins_1", organizationId=["org_1"])
    installation = _served(world, {"access_token": token})
    assert (installation.organization_id, installation.client_id) == (None, "app_1")
    assert installation.refresh_token is None


@pytest.mark.parametrize(
    ("claim", "scope", "granted"),
    [
        (["user:read"], "pass:read", "user:read"),
        ("user:read cards:eat", "pass:read", "user:read cards:eat"),
        ([], "pass:read", ""),
        ("", "pass:read", ""),
        (None, "pass:read user:read", "pass:read user:read"),
        (7, "pass:read", "pass:read"),
        (["a b"], "pass:read", "pass:read"),
        (None, "", None),
        (None, "  ", None),
        (None, [], None),
        (None, ["user:read"], "user:read"),
        (None, None, str(ASKED)),
        (None, 'broken"', None),
        (None, 7, None),
    ],
)
def test_the_granted_scopes_come_from_the_response_or_the_token(
    world: World, claim: object, scope: object, granted: str | None
) -> None:
    claims = {"installationId": "ins_1"} | ({} if claim is None else {"scopes": claim})
    installation = _served(world, {"access_token": jwt(**claims), "scope": scope})
    assert installation.scopes == (None if granted is None else ScopeSet(*granted.split()))
    assert installation.declined == (ScopeSet() if installation.scopes is None else ASKED - installation.scopes)
    assert world.stored(installation).to_json() == installation.to_json()
    assert world.stored(installation).scopes == installation.scopes


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        (60, 60),
        (0.5, 0.5),
        ("60", 60),
        (0, 0),
        (None, 1800),
        (-1, 1800),
        ("soon", 1800),
        ([], 1800),
        (1e300, 1800),
        (10**400, 1800),
        ("NaN", 1800),
    ],
)
def test_the_lifetime_of_a_token_comes_from_the_response_or_the_token(
    world: World, given: object, seconds: float
) -> None:
    installation = _served(world, {"access_token": jwt(installationId="ins_1"), "expires_in": given})
    assert installation.expires_at - installation.issued_at == seconds


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>",
        b"[]",
        {},
        {"access_token": None},
        {"access_token": 5},
        {"access_token": ""},
        {"access_token": "a\nb"},
        {"access_token": "ä"},
    ],
)
def test_a_response_of_the_exchange_without_a_token_is_an_error(world: World, answer: Any) -> None:
    with pytest.raises(
        DecodeError, match=r"^oauth\.exchange: the server responded with 200, but the body cannot be read"
    ):
        _served(world, answer)


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ([502], ServerError),
        ([503, 503, 503], ServerError),
        ([429, 429, 429], RateLimitError),
        ([httpx.ReadTimeout("late")], UnknownOutcomeError),
        ([httpx.ConnectError("no")] * 3, APIConnectionError),
    ],
)
def test_a_failure_of_the_token_endpoint_has_its_error(
    world: World, answers: list[Any], error: type[Exception]
) -> None:
    with pytest.raises(error, match=r"^oauth\.exchange: "):
        _served(world, *answers)


def test_several_organizations_install_the_same_app(world: World) -> None:
    second = world.sandbox.add_organization("Second")
    installations = [world.install(), world.install(organization_id=second.id)]
    assert [each.id for each in world.app.installations()] == sorted(each.id for each in installations)
    assert [world.users(world.client(each)) for each in installations] == [3, 0]


def test_an_installation_that_is_forgotten_is_not_stored(world: World) -> None:
    installation = world.install()
    world.forget(installation)
    assert list(world.app.installations()) == []
    with pytest.raises(ReauthorizationRequired, match="has to be authorized again: it is not in the token store"):
        world.stored(installation)


def test_a_scope_that_was_declined_once_stays_declined(world: World) -> None:
    first = world.install(granted=USER_READ)
    second = world.install(asked=USER_READ | PASS_READ)
    assert second.id == first.id
    assert (second.scopes, second.declined) == (USER_READ | PASS_READ, parse("platform:email:send"))
    third = world.install(asked=ASKED)
    assert (third.scopes, third.declined) == (ASKED, ScopeSet())


def test_a_damaged_installation_is_replaced_by_a_new_consent(world: World) -> None:
    installation = world.install()
    world.store.save(installation.id, b"\x00 damaged")
    assert world.install().id == installation.id
    assert world.stored(installation).scopes == ASKED
