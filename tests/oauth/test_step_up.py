from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import attrs
import pytest

from stemp_sdk import OPERATIONS, MissingScopeError, Stemp, TokenKind, presets
from stemp_sdk.oauth import (
    CallbackError,
    Installation,
    MemoryTokenStore,
    ScopesDeclinedError,
    TokenStoreError,
)
from stemp_sdk.scopes import ORG_READ, PASS_READ, PLATFORM_EMAIL_SEND, USER_READ, ScopeSet, parse
from tests.oauth.world import ASKED, REDIRECT_URI, World
from tests.support.jwts import jwt
from tests.support.twins import Twin


def _mail(world: World, client: Stemp) -> None:
    to = world.twin.run(client.users.list()).items[0].id
    sent = world.twin.run(client.emails.send(to=to, subject="Hi", html_body="<p>Hi</p>", category="transactional"))
    assert sent.status == "sent"


def _refused(world: World, client: Stemp) -> MissingScopeError:
    """What a mail comes to."""
    with pytest.raises(MissingScopeError) as caught:
        _mail(world, client)
    return caught.value


@pytest.mark.parametrize("check", ["raise", "off"])
def test_a_missing_scope_leads_to_a_consent_for_the_union(world: World, check: str) -> None:
    installation = world.install(asked=USER_READ)
    error = _refused(world, world.client(installation, check_scopes=check))
    assert (error.source, error.declined) == ("local" if check == "raise" else "server", ScopeSet())
    assert error.consent_scopes == USER_READ | PLATFORM_EMAIL_SEND
    pending = world.step_up(error)
    assert parse_qs(urlsplit(pending.url).query)["scope"] == ["platform:email:send user:read"]
    granted = world.exchange(world.sandbox.consent.allow(pending.url), pending)
    assert (granted.id, granted.scopes) == (installation.id, USER_READ | PLATFORM_EMAIL_SEND)
    _mail(world, world.client(granted))


def test_a_declined_step_up_is_not_repeated(world: World) -> None:
    pending = world.step_up(_refused(world, world.client(world.install(asked=USER_READ))))
    installation = world.exchange(world.sandbox.consent.allow(pending.url, scopes=USER_READ), pending)
    error = _refused(world, world.client(installation))
    assert str(error) == (
        "emails.send needs platform:email:send. The organization was asked for platform:email:send and declined; its "
        "installation holds user:read. No request was sent. Continue without it, or ask the organization to grant it."
    )
    with pytest.raises(ScopesDeclinedError) as caught:
        world.step_up(error)
    assert caught.value.declined == PLATFORM_EMAIL_SEND
    assert str(caught.value).startswith("the organization was asked for platform:email:send and declined. Continue")


def _say_no(world: World) -> Installation:
    """A user is asked for the scope of an email, and presses Deny."""
    installation = world.install(asked=USER_READ)
    world.deny(world.step_up(_refused(world, world.client(installation))))
    return installation


def test_a_denied_step_up_is_not_repeated(world: World) -> None:
    installation = _say_no(world)
    stored = world.stored(installation)
    assert (stored.scopes, stored.declined) == (USER_READ, PLATFORM_EMAIL_SEND)
    assert stored.access_token == installation.access_token
    assert stored.refresh_token == installation.refresh_token
    error = _refused(world, world.client(stored))
    assert error.declined == PLATFORM_EMAIL_SEND
    with pytest.raises(ScopesDeclinedError):
        world.step_up(error)


def test_a_denial_counts_in_every_process_and_for_errors_that_came_before_it(world: World) -> None:
    installation = world.install(asked=USER_READ)
    client = world.client(installation, world.new_app())
    early = _refused(world, client)
    assert early.installation_id == installation.id
    world.deny(world.step_up(early))
    for error in (early, _refused(world, client)):
        with pytest.raises(ScopesDeclinedError) as caught:
            world.step_up(error)
        assert caught.value.declined == PLATFORM_EMAIL_SEND


@pytest.mark.parametrize("check", ["raise", "off"])
def test_an_existing_client_reports_a_declined_scope(world: World, check: str) -> None:
    client = world.client(world.install(asked=USER_READ), check_scopes=check)
    assert _refused(world, client).declined == ScopeSet()
    world.deny(world.step_up(_refused(world, client)))
    error = _refused(world, client)
    assert error.declined == PLATFORM_EMAIL_SEND
    assert "asked for platform:email:send and declined" in str(error)


def test_an_existing_client_uses_a_scope_that_was_granted_elsewhere(world: World) -> None:
    client = world.client(world.install(asked=USER_READ), world.new_app())
    pending = world.step_up(_refused(world, client))
    world.exchange(world.sandbox.consent.allow(pending.url), pending)
    requests = len(world.log)
    _mail(world, client)
    assert [name for name, _ in world.log[requests:]] == ["users.list", "emails.send"]
    assert client.scopes == USER_READ | PLATFORM_EMAIL_SEND


def test_get_or_create_uses_a_scope_that_was_granted_elsewhere(world: World) -> None:
    client = world.client(world.install(asked=USER_READ))
    with pytest.raises(MissingScopeError) as caught:
        world.twin.run(client.users.get_or_create("cust_9", email="mia9@example.com"))
    pending = world.step_up(caught.value)
    world.exchange(world.sandbox.consent.allow(pending.url), pending)
    assert world.twin.run(client.users.get_or_create("cust_9", email="mia9@example.com")).external_id == "cust_9"


def test_calls_that_may_be_made_read_no_store(world: World) -> None:
    installation = world.install(asked=USER_READ)
    client = world.client(installation)
    world.store.save(installation.id, b"damaged")
    assert world.users(client) == 3


def test_a_refusal_stands_where_the_store_cannot_be_read(world: World, caplog: pytest.LogCaptureFixture) -> None:
    installation = world.install(asked=USER_READ)
    client = world.client(installation)
    world.store.save(installation.id, b"damaged")
    error = _refused(world, client)
    assert (error.missing, error.declined) == (PLATFORM_EMAIL_SEND, ScopeSet())
    assert [record.getMessage().partition(";")[0] for record in caplog.records] == [
        f"what is stored for installation {installation.id} is damaged"
    ]
    with pytest.raises(TokenStoreError, match="damaged"):
        world.step_up(error)


def test_a_denial_survives_a_refresh_and_a_refresh_survives_a_denial(rotating: World) -> None:
    installation = rotating.install(asked=USER_READ)
    client = rotating.client(installation)
    pending = rotating.step_up(_refused(rotating, client))
    rotating.sandbox.apps.expire_access_tokens()
    assert rotating.users(client) == 3
    renewed = rotating.stored(installation)
    rotating.deny(pending)
    assert rotating.stored(installation).refresh_token == renewed.refresh_token != installation.refresh_token
    rotating.sandbox.apps.expire_access_tokens()
    assert rotating.users(client) == 3
    assert rotating.stored(installation).declined == PLATFORM_EMAIL_SEND


def test_a_consent_that_the_user_gives_unasked_takes_a_denial_back(world: World) -> None:
    installation = _say_no(world)
    pending = world.app.authorize(scopes=world.stored(installation).requested, installation=installation)
    granted = world.exchange(world.sandbox.consent.allow(pending.url), pending)
    assert (granted.id, granted.declined) == (installation.id, ScopeSet())
    _mail(world, world.client(granted))
    world.sandbox.apps.withdraw(installation.id, PLATFORM_EMAIL_SEND)  # and after all
    world.sandbox.apps.expire_access_tokens()
    assert world.users(world.client(granted)) == 3
    assert world.stored(installation).declined == PLATFORM_EMAIL_SEND


@pytest.mark.parametrize("by_id", [True, False])
def test_an_update_that_is_declined_is_not_asked_for_again(world: World, by_id: bool) -> None:
    installation = world.install(asked=USER_READ)
    world.deny(world.app.authorize(installation=installation.id if by_id else installation))
    diff = world.stored(installation).diff(ASKED)
    assert (diff.needs_consent, diff.declined) == (False, ASKED - USER_READ)


def test_a_denial_without_an_installation_is_not_stored(world: World) -> None:
    installation = world.install(asked=USER_READ)
    world.deny(world.app.authorize())
    assert world.stored(installation).declined == ScopeSet()


def test_a_denial_of_an_installation_that_is_gone_is_a_denial(world: World) -> None:
    installation = world.install(asked=USER_READ)
    pending = world.step_up(_refused(world, world.client(installation)))
    world.forget(installation)
    world.deny(pending)
    assert world.all_stored() == []


@pytest.mark.parametrize("forged", ["&error=access_denied", "&state=forged&error=access_denied"])
def test_a_forged_denial_is_not_remembered(world: World, forged: str) -> None:
    installation = world.install(asked=USER_READ)
    pending = world.step_up(_refused(world, world.client(installation)))
    with pytest.raises(CallbackError, match="may be forged"):
        world.exchange(f"{REDIRECT_URI}?{forged}", pending)
    assert world.stored(installation).declined == ScopeSet()


def test_a_step_up_goes_by_what_the_installation_holds_now(world: World) -> None:
    """So that a scope which others requested meanwhile is kept, and one that was withdrawn is not requested again."""
    installation = world.install(asked=USER_READ | ORG_READ)
    early = _refused(world, world.client(installation))
    world.install(asked=USER_READ | PASS_READ)
    assert world.step_up(early).scopes == USER_READ | PASS_READ | PLATFORM_EMAIL_SEND
    world.forget(installation)
    assert world.step_up(early).scopes == USER_READ | ORG_READ | PLATFORM_EMAIL_SEND


def test_a_declined_step_up_is_not_repeated_after_another_step_up(world: World) -> None:
    world.install(asked=USER_READ | PLATFORM_EMAIL_SEND, granted=USER_READ)
    client = world.client(world.install(asked=USER_READ | PASS_READ))
    with pytest.raises(ScopesDeclinedError):
        world.step_up(_refused(world, client))


def test_a_step_up_works_where_the_granted_scopes_are_unknown(world: World) -> None:
    installation = attrs.evolve(world.install(asked=USER_READ), scopes=None)
    world.store.save(installation.id, installation.to_json())
    error = MissingScopeError("emails.send", PLATFORM_EMAIL_SEND, None, "server", installation_id=installation.id)
    pending = world.step_up(error)
    assert pending.scopes == USER_READ | PLATFORM_EMAIL_SEND
    world.deny(pending)
    stored = world.stored(installation)
    assert (stored.scopes, stored.declined) == (None, ScopeSet())
    with pytest.raises(ScopesDeclinedError):  # it was asked for, and the server says that it was not granted
        world.step_up(error)
    diff = stored.diff(USER_READ | PASS_READ)
    assert (diff.new, diff.declined, diff.dropped) == (PASS_READ, ScopeSet(), PLATFORM_EMAIL_SEND)


def test_a_declined_scope_can_be_asked_for_again_on_purpose(world: World) -> None:
    world.install(granted=USER_READ)
    pending = world.app.authorize(scopes=ASKED)
    assert world.exchange(world.sandbox.consent.allow(pending.url), pending).declined == ScopeSet()


def test_a_start_up_check_reports_declined_scopes(world: World) -> None:
    client = world.client(world.install(granted=USER_READ))
    with pytest.raises(MissingScopeError, match="was asked for pass:read and declined") as caught:
        client.require(PASS_READ)
    with pytest.raises(ScopesDeclinedError):
        world.step_up(caught.value)


def test_a_confined_client_asks_for_no_less_than_the_installation_holds(world: World) -> None:
    client = world.client(world.install(asked=USER_READ | PASS_READ)).only(USER_READ)
    error = _refused(world, client)
    assert (error.held, error.granted) == (USER_READ, USER_READ | PASS_READ)
    assert error.consent_scopes == USER_READ | PASS_READ | PLATFORM_EMAIL_SEND


def test_a_step_up_of_an_unknown_installation_asks_for_the_missing_scopes_only() -> None:
    assert MissingScopeError("emails.send", PLATFORM_EMAIL_SEND, None, "server").consent_scopes == PLATFORM_EMAIL_SEND


def test_a_client_takes_an_app_token_without_an_installation(world: World) -> None:
    token = jwt(scopes=["user:read"])
    http_client: Any = world.answering(200, {"content": []})
    client = world.twin.of.from_app_token(token, http_client=http_client)
    assert (client.scopes, client.token_kind) == (USER_READ, TokenKind.APP)
    assert world.users(client) == 0


def test_the_diff_of_an_installation_has_new_dropped_and_declined_scopes(world: World) -> None:
    installation = world.install(granted=USER_READ | PASS_READ)
    diff = installation.diff(USER_READ | ORG_READ | PLATFORM_EMAIL_SEND)
    assert (diff.new, diff.dropped, diff.declined) == (ORG_READ, PASS_READ, PLATFORM_EMAIL_SEND)
    assert [*diff.unlocks] == ["org:read"]
    assert {*diff.unlocks["org:read"]} == {name for name, each in OPERATIONS.items() if "org:read" in each.scopes}
    assert "org.get" in diff.unlocks["org:read"]
    assert diff.needs_consent


def test_each_new_scope_unlocks_operations(world: World) -> None:
    diff = world.install(asked=USER_READ).diff(presets.POS)
    assert {scope: set(names) for scope, names in diff.unlocks.items()} == {
        scope: {name for name, operation in OPERATIONS.items() if scope in operation.scopes}
        for scope in ("loyalty:manage", "pass:create", "pass:read")
    }
    assert world.install(asked=USER_READ).diff(parse("cards:eat")).unlocks == {"cards:eat": ()}


def test_which_installations_need_a_new_consent(world: World) -> None:
    second, third = (world.sandbox.add_organization(name).id for name in ("Second", "Third"))
    world.install(asked=USER_READ)
    world.install(asked=USER_READ | ORG_READ, organization_id=second)
    world.install(asked=USER_READ | ORG_READ, granted=USER_READ, organization_id=third)
    needing = [each for each in world.all_stored() if each.diff(USER_READ | ORG_READ).needs_consent]
    assert [each.organization_id for each in needing] == [world.sandbox.organizations[0].id]


def test_an_installation_that_goes_while_they_are_listed_is_passed_over(twin: Twin) -> None:
    class Forgetful(MemoryTokenStore):
        def keys(self) -> list[str]:
            return ["ins_gone"]

    assert World(twin, store=Forgetful()).all_stored() == []
