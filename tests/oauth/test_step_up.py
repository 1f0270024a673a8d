# pyright: basic, reportArgumentType=false, reportAttributeAccessIssue=false
# pyright: reportPossiblyUnboundVariable=false

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from stemp_sdk import OPERATIONS, MissingScopeError, Stemp, TokenKind, presets
from stemp_sdk.oauth import MemoryTokenStore, OAuthApp, ScopesDeclinedError
from stemp_sdk.scopes import ORG_READ, PASS_READ, PLATFORM_EMAIL_SEND, USER_READ, ScopeSet, parse
from tests.oauth.test_exchange import jwt
from tests.oauth.world import ASKED, World


def _refused(world: World, client: Stemp) -> MissingScopeError:
    """What a mail comes to."""
    with pytest.raises(MissingScopeError) as caught:
        world.twin.run(client.emails.send(to="usr_1", subject="Hi", html_body="<p>Hi</p>", category="transactional"))
    return caught.value


@pytest.mark.parametrize("check", ["raise", "off"])
def test_a_missing_scope_leads_to_a_consent_for_the_union(world: World, check: str) -> None:
    installation = world.install(asked=USER_READ)
    error = _refused(world, world.client(installation, check_scopes=check))
    assert (error.source, error.declined) == ("local" if check == "raise" else "server", ScopeSet())
    assert error.consent_scopes == USER_READ | PLATFORM_EMAIL_SEND
    pending = world.app.step_up(error)
    assert parse_qs(urlsplit(pending.url).query)["scope"] == ["platform:email:send user:read"]
    granted = world.exchange(world.sandbox.allow(pending.url), pending)
    assert (granted.id, granted.scopes) == (installation.id, USER_READ | PLATFORM_EMAIL_SEND)
    client = world.client(granted)
    to = world.twin.run(client.users.list()).items[0].id
    sent = world.twin.run(client.emails.send(to=to, subject="Hi", html_body="<p>Hi</p>", category="transactional"))
    assert sent.status == "sent"


def test_a_declined_step_up_is_not_repeated(world: World) -> None:
    pending = world.app.step_up(_refused(world, world.client(world.install(asked=USER_READ))))
    installation = world.exchange(world.sandbox.allow(pending.url, scopes=USER_READ), pending)
    error = _refused(world, world.client(installation))
    assert str(error) == (
        "emails.send needs platform:email:send. The organization was asked for platform:email:send and declined; its "
        "installation holds user:read. No request was sent. Do without it, or let a person there grant it."
    )
    with pytest.raises(ScopesDeclinedError) as caught:
        world.app.step_up(error)
    assert caught.value.declined == PLATFORM_EMAIL_SEND
    assert str(caught.value).startswith("the organization was asked for platform:email:send and declined. Do without")


def test_nor_where_another_step_up_came_between(world: World) -> None:
    world.install(asked=USER_READ | PLATFORM_EMAIL_SEND, granted=USER_READ)
    client = world.client(world.install(asked=USER_READ | PASS_READ))
    with pytest.raises(ScopesDeclinedError):
        world.app.step_up(_refused(world, client))


def test_a_person_who_wants_it_after_all_can_be_asked(world: World) -> None:
    world.install(granted=USER_READ)
    pending = world.app.authorize(scopes=ASKED)
    assert world.exchange(world.sandbox.allow(pending.url), pending).declined == ScopeSet()


def test_a_start_up_check_tells_of_declined_scopes_too(world: World) -> None:
    client = world.client(world.install(granted=USER_READ))
    with pytest.raises(MissingScopeError, match="was asked for pass:read and declined") as caught:
        client.require(PASS_READ)
    with pytest.raises(ScopesDeclinedError):
        world.app.step_up(caught.value)


def test_a_confined_client_asks_for_no_less_than_the_installation_holds(world: World) -> None:
    client = world.client(world.install(asked=USER_READ | PASS_READ)).only(USER_READ)
    error = _refused(world, client)
    assert (error.held, error.granted) == (USER_READ, USER_READ | PASS_READ)
    assert error.consent_scopes == USER_READ | PASS_READ | PLATFORM_EMAIL_SEND


def test_of_an_unknown_token_only_what_is_missing_is_asked_for() -> None:
    assert MissingScopeError("emails.send", PLATFORM_EMAIL_SEND, None, "server").consent_scopes == PLATFORM_EMAIL_SEND


def test_a_token_of_ones_own_making(world: World) -> None:
    token = jwt(scopes=["user:read"])
    client = world.twin.of.oauth(token, http_client=world.answering(200, {"content": []}))  # type: ignore[arg-type]
    assert (client.scopes, client.token_kind) == (USER_READ, TokenKind.APP)
    assert world.users(client) == 0


def test_what_an_update_of_the_app_would_newly_ask_for(world: World) -> None:
    installation = world.install(granted=USER_READ | PASS_READ)
    diff = installation.diff(USER_READ | ORG_READ | PLATFORM_EMAIL_SEND)
    assert (diff.new, diff.dropped, diff.declined) == (ORG_READ, PASS_READ, PLATFORM_EMAIL_SEND)
    assert diff.unlocks == {"org:read": ("org.get",)}
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
    needing = [each for each in world.app.installations() if each.diff(USER_READ | ORG_READ).needs_consent]
    assert [each.organization_id for each in needing] == [world.sandbox.organizations[0].id]


def test_an_installation_that_goes_while_they_are_listed_is_passed_over() -> None:
    class Forgetful(MemoryTokenStore):
        def keys(self) -> list[str]:
            return ["ins_gone"]

    app = OAuthApp("app", "secret", "https://app.example/callback", scopes=USER_READ, store=Forgetful())
    assert list(app.installations()) == []
