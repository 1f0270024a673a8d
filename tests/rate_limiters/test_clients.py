"""Clients that share a rate limiter: in which order they send, how long they wait, and what stops nobody."""

from __future__ import annotations

import asyncio
import logging
import math
import multiprocessing
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import anyio
import anyio.lowlevel
import attrs
import httpx
import pytest
import redis
import redis.asyncio
import respx
from typing_extensions import override

from stemp_sdk import (
    APIConnectionError,
    APITimeoutError,
    AsyncStemp,
    CallEnded,
    MemoryRateLimiter,
    RateLimitError,
    RedisRateLimiter,
    SQLiteRateLimiter,
    Stemp,
    StoreError,
    UnknownOutcomeError,
)
from stemp_sdk._core.rate_limiter import Report
from stemp_sdk.sandbox import Sandbox
from tests.support.clocks import StillClock, with_clock
from tests.support.twins import Twin, sent

PASS = "wp_1"


@attrs.define
class Windows:
    """A server that counts requests in windows of 30 s by the clock of the test."""

    still: StillClock
    limit: int = 3
    ends: float = -math.inf
    used: int = 0
    refused: int = 0

    def __call__(self, _: httpx.Request) -> httpx.Response:
        if self.still.now >= self.ends:
            self.ends, self.used = self.still.now + 30, 0
        headers = {"X-RateLimit-Limit": str(self.limit), "X-RateLimit-Reset": str(math.ceil(self.ends))}
        if self.used == self.limit:
            self.refused += 1
            return httpx.Response(429, headers={**headers, "X-RateLimit-Remaining": "0"}, json={"error": "too many"})
        self.used += 1
        headers["X-RateLimit-Remaining"] = str(self.limit - self.used)
        return httpx.Response(200, headers=headers, json={"currentStamps": 1, "maxStamps": 10})


@pytest.fixture
def server(wire: respx.Router, still: StillClock) -> Windows:
    server = Windows(still)
    wire.route().mock(side_effect=server)
    return server


def test_clients_with_one_limiter_share_a_window(twin: Twin, server: Windows) -> None:
    limiter = MemoryRateLimiter()
    clients = [twin.client(rate_limiter=limiter), twin.client().with_options(rate_limiter=limiter)]
    for number in range(7):
        twin.run(clients[number % 2].loyalty.get_stamps(PASS))
    assert twin.still.slept == [30.0, 30.0]
    assert server.refused == 0


def test_clients_without_a_limiter_meet_a_429(twin: Twin, server: Windows) -> None:
    clients = [twin.client(max_retries=0), twin.client(max_retries=0)]
    for number in range(3):
        twin.run(clients[number % 2].loyalty.get_stamps(PASS))
    with pytest.raises(RateLimitError):
        twin.run(clients[1].loyalty.get_stamps(PASS))
    assert server.refused == 1


def test_a_turn_after_the_deadline_is_an_error_that_sends_nothing(
    twin: Twin, wire: respx.Router, server: Windows
) -> None:
    client = twin.client(rate_limiter=MemoryRateLimiter(), deadline=20)
    for _ in range(3):
        twin.run(client.loyalty.add_stamp(PASS))
    message = "its turn in the shared rate limit would come in 30 s, after the deadline"
    with pytest.raises(APITimeoutError, match=message) as caught:
        twin.run(client.loyalty.add_stamp(PASS))
    assert not caught.value.outcome_unknown
    assert len(sent(wire)) == 3
    assert server.refused == 0


def test_a_long_wait_for_a_turn_is_logged(twin: Twin, server: Windows, caplog: pytest.LogCaptureFixture) -> None:
    client = twin.client(rate_limiter=MemoryRateLimiter(), max_retries=0)
    with caplog.at_level(logging.WARNING, "stemp_sdk"):
        for _ in range(4):
            twin.run(client.loyalty.get_stamps(PASS))
    assert caplog.messages == ["loyalty.get_stamps: waiting 30.0 s for a turn in the shared rate limit"]
    assert server.refused == 0


def test_a_wait_in_the_background_is_no_warning(twin: Twin, server: Windows, caplog: pytest.LogCaptureFixture) -> None:
    client = twin.client(rate_limiter=MemoryRateLimiter().background(reserve=0))
    with caplog.at_level(logging.INFO, "stemp_sdk"):
        for _ in range(4):
            twin.run(client.loyalty.get_stamps(PASS))
    assert [record.levelname for record in caplog.records] == ["INFO"]
    assert server.refused == 0


def test_a_429_of_the_server_closes_the_window_for_all(twin: Twin, wire: respx.Router) -> None:
    refusal = httpx.Response(429, headers={"Retry-After": "9"}, json={"error": "rate_limited", "message": "slow down"})
    wire.get(path__startswith="/").mock(
        side_effect=[refusal, *[httpx.Response(200, json={"currentStamps": 1, "maxStamps": 10})] * 3]
    )
    limiter = MemoryRateLimiter()
    with pytest.raises(RateLimitError):
        twin.run(twin.client(rate_limiter=limiter, max_retries=0).loyalty.get_stamps(PASS))
    twin.run(twin.client(rate_limiter=limiter).loyalty.get_stamps(PASS))
    assert twin.still.slept == [9.0]


def test_each_retry_takes_a_turn(twin: Twin, wire: respx.Router) -> None:
    headers = {
        "X-RateLimit-Limit": "1",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": str(int(twin.still.now) + 30),
    }
    first = httpx.Response(500, headers=headers, json={"error": "internal", "message": "sorry"})
    wire.get(path__startswith="/").mock(
        side_effect=[first, httpx.Response(200, json={"currentStamps": 1, "maxStamps": 10})]
    )
    twin.still.chance = 0.0
    twin.run(twin.client(rate_limiter=MemoryRateLimiter()).loyalty.get_stamps(PASS))
    assert twin.still.slept == [0.0, 30.0]


def test_a_lost_response_uses_the_limit_and_a_connection_that_was_never_made_does_not(
    twin: Twin, wire: respx.Router
) -> None:
    headers = {
        "X-RateLimit-Limit": "3",
        "X-RateLimit-Remaining": "2",
        "X-RateLimit-Reset": str(int(twin.still.now) + 30),
    }
    good = httpx.Response(200, headers=headers, json={"currentStamps": 1, "maxStamps": 10})
    wire.post(path__startswith="/").mock(
        side_effect=[good, httpx.ConnectError("no"), httpx.ReadError("lost"), good, good]
    )
    client = twin.client(rate_limiter=MemoryRateLimiter(), max_retries=0)
    twin.run(client.loyalty.add_stamp(PASS))
    for error in (APIConnectionError, UnknownOutcomeError):
        with pytest.raises(error):
            twin.run(client.loyalty.add_stamp(PASS))
    twin.run(client.loyalty.add_stamp(PASS))
    assert twin.still.slept == []


class Broken(MemoryRateLimiter):
    @override
    def take(self, now: float) -> Any:
        raise StoreError("the rate limiter limits.db is gone")


class Stored(MemoryRateLimiter):
    """A rate limiter with a store that is waited for."""

    @property
    def is_inline(self) -> bool:
        return False


class StoredElsewhere(Stored):
    """A rate limiter with an async store."""

    given = 0

    @property
    def is_async(self) -> bool:
        return True

    def take(self, now: float) -> Any:
        return self._later(super().take, now)

    def give(self, *arguments: Any, **named: Any) -> Any:
        return self._later(super().give, *arguments, **named)

    async def _later(self, method: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        await anyio.lowlevel.checkpoint()
        self.given += "used" in named
        return method(*arguments, **named)


@pytest.mark.parametrize("kind", [MemoryRateLimiter, Stored, StoredElsewhere, Broken])
@pytest.mark.parametrize("interruption", [KeyboardInterrupt, asyncio.CancelledError])
@pytest.mark.parametrize("observed", [False, True])
def test_an_interrupted_request_ends_its_turn(
    twin: Twin, wire: respx.Router, kind: type[MemoryRateLimiter], interruption: type[BaseException], *, observed: bool
) -> None:
    ends = iter([interruption()])

    def handle(_: httpx.Request) -> httpx.Response:
        for end in ends:
            raise end
        return httpx.Response(200, json={"currentStamps": 1, "maxStamps": 10})

    wire.get(path__startswith="/").mock(side_effect=handle)
    limiter = Stored() if kind is StoredElsewhere and twin.kind == "sync" else kind()  # it is for async clients alone
    ended: list[object] = []
    client = twin.client(rate_limiter=limiter, observers=[ended.append] if observed else [])
    with pytest.raises(interruption):
        twin.run(client.loyalty.get_stamps(PASS))
    assert [event.outcome for event in ended if isinstance(event, CallEnded)] == ["cancelled"] * observed
    twin.run(client.loyalty.get_stamps(PASS))
    assert twin.still.slept == []


def test_a_task_that_is_cancelled_by_trio_ends_its_turn() -> None:
    scopes: list[anyio.CancelScope] = []

    async def handle(_: httpx.Request) -> httpx.Response:
        while scopes:
            scopes.pop().cancel()
            await anyio.lowlevel.checkpoint()
        return httpx.Response(200, json={"currentStamps": 1, "maxStamps": 10})

    async def use() -> None:
        http_client = httpx.AsyncClient(transport=httpx.MockTransport(handle))
        async with http_client:
            client = AsyncStemp("kept-secret", http_client=http_client, rate_limiter=StoredElsewhere())
            with anyio.CancelScope() as scope:
                scopes.append(scope)
                await client.loyalty.get_stamps(PASS)
            assert scope.cancelled_caught
            with anyio.fail_after(5):  # a turn that is lost is taken back after 10 s
                await client.loyalty.get_stamps(PASS)

    anyio.run(use, backend="trio")


@pytest.mark.parametrize("observers", [[], [print]])
def test_a_coroutine_that_is_closed_awaits_nothing_more(observers: list[Any]) -> None:
    def close(_: httpx.Request) -> httpx.Response:
        raise GeneratorExit

    async def use() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(close)) as http_client:
            client = AsyncStemp("kept-secret", http_client=http_client, rate_limiter=limiter, observers=observers)
            with pytest.raises(GeneratorExit):
                await client.loyalty.get_stamps(PASS)

    limiter = StoredElsewhere()
    asyncio.run(use())
    assert limiter.given == 0


def test_a_turn_that_comes_as_the_deadline_passes_is_given_back(twin: Twin, server: Windows) -> None:
    class Slow(MemoryRateLimiter):
        used: bool | None = None

        def take(self, now: float) -> Any:
            twin.still.now += 61
            return super().take(now)

        def give(self, now: float, window: int, report: Report | None, *, used: bool) -> None:
            self.used = used
            super().give(now, window, report, used=used)

    limiter = Slow()
    with pytest.raises(APITimeoutError, match="the deadline of 60 s is over"):
        twin.run(twin.client(rate_limiter=limiter).loyalty.get_stamps(PASS))
    assert limiter.used is False
    assert server.used == 0


def test_a_limiter_in_memory_needs_no_thread(twin: Twin, server: Windows) -> None:
    threads: set[int] = set()

    class Watched(MemoryRateLimiter):
        def take(self, now: float) -> Any:
            threads.add(threading.get_ident())
            return super().take(now)

        def give(self, *arguments: Any, **named: Any) -> None:
            threads.add(threading.get_ident())
            super().give(*arguments, **named)

    twin.run(twin.client(rate_limiter=Watched()).loyalty.get_stamps(PASS))
    assert threads == {threading.get_ident()}
    assert server.used == 1


class BrokenLater(MemoryRateLimiter):
    def give(self, *_: Any, **__: Any) -> None:
        raise StoreError("the rate limiter limits.db is gone")


@pytest.mark.parametrize("limiter", [Broken(), BrokenLater()])
def test_a_limiter_that_cannot_be_used_stops_no_call(
    twin: Twin, server: Windows, caplog: pytest.LogCaptureFixture, limiter: MemoryRateLimiter
) -> None:
    twin.run(twin.client(rate_limiter=limiter).loyalty.get_stamps(PASS))
    assert server.used == 1
    assert caplog.messages == [
        (
            "loyalty.get_stamps: the rate limiter cannot be used, so the request is sent without it: "
            "the rate limiter limits.db is gone"
        )
    ]


@pytest.mark.parametrize("given", [0.5, MemoryRateLimiter, "redis://localhost"])
def test_what_is_not_a_rate_limiter_is_refused(twin: Twin, given: Any) -> None:
    makes: list[Callable[[], object]] = [
        lambda: twin.client(rate_limiter=given),
        lambda: twin.client().with_options(rate_limiter=given),
    ]
    for make in makes:
        with pytest.raises(TypeError, match="rate_limiter must be a rate limiter, such as RedisRateLimiter"):
            make()


def test_a_sync_client_takes_no_async_limiter() -> None:
    with pytest.raises(TypeError, match="rate_limiter must be sync for this client"):
        Stemp("kept-secret", rate_limiter=RedisRateLimiter(redis.asyncio.Redis()))
    AsyncStemp("kept-secret", rate_limiter=RedisRateLimiter(redis.asyncio.Redis()))


def _use(twin: Twin, server: Windows, limiter: Any) -> None:
    client = twin.client(rate_limiter=limiter)
    for _ in range(3):
        twin.run(client.loyalty.get_stamps(PASS))
    assert server.used == 3
    with pytest.raises(APITimeoutError, match="its turn in the shared rate limit"):
        twin.run(client.with_options(deadline=5).loyalty.get_stamps(PASS))


def test_sqlite_serves_both_clients(twin: Twin, server: Windows, tmp_path: Path) -> None:
    _use(twin, server, SQLiteRateLimiter(tmp_path / "limits.db"))


def test_redis_serves_both_clients(twin: Twin, server: Windows, redis_socket: Path, tmp_path: Path) -> None:
    with cast("Any", redis.Redis)(unix_socket_path=str(redis_socket)) as store:
        _use(twin, server, RedisRateLimiter(store, name=str(tmp_path)))


def test_async_redis_serves_the_async_client(
    still: StillClock, server: Windows, redis_socket: Path, tmp_path: Path
) -> None:
    async def use() -> None:
        async with cast("Any", redis.asyncio).Redis(unix_socket_path=str(redis_socket)) as store:
            limiter = RedisRateLimiter(store, name=str(tmp_path))
            async with with_clock(AsyncStemp, still.clock())("kept-secret", rate_limiter=limiter) as client:
                await asyncio.gather(*[client.loyalty.get_stamps(PASS) for _ in range(3)])
                with pytest.raises(APITimeoutError, match="its turn in the shared rate limit"):
                    await client.with_options(deadline=5).loyalty.get_stamps(PASS)

    asyncio.run(use())
    assert server.used == 3


def test_clients_of_a_sandbox_wait_on_its_clock() -> None:
    sandbox = Sandbox(rate_limit=2)
    client = sandbox.client().with_options(rate_limiter=MemoryRateLimiter())
    for _ in range(5):
        client.users.list(size=1)
    assert [request.status for request in sandbox.requests] == [200] * 5


def _turns(path: Path, start: Any, granted: Any) -> None:
    limiter = SQLiteRateLimiter(path)
    start.wait()
    granted.put(sum(limiter.take(1_800_000_000.0).wait == 0 for _ in range(30)))


def test_processes_share_a_file(tmp_path: Path) -> None:
    path = tmp_path / "limits.db"
    limiter = SQLiteRateLimiter(path)
    limiter.give(1_800_000_000.0, limiter.take(1_800_000_000.0).window, Report(50, 50, 1_800_000_060, 60.0), used=True)
    spawn = multiprocessing.get_context("spawn")
    start, granted = spawn.Barrier(3), spawn.Queue()
    processes = [spawn.Process(target=_turns, args=(path, start, granted)) for _ in range(3)]
    for process in processes:
        process.start()
    assert sum(granted.get(timeout=60) for _ in processes) == 50
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * 3
