"""Rate limits: what the server says of them, and how long a request is held."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemp_sdk import RateLimit, RateLimitError
from stemp_sdk.core.call import Answer
from stemp_sdk.core.limits import LimitTracker, retry_after
from tests.conftest import StillClock

from .driving import Hand, answer, call_of

NOW = int(StillClock().now)
READ = call_of()


def limited(remaining: object, reset: object, limit: object = 100, status: int = 200, **headers: object) -> Answer:
    counts = {"x_ratelimit_limit": limit, "x_ratelimit_remaining": remaining, "x_ratelimit_reset": reset}
    return answer(status, **counts, **headers)


def test_the_state_is_what_the_last_answer_said() -> None:
    hand = Hand()
    hand.run(READ, limited(41, 1_800_000_060))
    assert hand.settings.limits.current == RateLimit(100, 41, 1_800_000_060)
    hand.run(READ, answer())  # a proxy's own answer says nothing of it
    assert hand.settings.limits.current == RateLimit(100, 41, 1_800_000_060)


def test_the_end_of_the_window_is_a_time() -> None:
    assert RateLimit(100, 41, 1_800_000_060).resets_at == datetime(2027, 1, 15, 8, 1, tzinfo=UTC)


@pytest.mark.parametrize("broken", ["", "soon", "1.5", "1e3", "²", "9" * 400, "9" * 5000, "1800000060000"])
def test_a_state_that_cannot_be_read_is_as_good_as_none(broken: str) -> None:
    hand = Hand()
    hand.run(READ, limited(0, broken))
    assert hand.settings.limits.current is None
    hand.run(READ, answer())
    assert hand.slept == []


@given(st.text(), st.text(), st.text())
def test_no_header_breaks_the_tracker(limit: str, remaining: str, reset: str) -> None:
    hand = Hand()
    hand.run(READ, limited(remaining, reset, limit))
    if (current := hand.settings.limits.current) is not None:
        assert current.resets_at.tzinfo is UTC


def test_a_refusal_carries_the_state() -> None:
    with pytest.raises(RateLimitError) as caught:
        Hand().run(READ, limited(0, NOW + 90, status=429, retry_after=90))
    assert caught.value.rate_limit == RateLimit(100, 0, NOW + 90)


# --- Pacing


def test_a_used_up_window_is_waited_out() -> None:
    hand = Hand()
    hand.run(READ, limited(0, NOW + 12))
    hand.run(READ, limited(99, NOW + 72))
    hand.run(READ, answer())
    assert hand.slept == [12.0]


def test_the_servers_clock_may_go_wrong() -> None:
    hand = Hand()
    server = NOW + 86_400
    hand.run(READ, limited(0, server + 12, date=formatdate(server, usegmt=True)))
    hand.run(READ, answer())
    assert hand.slept == [12.0]


@pytest.mark.parametrize("date", ["", "yesterday", "Fri, 31 Feb 2027 00:00:00 GMT"])
def test_without_a_readable_date_it_is_our_clock(date: str) -> None:
    hand = Hand()
    hand.run(READ, limited(0, NOW + 12, date=date))
    hand.run(READ, answer())
    assert hand.slept == [12.0]


def test_time_that_goes_by_is_not_waited_again() -> None:
    hand = Hand()
    hand.run(READ, limited(0, NOW + 12))
    hand.still.now += 8
    hand.run(READ, answer())
    hand.still.now += 100
    hand.run(READ, answer())
    assert hand.slept == [4.0]


@pytest.mark.parametrize("reset", [NOW - 5, NOW, NOW + 61, NOW + 3600])
def test_a_window_that_is_open_or_far_away_holds_nothing(reset: int) -> None:
    hand = Hand()
    hand.run(READ, limited(0, reset))
    hand.run(READ, answer())
    assert hand.slept == []


def test_without_retries_nobody_waits() -> None:
    hand = Hand(max_retries=0)
    hand.run(READ, limited(0, NOW + 12))
    hand.run(READ, answer())
    assert hand.slept == []


def test_waiting_for_the_window_counts_against_the_budget() -> None:
    hand = Hand()
    hand.run(READ, limited(0, NOW + 50))
    with pytest.raises(RateLimitError):
        hand.run(READ, answer(429, retry_after=11))
    assert hand.slept == [50.0]


def test_waiting_for_the_window_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "stemp_sdk")
    hand = Hand()
    hand.run(READ, limited(0, NOW + 12))
    hand.run(READ, answer())
    assert caplog.messages == ["things.do: the rate limit is used up, waiting 12.0 s for the next window"]


def test_a_copy_sees_what_the_other_was_told() -> None:
    tracker = LimitTracker(StillClock().clock())
    tracker.note(limited(0, NOW + 12).headers)
    assert tracker.wait() == 12.0
    tracker.note(limited(1, NOW + 12).headers)
    assert tracker.wait() == 0.0


# --- Retry-After


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("30", 30.0),
        (" 30 ", 30.0),
        (formatdate(NOW + 30, usegmt=True), 30.0),
        (formatdate(NOW - 30, usegmt=True), 0.0),
        ("9" * 400, float("inf")),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float) -> None:
    assert retry_after({"retry-after": value}, StillClock().clock()) == seconds


@pytest.mark.parametrize("value", ["", "soon", "-1", "1.5", "1e3", "²", "३", "Fri, 31 Feb 2027 00:00:00 GMT"])
def test_what_is_neither_is_not_there(value: str) -> None:
    assert retry_after({"retry-after": value}, StillClock().clock()) is None
    assert retry_after({}, StillClock().clock()) is None


def test_a_date_is_meant_by_the_servers_clock() -> None:
    server = NOW - 86_400
    headers = {"retry-after": formatdate(server + 30, usegmt=True), "date": formatdate(server, usegmt=True)}
    assert retry_after(headers, StillClock().clock()) == 30.0


@given(st.text() | st.from_regex(r"\w{3}, \d{1,9} \w{3} \d{1,9} \d\d:\d\d:\d\d [+-]?\w{1,9}", fullmatch=True))
def test_no_retry_after_breaks_an_exchange(value: str) -> None:
    hand = Hand(max_retries=1)
    with pytest.raises(RateLimitError):
        hand.run(READ, *[answer(429, retry_after=value, date=value)] * (2 if _waits(value) else 1))


def _waits(value: str) -> bool:
    asked = retry_after({"retry-after": value, "date": value}, StillClock().clock())
    return asked is None or asked <= 60
