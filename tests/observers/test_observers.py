"""Observers that wait, fail, are cancelled or interrupted, and arguments that are none."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import anyio
import httpx
import pytest
import respx

from stemp_sdk import (
    AsyncStemp,
    AttemptEnded,
    AttemptStarted,
    CallEnded,
    CallEvent,
    CallStarted,
    MemoryRateLimiter,
    NotFoundError,
    Stemp,
)
from tests.support.twins import TOKEN, Twin

from .answers import USER
from .seen import Seen


def test_an_observer_that_fails_is_logged_and_the_call_goes_on(
    twin: Twin, wire: respx.Router, caplog: pytest.LogCaptureFixture
) -> None:
    seen = Seen()

    def broken(_: CallEvent) -> None:
        raise ZeroDivisionError("no")

    wire.get("/v1/users/usr_1").respond(json=USER)
    twin.run(twin.client(observers=[broken, seen]).users.get("usr_1"))
    assert len(seen) == 4
    assert {record.getMessage() for record in caplog.records if record.levelno == logging.WARNING} == {
        f"the observer {broken.__qualname__} failed: ZeroDivisionError: no"
    }


def test_an_error_of_the_call_stays_the_error_if_an_observer_fails(twin: Twin, wire: respx.Router) -> None:
    def broken(_: CallEvent) -> None:
        raise ZeroDivisionError("no")

    wire.get("/v1/users/usr_1").respond(404, json={"error": {"code": "resource_not_found", "message": "No."}})
    with pytest.raises(NotFoundError):
        twin.run(twin.client(observers=[broken]).users.get("usr_1"))


def test_copies_keep_the_observers_and_with_options_replaces_them(twin: Twin, wire: respx.Router) -> None:
    first, second = Seen(), Seen()
    wire.get("/v1/users/usr_1").respond(json=USER)
    client = twin.client(observers=[first])
    twin.run(client.with_options(timeout=3).users.get("usr_1"))
    twin.run(client.with_options(observers=[second]).users.get("usr_1"))
    twin.run(client.with_options(observers=[]).users.get("usr_1"))
    assert (len(first), len(second)) == (4, 4)


def test_async_observers_are_awaited_in_order(wire: respx.Router) -> None:
    seen: list[str] = []

    async def observer(event: CallEvent) -> None:
        await anyio.lowlevel.checkpoint()
        seen.append(type(event).__name__)

    async def main() -> None:
        async with AsyncStemp(TOKEN, observers=[observer]) as client:
            await client.users.get("usr_1")

    wire.get("/v1/users/usr_1").respond(json=USER)
    asyncio.run(main())
    assert seen == ["CallStarted", "AttemptStarted", "AttemptEnded", "CallEnded"]


def test_an_async_observer_that_fails_ends_nothing(wire: respx.Router, caplog: pytest.LogCaptureFixture) -> None:
    async def observer(_: CallEvent) -> None:
        await anyio.lowlevel.checkpoint()
        raise ZeroDivisionError("no")

    async def main() -> None:
        async with AsyncStemp(TOKEN, observers=[observer]) as client:
            await client.users.get("usr_1")

    wire.get("/v1/users/usr_1").respond(json=USER)
    asyncio.run(main())
    assert len([record for record in caplog.records if "ZeroDivisionError" in record.getMessage()]) == 4


async def _waits(_: CallEvent) -> None:
    await anyio.sleep_forever()


@pytest.mark.parametrize("kind", ["a function", "an async function", "one that waits", "one that fails"])
def test_a_cancelled_call_ends_as_cancelled(kind: str, wire: respx.Router) -> None:
    seen: list[str] = []
    cancelled: list[CallEnded] = []

    def note(event: CallEvent) -> None:
        if isinstance(event, CallEnded):
            cancelled.append(event)

    async def note_async(event: CallEvent) -> None:
        note(event)

    async def note_and_wait(event: CallEvent) -> None:
        note(event)
        if isinstance(event, CallEnded):
            await anyio.sleep_forever()

    def note_and_fail(event: CallEvent) -> None:
        note(event)
        raise ZeroDivisionError("no")

    observers: dict[str, Callable[[CallEvent], Any]] = {
        "a function": note,
        "an async function": note_async,
        "one that waits": note_and_wait,
        "one that fails": note_and_fail,
    }

    async def main() -> None:
        started = anyio.Event()

        async def never(_: httpx.Request) -> httpx.Response:
            started.set()
            await anyio.sleep_forever()
            raise AssertionError

        wire.get("/v1/users/usr_1").mock(side_effect=never)
        async with AsyncStemp(TOKEN, observers=[observers[kind]]) as client, anyio.create_task_group() as tasks:
            tasks.start_soon(client.users.get, "usr_1")
            await started.wait()
            tasks.cancel_scope.cancel()
        seen.append("cancelled")

    asyncio.run(main())
    assert seen == ["cancelled"]
    assert [(each.outcome, each.attempts, each.error) for each in cancelled] == [("cancelled", 1, None)]


def test_an_interrupted_call_ends_as_cancelled(wire: respx.Router) -> None:
    seen = Seen()

    def interrupt(_: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    wire.get("/v1/users/usr_1").mock(side_effect=interrupt)
    with pytest.raises(KeyboardInterrupt), Stemp(TOKEN, observers=[seen]) as client:
        client.users.get("usr_1")
    assert seen.kinds == [CallStarted, AttemptStarted, CallEnded]
    assert seen.end.outcome == "cancelled"


class _AsyncCallable:
    async def __call__(self, event: CallEvent) -> None: ...


@pytest.mark.parametrize(
    ("observers", "message"),
    [
        (print, "observers must be a list of functions that take an event, not builtin_function_or_method"),
        ("log", "observers must be a list of functions that take an event, not 'log'"),
        ([3], "observers must be functions that take an event, not int"),
        ([Seen], "observers must be functions that take an event, not type"),
    ],
)
def test_arguments_that_are_no_observers_are_refused(twin: Twin, observers: Any, message: str) -> None:
    with pytest.raises(TypeError) as raised:
        twin.client(observers=observers)
    assert str(raised.value) == message
    with pytest.raises(TypeError, match="observers must be"):
        twin.client().with_options(observers=observers)


@pytest.mark.parametrize("observer", [_waits, _AsyncCallable()])
def test_a_sync_client_refuses_an_async_observer(observer: Any) -> None:
    with pytest.raises(TypeError, match=r"observers of a sync client must be sync functions, not \w+: use AsyncStemp"):
        Stemp(TOKEN, observers=[observer])
    AsyncStemp(TOKEN, observers=[observer])


def test_an_awaitable_for_a_sync_client_is_logged(wire: respx.Router, caplog: pytest.LogCaptureFixture) -> None:
    async def later(_: CallEvent) -> None: ...

    def begins_it(event: CallEvent) -> Any:
        return later(event)

    wire.get("/v1/users/usr_1").respond(json=USER)
    with Stemp(TOKEN, observers=[begins_it]) as client:
        client.users.get("usr_1")
    assert len(caplog.messages) == 4
    assert caplog.messages[0].endswith("failed: TypeError: it returned an awaitable, which only AsyncStemp can await")


@pytest.mark.parametrize("kind", [AttemptStarted, AttemptEnded, CallEnded])
def test_every_other_observer_is_told_of_the_end_if_one_is_interrupted(kind: type[Any], wire: respx.Router) -> None:
    first, last, limiter = Seen(), Seen(), MemoryRateLimiter()

    def interrupted(event: CallEvent) -> None:
        if isinstance(event, kind):
            raise KeyboardInterrupt

    wire.get("/v1/users/usr_1").respond(json=USER)
    with Stemp(TOKEN, rate_limiter=limiter, observers=[first, interrupted, last]) as client:
        with pytest.raises(KeyboardInterrupt):
            client.users.get("usr_1")
        assert [len(seen.only(CallEnded)) for seen in (first, last)] == [1, 1]
        assert last.end.outcome == "cancelled"
        # The turn was given back, so the next call does not wait for one.
        client.with_options(observers=[first], deadline=1).users.get("usr_1")


def test_observers_after_one_that_is_cancelled_are_told_of_the_end(wire: respx.Router) -> None:
    seen = Seen()

    async def main() -> None:
        handling = anyio.Event()

        async def slow(event: CallEvent) -> None:
            if isinstance(event, CallEnded):
                handling.set()
                await anyio.sleep_forever()

        async with AsyncStemp(TOKEN, observers=[slow, seen]) as client, anyio.create_task_group() as tasks:
            tasks.start_soon(client.users.get, "usr_1")
            await handling.wait()
            tasks.cancel_scope.cancel()

    wire.get("/v1/users/usr_1").respond(json=USER)
    asyncio.run(main())
    assert seen.end.outcome == "cancelled"
