"""Events whose data has another shape than their type, and events that are too old: who gets them, and the answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import anyio
import pytest

from stemp_sdk.webhooks import (
    PassCreated,
    UnknownEvent,
    UserCreated,
    UserEvent,
    Verifier,
    WebhookEvent,
    WebhookReceiver,
    WebhookResponse,
)
from tests.webhooks.deliveries import SECRET, body_of, headers_of

ODD = body_of(data={"id": "usr_1", "email": ["kept@example.com"]})
Handle = Callable[[WebhookReceiver, bytes], WebhookResponse]


def sync(receiver: WebhookReceiver, body: bytes) -> WebhookResponse:
    return receiver.handle(body, headers_of(body))


def in_loop(receiver: WebhookReceiver, body: bytes) -> WebhookResponse:
    return anyio.run(receiver.ahandle, body, headers_of(body))


both = pytest.mark.parametrize("handle", [sync, in_loop])


@both
@pytest.mark.parametrize("taker", [UnknownEvent, WebhookEvent])
def test_a_handler_of_any_event_gets_an_event_that_cannot_be_read(
    handle: Handle, taker: type[WebhookEvent], caplog: pytest.LogCaptureFixture
) -> None:
    receiver = WebhookReceiver(Verifier(SECRET))
    typed: list[WebhookEvent] = []
    got: list[WebhookEvent] = []
    receiver.on(UserCreated)(typed.append)
    receiver.on(taker)(got.append)
    assert [handle(receiver, ODD).text for _ in range(2)] == ["handled", "handled before"]
    assert typed == []
    assert [(event.id, event.__class__) for event in got] == [("evt_1", UnknownEvent)]
    assert caplog.messages[0] == (
        "event:evt_1 cannot be read as a UserCreated (data.email: Input should be a valid string), so the handlers of "
        "that class do not get it; those of UnknownEvent and WebhookEvent get it"
    )


@both
@pytest.mark.parametrize("family", [UserCreated, UserEvent])
def test_an_event_that_cannot_be_read_is_not_accepted_if_only_handlers_of_its_type_want_it(
    handle: Handle, family: type[WebhookEvent], caplog: pytest.LogCaptureFixture
) -> None:
    receiver = WebhookReceiver(Verifier(SECRET))
    got: list[WebhookEvent] = []
    receiver.on(family)(got.append)
    for _ in range(2):
        assert handle(receiver, ODD) == WebhookResponse(500, "the data cannot be read as that of user.created")
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    assert "the response is 500, as there is no handler for UnknownEvent: stemp will send it again" in caplog.text
    assert "kept@example.com" not in caplog.text
    receiver.on(UnknownEvent)(got.append)  # as in the next version of the endpoint
    assert handle(receiver, ODD).text == "handled"
    assert [event.id for event in got] == ["evt_1"]


@both
def test_a_handler_of_the_type_and_of_unknown_events_gets_an_event_that_cannot_be_read(
    handle: Handle, caplog: pytest.LogCaptureFixture
) -> None:
    receiver = WebhookReceiver(Verifier(SECRET))
    got: list[WebhookEvent] = []
    receiver.on(UserCreated, UnknownEvent)(got.append)
    assert handle(receiver, ODD).text == "handled"
    assert [event.id for event in got] == ["evt_1"]
    assert caplog.messages == []


@both
def test_an_event_that_cannot_be_read_and_has_no_handler_is_accepted(
    handle: Handle, caplog: pytest.LogCaptureFixture
) -> None:
    receiver = WebhookReceiver(Verifier(SECRET))
    receiver.on(PassCreated)(lambda _: None)
    assert handle(receiver, ODD) == WebhookResponse(200, "no handler")
    assert caplog.messages == []


# --- max_age


def aged(seconds: float) -> bytes:
    return body_of(timestamp=(datetime.now(UTC) - timedelta(seconds=seconds)).isoformat())


@both
def test_an_event_that_is_too_old_is_refused(handle: Handle) -> None:
    receiver = WebhookReceiver(Verifier(SECRET), max_age=28 * 3600)
    got: list[WebhookEvent] = []
    receiver.on(UserCreated)(got.append)
    response = handle(receiver, aged(28 * 3600 + 60))
    assert response.status == 401
    assert response.text.endswith(" UTC, which is more than 100800 s ago")
    assert got == []
    assert handle(receiver, aged(27 * 3600)).text == "handled"
    assert handle(receiver, aged(-3600)).text == "handled before", "its id decides, as the clocks may differ"


@both
@pytest.mark.parametrize("timestamp", [None, "yesterday"])
def test_with_max_age_an_event_needs_a_timestamp(handle: Handle, timestamp: object) -> None:
    body = body_of(timestamp=timestamp)
    receiver = WebhookReceiver(Verifier(SECRET), max_age=28 * 3600)
    receiver.on(UserCreated)(lambda _: None)
    assert handle(receiver, body) == WebhookResponse(401, "the event has no readable timestamp, and max_age is set")
    receiver = WebhookReceiver(Verifier(SECRET))
    receiver.on(UserCreated)(lambda _: None)
    assert handle(receiver, body).text == "handled"
