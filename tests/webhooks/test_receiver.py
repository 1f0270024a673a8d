"""The receiver, sync and async: what is answered, what is handled, and what is left for the next delivery."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Coroutine
from functools import partial
from typing import Any

import pytest

from stemp_sdk.webhooks import (
    ASGIApp,
    DjangoView,
    Event,
    LambdaHandler,
    PassCreated,
    UnknownEvent,
    UserCreated,
    UserEvent,
    UserUpdated,
    Verifier,
    WebhookEvent,
    WebhookReceiver,
    WebhookResponse,
    WSGIApp,
)
from tests.support.frames import locals_of
from tests.webhooks.deliveries import PASS, SECRET, body_of, headers_of
from tests.webhooks.shop import BODY, Deliver, Shop, in_loop, sync, ways


@ways
def test_an_event_is_handled_once(is_async: bool, deliver: Deliver) -> None:
    shop = Shop(is_async=is_async)
    assert deliver(shop) == WebhookResponse(200, "handled")
    assert deliver(shop) == WebhookResponse(200, "handled before")
    assert deliver(shop, delivery="dlv_2") == WebhookResponse(200, "handled before"), "a retry with a new delivery id"
    assert deliver(shop, body_of(id="evt_2")) == WebhookResponse(200, "handled"), "a delivery id is not signed"
    assert shop.handled == ["evt_1", "evt_2"]


@ways
def test_a_failing_handler_gets_the_event_again(
    is_async: bool, deliver: Deliver, caplog: pytest.LogCaptureFixture
) -> None:
    shop = Shop(is_async=is_async)
    shop.failures = 2
    assert [deliver(shop).status for _ in range(4)] == [500, 500, 200, 200]
    assert shop.handled == ["evt_1"]
    assert caplog.text.count("RuntimeError: the till is closed") == 2
    assert "event:evt_1 was not handled" in caplog.text


@ways
def test_a_receiver_refuses_what_it_cannot_trust_or_read(
    is_async: bool, deliver: Deliver, caplog: pytest.LogCaptureFixture
) -> None:
    shop = Shop(is_async=is_async, max_body=500)
    assert deliver(shop, secret="another").status == 401
    large = body_of(data={"id": "usr_1", "name": "x" * 500})
    assert deliver(shop, large) == WebhookResponse(413, "the body is larger than 500 bytes")
    assert deliver(shop, b"{}").status == 400
    assert shop.handled == []
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 3
    assert SECRET not in caplog.text


@pytest.mark.parametrize("headers", [{}, {"X-Stemp-Signature": "md5=0"}])
def test_a_request_without_a_usable_signature_is_refused(headers: dict[str, str]) -> None:
    assert Shop(is_async=False).receiver.handle(BODY, headers).status == 401


def test_a_parsed_body_is_a_type_error() -> None:
    body: Any = {"id": "evt_1"}
    with pytest.raises(TypeError, match="raw bytes"):
        Shop(is_async=False).receiver.handle(body, {})


def test_without_a_delivery_id_the_event_s_own_is_enough() -> None:
    shop = Shop(is_async=False)
    headers = {"x-stemp-signature": headers_of(BODY)["X-Stemp-Signature"]}
    assert [shop.receiver.handle(BODY, headers).text for _ in range(2)] == ["handled", "handled before"]


@ways
@pytest.mark.parametrize("blank", ["", " "])
def test_an_event_with_a_blank_id_is_known_by_its_body(is_async: bool, deliver: Deliver, blank: str) -> None:
    shop = Shop(is_async=is_async)
    one, other = body_of(id=blank), body_of(id=blank, region="eu")
    assert [deliver(shop, body).text for body in (one, other)] == ["handled", "handled"]
    assert [deliver(shop, body, delivery="dlv_2").text for body in (one, other)] == ["handled before"] * 2
    assert shop.handled == [blank, blank]


def test_handlers_are_called_by_type_family_and_for_all_events() -> None:
    receiver = WebhookReceiver(Verifier(SECRET))
    got: list[tuple[str, str]] = []

    def note(name: str, event: WebhookEvent) -> None:
        got.append((name, event.type))

    types: dict[str, type[WebhookEvent]] = {
        "one": UserCreated,
        "family": UserEvent,
        "unknown": UnknownEvent,
        "all": WebhookEvent,
    }
    for name, cls in types.items():
        receiver.on(cls)(partial(note, name))

    for number, name in enumerate(["user.created", "user.updated", "pass.created", "coupon.redeemed"]):
        body = body_of(name, PASS, id=f"evt_{number}")
        assert receiver.handle(body, headers_of(body, delivery=f"dlv_{number}")).status == 200
    assert got == [
        ("one", "user.created"),
        ("family", "user.created"),
        ("all", "user.created"),
        ("family", "user.updated"),
        ("all", "user.updated"),
        ("all", "pass.created"),
        ("unknown", "coupon.redeemed"),
        ("all", "coupon.redeemed"),
    ]


def test_a_handler_may_take_several_types() -> None:
    receiver = WebhookReceiver(Verifier(SECRET))
    got: list[str] = []

    @receiver.on(UserCreated, UserUpdated)
    def note(event: UserCreated | UserUpdated) -> None:
        got.append(event.type)

    for name in ["user.created", "user.updated", "user.deleted"]:
        body = body_of(name, id=f"evt_{name}")
        assert receiver.handle(body, headers_of(body, delivery=name)).status == 200
    assert got == ["user.created", "user.updated"]


def test_an_event_without_a_handler_is_accepted_and_not_marked() -> None:
    shop = Shop(is_async=False)
    body = body_of("user.updated")
    assert sync(shop, body) == WebhookResponse(200, "no handler")
    shop.receiver.on(UserUpdated)(lambda event: shop.handled.append(event.id))
    assert sync(shop, body) == WebhookResponse(200, "handled")


def test_on_returns_the_handler() -> None:
    def handler(event: PassCreated) -> None: ...

    assert WebhookReceiver(Verifier(SECRET)).on(PassCreated)(handler) is handler


class Callback:
    """A handler that is an object."""

    def __init__(self) -> None:
        self.got: list[Event] = []

    async def __call__(self, event: UserCreated) -> None:
        self.got.append(event)


def test_an_object_with_an_async_call_is_an_async_handler() -> None:
    receiver, callback = WebhookReceiver(Verifier(SECRET)), Callback()
    receiver.on(UserCreated)(callback)
    assert receiver.handle(BODY, headers_of(BODY)).status == 200
    assert [event.id for event in callback.got] == ["evt_1"]


def test_an_awaitable_that_nobody_awaits_is_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    receiver = WebhookReceiver(Verifier(SECRET))
    loop = asyncio.new_event_loop()
    future: Awaitable[None] = loop.create_future()
    receiver.on(UserCreated)(lambda _: future)
    assert receiver.handle(BODY, headers_of(BODY)).status == 500
    assert "make it an async def" in caplog.text
    loop.close()


@ways
def test_a_coroutine_that_nobody_awaits_is_a_failure(
    is_async: bool, deliver: Deliver, caplog: pytest.LogCaptureFixture
) -> None:
    shop = Shop(is_async=is_async)

    async def later(event: UserCreated) -> None:
        shop.handled.append(event.id)

    def forgets_to_await(event: UserCreated) -> Coroutine[Any, Any, None]:
        return later(event)

    shop.receiver.on(UserCreated)(forgets_to_await)
    assert deliver(shop).status == 500
    assert "make it an async def" in caplog.text
    assert shop.handled == ["evt_1"], "by the handler that is one"


def test_sync_and_async_handlers_of_one_event_are_all_called() -> None:
    shop = Shop(is_async=False)
    shop.receiver.on(UserCreated)(Shop(is_async=True).receiver.on(UserCreated)(Callback()))
    assert in_loop(shop).status == 200
    assert shop.handled == ["evt_1"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"timeout": 0}, "timeout must be a finite number of seconds above 0"),
        ({"lease": 10.0}, "lease must be more than timeout"),
        ({"max_body": 0}, "max_body must be at least 1"),
        ({"max_age": 0}, "max_age must be a finite number of seconds above 0"),
    ],
)
def test_options_of_a_receiver_that_make_no_sense_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        WebhookReceiver(Verifier(SECRET), **options)


def test_a_handler_that_cannot_work_is_refused_where_it_is_registered() -> None:
    receiver = WebhookReceiver(Verifier(SECRET))
    on: Any = receiver.on
    with pytest.raises(TypeError, match=r"^on\(\) takes classes of events, such as PassCreated, not 'pass\.created'$"):
        on("pass.created")
    with pytest.raises(TypeError, match=r"^on\(\) takes classes of events, such as PassCreated, not type$"):
        on(int)
    with pytest.raises(TypeError, match=r"^on\(\) takes the classes of the events to handle"):
        on()
    make: Any = WebhookReceiver
    with pytest.raises(TypeError, match=r"^verifier must be a Verifier, not str: Verifier\(secret\)$") as caught:
        make(SECRET)
    assert SECRET not in locals_of(caught.tb)


@pytest.mark.parametrize("adapter", [ASGIApp, DjangoView, LambdaHandler, WSGIApp])
def test_an_adapter_adapts_a_receiver(adapter: Any) -> None:
    with pytest.raises(TypeError, match=r"^receiver must be a WebhookReceiver, not str$") as caught:
        adapter(SECRET)
    assert SECRET not in str(caught.value)
