"""How webhooks are sent: when, how often, in which order, and what the log says of it."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from stemp_sdk.sandbox import Sandbox
from stemp_sdk.sandbox._webhooks import sending
from stemp_sdk.webhooks import ASGIApp, UserCreated, Verifier, WebhookReceiver
from tests.support.asgi import serving_app
from tests.support.clocks import StillClock

from .endpoint import URL, Shop
from .wire import Wire

MINUTE = 60
DOCUMENTED_RETRIES = [MINUTE, 5 * MINUTE, 30 * MINUTE, 120 * MINUTE, 24 * 60 * MINUTE]


@pytest.fixture
def shop(sandbox: Sandbox) -> Shop:
    shop = Shop()
    shop.listen(sandbox)
    return shop


def enrol(wire: Wire, *names: str) -> None:
    for name in names:
        wire.made("/users", email=f"{name}@example.com", name=name)


def names(shop: Shop) -> list[str]:
    return [event["data"]["name"] for event in shop.events]


# --- When


def test_no_webhook_is_sent_before_deliver_is_called(sandbox: Sandbox, wire: Wire, shop: Shop) -> None:
    enrol(wire, "jane")
    assert shop.got == []
    assert [delivery.state for delivery in sandbox.webhooks.deliveries] == ["waiting"]
    sandbox.webhooks.deliver()
    assert names(shop) == ["jane"]
    assert sandbox.webhooks.deliver() == []


def test_no_delivery_is_kept_without_an_endpoint(sandbox: Sandbox, wire: Wire) -> None:
    enrol(wire, "jane")
    assert sandbox.webhooks.deliver() == sandbox.webhooks.deliveries == []


def test_an_endpoint_gets_no_events_from_before_it_was_added(sandbox: Sandbox, wire: Wire) -> None:
    enrol(wire, "jane")
    shop = Shop()
    shop.listen(sandbox)
    enrol(wire, "kim")
    sandbox.webhooks.deliver()
    assert names(shop) == ["kim"]


def test_a_failed_delivery_is_repeated_after_the_documented_times(sandbox: Sandbox, wire: Wire, shop: Shop) -> None:
    shop.answers = [500, 404, 301, 199, 400, 503]
    enrol(wire, "jane")
    sandbox.webhooks.deliver()
    for tries, wait in enumerate(DOCUMENTED_RETRIES, 1):
        (delivery,) = sandbox.webhooks.deliveries
        assert (delivery.state, len(delivery.attempts)) == ("waiting", tries)
        sandbox.advance(wait - 1)
        assert sandbox.webhooks.deliver() == []
        sandbox.advance(1)
        assert len(sandbox.webhooks.deliver()) == 1
    (delivery,) = sandbox.webhooks.deliveries
    assert (delivery.state, delivery.next_attempt_at) == ("failed", None)
    assert [attempt.status for attempt in delivery.attempts] == [500, 404, 301, 199, 400, 503]
    assert [attempt.succeeded for attempt in delivery.attempts] == [False] * 6
    sandbox.advance(1e6)
    assert sandbox.webhooks.deliver() == []
    assert len(set(shop.ids)) == 1
    assert len({request.content for request in shop.got}) == 1


def test_a_delivery_is_not_repeated_after_a_success(
    sandbox: Sandbox, wire: Wire, shop: Shop, clock: StillClock
) -> None:
    shop.answers = [500, 204]
    enrol(wire, "jane")
    (first,) = sandbox.webhooks.deliver()
    assert first.next_attempt_at == datetime.fromtimestamp(clock.now + MINUTE, UTC)
    clock.now += MINUTE  # the test's own clock does as well
    (delivery,) = sandbox.webhooks.deliver()
    assert delivery.state == "delivered"
    assert [(attempt.at.timestamp(), attempt.status) for attempt in delivery.attempts] == [
        (clock.now - MINUTE, 500),
        (clock.now, 204),
    ]
    sandbox.advance(1e6)
    assert sandbox.webhooks.deliver() == []


def test_advance_moves_the_clock_of_the_whole_sandbox(sandbox: Sandbox, wire: Wire) -> None:
    sandbox.advance(0.5)
    sandbox.advance(MINUTE)
    assert wire.made("/users", email="jane@example.com")["createdAt"] == "2027-01-15T08:01:00Z"


@pytest.mark.parametrize("seconds", [0, -1, float("inf"), float("nan")])
def test_advance_moves_the_clock_only_forward(sandbox: Sandbox, seconds: float) -> None:
    with pytest.raises(ValueError, match="seconds must be a finite number of seconds above 0"):
        sandbox.advance(seconds)


# --- Results


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_any_2xx_is_a_successful_delivery(sandbox: Sandbox, wire: Wire, shop: Shop, status: int) -> None:
    shop.answers = [status]
    enrol(wire, "jane")
    (delivery,) = sandbox.webhooks.deliver()
    assert (delivery.state, delivery.attempts[0].answer) == ("delivered", "thanks")


def test_the_log_of_deliveries_keeps_one_line_of_a_response(sandbox: Sandbox, wire: Wire) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(500, content=b"\xff" * 10_000))
    sandbox.webhooks.add(URL, http_client=httpx.Client(transport=transport))
    enrol(wire, "jane")
    (delivery,) = sandbox.webhooks.deliver()
    assert delivery.attempts[0].answer == "\ufffd" * 200


def test_a_delivery_to_a_closed_port_waits_for_a_retry(sandbox: Sandbox, wire: Wire) -> None:
    with serving_app(None) as url:
        pass
    sandbox.webhooks.add(url)
    enrol(wire, "jane")
    (delivery,) = sandbox.webhooks.deliver()
    assert delivery.state == "waiting"
    assert delivery.attempts[0].status is None
    assert delivery.attempts[0].answer.startswith("ConnectError")


def test_an_app_in_the_same_process_that_raises_is_a_failed_delivery(
    sandbox: Sandbox, wire: Wire, shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    def explode(_: httpx.Request) -> None:
        raise ZeroDivisionError("at the till")

    shop.then = explode
    enrol(wire, "jane")
    (delivery,) = sandbox.webhooks.deliver()
    assert (delivery.state, delivery.attempts[0].status) == ("waiting", None)
    assert delivery.attempts[0].answer == "ZeroDivisionError: at the till"
    assert caplog.messages == [f"user.created could not be delivered to {URL}"]


def test_the_log_of_deliveries_is_bounded(
    sandbox: Sandbox, wire: Wire, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "_MOST_LOGGED", 2)
    enrol(wire, "jane", "kim", "mia")
    assert len(sandbox.webhooks.deliveries) == 2
    assert len(sandbox.webhooks.deliver()) == 3
    assert names(shop) == ["jane", "kim", "mia"]


# --- Again, twice, and out of order


def test_redeliver_makes_a_new_delivery_of_the_same_event(sandbox: Sandbox, wire: Wire, shop: Shop) -> None:
    enrol(wire, "jane")
    (first,) = sandbox.webhooks.deliver()
    again = sandbox.webhooks.redeliver(first.id)
    assert (again.state, again.event_id) == ("waiting", first.event_id)
    assert again.id != first.id
    assert [each.state for each in sandbox.webhooks.deliver()] == ["delivered"]
    assert shop.ids == [first.id, again.id]
    assert shop.got[0].content == shop.got[1].content
    with pytest.raises(KeyError):
        sandbox.webhooks.redeliver("none")


def test_an_endpoint_that_was_removed_gets_nothing_again(sandbox: Sandbox, wire: Wire, shop: Shop) -> None:
    enrol(wire, "jane")
    (first,) = sandbox.webhooks.deliver()
    sandbox.webhooks.remove(first.endpoint.id)
    with pytest.raises(KeyError, match=first.endpoint.id):
        sandbox.webhooks.redeliver(first.id)
    assert sandbox.webhooks.deliver() == []
    assert len(shop.got) == 1


def test_duplicate_next_sends_deliveries_twice(sandbox: Sandbox, wire: Wire, shop: Shop) -> None:
    sandbox.webhooks.duplicate_next(2)
    enrol(wire, "jane", "kim", "mia")
    sandbox.webhooks.deliver()
    assert sorted(names(shop)) == ["jane", "jane", "kim", "kim", "mia"]
    assert len(set(shop.ids)) == 3
    assert [len(delivery.attempts) for delivery in sandbox.webhooks.deliveries] == [2, 2, 1]


def test_duplicate_next_sends_twice_with_success(sandbox: Sandbox, wire: Wire, shop: Shop) -> None:
    sandbox.webhooks.duplicate_next()
    shop.answers = [500]
    enrol(wire, "jane")
    sandbox.webhooks.deliver()
    sandbox.advance(MINUTE)
    sandbox.webhooks.deliver()
    assert [attempt.status for attempt in sandbox.webhooks.deliveries[0].attempts] == [500, 200, 200]


def test_reorder_next_sends_deliveries_out_of_order(sandbox: Sandbox, wire: Wire, shop: Shop) -> None:
    sandbox.webhooks.reorder_next(3)
    enrol(wire, "jane", "kim")
    assert [delivery.state for delivery in sandbox.webhooks.deliveries] == ["held", "held"]
    enrol(wire, "mia", "kofi")
    sandbox.webhooks.deliver()
    assert names(shop) == ["mia", "kim", "jane", "kofi"]


def test_deliver_sends_held_deliveries(sandbox: Sandbox, wire: Wire, shop: Shop) -> None:
    sandbox.webhooks.reorder_next(9)
    enrol(wire, "jane", "kim")
    sandbox.webhooks.deliver()
    enrol(wire, "mia")
    sandbox.webhooks.deliver()
    assert names(shop) == ["kim", "jane", "mia"]


@pytest.mark.parametrize(("wrong", "error"), [(0, ValueError), (True, TypeError)])
def test_duplicate_next_and_reorder_next_check_their_number(
    sandbox: Sandbox, wrong: Any, error: type[Exception]
) -> None:
    with pytest.raises(error, match="times must be"):
        sandbox.webhooks.duplicate_next(wrong)
    with pytest.raises(error, match="times must be"):
        sandbox.webhooks.reorder_next(wrong)


# --- While things go on


def test_events_that_a_delivery_causes_are_delivered(sandbox: Sandbox, wire: Wire, shop: Shop) -> None:
    def enrol_a_friend(request: httpx.Request) -> None:
        if json.loads(request.content)["data"]["name"] == "jane":
            enrol(wire, "kim")

    shop.then = enrol_a_friend
    enrol(wire, "jane")
    assert len(sandbox.webhooks.deliver()) == 2
    assert names(shop) == ["jane", "kim"]


def test_deliveries_without_end_are_an_error(
    sandbox: Sandbox, wire: Wire, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "_MOST_AT_ONCE", 20)
    shop.then = lambda _: enrol(wire, f"friend-{len(shop.got)}")
    enrol(wire, "jane")
    with pytest.raises(RuntimeError, match="no end: does a handler change what its event reports"):
        sandbox.webhooks.deliver()
    assert len(shop.got) == 21


def test_many_deliveries_at_once_are_not_endless(
    sandbox: Sandbox, wire: Wire, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "_MOST_AT_ONCE", 1)
    enrol(wire, "jane", "kim", "mia")
    assert len(sandbox.webhooks.deliver()) == len(shop.got) == 3


def test_an_app_in_the_same_process_may_call_deliver(sandbox: Sandbox, wire: Wire, shop: Shop) -> None:
    sent: list[list[str]] = []
    shop.then = lambda _: sent.append([each.event_type for each in sandbox.webhooks.deliver()])
    enrol(wire, "jane", "kim")
    sandbox.webhooks.deliver()
    assert sent == [[], ["user.created"]]
    assert [delivery.state for delivery in sandbox.webhooks.deliveries] == ["delivered", "delivered"]


def test_deliver_may_be_called_again_after_an_interrupt(sandbox: Sandbox, wire: Wire, shop: Shop) -> None:
    def interrupt(_: httpx.Request) -> None:
        shop.then = None
        raise KeyboardInterrupt

    shop.then = interrupt
    enrol(wire, "jane")
    with pytest.raises(KeyboardInterrupt):
        sandbox.webhooks.deliver()
    (delivery,) = sandbox.webhooks.deliveries
    assert (delivery.state, delivery.attempts[0].status, delivery.attempts[0].answer) == (
        "waiting",
        None,
        "interrupted",
    )
    assert sandbox.webhooks.deliver() == []
    sandbox.advance(MINUTE)
    (delivery,) = sandbox.webhooks.deliver()
    assert delivery.state == "delivered"


def test_delivering_sends_events_from_a_thread_as_they_happen(sandbox: Sandbox, wire: Wire, shop: Shop) -> None:
    arrived = threading.Semaphore(0)
    shop.then = lambda _: arrived.release()
    shop.answers = [200, 500]
    with sandbox.webhooks.delivering():
        for name in ("jane", "kim"):
            enrol(wire, name)
            assert arrived.acquire(timeout=10)
        assert sandbox.webhooks.deliver() == []  # waits until the second one's answer is noted
        assert [delivery.state for delivery in sandbox.webhooks.deliveries] == ["delivered", "waiting"]
        sandbox.advance(MINUTE)  # wakes it
        assert arrived.acquire(timeout=10)
    assert [delivery.state for delivery in sandbox.webhooks.deliveries] == ["delivered", "delivered"]
    enrol(wire, "mia")
    assert names(shop) == ["jane", "kim", "kim"]


def test_deliver_waits_for_deliveries_that_are_under_way(sandbox: Sandbox, wire: Wire, shop: Shop) -> None:
    on_its_way, go_on = threading.Event(), threading.Event()

    def wait(_: httpx.Request) -> None:
        on_its_way.set()
        assert go_on.wait(10)

    shop.then = wait
    with sandbox.webhooks.delivering():
        enrol(wire, "jane")
        assert on_its_way.wait(10)
        assert [delivery.state for delivery in sandbox.webhooks.deliveries] == ["sending"]
        threading.Timer(0.05, go_on.set).start()
        assert sandbox.webhooks.deliver() == []
        assert [delivery.state for delivery in sandbox.webhooks.deliveries] == ["delivered"]


def test_deliveries_reach_the_receiver_of_the_sdk_over_real_http(sandbox: Sandbox, wire: Wire) -> None:
    receiver = WebhookReceiver(Verifier("whsec_1", "whsec_2"))
    welcomed: list[str | None] = []

    @receiver.on(UserCreated)
    def welcome(event: UserCreated) -> None:
        welcomed.append(event.data.name)

    with serving_app(ASGIApp(receiver)) as url:
        sandbox.webhooks.add(url, secret="whsec_2")
        forged = sandbox.webhooks.add(url, secret="whsec_3")
        sandbox.webhooks.duplicate_next(2)
        enrol(wire, "jane")
        sent = sandbox.webhooks.deliver()
    assert welcomed == ["jane"]
    answers = {(each.endpoint == forged, each.attempts[-1].status, each.attempts[-1].answer) for each in sent}
    refused = next(answer for is_forged, status, answer in answers if is_forged and status == 401)
    assert answers == {(False, 200, "handled"), (False, 200, "handled before"), (True, 401, refused)}
