"""The app that lives on webhooks, end to end: from the sandbox to the app, back to the sandbox, into the outbox."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import attrs
import httpx
import pytest

from examples.welcome_app.__main__ import connect, in_sandbox
from examples.welcome_app.app import SCOPES
from stemp_sdk import Stemp, TokenKind, presets
from stemp_sdk.oauth import OAuthApp, SQLiteTokenStore
from stemp_sdk.sandbox import Sandbox
from stemp_sdk.scopes import TEMPLATE_CREATE, USER_UPDATE

ROOT = Path(__file__).parents[2]

STORY = """\
Jane Doe has a card, and on it 1 stamp from the app
Tuesday: 2 of 3
Friday: 3 of 3
In the outbox: “Your card is full”, to jane@example.com
  user.created  delivered, 200
  pass.created  delivered, 200
  stamp.created delivered, 200
  stamp.created delivered, 200
  stamp.created delivered, 200
"""

TILL = presets.POS | presets.CARD_ISSUING | TEMPLATE_CREATE | USER_UPDATE


def test_the_story() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "examples.welcome_app"],
        capture_output=True,
        encoding="utf-8",
        check=False,
        cwd=ROOT,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, STORY, "")


@attrs.frozen
class World:
    """The app in its sandbox, and what a test does there."""

    sandbox: Sandbox
    base_url: str
    shop: Stemp

    def card(self, *, of: int) -> str:
        """Issue a card that so many stamps fill."""
        design = self.shop.templates.create(name="Coffee card", max_stamps=of)
        user = self.shop.users.create(email=f"{design.id}@example.com", name="<Jane>")
        return self.shop.passes.create(template_id=design.id, user_id=user.id).id

    def notes(self, card: str) -> list[str | None]:
        """What the history of a card says, oldest first."""
        return [entry.note for entry in self.shop.loyalty.stamp_history(card)][::-1]

    def event_of(self, card: str) -> str:
        """The id of the event that reported a new card."""
        (event_id,) = {
            delivery.event_id
            for delivery in self.sandbox.webhooks.deliveries
            if delivery.event_type == "pass.created" and card.encode() in delivery.body
        }
        return event_id


@pytest.fixture
def world() -> Iterator[World]:
    with in_sandbox() as (sandbox, base_url):
        token = sandbox.issue_token(TILL, name="shop")
        with Stemp(token, scopes=TILL, base_url=base_url) as shop:
            yield World(sandbox, base_url, shop)


def test_a_new_card_is_welcomed_once_whatever_happens(world: World) -> None:
    world.sandbox.webhooks.duplicate_next(2)
    card = world.card(of=3)
    world.sandbox.webhooks.deliver()
    for delivery in world.sandbox.webhooks.deliveries:
        world.sandbox.webhooks.redeliver(delivery.id)
    world.sandbox.webhooks.deliver()
    assert world.notes(card) == [f"Welcome ({world.event_of(card)})"]
    assert {delivery.state for delivery in world.sandbox.webhooks.deliveries} == {"delivered"}


def test_what_fails_is_made_good_by_the_retry(world: World) -> None:
    world.sandbox.webhooks.reorder_next(99)
    card = world.card(of=3)
    world.sandbox.fail_next(status=400)  # for the app's first call
    world.sandbox.webhooks.deliver()
    assert world.notes(card) == []
    world.sandbox.advance(60)
    world.sandbox.webhooks.deliver()
    assert world.notes(card) == [f"Welcome ({world.event_of(card)})"]
    (told,) = [each for each in world.sandbox.webhooks.deliveries if each.event_type == "pass.created"]
    assert [attempt.status for attempt in told.attempts] == [500, 200]


def test_an_event_that_was_handled_before_a_crash_is_not_handled_again(world: World) -> None:
    world.sandbox.webhooks.reorder_next(99)
    card = world.card(of=3)
    note = f"Welcome ({world.event_of(card)})"
    world.shop.loyalty.add_stamp(card, note=note)  # as the app did, which died before it could say so
    world.sandbox.webhooks.deliver()
    assert world.notes(card) == [note]


def test_a_full_card_is_one_mail(world: World) -> None:
    world.sandbox.webhooks.duplicate_next(9)
    card = world.card(of=2)
    world.sandbox.webhooks.deliver()
    assert world.sandbox.emails == []
    world.shop.loyalty.add_stamp(card)
    world.sandbox.webhooks.deliver()
    (mail,) = world.sandbox.emails
    assert mail.to == world.shop.passes.get(card).user_id
    assert "Dear &lt;Jane&gt;" in mail.html_body
    outbox = httpx.get(world.base_url.removesuffix("/api") + "/outbox")
    assert "Your card is full" in outbox.text


def test_what_is_gone_by_the_time_the_event_arrives(world: World) -> None:
    world.sandbox.webhooks.reorder_next(99)
    for each in (world.card(of=1), world.card(of=1)):
        world.shop.loyalty.add_stamp(each)
        world.shop.users.delete(world.shop.passes.get(each).user_id or "")  # and the card with them
    world.sandbox.webhooks.deliver()
    assert world.sandbox.emails == []
    assert {each.state for each in world.sandbox.webhooks.deliveries} == {"delivered"}


def test_what_stemp_did_not_sign_is_refused(world: World) -> None:
    (endpoint,) = world.sandbox.webhooks.endpoints
    response = httpx.post(endpoint.url, content=b"{}", headers={"X-Stemp-Signature": "sha256=" + "0" * 64})
    assert response.status_code == 401


def test_with_an_installation_it_is_for_the_real_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = Sandbox()
    registered = sandbox.apps.register(name="Welcome", redirect_uri="http://127.0.0.1:8000/callback", scopes=SCOPES)
    with OAuthApp(
        registered.client_id,
        registered.client_secret,
        registered.redirect_uri,
        scopes=SCOPES,
        store=SQLiteTokenStore(tmp_path / "installations"),
        base_url=sandbox.base_url,
        http_client=sandbox.http_client(),
    ) as app:
        pending = app.authorize()
        installation = app.exchange(sandbox.consent.allow(pending.url), pending)
    for name, value in {
        "STEMP_CLIENT_ID": registered.client_id,
        "STEMP_CLIENT_SECRET": registered.client_secret,
        "STEMP_STORE": str(tmp_path / "installations"),
        "STEMP_INSTALLATION": installation.id,
    }.items():
        monkeypatch.setenv(name, value)
    assert connect().require(SCOPES).token_kind is TokenKind.APP
