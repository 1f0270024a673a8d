"""The rules by which clients share a rate limit, against a simulated server."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stemp_sdk import MemoryRateLimiter
from stemp_sdk._core.rate_limiter import Report

from .simulation import START, Server, Simulation


@pytest.mark.parametrize("aligned", [True, False])
@pytest.mark.parametrize("latency", [0.01, 0.4])
def test_twenty_callers_use_the_limit_and_are_never_refused(aligned: bool, latency: float) -> None:
    server = Server(limit=1_000, span=60.0, aligned=aligned)
    simulation = Simulation(server, latency)
    limiter = MemoryRateLimiter()
    for _ in range(20):
        simulation.caller("bulk", limiter)
    simulation.run(until=START + 600)
    whole = server.windows[1:-1]
    assert len(whole) >= 8
    assert server.refused == 0
    assert sum(whole) >= 0.95 * 1_000 * len(whole)


@settings(max_examples=60)
@given(
    seed=st.integers(0, 2**32),
    limit=st.integers(1, 60),
    callers=st.integers(1, 30),
    aligned=st.booleans(),
    latency=st.floats(0.0, 0.9),
)
def test_hardly_any_request_is_refused(seed: int, limit: int, callers: int, aligned: bool, latency: float) -> None:
    server = Server(limit, span=10.0, aligned=aligned)
    simulation = Simulation(server, latency, seed)
    limiter = MemoryRateLimiter()
    for _ in range(callers):
        simulation.caller("bulk", limiter, begins=START + simulation.random.random() * 20)
    simulation.run(until=START + 300)
    assert max(server.windows) <= limit
    assert server.refused <= 0.001 * sum(server.windows)
    assert sum(server.windows) >= limit


def test_background_work_leaves_room_for_tills() -> None:
    server = Server(limit=100, span=60.0, aligned=True)
    simulation = Simulation(server, latency=0.1)
    limiter = MemoryRateLimiter()
    for _ in range(10):
        simulation.caller("sync", limiter.background())
    simulation.caller("till", limiter, gap=4.0)
    simulation.run(until=START + 600)
    assert server.refused == 0
    assert simulation.done["till"] >= 130  # of 146 that a till alone could make
    assert sum(server.windows[1:-1]) >= 0.95 * 100 * len(server.windows[1:-1])


def test_tills_without_a_share_for_them_wait_behind_background_work() -> None:
    server = Server(limit=100, span=60.0, aligned=True)
    simulation = Simulation(server, latency=0.1)
    limiter = MemoryRateLimiter()
    for _ in range(10):
        simulation.caller("sync", limiter)
    simulation.caller("till", limiter, gap=4.0)
    simulation.run(until=START + 600)
    assert simulation.done["till"] <= 30


def test_turns_of_a_killed_process_come_back() -> None:
    limiter = MemoryRateLimiter()
    first = limiter.take(START)
    limiter.give(START, first.window, Report(2, 1, int(START) + 10, 10.0), used=True)
    assert limiter.take(START).wait == 0  # and never ended
    assert limiter.take(START).wait == pytest.approx(10.0)
    assert limiter.take(START + 10).wait == 0
    assert limiter.take(START + 10).wait > 0  # the lost turn may be counted in this window
    assert [limiter.take(START + 21).wait, limiter.take(START + 21).wait] == [0, 0]


def test_until_the_limit_is_known_one_request_is_sent_at_a_time() -> None:
    limiter = MemoryRateLimiter()
    first = limiter.take(START)
    assert first.wait == 0
    assert limiter.take(START).wait > 0
    limiter.give(START, first.window, Report(10, 9, int(START) + 10, 10.0), used=True)
    assert [limiter.take(START).wait for _ in range(9)] == [0] * 9
    assert limiter.take(START).wait == pytest.approx(10.0)


def test_a_server_that_reports_no_limit_is_not_held_back() -> None:
    limiter = MemoryRateLimiter()
    first = limiter.take(START)
    limiter.give(START, first.window, None, used=True)
    assert [limiter.take(START + 1).wait for _ in range(500)] == [0] * 500


def test_a_request_that_was_not_sent_uses_nothing() -> None:
    limiter = MemoryRateLimiter()
    limiter.give(START, limiter.take(START).window, Report(2, 1, int(START) + 10, 10.0), used=True)
    turn = limiter.take(START)
    limiter.give(START, turn.window, None, used=False)
    assert limiter.take(START).wait == 0
    assert limiter.take(START).wait > 0


def test_a_request_without_a_response_may_have_been_counted() -> None:
    limiter = MemoryRateLimiter()
    limiter.give(START, limiter.take(START).window, Report(2, 1, int(START) + 10, 10.0), used=True)
    limiter.give(START, limiter.take(START).window, None, used=True)
    assert limiter.take(START).wait > 0


def test_a_429_closes_the_window() -> None:
    limiter = MemoryRateLimiter()
    limiter.give(START, limiter.take(START).window, Report(None, 0, None, 7.0), used=True)
    assert limiter.take(START).wait == pytest.approx(7.0)
    assert limiter.take(START + 7).wait == 0


@pytest.mark.parametrize(
    ("reserve", "error", "message"),
    [
        (1, ValueError, "reserve must be at least 0 and below 1, not 1"),
        (-0.1, ValueError, "reserve must be at least 0 and below 1, not -0.1"),
        (float("nan"), ValueError, "reserve must be at least 0 and below 1, not nan"),
        ("0.2", TypeError, "reserve must be a number, not str"),
        (True, TypeError, "reserve must be a number, not bool"),
    ],
)
def test_a_wrong_reserve_is_refused(reserve: float, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        MemoryRateLimiter().background(reserve=reserve)
