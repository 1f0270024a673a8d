from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import Any

import attrs
import httpx
import pytest

from stemp_sdk import (
    APIConnectionError,
    AuthenticationError,
    MissingScopeError,
    PermissionDeniedError,
    ServerError,
)
from stemp_sdk.core.credential import Renewal
from stemp_sdk.core.secret import Secret
from stemp_sdk.oauth import (
    Installation,
    MemoryTokenStore,
    OAuthError,
    ReauthorizationRequired,
    TokenStoreError,
)
from stemp_sdk.scopes import PASS_READ, USER_READ
from tests.conftest import Twin
from tests.oauth.test_exchange import jwt
from tests.oauth.world import ASKED, TokenServer, World, credential_of


class Diary(MemoryTokenStore):
    """Notes what is done, beside the requests."""

    def __init__(self) -> None:
        super().__init__()
        self.world: World | None = None
        self.entries: list[str] = []

    def save(self, key: str, value: bytes) -> None:
        super().save(key, value)
        assert self.world is not None
        self.entries.append(f"saved after {len(self.world.log)} requests")


def _kept(one: Installation, two: Installation) -> bool:
    assert one.refresh_token is not None
    assert two.refresh_token is not None
    return one.refresh_token.reveal() == two.refresh_token.reveal()


def _ends_in(world: World, installation: Installation, seconds: float) -> None:
    world.twin.still.now = installation.expires_at - seconds


def test_a_token_is_renewed_ahead_of_its_end(world: World) -> None:
    installation = world.install()
    client = world.client(installation)
    _ends_in(world, installation, 61)
    world.users(client)
    assert world.refreshes() == []
    _ends_in(world, installation, 60)
    world.users(client)
    assert [name for name, status in world.log[-2:] if status == 200] == ["oauth.refresh", "users.list"]
    world.users(client)
    assert len(world.refreshes()) == 1


def test_a_short_lived_token_is_renewed_in_the_last_tenth_of_its_life(world: World) -> None:
    installation = attrs.evolve(world.install(), issued_at=0.0, expires_at=100.0)
    assert [installation.is_due(now) for now in (89.9, 90.0)] == [False, True]
    assert [installation.has_expired(now) for now in (99.9, 100.0)] == [False, True]


def test_a_token_is_renewed_once_after_it_was_refused(world: World) -> None:
    client = world.client(world.install())
    world.sandbox.expire_access_tokens()
    assert world.users(client) == 3
    assert world.log[1:] == [("users.list", 401), ("oauth.refresh", 200), ("users.list", 200)]


def test_where_the_server_takes_no_token_the_refusal_stands(world: World) -> None:
    client = world.client(world.install(), http_client=world.answering(401))
    for calls in (1, 2):
        with pytest.raises(AuthenticationError) as caught:
            world.users(client)
        assert caught.value.attempts == 2
        assert len(world.refreshes()) == calls


def test_where_others_use_a_token_up_the_next_one_is_fetched(world: World) -> None:
    """Another user gets each token too, so that a refusal may mean no more than that it is used up; up to a point."""
    client = world.client(world.install(), http_client=world.answering(401))
    credential = credential_of(client)
    renew = credential.renew

    def shared(refused: Secret | None, *, again: bool, fetched: int) -> Renewal | None:
        renewal = renew(refused, again=again, fetched=fetched)
        credential.current()
        return renewal

    credential.renew = shared  # type: ignore[method-assign]
    with pytest.raises(AuthenticationError) as caught:
        world.users(client)
    assert caught.value.attempts == 9
    assert len(world.refreshes()) == 8


def test_where_one_call_takes_no_token_few_are_fetched_for_it(world: World) -> None:
    """Though others are served meanwhile, so that each refusal might mean that they used the token up."""

    def handle(_: httpx.Request) -> httpx.Response:
        credential.current()
        credential.accepted()
        return httpx.Response(401)

    transport = httpx.MockTransport(handle)
    is_sync = world.twin.kind == "sync"
    http_client = httpx.Client(transport=transport) if is_sync else httpx.AsyncClient(transport=transport)
    client = world.client(world.install(), http_client=http_client)
    credential = credential_of(client)
    with pytest.raises(AuthenticationError) as caught:
        world.users(client)
    assert caught.value.attempts == 9
    assert len(world.refreshes()) == 8


def test_a_token_that_someone_else_renewed_meanwhile_is_used_without_waiting(world: World) -> None:
    client = world.client(world.install())
    credential = credential_of(client)
    first = credential.current()
    world.sandbox.expire_access_tokens()
    renewal = credential.renew(first, again=False, fetched=0)
    assert renewal is not None
    assert renewal.token != first
    given = iter([first])
    current = credential.current
    credential.current = lambda: next(given, None) or current()  # type: ignore[method-assign]
    assert world.users(client) == 3
    assert len(world.refreshes()) == 1


def test_an_accepted_token_gives_the_next_refusal_a_new_chance(world: World) -> None:
    client = world.client(world.install())
    for _ in range(5):
        world.sandbox.expire_access_tokens()
        assert world.users(client) == 3
    assert len(world.refreshes()) == 5


def test_null_keeps_the_refresh_token(world: World) -> None:
    installation = world.install()
    _ends_in(world, installation, 0)
    world.users(world.client(installation))
    assert world.stored(installation).access_token.reveal() != installation.access_token.reveal()
    assert _kept(world.stored(installation), installation)


def test_a_new_refresh_token_replaces_the_old_one(rotating: World) -> None:
    installation = rotating.install()
    client = rotating.client(installation)
    seen = [installation]
    for _ in range(3):
        _ends_in(rotating, seen[-1], 0)
        assert rotating.users(client) == 3
        seen.append(rotating.stored(installation))
        assert not _kept(*seen[-2:])


def test_a_new_token_is_stored_before_it_is_used(twin: Twin) -> None:
    diary = Diary()
    diary.world = world = World(twin, rotate=True, store=diary)
    client = world.client(world.install())
    world.sandbox.expire_access_tokens()
    world.users(client)
    assert [name for name, _ in world.log] == ["oauth.exchange", "users.list", "oauth.refresh", "users.list"]
    assert diary.entries == ["saved after 1 requests", "saved after 3 requests"]


def test_what_another_process_renewed_is_found_in_the_store(rotating: World) -> None:
    installation = rotating.install()
    mine, theirs = rotating.client(installation), rotating.client(installation, app=rotating.new_app())
    _ends_in(rotating, installation, 0)
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


def test_what_another_process_renewed_while_one_waited_is_used(twin: Twin) -> None:
    store = Held()
    world = World(twin, rotate=True, store=store)
    installation = world.install()
    client, other = world.client(installation), world.client(installation, app=world.new_app())
    world.sandbox.expire_access_tokens()
    store.meanwhile = lambda: credential_of(other).renew(installation.access_token, again=False, fetched=0)
    assert world.users(client) == 3
    assert len(world.refreshes()) == 1


# --- A refresh that fails


@pytest.mark.parametrize("refusal", ["expired", "uninstalled"])
def test_a_dead_refresh_token_asks_for_a_new_consent_and_loses_nothing(world: World, refusal: str) -> None:
    installation = world.install()
    if refusal == "uninstalled":
        world.sandbox.uninstall(installation.id)
    else:
        world.twin.still.now += 30 * 86_400
    client = world.client(installation)
    for _ in range(2):
        with pytest.raises(ReauthorizationRequired) as caught:
            world.users(client)
        assert str(caught.value) == (
            f"installation {installation.id} has to be authorized again: the refresh token was refused (invalid_grant)"
        )
    assert world.stored(installation).to_json() == installation.to_json()
    assert world.users(world.client(world.install())) == 3


def _app_with(world: World, *answers: Any) -> Any:
    return world.new_app(http_client=TokenServer(*answers).client())


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_a_refusal_with_its_form_is_of_the_refresh_token(world: World, status: int) -> None:
    installation = world.install()
    _ends_in(world, installation, 0)
    with pytest.raises(ReauthorizationRequired, match=r"refused \(some_error\)"):
        world.users(world.client(installation, app=_app_with(world, status)))


@pytest.mark.parametrize("status", [403, 404, 418])
def test_what_a_proxy_refuses_is_not_of_the_refresh_token(world: World, status: int) -> None:
    installation = world.install()
    _ends_in(world, installation, 0)
    transport = httpx.MockTransport(lambda _: httpx.Response(status, text="<html>blocked"))
    app = world.new_app(http_client=httpx.Client(transport=transport))
    with pytest.raises(Exception, match=rf"^oauth\.refresh: {status}$"):
        world.users(world.client(installation, app=app))


@pytest.mark.parametrize("status", [400, 401])
def test_a_refusal_without_words_is_one_all_the_same(world: World, status: int) -> None:
    installation = world.install()
    _ends_in(world, installation, 0)
    transport = httpx.MockTransport(lambda _: httpx.Response(status))
    app = world.new_app(http_client=httpx.Client(transport=transport))
    with pytest.raises(ReauthorizationRequired, match=rf"refused \({status}\)"):
        world.users(world.client(installation, app=app))


NO_ANSWER = [httpx.ConnectError("no")] * 3
FAILURES: list[tuple[list[Any], type[Exception]]] = [
    (NO_ANSWER, APIConnectionError),
    ([httpx.ReadTimeout("late")] * 3, APIConnectionError),
    ([502] * 3, ServerError),
    ([b"<html>"], Exception),
]


@pytest.mark.parametrize(("answers", "error"), FAILURES)
def test_where_no_refresh_can_be_had_a_token_is_used_until_it_ends(
    world: World, answers: list[Any], error: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    installation = world.install()
    client = world.client(installation, app=_app_with(world, *answers, *answers))
    _ends_in(world, installation, 60)
    with caplog.at_level(logging.WARNING, "stemp_sdk"):
        for _ in range(3):
            assert world.users(client) == 3
    assert [record.getMessage().endswith("the access token is used until it ends") for record in caplog.records] == [
        True
    ]
    _ends_in(world, installation, 0)
    with pytest.raises(error, match=r"^oauth\.refresh: "):
        world.users(client)
    assert world.stored(installation).to_json() == installation.to_json()


def test_a_refused_token_is_not_used_again(world: World) -> None:
    client = world.client(world.install(), app=_app_with(world, *NO_ANSWER))
    world.sandbox.expire_access_tokens()
    with pytest.raises(APIConnectionError, match=r"^oauth\.refresh: "):
        world.users(client)


def test_a_lost_answer_is_asked_for_again(rotating: World) -> None:
    installation = rotating.install()
    inner = rotating.sandbox.http_client()
    lost = iter([True, False])

    def handle(request: httpx.Request) -> httpx.Response:
        answer = inner.send(httpx.Request(request.method, request.url, content=request.content))
        if next(lost):
            raise httpx.ReadError("reset")
        return answer

    app = rotating.new_app(http_client=httpx.Client(transport=httpx.MockTransport(handle)))
    rotating.sandbox.expire_access_tokens()
    assert rotating.users(rotating.client(installation, app=app)) == 3
    assert len(rotating.refreshes()) == 2


class Failing(MemoryTokenStore):
    """Takes nothing for a while."""

    fails = False

    def save(self, key: str, value: bytes) -> None:
        if self.fails:
            raise TokenStoreError("the disk is full")
        super().save(key, value)


@pytest.mark.parametrize("late", [False, True])
def test_a_rotated_token_that_the_store_does_not_take_is_kept_until_it_does(twin: Twin, late: bool) -> None:
    store = Failing()
    world = World(twin, store=store)
    installation = world.install()
    answers = [{"access_token": jwt(jti=n), "refresh_token": f"srt_{n}", "scope": "user:read"} for n in (1, 2)]
    server = TokenServer(*answers)
    client = world.client(
        installation,
        world.new_app(http_client=server.client()),
        http_client=world.answering(200, {"content": []}),
    )
    store.fails = True
    _ends_in(world, installation, 0)
    for _ in range(2):
        with pytest.raises(TokenStoreError, match="the disk is full"):
            world.users(client)
    assert world.stored(installation).to_json() == installation.to_json()
    assert len(server.forms) == 1
    if late:  # the new access token has run out too, so its refresh token is what is used
        world.twin.still.now += 1800
    store.fails = False
    assert world.users(client) == 0
    refresh_token = world.stored(installation).refresh_token
    assert refresh_token == Secret("srt_2" if late else "srt_1")
    assert [form["refresh_token"] for form in server.forms[1:]] == (["srt_1"] if late else [])


def test_what_the_store_did_not_take_is_dropped_where_somebody_consented_since(twin: Twin) -> None:
    store = Failing()
    world = World(twin, store=store)
    installation = world.install()
    client = world.client(installation)
    store.fails = True
    world.sandbox.expire_access_tokens()
    with pytest.raises(TokenStoreError):
        world.users(client)
    store.fails = False
    consented = world.install(granted=USER_READ)
    _ends_in(world, consented, 0)
    assert world.users(client) == 3
    assert client.scopes == USER_READ


def test_without_a_refresh_token_a_new_consent_is_asked_for(world: World) -> None:
    installation = attrs.evolve(world.install(), refresh_token=None)
    world.store.save(installation.id, installation.to_json())
    _ends_in(world, installation, 0)
    with pytest.raises(ReauthorizationRequired, match="it has no refresh token"):
        world.users(world.client(installation))


def test_an_installation_that_was_forgotten_elsewhere(world: World) -> None:
    installation = world.install()
    client = world.client(installation)
    world.forget(installation)
    assert world.users(client) == 3
    world.sandbox.expire_access_tokens()
    with pytest.raises(ReauthorizationRequired, match="it is no longer in the token store"):
        world.users(client)


def test_a_damaged_store_is_an_error_once_it_is_needed(world: World) -> None:
    installation = world.install()
    client = world.client(installation)
    world.store.save(installation.id, b"{}")
    _ends_in(world, installation, 30)
    assert world.users(client) == 3
    _ends_in(world, installation, 0)
    with pytest.raises(TokenStoreError, match=f"what is stored for installation {installation.id} is damaged"):
        world.users(client)
    assert world.store.load(installation.id) == b"{}"


@pytest.mark.parametrize("other", ["ins_other", "", 5, ["ins_1"], {}])
def test_a_token_of_another_installation_is_not_used_and_costs_nothing(world: World, other: object) -> None:
    installation = world.install()
    answer = {"access_token": jwt(installationId=other), "refresh_token": "srt_rotated"}
    client = world.client(installation, app=_app_with(world, answer))
    world.sandbox.expire_access_tokens()
    with pytest.raises(OAuthError, match=r"^the access token cannot be trusted: it is another installation's$"):
        world.users(client)
    stored = world.stored(installation)
    assert stored.refresh_token is not None
    assert stored.refresh_token.reveal() == "srt_rotated"
    assert stored.access_token.reveal() == installation.access_token.reveal()


@pytest.mark.parametrize("claims", [{}, {"installationId": None}])
def test_a_token_that_names_no_installation_is_the_installations(world: World, claims: dict[str, Any]) -> None:
    installation = world.install()
    app = _app_with(world, {"access_token": jwt(**claims), "scope": "user:read"})
    client = world.client(installation, app=app, http_client=world.answering(200, {"content": []}))
    _ends_in(world, installation, 0)
    assert world.users(client) == 0
    assert client.scopes == USER_READ


@pytest.mark.parametrize("rotated", [None, "", 5, ["srt"]])
def test_what_is_no_refresh_token_keeps_the_old_one(world: World, rotated: object) -> None:
    installation = world.install()
    app = _app_with(world, {"access_token": "new", "refresh_token": rotated, "scope": "user:read"})
    client = world.client(installation, app=app, http_client=world.answering(200, {"content": []}))
    _ends_in(world, installation, 0)
    assert world.users(client) == 0
    assert _kept(world.stored(installation), installation)
    assert client.scopes == USER_READ


# --- Scopes


def test_a_scope_that_disappears_is_noticed(world: World, caplog: pytest.LogCaptureFixture) -> None:
    installation = world.install()
    client = world.client(installation)
    assert client.can("passes.list")
    world.sandbox.withdraw(installation.id, PASS_READ)
    world.sandbox.expire_access_tokens()
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


def test_nor_where_it_comes_as_a_401(world: World) -> None:
    refusal = {"code": "access_denied", "message": "Insufficient scope: requires pass:create"}
    client = world.client(world.install(), http_client=world.answering(401, refusal))
    with pytest.raises(MissingScopeError, match="pass:create"):
        world.users(client)
    assert world.refreshes() == []


def test_nor_in_the_words_of_rfc_6750(world: World) -> None:
    refusal = {"error": "insufficient_scope", "error_description": "the token lacks pass:create"}
    client = world.client(world.install(), http_client=world.answering(401, refusal))
    with pytest.raises(PermissionDeniedError, match="401 insufficient_scope: the token lacks pass:create"):
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
