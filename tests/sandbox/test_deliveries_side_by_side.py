"""Endpoints that receive the same events do not wait for one another, and each receives them in order."""

from __future__ import annotations

import asyncio
import json
import signal
import threading
from collections.abc import Iterator
from typing import Any

import attrs
import httpx
import pytest

from stemp_sdk.sandbox import Sandbox
from tests.support.asgi import serving_app

from .endpoint import URL, Shop
from .wire import Wire


@attrs.define
class HeldEndpoint:
    """An ASGI app that keeps what it hears, and answers as soon as it may."""

    may_answer: threading.Event = attrs.field(factory=threading.Event)
    heard: list[str] = attrs.field(factory=list[str])
    has_heard: threading.Event = attrs.field(factory=threading.Event)
    at_once: int = 0
    most_at_once: int = 0

    async def __call__(self, _: Any, receive: Any, send: Any) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.heard.append(json.loads((await receive())["body"])["data"]["name"])
        self.has_heard.set()
        await asyncio.to_thread(self.may_answer.wait, 10)
        self.at_once -= 1
        await send({"type": "http.response.start", "status": 204 if self.may_answer.is_set() else 500})
        await send({"type": "http.response.body"})


@pytest.fixture
def slow(sandbox: Sandbox) -> Iterator[HeldEndpoint]:
    """An endpoint that was set up first and answers only once it may."""
    app = HeldEndpoint()
    with serving_app(app) as url:
        sandbox.webhooks.add(url)
        yield app
        app.may_answer.set()


@pytest.fixture
def quick(sandbox: Sandbox, slow: HeldEndpoint) -> Iterator[HeldEndpoint]:
    """One that was set up after it and answers at once."""
    del slow  # which only has to come first
    app = HeldEndpoint()
    app.may_answer.set()
    with serving_app(app) as url:
        sandbox.webhooks.add(url)
        yield app


def enrol(wire: Wire, *names: str) -> None:
    for name in names:
        wire.made("/users", email=f"{name}@example.com", name=name)


def test_an_endpoint_that_does_not_answer_holds_up_no_other(
    sandbox: Sandbox, wire: Wire, slow: HeldEndpoint, quick: HeldEndpoint
) -> None:
    def stop_waiting() -> None:
        assert slow.has_heard.wait(10)
        for _ in range(3):
            assert quick.has_heard.wait(10)
            if len(quick.heard) == 3:
                break
            quick.has_heard.clear()
        slow.may_answer.set()

    enrol(wire, "jane", "kim", "mia")
    helper = threading.Thread(target=stop_waiting)
    helper.start()
    sent = sandbox.webhooks.deliver()
    helper.join()
    assert [delivery.state for delivery in sent] == ["delivered"] * 6
    assert {delivery.id for delivery in sent} == {delivery.id for delivery in sandbox.webhooks.deliveries}
    assert slow.heard == quick.heard == ["jane", "kim", "mia"]
    assert slow.most_at_once == quick.most_at_once == 1


def test_an_endpoint_that_does_not_answer_holds_up_no_other_while_delivering(
    sandbox: Sandbox, wire: Wire, slow: HeldEndpoint, quick: HeldEndpoint
) -> None:
    with sandbox.webhooks.delivering():
        for name in ("jane", "kim"):
            quick.has_heard.clear()
            enrol(wire, name)
            assert quick.has_heard.wait(10)
        assert (slow.has_heard.wait(10), slow.heard) == (True, ["jane"])
        slow.may_answer.set()
        sandbox.webhooks.deliver()  # which waits for all of it, whichever thread sends it
    assert (slow.heard, quick.heard) == (["jane", "kim"], ["jane", "kim"])


def test_the_end_of_delivering_waits_for_deliveries_under_way(sandbox: Sandbox, wire: Wire, slow: HeldEndpoint) -> None:
    with sandbox.webhooks.delivering():
        enrol(wire, "jane")
        assert slow.has_heard.wait(10)
        threading.Timer(0.05, slow.may_answer.set).start()
    assert [delivery.state for delivery in sandbox.webhooks.deliveries] == ["delivered"]


def test_delivering_without_finish_ends_at_once(sandbox: Sandbox, wire: Wire, slow: HeldEndpoint) -> None:
    with sandbox.webhooks.delivering(finish=False):
        enrol(wire, "jane")
        assert slow.has_heard.wait(10)
    assert [delivery.state for delivery in sandbox.webhooks.deliveries] == ["sending"]


def test_ctrl_c_ends_the_wait_for_an_endpoint(sandbox: Sandbox, wire: Wire, slow: HeldEndpoint) -> None:
    def press() -> None:
        assert slow.has_heard.wait(10)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    enrol(wire, "jane")
    helper = threading.Thread(target=press)
    helper.start()
    with pytest.raises(KeyboardInterrupt):
        sandbox.webhooks.deliver()
    helper.join()
    assert [delivery.state for delivery in sandbox.webhooks.deliveries] == ["sending"]
    slow.may_answer.set()
    assert sandbox.webhooks.deliver() == []
    assert [delivery.state for delivery in sandbox.webhooks.deliveries] == ["delivered"]


@pytest.mark.usefixtures("quick")
def test_an_app_in_the_same_process_is_called_in_the_thread_that_delivers(
    sandbox: Sandbox, wire: Wire, slow: HeldEndpoint
) -> None:
    threads: list[int] = []
    shop = Shop(then=lambda _: threads.append(threading.get_ident()))
    shop.listen(sandbox)
    slow.may_answer.set()
    enrol(wire, "jane", "kim")
    assert len(sandbox.webhooks.deliver()) == 6
    assert threads == [threading.get_ident()] * 2


def test_an_app_in_a_thread_of_its_client_may_call_deliver(sandbox: Sandbox, wire: Wire) -> None:
    """As Starlette's TestClient runs it."""
    sent: list[list[str]] = []

    def answer(_: httpx.Request) -> httpx.Response:
        asyncio.run(asyncio.to_thread(lambda: sent.append([each.event_type for each in sandbox.webhooks.deliver()])))
        return httpx.Response(200)

    sandbox.webhooks.add(URL, http_client=httpx.Client(transport=httpx.MockTransport(answer)))
    enrol(wire, "jane", "kim")
    sandbox.webhooks.deliver()
    assert sent == [[], ["user.created"]]
