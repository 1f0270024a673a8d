"""Writes that take effect after their response, and history entries that become visible after that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from stemp_sdk import ServerError, UnknownOutcomeError, presets, response_of
from stemp_sdk.sandbox import Sandbox
from stemp_sdk.sandbox import Wire as Variant
from stemp_sdk.scopes import TokenKind
from tests.support.clocks import StillClock

from .till import Till
from .wire import Wire

ADD = "loyalty.add_stamp"


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        ({"connection": "lost"}, "RemoteProtocolError: Server disconnected without sending a response"),
        ({"connection": "reset"}, r"ReadError: \[Errno 104\] Connection reset by peer"),
        ({"connection": "timeout"}, "ReadTimeout"),
        ({"status": 504, "shape": "html"}, "504"),
        ({"status": 502}, "502"),
        ({"delay": 30}, "ReadTimeout"),
    ],
)
def test_a_write_takes_effect_some_time_after_it_seems_lost(till: Till, failure: Any, reason: str) -> None:
    till.sandbox.fail_next(operation=ADD, late=20, **failure)
    with pytest.raises((UnknownOutcomeError, ServerError), match=reason) as caught:
        till.stamp()
    assert caught.value.outcome_unknown
    waited = 5 if reason == "ReadTimeout" else 0
    till.sandbox.advance(failure.get("delay", 0) + 20 - waited - 1)
    assert till.stamps == 0
    till.sandbox.advance(1)
    assert till.stamps == 1
    till.sandbox.advance(1000)
    assert till.stamps == 1


@pytest.mark.parametrize("requests", [1, 2, 5])
def test_a_write_takes_effect_after_further_requests(till: Till, requests: int) -> None:
    till.sandbox.fail_next(operation=ADD, connection="lost", late_requests=requests)
    with pytest.raises(UnknownOutcomeError):
        till.stamp()
    assert [till.stamps for _ in range(requests + 2)] == [0] * requests + [1, 1]


def test_only_requests_for_the_same_pass_count(till: Till, wire: Wire) -> None:
    other = wire.card()
    till.sandbox.fail_next(operation=ADD, connection="lost", late_requests=1)
    with pytest.raises(UnknownOutcomeError):
        till.stamp()
    for _ in range(3):
        wire.get(f"{other}/stamps")
    assert [till.stamps, till.stamps] == [0, 1]


def test_every_request_counts_for_one_without_an_id_in_its_path(wire: Wire) -> None:
    wire.sandbox.fail_next(operation="users.create", status=502, late_requests=2)
    assert wire.send_anyway("POST", "/users", {"email": "a@example.com"}) == 502
    counts = [wire.get("/users").json["totalElements"], len(wire.get("/templates").json["content"])]
    assert [*counts, wire.get("/users").json["totalElements"]] == [0, 0, 1]


def test_late_writes_take_effect_in_the_order_in_which_they_are_due(till: Till) -> None:
    for seconds, note in ((30, "third"), (10, "first"), (20, "second")):
        till.sandbox.fail_next(operation=ADD, connection="lost", late=seconds)
        with pytest.raises(UnknownOutcomeError):
            till.stamp(note)
    till.sandbox.advance(100)
    history = till.history
    assert [entry.note for entry in history] == ["third", "second", "first"]
    assert [entry.created_at.second for entry in history] == [30, 20, 10]  # and not the time of the next request


@pytest.mark.parametrize("order", [1, -1])
def test_writes_that_their_clients_gave_up_and_late_ones_take_effect_in_one_order(till: Till, order: int) -> None:
    failures: list[tuple[str, Any]] = [
        ("first", {"connection": "lost", "late": 30}),
        ("second", {"delay": 40, "carried_out": True}),  # whose client waits for 5 s
        ("third", {"connection": "lost", "late": 50}),
        ("fourth", {"delay": 30, "status": 504, "late": 30}),
    ]
    for note, failure in failures[::order]:
        till.sandbox.fail_next(operation=ADD, **failure)
        with pytest.raises(UnknownOutcomeError):
            till.stamp(note)
    till.sandbox.advance(100)
    history = till.history
    assert [entry.note for entry in history] == ["fourth", "third", "second", "first"]
    assert [*history] == sorted(history, key=lambda entry: entry.created_at, reverse=True)


def test_further_requests_count_from_the_end_of_a_delay(till: Till) -> None:
    till.sandbox.fail_next(operation=ADD, delay=20, status=504, late_requests=1)
    with pytest.raises(UnknownOutcomeError):
        till.stamp()
    assert [till.stamps, till.stamps] == [0, 0]
    till.sandbox.advance(15)
    assert [till.stamps, till.stamps] == [0, 1]


def test_a_late_write_is_refused_by_what_the_card_is_like_by_then(till: Till) -> None:
    for _ in range(9):
        till.stamp()
    till.sandbox.fail_next(operation=ADD, status=504, late=10)
    with pytest.raises(ServerError):
        till.stamp()
    assert till.stamp().current_stamps == 10
    till.sandbox.advance(10)
    assert till.stamps == 10


def test_a_late_write_sends_its_webhook_when_it_takes_effect(till: Till) -> None:
    till.sandbox.webhooks.add("http://127.0.0.1:9/stemp")
    till.sandbox.fail_next(operation=ADD, status=504, late=10)
    with pytest.raises(ServerError):
        till.stamp()
    assert till.sandbox.webhooks.deliveries == []
    till.sandbox.advance(10)
    assert [each.event_type for each in till.sandbox.webhooks.deliveries] == ["stamp.created"]


def test_time_that_passes_by_itself_commits_late_writes_too(clock: StillClock, wire: Wire) -> None:
    wire.sandbox.fail_next(status=502, late=10)
    assert wire.send_anyway("POST", "/users", {"email": "a@example.com"}) == 502
    clock.now += 9
    assert wire.get("/users").json["totalElements"] == 0
    clock.now += 1
    assert wire.get("/users").json["totalElements"] == 1


# --- History that lags


def test_the_history_lags_behind_a_write_that_succeeds(till: Till) -> None:
    till.sandbox.fail_next(operation=ADD, history_lag=20)
    assert till.stamp().current_stamps == 1
    assert (till.stamps, till.history) == (1, [])
    till.sandbox.advance(19)
    assert till.history == []
    till.sandbox.advance(1)
    assert len(till.history) == 1
    till.stamp()
    assert len(till.history) == 2


def test_the_history_lags_for_further_requests(till: Till) -> None:
    till.sandbox.fail_next(operation=ADD, history_lag_requests=2)
    till.stamp()
    assert [len(till.history) for _ in range(4)] == [0, 0, 1, 1]


def test_an_entry_that_becomes_visible_late_has_its_place_by_the_order_of_writes(till: Till) -> None:
    till.sandbox.fail_next(operation=ADD, history_lag=20)
    for note in ("first", "second"):
        till.stamp(note)
    assert [entry.note for entry in till.history] == ["second"]
    till.sandbox.advance(20)
    assert [entry.note for entry in till.history] == ["second", "first"]


def test_the_history_of_points_lags_as_well(till: Till) -> None:
    till.sandbox.fail_next(operation="loyalty.add_points", history_lag_requests=1)
    till.run(lambda client: client.loyalty.add_points(till.card, points=5))

    def count() -> int:
        return len(till.run(lambda client: client.loyalty.points_history(till.card)).items)

    assert [count(), count()] == [0, 1]


def test_a_lost_response_and_a_history_that_lags_go_together(till: Till) -> None:
    till.sandbox.fail_next(operation=ADD, connection="lost", carried_out=True, history_lag=20)
    with pytest.raises(UnknownOutcomeError):
        till.stamp()
    assert (till.stamps, till.history) == (1, [])
    till.sandbox.advance(20)
    assert len(till.history) == 1


def test_a_lag_joins_the_failure_of_another_rule(till: Till) -> None:
    lag = till.sandbox.fail_next(operation=ADD, history_lag=20, times="always")
    lost = till.sandbox.fail_next(operation=ADD, connection="lost", carried_out=True)
    with pytest.raises(UnknownOutcomeError):
        till.stamp()
    assert (till.stamps, till.history, lag.hits, lost.hits) == (1, [], 1, 1)


def test_the_lag_of_a_late_write_counts_from_its_commit(till: Till) -> None:
    till.sandbox.fail_next(operation=ADD, connection="lost", late=10, history_lag=10)
    with pytest.raises(UnknownOutcomeError):
        till.stamp()
    till.sandbox.advance(10)
    assert (till.stamps, till.history) == (1, [])
    till.sandbox.advance(9)
    assert till.history == []
    till.sandbox.advance(1)
    assert len(till.history) == 1


def test_both_become_visible_when_time_leaps(till: Till) -> None:
    till.sandbox.fail_next(operation=ADD, connection="lost", late=10, history_lag=10)
    with pytest.raises(UnknownOutcomeError):
        till.stamp()
    till.sandbox.advance(20)
    assert (till.stamps, len(till.history)) == (1, 1)


# --- What else is wrong


def test_the_clock_of_the_server_may_be_fast(till: Till) -> None:
    till.sandbox.fail_next(operation=ADD, clock_skew=90)
    state = till.stamp()
    assert state.last_stamp_at.isoformat() == "2027-01-15T08:01:30+00:00"
    assert [entry.created_at.isoformat() for entry in till.history] == ["2027-01-15T08:01:30+00:00"]
    assert response_of(state).headers["date"] == "Fri, 15 Jan 2027 08:01:30 GMT"
    assert response_of(till.look()).headers["date"] == "Fri, 15 Jan 2027 08:00:00 GMT"


def test_a_wrong_clock_dates_the_sandboxs_own_response_alone(wire: Wire) -> None:
    def headers(**fault: Any) -> Mapping[str, str]:
        wire.sandbox.fail_next(clock_skew=5000, **fault)
        return Wire(wire.sandbox, wire.token, documented=False).post("/users", {"email": "a@b.c"}).headers

    replaced, own = headers(status=502, carried_out=True), headers()
    assert "Date" not in replaced
    assert own["Date"] == "Fri, 15 Jan 2027 09:23:20 GMT"
    assert own["X-RateLimit-Reset"] == "1800000030"
    assert wire.get("/users").json["content"][0]["createdAt"] == "2027-01-15T09:23:20Z"


def test_a_wrong_clock_dates_an_error_too() -> None:
    sandbox = Sandbox(clock=StillClock(), wire=Variant(errors="spring-json"))
    sandbox.fail_next(clock_skew=90)
    answer = Wire(sandbox, "sk_live_unknown", documented=False).get("/users")
    assert (answer.status, answer.json["timestamp"]) == (401, "2027-01-15T08:01:30.000+00:00")


def test_a_wrong_clock_does_not_end_the_validity_of_the_requests_token(sandbox: Sandbox) -> None:
    wire = Wire(sandbox, sandbox.issue_token(presets.POS, kind=TokenKind.APP))
    sandbox.fail_next(clock_skew=5000)
    assert [wire.get("/users").status, wire.get("/users").status] == [200, 200]


def test_the_clock_of_the_server_may_be_slow_for_all_requests(till: Till) -> None:
    till.sandbox.fail_next(clock_skew=-90, times="always")
    till.stamp()
    assert response_of(till.look()).headers["date"] == "Fri, 15 Jan 2027 07:58:30 GMT"
    assert [entry.created_at.minute for entry in till.history] == [58]
