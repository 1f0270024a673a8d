"""A refresh that fails: whether the token at hand goes on, whether it is tried again, and that nothing is lost."""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import attrs
import httpx
import pytest

from stemp_sdk import APIConnectionError, MissingScopeError, ServerError, StempError
from stemp_sdk._core.secret import Secret
from stemp_sdk.oauth import (
    MemoryTokenStore,
    OAuthApp,
    OAuthError,
    ReauthorizationRequired,
    TokenStoreError,
)
from stemp_sdk.scopes import USER_READ
from tests.conftest import Twin
from tests.oauth.test_exchange import jwt
from tests.oauth.world import TokenServer, World, ends_in, same_refresh_token


@pytest.mark.parametrize("refusal", ["expired", "uninstalled"])
def test_a_dead_refresh_token_asks_for_a_new_consent_and_loses_nothing(world: World, refusal: str) -> None:
    installation = world.install()
    if refusal == "uninstalled":
        world.sandbox.apps.uninstall(installation.id)
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


ENDS: list[tuple[int, Any]] = [
    *((status, {"error": "invalid_grant"}) for status in (400, 401, 403)),
    *((status, {"code": "refresh_token_expired", "params": None}) for status in (400, 401, 403, 404)),
    (400, {"code": "platform.oauth.revoked", "params": []}),
    (404, {"code": "resource_not_found", "params": None}),
]


@pytest.mark.parametrize(("status", "body"), ENDS)
def test_the_servers_own_words_end_an_installation(world: World, status: int, body: dict[str, Any]) -> None:
    installation = world.install()
    ends_in(world, installation, 0)
    code = body.get("code") or body["error"]
    client = world.client(installation, app=_app_answering(world, httpx.Response(status, json=body)))
    with pytest.raises(ReauthorizationRequired, match=rf"the refresh token was refused \({code}\)") as caught:
        world.users(client)
    assert caught.value.code == code


ENDS_NOTHING: list[httpx.Response] = [
    *(httpx.Response(status, text="<html>blocked") for status in (400, 401, 403, 404, 418)),
    *(httpx.Response(status) for status in (400, 401, 403)),
    *(httpx.Response(status, json={"message": "Unauthorized"}) for status in (400, 401, 403)),
    httpx.Response(401, json={"error": "Unauthorized"}),
    httpx.Response(401, json={"error": "unauthorized"}),
    httpx.Response(403, json={"code": 1020}),
    httpx.Response(403, json={"code": "AccessDenied"}),
    httpx.Response(401, json={"error": "invalid_client"}),
    httpx.Response(400, json={"error": "invalid_request"}),
    httpx.Response(400, json={"STANDARD_VALIDATION": {"refresh_token": "must not be blank"}}),
    httpx.Response(409, json={"code": "conflict", "params": None}),
]


@pytest.mark.parametrize("response", ENDS_NOTHING, ids=lambda response: f"{response.status_code} {response.text}")
def test_what_else_is_refused_ends_nothing(world: World, response: httpx.Response) -> None:
    installation = world.install()
    ends_in(world, installation, 0)
    with pytest.raises(StempError, match=rf"^oauth\.refresh: {response.status_code}") as caught:
        world.users(world.client(installation, app=_app_answering(world, response)))
    assert not isinstance(caught.value, ReauthorizationRequired)
    assert world.users(world.client(installation)) == 3


def _app_answering(world: World, response: httpx.Response) -> OAuthApp[Any]:
    def handle(_: httpx.Request) -> httpx.Response:
        return httpx.Response(response.status_code, headers=response.headers, content=response.content)

    return world.new_app(http_client=httpx.Client(transport=httpx.MockTransport(handle)))


NO_ANSWER = [httpx.ConnectError("no")] * 3
FAILURES: list[tuple[list[Any], type[Exception]]] = [
    (NO_ANSWER, APIConnectionError),
    ([httpx.ReadTimeout("late")] * 3, APIConnectionError),
    ([502] * 3, ServerError),
    ([b"<html>"], Exception),
]


class Down(MemoryTokenStore):
    """Cannot be reached for a while, and says so as a database driver would."""

    error: Exception | None = None

    def load(self, key: str) -> bytes | None:
        if self.error is not None:
            raise self.error
        return super().load(key)

    @contextmanager
    def lock(self, key: str) -> Generator[None]:
        if self.error is not None:
            raise self.error
        with super().lock(key):
            yield


@pytest.mark.parametrize("error", [TokenStoreError("no route"), OSError(30, "Read-only file system"), LookupError("x")])
def test_a_valid_token_is_used_while_its_store_is_down(twin: Twin, error: Exception) -> None:
    store = Down()
    world = World(twin, store=store)
    installation = world.install(asked=USER_READ)
    client = world.client(installation)
    store.error = error
    ends_in(world, installation, 60)
    assert world.users(client) == 3
    with pytest.raises(MissingScopeError):
        world.twin.run(client.passes.list())
    ends_in(world, installation, 0)
    with pytest.raises(TokenStoreError):
        world.users(client)
    store.error = None
    assert world.users(client) == 3


@pytest.mark.parametrize("value", ["text with srt_secret", 5, ["x"]])
def test_a_store_that_returns_no_bytes(world: World, value: Any) -> None:
    installation = world.install()
    vars(world.store)["load"] = {installation.id: value}.get
    with pytest.raises(TokenStoreError) as caught:
        world.stored(installation)
    assert str(caught.value) == (
        f"load of the token store returned a {type(value).__name__} for {installation.id}: it must return bytes or None"
    )


def test_a_pause_after_a_failure_holds_for_missing_scopes_too(world: World) -> None:
    installation = world.install(asked=USER_READ)
    server = TokenServer(*[502] * 9)
    client = world.client(installation, app=world.new_app(http_client=server.client()))
    ends_in(world, installation, 30)
    for _ in range(2):
        with pytest.raises(MissingScopeError):
            world.twin.run(client.passes.list())
    assert len(server.forms) == 3
    world.twin.still.now += 11
    assert world.users(client) == 3
    assert len(server.forms) == 6


@pytest.mark.parametrize(("answers", "error"), FAILURES)
def test_where_no_refresh_can_be_had_a_token_is_used_until_it_ends(
    world: World, answers: list[Any], error: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    installation = world.install()
    client = world.client(installation, app=_app_with(world, *answers, *answers))
    ends_in(world, installation, 60)
    with caplog.at_level(logging.WARNING, "stemp_sdk"):
        for _ in range(3):
            assert world.users(client) == 3
    assert [record.getMessage().endswith("the access token is used until it ends") for record in caplog.records] == [
        True
    ]
    ends_in(world, installation, 0)
    with pytest.raises(error, match=r"^oauth\.refresh: "):
        world.users(client)
    assert world.stored(installation).to_json() == installation.to_json()


def test_a_refused_token_is_not_used_again(world: World) -> None:
    client = world.client(world.install(), app=_app_with(world, *NO_ANSWER))
    world.sandbox.apps.expire_access_tokens()
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
    rotating.sandbox.apps.expire_access_tokens()
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
    ends_in(world, installation, 0)
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
    world.sandbox.apps.expire_access_tokens()
    with pytest.raises(TokenStoreError):
        world.users(client)
    store.fails = False
    consented = world.install(granted=USER_READ)
    ends_in(world, consented, 0)
    assert world.users(client) == 3
    assert client.scopes == USER_READ


def test_without_a_refresh_token_a_new_consent_is_asked_for(world: World) -> None:
    installation = attrs.evolve(world.install(), refresh_token=None)
    world.store.save(installation.id, installation.to_json())
    ends_in(world, installation, 0)
    with pytest.raises(ReauthorizationRequired, match="it has no refresh token"):
        world.users(world.client(installation))


def test_an_installation_that_was_forgotten_elsewhere(world: World) -> None:
    installation = world.install()
    client = world.client(installation)
    world.forget(installation)
    for left in (1800, 30):
        ends_in(world, installation, left)
        assert world.users(client) == 3
    world.sandbox.apps.expire_access_tokens()
    with pytest.raises(ReauthorizationRequired, match="it is no longer in the token store") as caught:
        world.users(client)
    assert caught.value.code is None


def test_a_damaged_store_is_an_error_once_it_is_needed(world: World) -> None:
    installation = world.install()
    client = world.client(installation)
    world.store.save(installation.id, b"{}")
    ends_in(world, installation, 30)
    assert world.users(client) == 3
    ends_in(world, installation, 0)
    with pytest.raises(TokenStoreError, match=f"what is stored for installation {installation.id} is damaged"):
        world.users(client)
    assert world.store.load(installation.id) == b"{}"


@pytest.mark.parametrize("other", ["ins_other", "", 5, ["ins_1"], {}])
def test_a_token_of_another_installation_is_not_used_and_costs_nothing(world: World, other: object) -> None:
    installation = world.install()
    answer = {"access_token": jwt(installationId=other), "refresh_token": "srt_rotated"}
    client = world.client(installation, app=_app_with(world, answer))
    world.sandbox.apps.expire_access_tokens()
    with pytest.raises(OAuthError, match=r"^the access token cannot be trusted: it is another installation's$"):
        world.users(client)
    stored = world.stored(installation)
    assert stored.refresh_token is not None
    assert stored.refresh_token.reveal() == "srt_rotated"
    assert stored.access_token.reveal() == installation.access_token.reveal()


@pytest.mark.parametrize("other", ["app_other", "", 5, ["app_1"], {}])
def test_a_token_of_another_app_is_not_used_and_costs_nothing(world: World, other: object) -> None:
    installation = world.install()
    answer = {"access_token": jwt(clientId=other), "refresh_token": "srt_rotated"}
    client = world.client(installation, app=_app_with(world, answer))
    world.sandbox.apps.expire_access_tokens()
    with pytest.raises(OAuthError, match=r"^the access token cannot be trusted: it is for another app$"):
        world.users(client)
    assert world.stored(installation).refresh_token == Secret("srt_rotated")
    assert world.stored(installation).access_token == installation.access_token


@pytest.mark.parametrize("claims", [{}, {"installationId": None}, {"clientId": None}])
def test_a_token_that_names_no_installation_is_the_installations(world: World, claims: dict[str, Any]) -> None:
    installation = world.install()
    app = _app_with(world, {"access_token": jwt(**claims), "scope": "user:read"})
    client = world.client(installation, app=app, http_client=world.answering(200, {"content": []}))
    ends_in(world, installation, 0)
    assert world.users(client) == 0
    assert client.scopes == USER_READ


@pytest.mark.parametrize("rotated", [None, "", 5, ["srt"]])
def test_what_is_no_refresh_token_keeps_the_old_one(world: World, rotated: object) -> None:
    installation = world.install()
    app = _app_with(world, {"access_token": "new", "refresh_token": rotated, "scope": "user:read"})
    client = world.client(installation, app=app, http_client=world.answering(200, {"content": []}))
    ends_in(world, installation, 0)
    assert world.users(client) == 0
    assert same_refresh_token(world.stored(installation), installation)
    assert client.scopes == USER_READ
