"""The clock for tests: a client that would wait advances it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from stemp_sdk import AsyncStemp, RateLimitError, ServerError, Stemp, presets
from stemp_sdk.oauth import MemoryTokenStore, OAuthApp
from stemp_sdk.sandbox import Sandbox
from stemp_sdk.testing import Clock
from tests.support.twins import settings_of

USER = {"id": "usr_1"}


def failing(times: int, **options: Any) -> Callable[[httpx.Request], httpx.Response]:
    """A server that is down for so many requests."""
    left = [times]

    def answer(_: httpx.Request) -> httpx.Response:
        left[0] -= 1
        return httpx.Response(503, **options) if left[0] >= 0 else httpx.Response(200, json=USER)

    return answer


def test_a_clock_stands_still_until_it_is_put_forward() -> None:
    clock = Clock()
    began = clock()
    assert began == int(began)
    assert abs(began - time.time()) < 60
    assert clock() == began
    clock.advance(90)
    assert clock() == began + 90
    assert clock.now == datetime.fromtimestamp(began + 90, UTC)


@pytest.mark.parametrize("start", [datetime(2027, 1, 15, 8, tzinfo=UTC), 1_800_000_000, 1_800_000_000.0])
def test_a_clock_starts_at_the_given_moment(start: datetime | float) -> None:
    assert Clock(start).now == datetime(2027, 1, 15, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"start": "2027"}, TypeError, "start must be a datetime or Unix seconds, not str"),
        ({"start": True}, TypeError, "start must be a datetime or Unix seconds, not bool"),
        ({"start": datetime.fromisoformat("2027-01-15")}, ValueError, "start must have a time zone"),
        ({"jitter": "1"}, TypeError, "jitter must be a number, not str"),
        ({"jitter": True}, TypeError, "jitter must be a number, not bool"),
        ({"jitter": 1.5}, ValueError, "jitter must be from 0 to 1, not 1.5"),
        ({"jitter": float("nan")}, ValueError, "jitter must be from 0 to 1, not nan"),
    ],
)
def test_a_clock_with_wrong_arguments_is_refused(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        Clock(**arguments)


@pytest.mark.parametrize("seconds", [0, -1, float("inf")])
def test_a_clock_only_moves_forward(seconds: float) -> None:
    with pytest.raises(ValueError, match="seconds must be a finite number of seconds above 0"):
        Clock().advance(seconds)


@pytest.mark.parametrize(("jitter", "slept"), [(1.0, [0.5, 1.0]), (0.5, [0.25, 0.5]), (0, [0.0, 0.0])])
@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.anyio
async def test_clients_that_are_made_while_a_clock_is_installed_go_by_it(
    kind: str, jitter: float, slept: list[float]
) -> None:
    clock = Clock(jitter=jitter)
    transport = httpx.MockTransport(failing(2))
    with clock.install():
        if kind == "sync":
            assert Stemp("sk_live_x", http_client=httpx.Client(transport=transport)).users.get("usr_1").id == "usr_1"
        else:
            client = AsyncStemp("sk_live_x", http_client=httpx.AsyncClient(transport=transport))
            assert (await client.users.get("usr_1")).id == "usr_1"
    assert clock.slept == slept
    assert settings_of(Stemp("sk_live_x").with_options()).clock.monotonic is time.monotonic


def test_a_deadline_is_by_the_clock() -> None:
    clock = Clock()

    def slow(_: httpx.Request) -> httpx.Response:
        clock.advance(61)
        return httpx.Response(503)

    with clock.install(), pytest.raises(ServerError, match="503"):
        Stemp("sk_live_x", http_client=httpx.Client(transport=httpx.MockTransport(slow))).users.get("usr_1")
    assert clock.slept == []


def test_a_sandbox_shares_a_clock() -> None:
    clock = Clock()
    sandbox = Sandbox(clock=clock, rate_limit=1)
    began = clock()
    with sandbox.client(scopes=presets.POS) as client:
        client.users.list()
        client.users.list()
        assert clock.slept == [pytest.approx(clock() - began)]
        with pytest.raises(RateLimitError):
            client.with_options(max_retries=0).users.list()
    before = clock()
    sandbox.advance(10)
    assert clock() == before + 10
    clock.advance(5)
    user = sandbox.client().users.create(email="jane@example.com")
    assert user.created_at == clock.now


def test_apps_go_by_an_installed_clock() -> None:
    clock = Clock()
    sandbox = Sandbox(clock=clock)
    registered = sandbox.apps.register(name="Till", redirect_uri="https://till.example/callback", scopes=presets.POS)
    with clock.install():
        app = OAuthApp(
            registered.client_id,
            registered.client_secret,
            registered.redirect_uri,
            scopes=presets.POS,
            store=MemoryTokenStore(),
        )
    pending = app.authorize()
    assert pending.created_at == clock()


def test_threads_that_wait_together_put_a_clock_forward_once() -> None:
    clock = Clock()
    began, sleep = clock(), clock.for_clients().sleep
    threads = [threading.Thread(target=sleep, args=[30]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clock.slept == [30] * 4
    assert 30 <= clock() - began <= 120
