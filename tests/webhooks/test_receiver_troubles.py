"""Slow handlers, simultaneous deliveries, stores that are down, and processes that are stopped."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import anyio
import pytest

from stemp_sdk.webhooks import Claim, MemorySeenStore, UserCreated, Verifier, WebhookReceiver, WebhookResponse
from tests.support.clocks import JUMPING, JumpingLoop, running_loop
from tests.webhooks.deliveries import SECRET, headers_of
from tests.webhooks.shop import BODY, FAILED, Deliver, Shop, ways


def test_an_async_handler_that_is_too_slow_is_cancelled(caplog: pytest.LogCaptureFixture) -> None:
    receiver = WebhookReceiver(Verifier(SECRET))
    slow, cancelled = True, False

    @receiver.on(UserCreated)
    async def wait(_: UserCreated) -> None:
        nonlocal cancelled
        try:
            if slow:
                running_loop().jump()
                await anyio.sleep_forever()
        except anyio.get_cancelled_exc_class():
            cancelled = True
            raise

    answer = anyio.run(receiver.ahandle, BODY, headers_of(BODY), backend_options=JUMPING)
    assert answer == WebhookResponse(500, FAILED)
    assert cancelled
    assert "event:evt_1 was not handled" in caplog.text
    slow = False
    assert anyio.run(receiver.ahandle, BODY, headers_of(BODY)).text == "handled"


def test_a_sync_handler_that_is_too_slow_goes_on_and_is_marked_then(caplog: pytest.LogCaptureFixture) -> None:
    marked = threading.Event()

    class Store(MemorySeenStore):
        def finish(self, ids: Sequence[str]) -> None:
            super().finish(ids)
            marked.set()

    receiver = WebhookReceiver(Verifier(SECRET), store=Store())
    go = threading.Event()
    loop: JumpingLoop

    @receiver.on(UserCreated)
    def wait(_: UserCreated) -> None:
        loop.call_soon_threadsafe(loop.jump)
        assert go.wait(timeout=60)

    async def call() -> list[WebhookResponse]:
        nonlocal loop
        loop = running_loop()
        first = await receiver.ahandle(BODY, headers_of(BODY))
        second = await receiver.ahandle(BODY, headers_of(BODY))
        go.set()
        await anyio.to_thread.run_sync(marked.wait, 60)
        return [first, second, await receiver.ahandle(BODY, headers_of(BODY))]

    assert anyio.run(call, backend_options=JUMPING) == [
        WebhookResponse(500, FAILED),
        WebhookResponse(409, "being handled"),
        WebhookResponse(200, "handled before"),
    ]
    assert "a running handler continues in its thread" in caplog.text


def test_a_second_delivery_at_the_same_time_is_asked_to_come_again() -> None:
    receiver = WebhookReceiver(Verifier(SECRET))
    answers: list[WebhookResponse] = []

    @receiver.on(UserCreated)
    def handle(_: UserCreated) -> None:
        answers.append(receiver.handle(BODY, headers_of(BODY, delivery="dlv_2")))

    answers.append(receiver.handle(BODY, headers_of(BODY)))
    assert answers == [WebhookResponse(409, "being handled"), WebhookResponse(200, "handled")]


class Stopped(BaseException):
    """As KeyboardInterrupt and the like are."""


@pytest.mark.parametrize("is_async", [False, True])
def test_an_exception_that_stops_the_process_releases_the_claim(is_async: bool) -> None:
    receiver = WebhookReceiver(Verifier(SECRET))
    stop = True

    def handle(_: UserCreated) -> None:
        if stop:
            raise Stopped

    async def handle_async(event: UserCreated) -> None:
        handle(event)

    receiver.on(UserCreated)(handle_async) if is_async else receiver.on(UserCreated)(handle)
    with pytest.raises(Stopped):
        receiver.handle(BODY, headers_of(BODY))
    stop = False
    assert receiver.handle(BODY, headers_of(BODY)).text == "handled"


def test_a_cancelled_request_releases_the_claim() -> None:
    receiver = WebhookReceiver(Verifier(SECRET))
    started: anyio.Event
    slow = True

    @receiver.on(UserCreated)
    async def handle(_: UserCreated) -> None:
        if slow:
            started.set()
            await anyio.sleep_forever()

    async def call() -> WebhookResponse:
        nonlocal slow, started
        started = anyio.Event()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(receiver.ahandle, BODY, headers_of(BODY))
            await started.wait()
            tasks.cancel_scope.cancel()
        slow = False
        return await receiver.ahandle(BODY, headers_of(BODY))

    assert anyio.run(call).text == "handled"


class Hanging(MemorySeenStore):
    """A store one of whose methods does not return before ``go`` is set, and lets the receiver's timeout expire."""

    loop: JumpingLoop

    def __init__(self, method: str) -> None:
        super().__init__()
        self.method = method
        self.go = threading.Event()
        self.done = threading.Event()

    def claim(self, ids: Sequence[str], holder: str, lease: float) -> Claim:
        self.hang("claim")
        return super().claim(ids, holder, lease)

    def finish(self, ids: Sequence[str]) -> None:
        self.hang("finish")
        super().finish(ids)
        self.done.set()

    def release(self, ids: Sequence[str], holder: str) -> None:
        self.hang("release")
        super().release(ids, holder)

    def hang(self, method: str) -> None:
        if method == self.method and not self.go.is_set():
            self.loop.call_soon_threadsafe(self.loop.jump)
            assert self.go.wait(60)


@pytest.mark.parametrize("method", ["claim", "finish", "release"])
def test_a_receiver_does_not_wait_for_a_store_that_hangs(method: str) -> None:
    store = Hanging(method)
    receiver = WebhookReceiver(Verifier(SECRET), store=store)
    handled = 0

    @receiver.on(UserCreated)
    async def handle(_: UserCreated) -> None:
        nonlocal handled
        handled += 1
        if method == "release":
            raise RuntimeError("so that it is given up")

    async def call() -> WebhookResponse:
        store.loop = running_loop()
        try:
            return await receiver.ahandle(BODY, headers_of(BODY))
        finally:
            store.go.set()

    assert anyio.run(call, backend_options=JUMPING) == WebhookResponse(500, FAILED)
    assert handled == (method != "claim")
    if method == "finish":  # it was marked late, and so is not handled again
        assert store.done.wait(60)
        assert anyio.run(call, backend_options=JUMPING) == WebhookResponse(200, "handled before")


class Broken(MemorySeenStore):
    """A store that is down for one of its methods."""

    def __init__(self, method: str) -> None:
        super().__init__()
        self.method = method

    def claim(self, ids: Sequence[str], holder: str, lease: float) -> Claim:
        return super().claim(ids, holder, lease) if self.method != "claim" else self.fail()

    def finish(self, ids: Sequence[str]) -> None:
        super().finish(ids) if self.method != "finish" else self.fail()

    def release(self, ids: Sequence[str], holder: str) -> None:
        super().release(ids, holder) if self.method != "release" else self.fail()

    def fail(self) -> Any:
        raise ConnectionError("the store is down")


@ways
def test_a_store_that_is_down_is_a_500(is_async: bool, deliver: Deliver, caplog: pytest.LogCaptureFixture) -> None:
    shop = Shop(is_async=is_async, store=Broken("claim"))
    assert deliver(shop).status == 500
    assert shop.handled == [], "nothing is handled that could not be claimed"

    shop = Shop(is_async=is_async, store=(store := Broken("finish")))
    assert deliver(shop).status == 500
    store.method = ""
    assert deliver(shop).text == "handled"
    assert shop.handled == ["evt_1", "evt_1"], "at least once"

    shop = Shop(is_async=is_async, store=Broken("release"))
    shop.failures = 1
    assert deliver(shop).status == 500
    assert "it is free when its lease ends" in caplog.text
    assert deliver(shop).status == 409
