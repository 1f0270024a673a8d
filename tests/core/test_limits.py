"""Rate limits: what the server says of them, and how long a request is held."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemp_sdk import RateLimit, RateLimitError
from stemp_sdk._core.call import RawResponse, Send, Sleep
from stemp_sdk._core.flow import request_flow
from stemp_sdk._core.limits import LimitTracker, retry_after
from tests.support.clocks import StillClock

from .driving import Harness, answer, call_of

NOW = int(StillClock().now)
READ = call_of()


def limited(remaining: object, reset: object, limit: object = 100, status: int = 200, **headers: object) -> RawResponse:
    counts = {"x_ratelimit_limit": limit, "x_ratelimit_remaining": remaining, "x_ratelimit_reset": reset}
    return answer(status, **counts, **headers)


def test_the_rate_limit_is_that_of_the_last_response() -> None:
    harness = Harness()
    harness.run(READ, limited(41, 1_800_000_060))
    assert harness.settings.limits.current == RateLimit(100, 41, 1_800_000_060)
    harness.run(READ, answer())  # a proxy's own answer says nothing of it
    assert harness.settings.limits.current == RateLimit(100, 41, 1_800_000_060)


def test_the_end_of_a_rate_limit_window_is_a_time() -> None:
    assert RateLimit(100, 41, None).resets_at is None
    assert RateLimit(100, 41, 1_800_000_060).resets_at == datetime(2027, 1, 15, 8, 1, tzinfo=UTC)


@pytest.mark.parametrize("broken", ["", "soon", "1e3", "²", "9" * 400, "9" * 5000, "1800000060000"])
def test_one_unreadable_rate_limit_header_does_not_lose_the_others(broken: str) -> None:
    harness = Harness()
    harness.run(READ, limited(7, broken))
    assert harness.settings.limits.current == RateLimit(100, 7, None)
    harness.run(READ, limited(broken, NOW + 60))
    current = harness.settings.limits.current
    assert current is not None
    assert current.reset == NOW + 60
    harness.run(READ, answer())
    assert harness.slept == []


def test_unreadable_rate_limit_headers_leave_the_state_as_it_was() -> None:
    harness = Harness()
    harness.run(READ, limited(7, NOW + 60))
    harness.run(READ, limited("few", "soon", "many"))
    assert harness.settings.limits.current == RateLimit(100, 7, NOW + 60)


@pytest.mark.parametrize(
    ("limit", "remaining", "reset"),
    [("100", "0", f"{NOW + 11}.5"), ("100, 100;w=60", "0, 0;w=60", str(NOW + 12)), ("100.0", "-1", f" {NOW + 12} ")],
)
def test_rate_limit_headers_with_fractions_and_additions_of_gateways_are_read(
    limit: str, remaining: str, reset: str
) -> None:
    harness = Harness()
    harness.run(READ, limited(remaining, reset, limit))
    assert harness.settings.limits.current is not None
    assert harness.settings.limits.current.limit == 100
    assert harness.settings.limits.current.reset == NOW + 12
    harness.run(READ, answer())
    assert harness.slept == [12.0]


@given(st.text(), st.text(), st.text())
def test_no_header_breaks_the_tracker(limit: str, remaining: str, reset: str) -> None:
    harness = Harness()
    harness.run(READ, limited(remaining, reset, limit))
    current = harness.settings.limits.current
    if current is not None and current.resets_at is not None:
        assert current.resets_at.tzinfo is UTC


def test_a_429_carries_the_rate_limit() -> None:
    with pytest.raises(RateLimitError) as caught:
        Harness().run(READ, limited(0, NOW + 90, status=429, retry_after=90))
    assert caught.value.rate_limit == RateLimit(100, 0, NOW + 90)


# --- Pacing


def test_a_used_up_rate_limit_window_is_waited_out() -> None:
    harness = Harness()
    harness.run(READ, limited(0, NOW + 12))
    harness.run(READ, limited(99, NOW + 72))
    harness.run(READ, answer())
    assert harness.slept == [12.0]


def test_a_rate_limit_is_read_by_the_clock_of_the_server() -> None:
    harness = Harness()
    server = NOW + 86_400
    harness.run(READ, limited(0, server + 12, date=formatdate(server, usegmt=True)))
    harness.run(READ, answer())
    assert harness.slept == [12.0]


@pytest.mark.parametrize("date", ["", "yesterday", "Fri, 31 Feb 2027 00:00:00 GMT"])
def test_without_a_readable_date_a_rate_limit_is_read_by_our_clock(date: str) -> None:
    harness = Harness()
    harness.run(READ, limited(0, NOW + 12, date=date))
    harness.run(READ, answer())
    assert harness.slept == [12.0]


def test_time_that_has_passed_in_a_window_is_not_waited_again() -> None:
    harness = Harness()
    harness.run(READ, limited(0, NOW + 12))
    harness.still.now += 8
    harness.run(READ, answer())
    harness.still.now += 100
    harness.run(READ, answer())
    assert harness.slept == [4.0]


@pytest.mark.parametrize("reset", [NOW - 5, NOW, NOW + 61, NOW + 3600])
def test_a_rate_limit_window_that_is_open_or_far_away_holds_nothing_up(reset: int) -> None:
    harness = Harness()
    harness.run(READ, limited(0, reset))
    harness.run(READ, answer())
    assert harness.slept == []


def test_without_retries_no_call_waits_for_the_window() -> None:
    harness = Harness(max_retries=0)
    harness.run(READ, limited(0, NOW + 12))
    harness.run(READ, answer())
    assert harness.slept == []


def test_waiting_for_the_window_counts_against_the_deadline() -> None:
    harness = Harness()
    harness.run(READ, limited(0, NOW + 50))
    with pytest.raises(RateLimitError):
        harness.run(READ, answer(429, retry_after=11))
    assert harness.slept == [50.0]


@pytest.mark.parametrize(("seconds", "level"), [(5, "INFO"), (6, "WARNING")])
def test_a_wait_over_five_seconds_is_logged_as_a_warning(
    seconds: int, level: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "stemp_sdk")
    harness = Harness()
    harness.run(READ, limited(0, NOW + seconds))
    harness.run(READ, answer(503, retry_after=seconds), answer())
    assert [(record.levelname, record.message) for record in caplog.records] == [
        (level, f"things.do: the rate limit is used up, waiting {seconds}.0 s for the next window"),
        (level, f"things.do: 503; trying again in {seconds}.00 s"),
    ]


def test_a_copy_sees_the_rate_limit_of_the_other() -> None:
    tracker = LimitTracker(StillClock().clock())
    tracker.note(limited(0, NOW + 12).headers)
    assert tracker.wait(60) == 12.0
    tracker.note(limited(1, NOW + 12).headers)
    assert tracker.wait(60) == 0.0


# --- The queue


def test_a_window_takes_as_many_callers_as_the_limit_and_the_next_ones_wait_longer() -> None:
    tracker = LimitTracker(StillClock().clock())
    tracker.note(limited(1, NOW + 60, limit=2).headers)
    tracker.note(limited(0, NOW + 12, limit=2).headers)
    assert [tracker.wait(600) for _ in range(5)] == [12.0, 12.0, 72.0, 72.0, 132.0]


def test_a_caller_that_cannot_wait_that_long_takes_no_place_in_the_window() -> None:
    tracker = LimitTracker(StillClock().clock())
    tracker.note(limited(0, NOW + 60, limit=1).headers)
    assert [tracker.wait(60), tracker.wait(60), tracker.wait(60), tracker.wait(600)] == [60.0, 120.0, 120.0, 120.0]


def test_the_queue_for_a_window_is_empty_when_it_opens() -> None:
    still = StillClock()
    tracker = LimitTracker(still.clock())
    tracker.note(limited(0, NOW + 12, limit=1).headers)
    assert [tracker.wait(600), tracker.wait(600)] == [12.0, 24.0]
    still.now += 12
    assert tracker.wait(600) == 0.0
    tracker.note(limited(0, NOW + 24, limit=1).headers)
    assert tracker.wait(600) == 12.0


def test_many_refused_calls_do_not_all_come_again_at_once() -> None:
    harness = Harness(deadline=200)
    flows = [request_flow(READ, harness.settings) for _ in range(4)]
    refusal = limited(0, NOW + 60, limit=2, status=429, retry_after=60)
    for flow in flows:
        assert isinstance(next(flow), Send)
    steps = [flow.send(refusal) for flow in flows]
    assert [step.seconds for step in steps if isinstance(step, Sleep)] == [60.0, 60.0, 120.0, 120.0]


def test_the_error_says_that_the_turn_would_come_after_the_deadline() -> None:
    harness = Harness()
    harness.settings.limits.note(limited(0, NOW + 59, limit=1).headers)
    assert harness.settings.limits.wait(60) == 59.0
    with pytest.raises(RateLimitError, match=r"the turn of this call would come in 118 s, after its deadline: make"):
        harness.run(READ, limited(0, NOW + 59, limit=1, status=429, retry_after=59))
    assert harness.slept == []


# --- Retry-After


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("30", 30.0),
        ("2.5", 2.5),
        (" 30 ", 30.0),
        (formatdate(NOW + 30, usegmt=True), 30.0),
        (formatdate(NOW - 30, usegmt=True), 0.0),
        ("9" * 400, float("inf")),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float) -> None:
    assert retry_after({"retry-after": value}, StillClock().clock()) == seconds


@pytest.mark.parametrize("value", ["", "soon", "-1", "1.", "1e3", "²", "३", "Fri, 31 Feb 2027 00:00:00 GMT"])
def test_a_retry_after_that_is_neither_is_ignored(value: str) -> None:
    assert retry_after({"retry-after": value}, StillClock().clock()) is None
    assert retry_after({}, StillClock().clock()) is None


def test_a_date_in_retry_after_is_read_by_the_clock_of_the_server() -> None:
    server = NOW - 86_400
    headers = {"retry-after": formatdate(server + 30, usegmt=True), "date": formatdate(server, usegmt=True)}
    assert retry_after(headers, StillClock().clock()) == 30.0


@given(st.text() | st.from_regex(r"\w{3}, \d{1,9} \w{3} \d{1,9} \d\d:\d\d:\d\d [+-]?\w{1,9}", fullmatch=True))
def test_no_retry_after_breaks_a_call(value: str) -> None:
    harness = Harness(max_retries=1)
    with pytest.raises(RateLimitError):
        harness.run(READ, *[answer(429, retry_after=value, date=value)] * (2 if _waits(value) else 1))


def _waits(value: str) -> bool:
    asked = retry_after({"retry-after": value, "date": value}, StillClock().clock())
    return asked is None or asked < 60
