"""A client in the same process waits on the sandbox's clock."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from stemp_sdk import Stemp, presets
from stemp_sdk.oauth import OAuthApp
from stemp_sdk.sandbox import Sandbox, SandboxRequest
from stemp_sdk.sandbox._clock import MovableClock
from stemp_sdk.scopes import ORG_READ

from .wire import Clock


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_used_up_rate_limit_takes_no_time(kind: str) -> None:
    sandbox = Sandbox(clock=Clock(), rate_limit=3)
    client, aclient = sandbox.client(scopes=ORG_READ), sandbox.async_client(scopes=ORG_READ)
    began = time.monotonic()
    for _ in range(10):
        if kind == "sync":
            client.org.get()
        else:
            asyncio.run(aclient.org.get())
    assert time.monotonic() - began < 30
    assert [entry.status for entry in sandbox.requests] == [200] * 10


def test_a_client_that_is_made_by_hand_goes_by_the_sandboxs_clock() -> None:
    sandbox = Sandbox(clock=Clock(), rate_limit=1)
    client = Stemp(sandbox.issue_token(ORG_READ), base_url=sandbox.base_url, http_client=sandbox.http_client())
    began = time.monotonic()
    for copy in (client, client.with_options(timeout=1), client):
        assert copy.org.get().name == "Sandbox Coffee"
    assert time.monotonic() - began < 30
    assert sandbox.handle(SandboxRequest("GET", "/api/v1/users")).headers["Date"] == "Fri, 15 Jan 2027 08:01:00 GMT"


def test_tasks_that_wait_at_once_wait_once() -> None:
    sandbox = Sandbox(clock=Clock(), rate_limit=50)

    async def work() -> None:
        async with sandbox.async_client(scopes=presets.CRM_SYNC) as client:
            await asyncio.gather(*(client.users.create(email=f"{number}@example.com") for number in range(60)))

    asyncio.run(work())
    assert sandbox.handle(SandboxRequest("GET", "/api/v1/users")).headers["Date"] == "Fri, 15 Jan 2027 08:00:30 GMT"


def test_threads_that_wait_at_once_wait_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asleep = threading.Barrier(8)

    def wait_for_all(_: float) -> None:
        asleep.wait(10)

    monkeypatch.setattr(time, "sleep", wait_for_all)
    clock = MovableClock(Clock())
    began, sleep = clock(), clock.for_clients().sleep
    threads = [threading.Thread(target=sleep, args=[seconds]) for seconds in (30, 1, 30, 30, 2, 30, 29, 30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clock() - began == 30


def test_a_sleep_is_never_too_short() -> None:
    clock = MovableClock(Clock())
    until = clock()
    for seconds in (0.1, 0.7, 1e-7, 3.3):
        until = clock() + seconds
        clock.for_clients().sleep(seconds)
        assert clock() >= until
    clock.reach(0.0)
    assert clock() >= until


def test_an_installed_app_goes_by_the_sandboxs_clock() -> None:
    sandbox = Sandbox(clock=Clock())
    registered = sandbox.apps.register(name="Mailer", redirect_uri="https://app.example/callback")
    app = OAuthApp(
        registered.client_id,
        registered.client_secret,
        registered.redirect_uri,
        scopes=ORG_READ,
        base_url=sandbox.base_url,
        http_client=sandbox.http_client(),
    )
    pending = app.authorize()
    installation = app.exchange(sandbox.consent.allow(pending.url), pending)
    client = app.client(installation, http_client=sandbox.http_client())
    client.org.get()
    sandbox.advance(1800)
    client.org.get()
    operations = [(entry.operation, entry.status) for entry in sandbox.requests]
    assert operations == [("oauth.exchange", 200), ("org.get", 200), ("oauth.refresh", 200), ("org.get", 200)]
    pending = app.authorize()
    limited = b'{"error": {"code": "rate_limit_exceeded", "message": "Rate limit exceeded."}}'
    sandbox.fail_next(operation="oauth.exchange", status=429, headers={"Retry-After": "30"}, body=limited)
    began = time.monotonic()
    app.exchange(sandbox.consent.allow(pending.url), pending)
    assert time.monotonic() - began < 15
