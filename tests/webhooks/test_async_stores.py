"""Async stores, under ``ahandle``; and stores that are neither one nor the other, which are refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import anyio
import fakeredis
import pytest
from typing_extensions import override

from stemp_sdk import StempError
from stemp_sdk.webhooks import (
    ASGIApp,
    Claim,
    DjangoView,
    LambdaHandler,
    MemorySeenStore,
    RedisSeenStore,
    SeenStoreError,
    UserCreated,
    Verifier,
    WebhookReceiver,
    WebhookResponse,
    WSGIApp,
)
from tests.support.clocks import running_loop
from tests.support.frames import locals_of
from tests.webhooks.deliveries import SECRET, headers_of
from tests.webhooks.shop import BODY, FAILED, Shop, in_loop, sync

STORE_FAILED = WebhookResponse(500, "the store of seen events failed")


class AsyncMemory:
    """A store of one's own, with nothing but the three methods."""

    def __init__(self) -> None:
        self.store = MemorySeenStore()

    async def claim(self, ids: Sequence[str], holder: str, lease: float) -> Claim:
        await anyio.lowlevel.checkpoint()
        return self.store.claim(ids, holder, lease)

    async def finish(self, ids: Sequence[str]) -> None:
        await anyio.lowlevel.checkpoint()
        self.store.finish(ids)

    async def release(self, ids: Sequence[str], holder: str) -> None:
        await anyio.lowlevel.checkpoint()
        self.store.release(ids, holder)


class AwaitableMemory:
    """One whose methods only return awaitables, and that says so."""

    is_async = True

    def __init__(self) -> None:
        self.store = AsyncMemory()

    def claim(self, ids: Sequence[str], holder: str, lease: float) -> Awaitable[Claim]:
        return self.store.claim(ids, holder, lease)

    def finish(self, ids: Sequence[str]) -> Awaitable[None]:
        return self.store.finish(ids)

    def release(self, ids: Sequence[str], holder: str) -> Awaitable[None]:
        return self.store.release(ids, holder)


STORES: list[Callable[[], Any]] = [
    AsyncMemory,
    AwaitableMemory,
    lambda: RedisSeenStore(fakeredis.FakeAsyncRedis()),
    lambda: RedisSeenStore(fakeredis.FakeAsyncRedis(decode_responses=True)),
]
each_store = pytest.mark.parametrize("make", STORES, ids=["own", "awaitables", "redis", "redis with text"])


@each_store
@pytest.mark.parametrize("is_async", [False, True], ids=["sync handler", "async handler"])
def test_an_event_is_handled_once_with_an_async_store(make: Callable[[], Any], is_async: bool) -> None:
    shop = Shop(is_async=is_async, store=make())
    shop.failures = 1

    async def deliver() -> list[str]:
        answers = [await shop.receiver.ahandle(BODY, headers_of(BODY)) for _ in range(4)]
        return [answer.text for answer in answers]

    assert anyio.run(deliver) == [FAILED, "handled", "handled before", "handled before"]
    assert shop.handled == ["evt_1"]


@each_store
def test_a_claim_of_an_async_store_is_exclusive(make: Callable[[], Any]) -> None:
    async def claim() -> list[Claim]:
        store = make()
        answers = [await store.claim(["event:1"], holder, 45.0) for holder in ("a", "b")]
        await store.release(["event:1"], "b")
        answers.append(await store.claim(["event:1"], "b", 45.0))
        await store.release(["event:1"], "a")
        answers.append(await store.claim(["event:0", "event:1"], "b", 45.0))
        answers.append(await store.claim(["event:2", "event:1"], "c", 45.0))
        await store.finish(["event:1"])
        answers.append(await store.claim(["event:2", "event:1"], "c", 45.0))
        return answers

    busy, granted, seen = Claim.BUSY, Claim.GRANTED, Claim.SEEN
    assert anyio.run(claim) == [granted, busy, busy, granted, busy, seen]


@each_store
def test_sync_code_cannot_use_an_async_store(make: Callable[[], Any]) -> None:
    shop = Shop(is_async=False, store=make())
    with pytest.raises(TypeError, match=r"^the store is async, .* use ahandle or ASGIApp, or a sync store$"):
        sync(shop)
    for adapter in (WSGIApp, DjangoView, LambdaHandler):
        with pytest.raises(TypeError, match=r"^the store is async"):
            adapter(shop.receiver)
    ASGIApp(shop.receiver)
    assert shop.handled == []


class Broken(AsyncMemory):
    """One that fails, hangs or answers nonsense in one of its methods."""

    def __init__(self, method: str, trouble: str) -> None:
        super().__init__()
        self.method = method
        self.trouble = trouble

    async def claim(self, ids: Sequence[str], holder: str, lease: float) -> Claim:
        await self.fail("claim")
        return await super().claim(ids, holder, lease)

    async def finish(self, ids: Sequence[str]) -> None:
        await self.fail("finish")
        await super().finish(ids)

    async def release(self, ids: Sequence[str], holder: str) -> None:
        await self.fail("release")
        await super().release(ids, holder)

    async def fail(self, method: str) -> None:
        if method == self.method and self.trouble == "hangs":
            running_loop().jump()
            await anyio.sleep_forever()
        if method == self.method:
            raise ConnectionError("the store is down")


@pytest.mark.parametrize("is_async", [False, True], ids=["sync handler", "async handler"])
@pytest.mark.parametrize("trouble", ["fails", "hangs"])
@pytest.mark.parametrize("method", ["claim", "finish", "release"])
def test_an_async_store_that_does_not_answer_is_a_500(
    method: str, trouble: str, is_async: bool, caplog: pytest.LogCaptureFixture
) -> None:
    shop = Shop(is_async=is_async, store=Broken(method, trouble))
    shop.failures = int(method == "release")
    failed_itself = trouble == "fails" and method != "release"
    assert in_loop(shop) == (STORE_FAILED if failed_itself else WebhookResponse(500, FAILED))
    assert len(shop.handled) == (method == "finish")
    if trouble == "fails":
        assert f"SeenStoreError: Broken.{method}() failed: ConnectionError" in caplog.text
    else:
        assert "TimeoutError" in caplog.text
    assert ("it is free when its lease ends" in caplog.text) == (method == "release")


# --- neither sync nor async


class Bad(MemorySeenStore):
    """A sync store, but for one method."""

    bad: dict[str, Any]

    def __init__(self, **bad: Any) -> None:
        super().__init__()
        self.bad = bad

    def claim(self, ids: Sequence[str], holder: str, lease: float) -> Claim:
        return self.bad["claim"]() if "claim" in self.bad else super().claim(ids, holder, lease)

    def finish(self, ids: Sequence[str]) -> Any:
        return self.bad["finish"]() if "finish" in self.bad else super().finish(ids)


async def later() -> Claim:
    return Claim.GRANTED


def future() -> Any:
    class Future:
        def __await__(self) -> Any:
            raise AssertionError("nobody awaits it")

    return Future()


@pytest.mark.parametrize("deliver", [sync, in_loop])
@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        ({"claim": lambda: None}, "Bad.claim() returned NoneType, not a Claim"),
        ({"claim": lambda: "granted"}, "Bad.claim() returned str, not a Claim"),
        ({"claim": later}, "Bad.claim() returned an awaitable, which was not awaited: make it an async def"),
        ({"claim": future}, "Bad.claim() returned an awaitable, which was not awaited: make it an async def"),
        ({"finish": later}, "Bad.finish() returned an awaitable, which was not awaited: make it an async def"),
    ],
)
def test_a_malformed_sync_store_is_refused(
    deliver: Callable[..., WebhookResponse], bad: dict[str, Any], problem: str, caplog: pytest.LogCaptureFixture
) -> None:
    shop = Shop(is_async=False, store=Bad(**bad))
    assert deliver(shop) == STORE_FAILED
    assert f"SeenStoreError: {problem}" in caplog.text
    assert len(shop.handled) == ("finish" in bad)


class HalfAsync(AsyncMemory):
    def finish(self, ids: Sequence[str]) -> Any:
        self.store.finish(ids)


class NoClaim(AsyncMemory):
    async def claim(self, ids: Sequence[str], holder: str, lease: float) -> Any:
        await super().claim(ids, holder, lease)
        return True


@pytest.mark.parametrize(
    ("store", "problem"),
    [
        (HalfAsync(), "HalfAsync.finish() returned NoneType, not an awaitable, though the store is async"),
        (NoClaim(), "NoClaim.claim() returned bool, not a Claim"),
    ],
)
def test_a_malformed_async_store_is_refused(store: Any, problem: str, caplog: pytest.LogCaptureFixture) -> None:
    assert in_loop(Shop(is_async=True, store=store)) == STORE_FAILED
    assert f"SeenStoreError: {problem}" in caplog.text


def test_an_error_of_an_async_store_is_passed_on(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> Any:
        raise SeenStoreError("the disk is full")

    class Full(AsyncMemory):
        @override
        async def claim(self, ids: Sequence[str], holder: str, lease: float) -> Claim:
            raise SeenStoreError("the disk is full")

    assert sync(Shop(is_async=False, store=Bad(claim=fail))) == STORE_FAILED
    assert in_loop(Shop(is_async=False, store=Full())) == STORE_FAILED
    assert caplog.text.count("SeenStoreError: the disk is full") == 2
    assert isinstance(SeenStoreError("x"), StempError)


@pytest.mark.parametrize(
    ("store", "message"),
    [
        ("redis://:kept-secret@cache", r"^store must be .*, not str, which has no claim\(\)$"),
        (MemorySeenStore, r"^store must be an object, not the class MemorySeenStore: MemorySeenStore\(\.\.\.\)$"),
        (fakeredis.FakeRedis(), r"^store must be .*, not FakeRedis, which has no claim\(\)$"),
    ],
)
def test_an_object_that_is_not_a_store_is_refused(store: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message) as caught:
        WebhookReceiver(Verifier(SECRET), store=store)
    assert "kept-secret" not in locals_of(caught.tb)


def test_of_simultaneous_deliveries_one_is_handled() -> None:
    receiver = WebhookReceiver(Verifier(SECRET), store=AsyncMemory())
    handled: list[str] = []

    @receiver.on(UserCreated)
    async def handle(event: UserCreated) -> None:
        await anyio.lowlevel.checkpoint()
        handled.append(event.id)

    answers: list[int] = []

    async def deliver() -> None:
        answers.append((await receiver.ahandle(BODY, headers_of(BODY))).status)

    async def main() -> None:
        async with anyio.create_task_group() as tasks:
            for _ in range(20):
                tasks.start_soon(deliver)

    anyio.run(main)
    assert sorted(answers) == [200] + [409] * 19
    assert handled == ["evt_1"]
