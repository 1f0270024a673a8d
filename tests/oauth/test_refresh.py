from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import Any

import attrs
import pytest

from stemp_sdk import (
    AuthenticationError,
    MissingScopeError,
    PermissionDeniedError,
)
from stemp_sdk.oauth import MemoryTokenStore, TokenState
from stemp_sdk.scopes import PASS_READ, USER_READ, ScopeSet
from tests.oauth.world import ASKED, TokenServer, World, credential_of, ends_in, same_refresh_token
from tests.support.twins import Twin


class LoggingStore(MemoryTokenStore):
    """Notes what is done, beside the requests."""

    def __init__(self) -> None:
        super().__init__()
        self.world: World | None = None
        self.entries: list[str] = []

    def save(self, key: str, value: bytes) -> None:
        super().save(key, value)
        assert self.world is not None
        self.entries.append(f"saved after {len(self.world.log)} requests")


def test_a_token_is_renewed_ahead_of_its_end(world: World) -> None:
    installation = world.install()
    client = world.client(installation)
    ends_in(world, installation, 61)
    world.users(client)
    assert world.refreshes() == []
    ends_in(world, installation, 60)
    world.users(client)
    assert [name for name, status in world.log[-2:] if status == 200] == ["oauth.refresh", "users.list"]
    world.users(client)
    assert len(world.refreshes()) == 1


def test_a_short_lived_token_is_renewed_in_the_last_tenth_of_its_life(world: World) -> None:
    installation = attrs.evolve(world.install(), issued_at=0.0, expires_at=100.0)
    assert [installation.token_state(now) for now in (89.9, 90.0, 99.9, 100.0)] == [
        TokenState.FRESH,
        TokenState.STALE,
        TokenState.STALE,
        TokenState.INVALID,
    ]


def test_a_token_is_renewed_once_after_it_was_refused(world: World) -> None:
    client = world.client(world.install())
    world.sandbox.apps.expire_access_tokens()
    assert world.users(client) == 3
    assert world.log[1:] == [("users.list", 401), ("oauth.refresh", 200), ("users.list", 200)]


def test_a_server_that_refuses_every_token_is_believed_after_two_renewals(world: World) -> None:
    refusal = {"code": "unauthorized", "params": None}
    client = world.client(world.install(), http_client=world.answering(401, refusal))
    for calls in (1, 2):
        with pytest.raises(AuthenticationError) as caught:
            world.users(client)
        assert caught.value.attempts == 3
        assert len(world.refreshes()) == 2 * calls


def test_a_refresh_that_gives_the_refused_token_again_is_no_help(world: World) -> None:
    installation = world.install()
    same = {"access_token": installation.access_token.reveal()}
    app = world.new_app(http_client=TokenServer(same).client())
    client = world.client(installation, app)
    world.sandbox.apps.expire_access_tokens()
    with pytest.raises(AuthenticationError) as caught:
        world.users(client)
    assert caught.value.attempts == 1


def test_a_token_that_someone_else_renewed_meanwhile_is_used_without_waiting(world: World) -> None:
    installation = world.install()
    client, other = world.client(installation), world.client(installation)
    world.sandbox.apps.expire_access_tokens()
    renewed = credential_of(other).renew(installation.access_token)
    assert renewed != installation.access_token
    assert credential_of(other).renew(installation.access_token) == renewed
    assert credential_of(client).renew(installation.access_token) == renewed
    assert world.users(client) == 3
    assert len(world.refreshes()) == 1


@pytest.mark.parametrize("left", [1799, 30])
def test_after_a_refusal_any_other_valid_token_will_do(world: World, left: float) -> None:
    """Also a stale one, as it is not the one that was refused."""
    installation = world.install()
    client, other = world.client(installation), world.client(installation, app=world.new_app())
    world.sandbox.apps.expire_access_tokens()
    renewed = credential_of(other).renew(installation.access_token)
    ends_in(world, world.stored(installation), left)
    assert credential_of(client).renew(installation.access_token) == renewed
    assert len(world.refreshes()) == 1
    ends_in(world, world.stored(installation), 0)
    assert credential_of(client).renew(installation.access_token) not in {renewed, installation.access_token}
    assert len(world.refreshes()) == 2


def test_an_accepted_token_gives_the_next_refusal_a_new_chance(world: World) -> None:
    client = world.client(world.install())
    for _ in range(5):
        world.sandbox.apps.expire_access_tokens()
        assert world.users(client) == 3
    assert len(world.refreshes()) == 5


def test_a_null_refresh_token_keeps_the_old_one(world: World) -> None:
    installation = world.install()
    ends_in(world, installation, 0)
    world.users(world.client(installation))
    assert world.stored(installation).access_token.reveal() != installation.access_token.reveal()
    assert same_refresh_token(world.stored(installation), installation)


def test_a_new_refresh_token_replaces_the_old_one(rotating: World) -> None:
    installation = rotating.install()
    client = rotating.client(installation)
    seen = [installation]
    for _ in range(3):
        ends_in(rotating, seen[-1], 0)
        assert rotating.users(client) == 3
        seen.append(rotating.stored(installation))
        assert not same_refresh_token(*seen[-2:])


def test_a_new_token_is_stored_before_it_is_used(twin: Twin) -> None:
    store = LoggingStore()
    store.world = world = World(twin, rotate=True, store=store)
    client = world.client(world.install())
    world.sandbox.apps.expire_access_tokens()
    world.users(client)
    assert [name for name, _ in world.log] == ["oauth.exchange", "users.list", "oauth.refresh", "users.list"]
    assert store.entries == ["saved after 0 requests", "saved after 1 requests", "saved after 3 requests"]


def test_a_token_that_another_process_renewed_is_found_in_the_store(rotating: World) -> None:
    installation = rotating.install()
    mine, theirs = rotating.client(installation), rotating.client(installation, app=rotating.new_app())
    ends_in(rotating, installation, 0)
    assert [rotating.users(client) for client in (mine, theirs, mine)] == [3, 3, 3]
    assert len(rotating.refreshes()) == 1


class Held(MemoryTokenStore):
    """Another process renews while one waits for the lock."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: Any = None

    @contextmanager
    def lock(self, key: str) -> Any:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        with super().lock(key):
            yield


def test_a_token_that_another_process_renewed_during_the_wait_is_used(twin: Twin) -> None:
    store = Held()
    world = World(twin, rotate=True, store=store)
    installation = world.install()
    client, other = world.client(installation), world.client(installation, app=world.new_app())
    world.sandbox.apps.expire_access_tokens()
    store.meanwhile = lambda: credential_of(other).renew(installation.access_token)
    assert world.users(client) == 3
    assert len(world.refreshes()) == 1


# --- Scopes


def test_a_scope_that_disappears_is_noticed(world: World, caplog: pytest.LogCaptureFixture) -> None:
    installation = world.install()
    client = world.client(installation)
    assert client.can("passes.list")
    world.sandbox.apps.withdraw(installation.id, PASS_READ)
    world.sandbox.apps.expire_access_tokens()
    with caplog.at_level(logging.WARNING, "stemp_sdk"):
        world.users(client)
    assert caplog.messages == [f"installation {installation.id} no longer holds pass:read"]
    assert not client.can("passes.list")
    assert client.scopes == ASKED - PASS_READ
    before = len(world.log)
    with pytest.raises(MissingScopeError, match="No request was sent") as caught:
        world.twin.run(client.passes.list())
    assert (caught.value.source, caught.value.declined, len(world.log)) == ("local", PASS_READ, before)


def test_insufficient_scope_never_leads_to_a_refresh(world: World) -> None:
    client = world.client(world.install(granted=USER_READ), check_scopes="off")
    with pytest.raises(MissingScopeError) as caught:
        world.twin.run(client.passes.list())
    assert (caught.value.source, caught.value.missing) == ("server", PASS_READ)
    assert world.refreshes() == []


def test_insufficient_scope_as_a_401_never_leads_to_a_refresh(world: World) -> None:
    refusal = {"code": "access_denied", "message": "Insufficient scope: requires pass:create"}
    client = world.client(world.install(), http_client=world.answering(401, refusal))
    with pytest.raises(MissingScopeError, match="pass:create"):
        world.users(client)
    assert world.refreshes() == []


def test_insufficient_scope_in_the_words_of_rfc_6750_never_leads_to_a_refresh(world: World) -> None:
    refusal = {"error": "insufficient_scope", "error_description": "the token lacks something"}
    client = world.client(world.install(), http_client=world.answering(401, refusal))
    with pytest.raises(PermissionDeniedError, match="401 insufficient_scope: the token lacks something"):
        world.users(client)
    assert world.refreshes() == []


def test_clients_of_an_installation_follow_its_scopes(world: World) -> None:
    installation = world.install(granted=USER_READ)
    assert repr(world.client(installation)) in {
        "<Stemp, scopes: user:read>",
        "<AsyncStemp, scopes: user:read>",
    }
    world.install()
    assert world.client(world.stored(installation)).scopes == ASKED


# --- A scope that is missing


def _refused(world: World, client: Any) -> MissingScopeError:
    with pytest.raises(MissingScopeError) as caught:
        world.twin.run(client.passes.list())
    return caught.value


def test_a_scope_that_was_granted_again_is_seen_once_the_token_is_due(world: World) -> None:
    installation = world.install()
    client = world.client(installation)
    world.sandbox.apps.withdraw(installation.id, PASS_READ)
    world.sandbox.apps.expire_access_tokens()
    world.users(client)
    assert _refused(world, client).source == "local"
    world.install(app=world.new_app(store=MemoryTokenStore()))  # the server grants it, and this app does not notice
    assert _refused(world, client).source == "local"
    refreshes = len(world.refreshes())
    ends_in(world, world.stored(installation), 30)
    assert world.twin.run(client.passes.list()).items
    assert len(world.refreshes()) == refreshes + 1


def test_a_refresh_that_takes_the_needed_scope_away_sends_nothing(world: World) -> None:
    installation = world.install()
    client = world.client(installation)
    world.sandbox.apps.withdraw(installation.id, PASS_READ)
    ends_in(world, installation, 0)
    assert _refused(world, client).source == "local"
    assert [name for name, _ in world.log] == ["oauth.exchange", "oauth.refresh"]


def test_unknown_granted_scopes_refuse_nothing_and_are_not_declined(world: World) -> None:
    installation = world.install()
    server = TokenServer({"access_token": "opaque", "scope": ""})
    client = world.client(
        installation, world.new_app(http_client=server.client()), http_client=world.answering(200, {"content": []})
    )
    ends_in(world, installation, 0)
    assert world.users(client) == 0
    assert (client.scopes, world.stored(installation).declined) == (None, ScopeSet())
    assert world.twin.run(client.passes.list()).items == ()
