from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from stemp_sdk import User, WalletPass
from stemp_sdk.scopes import PASS_READ
from stemp_sdk.webhooks import (
    AppEvent,
    AppInstalled,
    AppUninstalled,
    Event,
    KnownEvent,
    PassCreated,
    PassData,
    PassDeleted,
    PassEvent,
    PassUpdated,
    StampAdded,
    StampCreated,
    StampDeleted,
    StampEvent,
    StampRedeemed,
    StampRemoved,
    StampUpdated,
    UnknownEvent,
    UserCreated,
    UserData,
    UserDeleted,
    UserEvent,
    UserUpdated,
    Verifier,
    WebhookEvent,
)
from tests.webhooks.deliveries import PASS, SECRET, USER, body_of, headers_of

STAMPS: dict[str, Any] = {
    "id": "ss_1",
    "walletPassId": "wp_1",
    "currentStamps": 10,
    "maxStampsSnapshot": 10,
    "lastStampAt": None,
}
APP: dict[str, Any] = {
    "installationId": "ins_1",
    "organizationId": "org_1",
    "clientId": "app_1",
    "scopes": ["pass:read"],
}

TYPES: dict[str, tuple[type[WebhookEvent], type[WebhookEvent], dict[str, Any]]] = {
    "user.created": (UserCreated, UserEvent, USER),
    "user.updated": (UserUpdated, UserEvent, USER),
    "user.deleted": (UserDeleted, UserEvent, {"id": "usr_1", "object": "user"}),
    "pass.created": (PassCreated, PassEvent, PASS),
    "pass.updated": (PassUpdated, PassEvent, PASS),
    "pass.deleted": (PassDeleted, PassEvent, {"id": "wp_1", "object": "wallet_pass"}),
    "stamp.created": (StampCreated, StampEvent, STAMPS),
    "stamp.added": (StampAdded, StampEvent, STAMPS),
    "stamp.removed": (StampRemoved, StampEvent, STAMPS),
    "stamp.updated": (StampUpdated, StampEvent, STAMPS),
    "stamp.deleted": (StampDeleted, StampEvent, STAMPS),
    "stamp.redeemed": (StampRedeemed, StampEvent, STAMPS),
    "app.installed": (AppInstalled, AppEvent, APP),
    "app.uninstalled": (AppUninstalled, AppEvent, APP),
}


def read(body: bytes) -> Event:
    return Verifier(SECRET).verify(body, headers_of(body))


@pytest.mark.parametrize("type", TYPES)
def test_each_event_type_has_its_class(type: str) -> None:
    cls, family, data = TYPES[type]
    event = read(body_of(type, data))
    assert event.__class__ is cls
    assert isinstance(event, family)
    assert event.type == type
    assert event.timestamp == datetime(2026, 11, 3, 10, 15, 30, tzinfo=UTC)


def test_every_known_event_type_is_tested() -> None:
    assert {cls for cls, _, _ in TYPES.values()} == {*get_args(KnownEvent)}


@pytest.mark.parametrize("type", TYPES)
def test_an_event_with_missing_null_or_new_fields_is_read(type: str) -> None:
    _, _, data = TYPES[type]
    bare = {name: value if name == "id" else None for name, value in data.items()}
    event = read(body_of(type, {**bare, "new": [1]}, timestamp=None, apiVersion="9"))
    assert event.__class__ is TYPES[type][0]
    assert event.timestamp is None
    assert event.model_extra == {"apiVersion": "9"}
    assert event.data.model_extra == {"new": [1]}


@pytest.mark.parametrize("data", [{"a": [{"b": 1.5}]}, [1], "text", None, 7])
def test_an_event_of_unknown_type_reaches_the_caller_whole(data: object) -> None:
    event = read(body_of("coupon.redeemed", data, region="eu"))
    assert isinstance(event, UnknownEvent)
    assert (event.type, event.data, event.model_extra) == ("coupon.redeemed", data, {"region": "eu"})


def test_an_event_of_unknown_type_may_lack_data() -> None:
    event = read(b'{"id": "evt_1", "type": "ping"}')
    assert isinstance(event, UnknownEvent)
    assert event.data is None


def test_a_match_statement_tells_events_apart() -> None:
    def describe(event: Event) -> str:
        match event:
            case PassCreated(data=PassData(user_id=user, template_id=template)):
                return f"{user} has {template}"
            case UserCreated(data=data) | UserUpdated(data=data):
                return f"{data.name} <{data.email}>"
            case UnknownEvent(type=type):
                return f"a new kind, {type}"
            case _:
                return "something else"

    assert describe(read(body_of("pass.created", PASS))) == "usr_1 has tpl_1"
    assert describe(read(body_of())) == "Jane <jane@example.com>"
    assert describe(read(body_of("coupon.redeemed"))) == "a new kind, coupon.redeemed"
    assert describe(read(body_of("app.installed", APP))) == "something else"


def test_the_values_of_an_event_are_its_own() -> None:
    created = read(body_of())
    assert isinstance(created, UserCreated)
    assert isinstance(created.data, UserData)
    assert not isinstance(created.data, User)
    issued = read(body_of("pass.created", PASS))
    assert not isinstance(issued.data, WalletPass)
    stamped = read(body_of("stamp.created", STAMPS))
    assert isinstance(stamped, StampCreated)
    assert stamped.data.is_full
    installed = read(body_of("app.installed", APP))
    assert isinstance(installed, AppInstalled)
    assert installed.data.scopes == PASS_READ


def test_events_are_frozen() -> None:
    event: Any = read(body_of())
    with pytest.raises(ValidationError, match="frozen"):
        event.id = "evt_2"
