"""Async handlers in sync code, whatever runs in its thread; and sync handlers that hang in async code."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from contextvars import ContextVar
from pathlib import Path

import anyio
import anyio.to_thread
import pytest

from stemp_sdk.webhooks import UserCreated, UserDeleted, Verifier, WebhookReceiver, WebhookResponse
from tests.webhooks.deliveries import SECRET, body_of, headers_of
from tests.webhooks.shop import BODY, FAILED, Shop, sync

MOST = 40


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_sync_code_may_be_called_where_an_event_loop_runs(backend: str) -> None:
    shop = Shop(is_async=True)

    async def call() -> WebhookResponse:
        return sync(shop)

    assert anyio.run(call, backend=backend) == WebhookResponse(200, "handled")
    assert shop.handled == ["evt_1"]


def test_the_event_loop_of_the_calling_thread_is_left_alone() -> None:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        assert sync(Shop(is_async=True)).text == "handled"
        assert asyncio.get_event_loop() is loop
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def test_an_async_handler_sees_the_context_of_the_call() -> None:
    request: ContextVar[str] = ContextVar("request")
    seen: list[str] = []
    receiver = WebhookReceiver(Verifier(SECRET))

    @receiver.on(UserCreated)
    async def handle(_: UserCreated) -> None:
        seen.append(request.get())

    request.set("req_1")
    assert receiver.handle(BODY, headers_of(BODY)).status == 200
    assert seen == ["req_1"]


def test_under_gevent_async_handlers_run_side_by_side() -> None:
    command = [sys.executable, "-m", "gevent.monkey", str(Path(__file__).with_name("gevent_shop.py"))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(done.stdout) == {
        "answers": {"200 handled": 40, f"500 {FAILED}": 20},
        "handled": 40,
        "at once": True,
    }


@pytest.mark.parametrize("is_async", [False, True])
def test_without_a_thread_the_answer_is_a_500(
    is_async: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    receiver = Shop(is_async=not is_async).receiver  # each way, the handler needs a thread

    def fail(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    async def fail_async(*_: object, **__: object) -> None:
        fail()

    monkeypatch.setattr(threading.Thread, "start", fail)
    monkeypatch.setattr(anyio.to_thread, "run_sync", fail_async)
    answer = (
        anyio.run(receiver.ahandle, BODY, headers_of(BODY)) if is_async else receiver.handle(BODY, headers_of(BODY))
    )
    assert answer == WebhookResponse(500, "the delivery could not be handled")
    assert "can't start new thread" in caplog.text


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_handlers_that_hang_leave_the_application_its_threads(backend: str, caplog: pytest.LogCaptureFixture) -> None:
    hanging = WebhookReceiver(Verifier(SECRET), timeout=0.5)
    go = threading.Event()
    handled: list[str] = []
    hanging.on(UserCreated)(lambda _: go.wait(timeout=60))

    @hanging.on(UserDeleted)
    async def note(event: UserDeleted) -> None:
        handled.append(event.id)

    async def deliver(number: int) -> None:
        body = body_of(id=f"evt_{number}")
        assert await hanging.ahandle(body, headers_of(body)) == WebhookResponse(500, FAILED)

    async def main() -> None:
        async with anyio.create_task_group() as tasks:
            for number in range(MOST):
                tasks.start_soon(deliver, number)
        assert await anyio.to_thread.run_sync(lambda: "free") == "free"
        assert anyio.to_thread.current_default_thread_limiter().borrowed_tokens == 0
        body = body_of("user.deleted", {"id": "usr_1"}, id="other")
        assert (await hanging.ahandle(body, headers_of(body))).text == "handled", "nor do they keep it from the store"
        assert caplog.text.count("a running handler continues in its thread") == MOST
        body = body_of(id="one too many")
        assert await hanging.ahandle(body, headers_of(body)) == WebhookResponse(
            500, "the delivery could not be handled"
        )
        assert "sync code that does not return has taken all 40 threads" in caplog.text
        go.set()
        with anyio.fail_after(60):
            while (await hanging.ahandle(body, headers_of(body))).text != "handled":
                pass

    anyio.run(main, backend=backend)
    assert handled == ["other"]
