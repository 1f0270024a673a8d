"""A callback counts once in all processes that share the token store, and only for the installation that was asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import httpx
import pytest

from stemp_sdk import (
    APIConnectionError,
    DecodeError,
    MissingScopeError,
    RateLimitError,
    StempError,
    UnknownOutcomeError,
)
from stemp_sdk.oauth import (
    CallbackError,
    Installation,
    MemoryTokenStore,
    PendingAuthorization,
    TokenStoreError,
)
from stemp_sdk.scopes import ORG_READ, PASS_READ, PLATFORM_EMAIL_SEND, USER_READ
from tests.oauth.world import ASKED, TokenServer, World, answered
from tests.support.jwts import jwt
from tests.support.twins import Twin

USED: Final = "it was used before"


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_callback_that_comes_again_costs_no_installation(rotating: World, elsewhere: bool) -> None:
    """The server would take back what the first use gave (RFC 6749 §4.1.2), so it never sees the second."""
    pending = rotating.app.authorize()
    callback_url = rotating.sandbox.consent.allow(pending.url)
    installation = rotating.exchange(callback_url, PendingAuthorization.load(pending.dump()))
    app = rotating.new_app() if elsewhere else rotating.app
    with pytest.raises(CallbackError, match=USED):
        rotating.exchange(callback_url, PendingAuthorization.load(pending.dump()), app)
    assert rotating.log == [("oauth.exchange", 200)]
    rotating.sandbox.apps.expire_access_tokens()
    assert rotating.users(rotating.client(rotating.stored(installation))) == 3


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_callback_that_two_use_at_once_costs_no_installation(world: World, elsewhere: bool) -> None:
    pending = world.app.authorize()
    callback_url = world.sandbox.consent.allow(pending.url)
    inner, refused = world.sandbox.http_client(), list[CallbackError]()

    def handle(request: httpx.Request) -> httpx.Response:
        with pytest.raises(CallbackError, match=USED) as caught:
            (world.app if elsewhere else app).exchange(callback_url, pending)
        refused.append(caught.value)
        return inner.send(httpx.Request(request.method, request.url, content=request.content))

    app = world.new_app(http_client=httpx.Client(transport=httpx.MockTransport(handle)))
    assert world.exchange(callback_url, pending, app).scopes == ASKED
    assert len(refused) == 1


def test_the_note_of_a_used_callback_is_not_an_installation_and_is_forgotten_in_time(world: World) -> None:
    installation = world.install()
    kept = set(world.store.keys()) - {installation.id}
    assert len(kept) == 1
    assert all(key.startswith("used callback ") for key in kept)
    assert [each.id for each in world.all_stored()] == [installation.id]
    world.twin.still.now += 1200
    world.install()
    assert len(world.store.keys()) == 3
    world.twin.still.now += 1
    world.install()
    assert not kept & set(world.store.keys())
    assert len(world.store.keys()) == 3


def test_a_used_callback_is_remembered_until_it_is_stale_anyway(world: World) -> None:
    pending = world.app.authorize()
    callback_url = world.sandbox.consent.allow(pending.url)
    world.exchange(callback_url, pending)
    for seconds, reason in ((600, USED), (1, "started more than ten minutes ago")):
        world.twin.still.now += seconds
        world.install()
        with pytest.raises(CallbackError, match=reason):
            world.exchange(callback_url, pending)


# --- Failures


GOOD: Final = {"access_token": jwt(installationId="ins_1"), "refresh_token": "srt_1"}


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ([httpx.ConnectError("no")] * 3, APIConnectionError),
        ([{"error": {"code": "rate_limit_exceeded", "message": "Rate limit exceeded."}}] * 3, RateLimitError),
        ([400], CallbackError),
    ],
)
def test_an_exchange_that_used_no_code_up_may_be_tried_again(
    world: World, answers: list[Any], error: type[Exception]
) -> None:
    app = world.new_app(client_id="app_1", http_client=TokenServer(*answers, GOOD).client())
    pending = app.authorize()
    with pytest.raises(error):
        world.exchange(answered(pending), pending, app)
    assert world.exchange(answered(pending), pending, app).id == "ins_1"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.ReadError("reset"), UnknownOutcomeError),
        (httpx.ReadTimeout("late"), UnknownOutcomeError),
        (502, StempError),
        (503, StempError),  # in OAuth's shape, as a gateway may put it
        (b"<html>", DecodeError),
    ],
)
def test_a_code_that_may_have_arrived_is_never_sent_again(world: World, answer: Any, error: type[StempError]) -> None:
    server = TokenServer(answer, GOOD)
    app = world.new_app(client_id="app_1", http_client=server.client())
    pending = app.authorize()
    with pytest.raises(error, match=r"[Ii]t may have been carried out") as caught:
        world.exchange(answered(pending), pending, app)
    assert caught.value.outcome_unknown
    with pytest.raises(CallbackError, match=USED):
        world.exchange(answered(pending), pending, app)
    assert [form["code_verifier"] for form in server.forms] == [pending.verifier.reveal()]


def test_a_proxys_page_does_not_say_that_a_code_was_refused(world: World) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(403, text="<html>blocked"))
    app = world.new_app(http_client=httpx.Client(transport=transport))
    pending = app.authorize()
    with pytest.raises(StempError, match=r"^oauth\.exchange: 403") as caught:
        world.exchange(answered(pending), pending, app)
    assert not isinstance(caught.value, CallbackError)
    assert caught.value.outcome_unknown


class Failing(MemoryTokenStore):
    """Fails at what a test says."""

    def __init__(self) -> None:
        super().__init__()
        self.fails: Callable[[str], bool] = lambda _: False

    def save(self, key: str, value: bytes) -> None:
        if self.fails(key):
            raise OSError("the disk is full")
        super().save(key, value)

    def delete(self, key: str) -> None:
        if self.fails(key):
            raise OSError("the disk is full")
        super().delete(key)


def test_a_code_whose_tokens_could_not_be_stored_is_used_up(twin: Twin) -> None:
    store = Failing()
    world = World(twin, store=store)
    pending = world.app.authorize()
    callback_url = world.sandbox.consent.allow(pending.url)
    store.fails = lambda key: key.startswith("ins_")
    with pytest.raises(TokenStoreError, match=r"^save of the token store failed \(OSError\)$"):
        world.exchange(callback_url, pending)
    store.fails = lambda _: False
    with pytest.raises(CallbackError, match=USED):
        world.exchange(callback_url, pending)
    assert world.log == [("oauth.exchange", 200)]


def test_a_store_that_fails_before_the_exchange_costs_no_code(twin: Twin) -> None:
    store = Failing()
    world = World(twin, store=store)
    pending = world.app.authorize()
    callback_url = world.sandbox.consent.allow(pending.url)
    store.fails = lambda _: True
    with pytest.raises(TokenStoreError):
        world.exchange(callback_url, pending)
    store.fails = lambda _: False
    assert world.exchange(callback_url, pending).scopes == ASKED


def test_a_note_of_a_callback_that_cannot_be_taken_back_hides_no_error(twin: Twin) -> None:
    store = Failing()
    world = World(twin, store=store)

    def handle(_: httpx.Request) -> httpx.Response:
        store.fails = lambda _: True
        raise httpx.ConnectError("no")

    app = world.new_app(http_client=httpx.Client(transport=httpx.MockTransport(handle)))
    pending = app.authorize()
    with pytest.raises(APIConnectionError):
        world.exchange(answered(pending), pending, app)


# --- Who answers


def _two(world: World) -> tuple[Installation, str]:
    """An installation, and another organization."""
    return world.install(asked=USER_READ), world.sandbox.add_organization("Second").id


@pytest.mark.parametrize("begin", ["step_up", "authorize"])
def test_only_the_installation_that_was_asked_may_answer(world: World, begin: str) -> None:
    installation, second = _two(world)
    if begin == "step_up":
        with pytest.raises(MissingScopeError) as missing:
            world.client(installation).require(PLATFORM_EMAIL_SEND)
        pending = world.step_up(missing.value)
    else:
        pending = world.authorize(installation=installation)
    callback_url = world.sandbox.consent.allow(pending.url, organization_id=second)
    with pytest.raises(CallbackError) as caught:
        world.exchange(callback_url, pending)
    error = caught.value
    assert (error.installation_id, error.answered_by) == (installation.id, world.sandbox.apps.installations[-1].id)
    assert str(error) == (
        f"the authorization callback was refused: it is for installation {error.answered_by}, not for "
        f"{error.installation_id}: another organization was chosen. Nothing was stored; start again with authorize()."
    )
    assert world.all_stored() == [installation]


def test_any_organization_may_install_the_app(world: World) -> None:
    installation, second = _two(world)
    other = world.install(organization_id=second)
    assert {each.id for each in world.all_stored()} == {installation.id, other.id}


# --- What a new consent keeps


@pytest.mark.parametrize("by_id", [False, True])
def test_a_new_consent_keeps_what_the_installation_holds(world: World, by_id: bool) -> None:
    first = world.install(asked=USER_READ)
    world.install(asked=USER_READ | PASS_READ)  # so the store has more than ``first``
    pending = world.authorize(scopes=PLATFORM_EMAIL_SEND, installation=first.id if by_id else first)
    assert pending.scopes == USER_READ | PASS_READ | PLATFORM_EMAIL_SEND
    assert world.exchange(world.sandbox.consent.allow(pending.url), pending).scopes == pending.scopes


def test_where_nothing_is_stored_the_given_installation_counts(world: World) -> None:
    installation = world.install(asked=USER_READ)
    world.forget(installation)
    assert world.authorize(scopes=ORG_READ, installation=installation).scopes == USER_READ | ORG_READ
    assert world.authorize(scopes=ORG_READ, installation=installation.id).scopes == ORG_READ


def test_a_new_consent_of_a_damaged_installation_says_so(world: World) -> None:
    installation = world.install()
    world.store.save(installation.id, b"damaged")
    with pytest.raises(TokenStoreError, match="damaged"):
        world.authorize(installation=installation)
