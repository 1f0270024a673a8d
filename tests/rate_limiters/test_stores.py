"""Every store of a rate limit follows the same rules, and says what is wrong with it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import fakeredis
import pytest
import redis
import redis.asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from stemp_sdk import MemoryRateLimiter, RedisRateLimiter, SQLiteRateLimiter, StoreError
from stemp_sdk._core.rate_limiter import Report, Turn

from .simulation import START


def taken(limiter: Any, now: float) -> Turn:
    """The turn that a limiter that is not async gives."""
    turn = limiter.take(now)
    assert isinstance(turn, Turn)
    return turn


class AtTimes(RedisRateLimiter):
    """Follows the times that it is given, so that it can be compared with others. Redis has a clock of its own."""

    def take(self, now: float) -> Turn:
        self._now = now
        return taken(super(), now)

    def give(self, now: float, window: int, report: Report | None, *, used: bool) -> None:
        self._now = now
        super().give(now, window, report, used=used)

    def _run(self, script: str, *arguments: str) -> Any:
        return self._redis.execute_command("EVAL", script, 1, self._key, repr(self._now), *arguments)


_REPORTS = st.none() | st.builds(
    Report,
    limit=st.none() | st.integers(1, 5),
    remaining=st.integers(0, 5),
    reset=st.none() | st.integers(1_800_000_000, 1_800_000_030),
    left=st.floats(-1.0, 12.0),
)
_STEPS = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.01, 0.5, 3.0, 12.0, 61.0]),
        st.none() | st.tuples(st.integers(-3, 0), _REPORTS, st.booleans()),
    ),
    max_size=40,
)


@settings(max_examples=300)
@given(steps=_STEPS, reserve=st.sampled_from([0.0, 0.2, 0.5]))
def test_redis_follows_the_rules_of_memory(redis_connection: Any, steps: list[Any], reserve: float) -> None:
    redis_connection.flushall()
    memory, other = MemoryRateLimiter().background(reserve=reserve), AtTimes(redis_connection)
    _compare(memory, other.background(reserve=reserve), steps)


@settings(max_examples=60)
@given(steps=_STEPS, reserve=st.sampled_from([0.0, 0.2]))
def test_sqlite_follows_the_rules_of_memory(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Any], reserve: float
) -> None:
    path = tmp_path_factory.mktemp("limits") / "limits.db"
    memory, other = MemoryRateLimiter().background(reserve=reserve), SQLiteRateLimiter(path).background(reserve=reserve)
    _compare(memory, other, steps)


def _compare(one: Any, other: Any, steps: list[Any]) -> None:
    now, number = START, 0
    for later, end in steps:
        now += later
        if end is None:
            expected, turn = one.take(now), other.take(now)
            assert turn.wait == pytest.approx(expected.wait, abs=1e-4)
            assert turn.window == expected.window
            number = turn.window
        else:
            window, report, used = end
            for limiter in (one, other):
                limiter.give(now, number + window, report, used=used)


def test_the_time_of_redis_counts(redis_client: Any) -> None:
    limiter = RedisRateLimiter(redis_client)
    turn = taken(limiter, 0.0)
    limiter.give(1e12, turn.window, Report(1, 0, 1_800_000_000, 50.0), used=True)
    assert 45 < taken(limiter, -1e12).wait <= 50


def test_budgets_have_names(redis_client: Any, tmp_path: Path) -> None:
    path = tmp_path / "limits.db"
    kinds: list[Callable[[str], Any]] = [
        lambda name: RedisRateLimiter(redis_client, name=name),
        lambda name: SQLiteRateLimiter(path, name=name),
    ]
    for kind in kinds:
        assert [kind("one").take(START).wait, kind("two").take(START).wait] == [0, 0]
        assert kind("one").take(START).wait > 0
    RedisRateLimiter(redis_client, name="org_1", prefix="my app:").take(START)
    assert redis_client.exists("my app:org_1")
    assert 0 < redis_client.ttl("my app:org_1") <= 86_400


@pytest.mark.parametrize(
    ("client", "message"),
    [
        ("redis://:secret@localhost", "redis must be a client, such as .*, not str"),
        (None, "redis must be a client, such as .*, not NoneType"),
        (redis.Redis, "redis must be a client, such as .*, not the class Redis"),
    ],
)
def test_what_is_not_a_redis_client_is_refused(client: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message) as caught:
        RedisRateLimiter(client)
    assert "secret" not in str(caught.value)


def test_names_are_strings(tmp_path: Path) -> None:
    number: Any = 1
    with pytest.raises(TypeError, match="name must be a str"):
        RedisRateLimiter(redis.Redis(), name=number)
    with pytest.raises(TypeError, match="name must be a str"):
        SQLiteRateLimiter(tmp_path / "limits.db", name=number)


def test_only_an_async_redis_client_makes_an_async_limiter() -> None:
    clients: list[Any] = [redis.Redis(), redis.asyncio.Redis(), cast("Any", fakeredis).FakeAsyncRedis()]
    assert [RedisRateLimiter(client).is_async for client in clients] == [False, True, True]


@pytest.mark.parametrize("state", ["{", "[1]", '{"a": 1}', "null"])
def test_a_damaged_file_is_an_error(tmp_path: Path, state: str) -> None:
    path = tmp_path / "limits.db"
    limiter = SQLiteRateLimiter(path)
    limiter.take(START)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE windows SET state = ?", (state,))
    with pytest.raises(StoreError, match=r"the rate limiter limits\.db is damaged: delete it"):
        limiter.take(START)


def test_a_file_that_is_gone_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "limits.db"
    limiter = SQLiteRateLimiter(path)
    path.unlink()
    with pytest.raises(StoreError, match=r"the rate limiter limits\.db is gone"):
        limiter.take(START)
