"""What is signed, is JSON and has an id and a type is always an event: typed if it can be, and whole otherwise."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from stemp_sdk.scopes import PASS_READ, USER_READ
from stemp_sdk.webhooks import (
    AppInstalled,
    Event,
    Misfit,
    PassCreated,
    PassDeleted,
    StampCreated,
    UnknownEvent,
    UserCreated,
    Verifier,
)
from tests.webhooks.deliveries import SECRET, USER, body_of, headers_of


def read(body: bytes) -> Event:
    return Verifier(SECRET).verify(body, headers_of(body))


def misfit(type: str, data: object) -> Misfit | None:
    event = read(body_of(type, data))
    assert isinstance(event, UnknownEvent)
    assert (event.id, event.type, event.data) == ("evt_1", type, data)
    return event.misfit


@pytest.mark.parametrize(("given", "id"), [(17, "17"), (17.0, "17"), ("17", "17"), (-1, "-1"), (1.5, "1.5")])
def test_a_number_is_read_as_an_id(given: object, id: str) -> None:
    event = read(json.dumps({"id": given, "type": "pass.created", "data": {"id": given, "userId": given}}).encode())
    assert isinstance(event, PassCreated)
    assert (event.id, event.data.id, event.data.user_id) == (id, id, id)


@pytest.mark.parametrize(("given", "stamps"), [(3, 3), (3.0, 3), ("3", 3), ("-3", -3), (0.0, 0)])
def test_a_count_may_come_as_a_float_or_a_string(given: object, stamps: int) -> None:
    event = read(body_of("stamp.created", {"walletPassId": "wp_1", "currentStamps": given}))
    assert isinstance(event, StampCreated)
    assert event.data.current_stamps == stamps


FRACTION = "Input should be a valid integer, got a number with a fractional part"
NO_NUMBER = "Input should be a valid integer, unable to parse string as an integer"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (True, "must be a number"),
        (2.5, FRACTION),
        ("three", NO_NUMBER),
        ("3.5", NO_NUMBER),
        ("", NO_NUMBER),
        ([], "Input should be a valid integer"),
        ({}, "Input should be a valid integer"),
        ("9" * 5000, "Unable to parse input string as an integer, exceeded maximum size"),
        ("\u0663", NO_NUMBER),
    ],
)
def test_no_other_value_is_read_as_a_count(given: object, reason: str) -> None:
    found = misfit("stamp.created", {"walletPassId": "wp_1", "currentStamps": given})
    assert found == Misfit("data.currentStamps", reason)


TIME = datetime(2026, 11, 27, 2, 53, 56, tzinfo=UTC)


@pytest.mark.parametrize(
    "given",
    [
        1795748036,
        1795748036.0,
        1795748036000,
        "1795748036",
        "2026-11-27T02:53:56Z",
        "2026-11-27T02:53:56",
        "2026-11-27 02:53:56",
        "2026-11-27T04:53:56+02:00",
        "2026-11-27T04:53:56+0200",
        "2026-11-27T02:53:56.000000000Z",
    ],
)
def test_a_time_has_an_offset_in_whichever_form_it_comes(given: object) -> None:
    event = read(body_of(data={**USER, "createdAt": given}, timestamp=given))
    assert isinstance(event, UserCreated)
    assert event.timestamp == event.data.created_at == TIME
    unknown = read(body_of("coupon.redeemed", timestamp=given))
    assert unknown.timestamp == TIME
    stamped = read(body_of("stamp.created", {"walletPassId": "wp_1", "lastStampAt": given}))
    assert isinstance(stamped, StampCreated)
    assert stamped.data.last_stamp_at == TIME


def test_the_utc_offset_of_a_time_is_kept() -> None:
    event = read(body_of(timestamp="2026-11-27T04:53:56+02:00"))
    assert event.timestamp is not None
    assert event.timestamp.tzinfo is not None
    assert event.timestamp.tzinfo.utcoffset(None) == timezone(timedelta(hours=2)).utcoffset(None)


@pytest.mark.parametrize("given", ["yesterday", "", True, [2026, 11, 27], {"seconds": 1}, 1e300])
@pytest.mark.parametrize("type", ["user.created", "coupon.redeemed"])
def test_a_time_that_cannot_be_read_is_none_and_stays_readable(type: str, given: object) -> None:
    event = read(body_of(type, {"id": "usr_1", "createdAt": given}, timestamp=given))
    assert event.timestamp is None
    assert (event.unread, event.model_extra) == (("timestamp",), {"timestamp": given})
    if isinstance(event, UserCreated):
        assert event.data.created_at is None
        assert (event.data.unread, event.data.model_extra) == (("createdAt",), {"createdAt": given})
    else:
        assert event.data == {"id": "usr_1", "createdAt": given}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_json_in_another_encoding_is_read(encoding: str) -> None:
    text = json.dumps({"id": "evt_1", "type": "user.created", "data": {**USER, "name": "Zoë 🎟"}}, ensure_ascii=False)
    event = read(text.encode(encoding))
    assert isinstance(event, UserCreated)
    assert event.data.name == "Zoë 🎟"


@pytest.mark.parametrize(("type", "name"), [("user.created", "name"), ("coupon.redeemed", "code")])
def test_invalid_characters_in_an_event_are_replaced(type: str, name: str) -> None:
    lone = json.dumps({"id": "evt_1", "type": type, "data": {"id": "usr_1", name: "Bo \ud83d \U0001f39f"}}).encode()
    latin = lone.replace(rb"\ud83d ", b"\xe9 ")
    for body in (lone, latin):
        event: Any = read(body)
        data = event.data if isinstance(event, UnknownEvent) else event.data.model_dump()
        assert data[name] == "Bo \ufffd \U0001f39f"


def test_a_number_that_is_too_long_for_python_is_a_string() -> None:
    digits = "9" * 900_000
    event = read(body_of(data={**USER, "new": 0}).replace(b'"new": 0', b'"new": ' + digits.encode()))
    assert isinstance(event, UserCreated)
    assert event.data.model_extra == {"new": digits}


def test_a_deleted_card_may_be_named_as_such() -> None:
    for data in ({"walletPassId": "wp_1"}, {"walletPassId": "wp_1", "id": "wp_1"}):
        event = read(body_of("pass.deleted", data))
        assert isinstance(event, PassDeleted)
        assert event.data.id == "wp_1"
    assert misfit("pass.deleted", {}) == Misfit("data.id", "Field required")


def test_scopes_may_come_in_a_string() -> None:
    for scopes in ("pass:read user:read", "pass:read,user:read", ["pass:read", "user:read"]):
        event = read(body_of("app.installed", {"installationId": 17, "scopes": scopes}))
        assert isinstance(event, AppInstalled)
        assert event.data.scopes == PASS_READ | USER_READ
        assert event.data.installation_id == "17"


@pytest.mark.parametrize(
    ("type", "data", "path", "reason"),
    [
        (
            "user.created",
            {"id": "usr_1", "email": ["kept@example.com"]},
            "data.email",
            "Input should be a valid string",
        ),
        ("user.created", {"id": "usr_1", "name": True}, "data.name", "Input should be a valid string"),
        ("user.created", {"email": "kept@example.com"}, "data.id", "Field required"),
        ("user.created", {"id": None}, "data.id", "Input should be a valid string"),
        ("user.created", "kept@example.com", "data", "Input should be an object"),
        ("app.uninstalled", None, "data", "Input should be an object"),
        ("app.installed", {"scopes": 7}, "data.scopes", "must be a list of scope names"),
        ("app.installed", {"scopes": [7]}, "data.scopes", "must be a list of scope names"),
        ("app.installed", {"app": "kept"}, "data", "it has none of the fields that are known"),
        ("stamp.created", {"stampState": {"currentStamps": 3}}, "data", "it has none of the fields that are known"),
    ],
)
def test_data_of_another_shape_makes_an_unknown_event(type: str, data: object, path: str, reason: str) -> None:
    found = misfit(type, data)
    assert found == Misfit(path, reason)
    assert "kept" not in repr(found)


def test_an_event_without_data_is_an_unknown_event() -> None:
    event = read(b'{"id": "evt_1", "type": "user.created"}')
    assert isinstance(event, UnknownEvent)
    assert event.misfit == Misfit("data", "Field required")


def test_data_nested_deeper_than_the_models_read_makes_an_unknown_event() -> None:
    event = read(body_of(data={**USER, "new": 0}).replace(b'"new": 0', b'"new": ' + b"[" * 300 + b"]" * 300))
    assert isinstance(event, UnknownEvent)
    assert event.data["email"] == USER["email"]
    assert event.misfit == Misfit("data", "recursion limit exceeded")


@pytest.mark.parametrize(("type", "cls"), [("user.created", UserCreated), ("coupon.redeemed", UnknownEvent)])
def test_deep_nesting_beside_the_data_costs_nothing(type: str, cls: object) -> None:
    deep = b"[" * 300 + b"]" * 300
    event = read(body_of(type, new=0).replace(b'"new": 0', b'"new": ' + deep))
    assert event.__class__ is cls
    assert event.model_extra == {"new": json.loads(deep)}


@pytest.mark.parametrize("type", ["user.created", "coupon.redeemed"])
def test_an_event_is_not_read_as_json_api(type: str) -> None:
    event = read(json.dumps({"id": 17, "type": type, "attributes": {"type": "a", "data": USER}}).encode())
    assert isinstance(event, UnknownEvent)
    assert (event.id, event.type, event.data) == ("17", type, None)
    assert event.model_extra == {"attributes": {"type": "a", "data": USER}}


def test_an_unknown_type_has_nothing_that_does_not_fit() -> None:
    assert misfit("coupon.redeemed", {"id": 17}) is None


def test_a_misfit_of_an_event_survives_pickling() -> None:
    event = read(body_of(data=5))
    again = pickle.loads(pickle.dumps(event))
    assert again == event
    assert isinstance(again, UnknownEvent)
    assert again.misfit == Misfit("data", "Input should be an object")
