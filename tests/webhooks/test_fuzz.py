"""Whatever arrives, only the documented errors are raised, and the receiver answers."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemp_sdk.webhooks import (
    EmptyBodyError,
    MalformedEventError,
    SignatureError,
    Verifier,
    WebhookEvent,
    WebhookReceiver,
)
from tests.webhooks.deliveries import PASS, SECRET, USER, body_of, headers_of

VERIFIER = Verifier(SECRET)
TYPES = ["user.created", "user.deleted", "pass.created", "stamp.created", "app.installed", "coupon.redeemed"]

texts = st.text(st.characters(codec=None))  # with lone surrogates
names = st.one_of(texts, st.sampled_from(["x-stemp-signature", "X-Stemp-Signature", "X-STEMP-DELIVERY"]))
values = st.one_of(
    texts, texts.map("sha256={}".format), st.binary(min_size=32, max_size=32).map(lambda b: "sha256=" + b.hex())
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from([*USER, *PASS]), inner),
)
events = st.fixed_dictionaries(
    {},
    optional={
        "id": json_values | st.text(),
        "type": st.sampled_from(TYPES) | json_values,
        "timestamp": json_values,
        "data": json_values | st.fixed_dictionaries({"id": st.text()}, optional={"email": json_values}),
        "more": json_values,
    },
)


def receiver() -> WebhookReceiver:
    made = WebhookReceiver(VERIFIER)

    @made.on(WebhookEvent)
    def handle(event: WebhookEvent) -> None:
        assert event.id is not None

    return made


@given(body=st.binary(), headers=st.dictionaries(names, values))
def test_an_unsigned_request_is_refused_whatever_it_has(body: bytes, headers: dict[str, str]) -> None:
    with pytest.raises((SignatureError, EmptyBodyError)) as caught:
        VERIFIER.verify(body, headers)
    assert receiver().handle(body, headers).status == (401 if isinstance(caught.value, SignatureError) else 400)


@given(
    body=st.binary()
    | json_values.map(lambda value: json.dumps(value).encode())
    | events.map(lambda e: json.dumps(e).encode())
)
def test_a_signed_body_is_handled_or_refused(body: bytes) -> None:
    try:
        event = VERIFIER.verify(body, headers_of(body))
    except MalformedEventError:
        assert receiver().handle(body, headers_of(body)).status == 400
        assert not is_event(body)
    else:
        assert isinstance(event, WebhookEvent)
        assert receiver().handle(body, headers_of(body)).status == 200


def is_event(body: bytes) -> bool:
    """Whether a body is JSON with an id and a type."""
    try:
        value: dict[str, object] | list[object] | str | float | None = json.loads(body)
    except ValueError:
        return False
    if not isinstance(value, dict):
        return False
    number_or_text = isinstance(value.get("id"), (str, int, float)) and not isinstance(value["id"], bool)
    return number_or_text and isinstance(value.get("type"), str)


@given(position=st.integers(min_value=0), flip=st.integers(min_value=1, max_value=255))
def test_a_flipped_bit_is_never_handled(position: int, flip: int) -> None:
    body = bytearray(body_of())
    headers = headers_of(bytes(body))
    body[position % len(body)] ^= flip
    assert receiver().handle(body, headers).status == 401
