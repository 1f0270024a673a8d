"""One odd field never costs the object: it is None, its name is in ``unread``, and its value is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import pytest

from stemp_sdk import (
    ApiToken,
    EmailLogEntry,
    HistoryEntry,
    Member,
    Organization,
    PointsState,
    StampState,
    Template,
    User,
    WalletPass,
)
from stemp_sdk.models import WireModel
from stemp_sdk.models._reading import read_object
from tests.resources.table import BY_NAME
from tests.support.twins import Twin

from .variants import answering

WHEN: Final = datetime(2026, 3, 2, 8, 40, tzinfo=UTC)

LENIENT: Final[list[tuple[str, dict[str, Any], str, object]]] = [
    # operation, fields, attribute, value
    ("users.get", {"id": 17}, "id", "17"),
    ("passes.get", {"userId": 17, "templateId": 5}, "user_id", "17"),
    ("templates.get", {"name": 7}, "name", "7"),
    ("templates.get", {"maxStamps": "10"}, "max_stamps", 10),
    ("templates.get", {"maxStamps": 10.0}, "max_stamps", 10),
    ("templates.get", {"createdAt": 1772440800}, "created_at", WHEN),
    ("templates.get", {"createdAt": 1772440800000}, "created_at", WHEN),
    ("templates.get", {"createdAt": "2026-03-02T08:40:00"}, "created_at", WHEN),
    ("templates.get", {"createdAt": "2026-03-02T10:40:00+02:00"}, "created_at", WHEN),
    ("templates.get", {"createdAt": "2026-03-02"}, "created_at", datetime(2026, 3, 2, tzinfo=UTC)),
    ("users.get", {"createdAt": "2026-03-02T08:40:00"}, "created_at", WHEN),  # documented as UTC
    ("users.get", {"createdAt": "2026-03-02T08:40:00.000000000"}, "created_at", WHEN),
    ("users.get", {"created_at": "2026-03-02T08:40:00"}, "created_at", WHEN),
    ("loyalty.get_stamps", {"currentStamps": "5"}, "current_stamps", 5),  # a full card must not seem to be none
    ("loyalty.get_stamps", {"currentStamps": 5.0}, "current_stamps", 5),
    ("loyalty.get_points", {"balance": 12}, "balance", 12),
    ("loyalty.get_points", {"balance": 12.5}, "balance", Decimal("12.5")),
    ("loyalty.get_points", {"balance": "12.50"}, "balance", Decimal("12.50")),
    ("loyalty.get_points", {"balance": 12.0}, "balance", 12),
    ("loyalty.get_points", {"balance": "1E+40"}, "balance", Decimal("1E+40")),
    ("loyalty.get_points", {"lastPointsAt": 1772440800}, "last_points_at", WHEN),
]


@pytest.mark.parametrize(("operation", "fields", "name", "value"), LENIENT)
def test_inferred_fields_are_read_leniently(
    twin: Twin, operation: str, fields: dict[str, Any], name: str, value: object
) -> None:
    read = twin.run(BY_NAME[operation].call(answering(twin, {"id": "x_1"} | fields)))
    assert getattr(read, name) == value
    assert type(getattr(read, name)) is type(value)
    assert not read.unread


ODD: Final[list[tuple[str, dict[str, Any]]]] = [
    ("users.get", {"createdAt": 1772440800}),
    ("users.get", {"createdAt": "yesterday"}),
    ("users.get", {"createdAt": ""}),
    ("users.get", {"externalId": 17}),
    ("users.get", {"metadata": []}),
    ("users.get", {"name": "Bo \ud83d"}),
    ("users.get", {"metadata": {"nick": "Bo \ud83d"}}),
    ("users.get", {"email": True, "phone": {"home": 7}}),
    ("users.get", {"object": 7}),
    ("loyalty.get_stamps", {"currentStamps": 5.5}),
    ("loyalty.get_stamps", {"currentStamps": True}),
    ("loyalty.get_stamps", {"lastStampAt": "2026-03-02"}),
    ("templates.get", {"maxStamps": True}),
    ("templates.get", {"maxStamps": "ten"}),
    ("templates.get", {"createdAt": "2026-03-02T25:40:00"}),
    ("templates.get", {"name": ["Coffee"]}),
    ("loyalty.get_points", {"balance": True}),
    ("loyalty.get_points", {"balance": "many"}),
]


MODELS: Final[dict[str, type[WireModel]]] = {
    "users.get": User,
    "templates.get": Template,
    "loyalty.get_stamps": StampState,
    "loyalty.get_points": PointsState,
}


@pytest.mark.parametrize(("operation", "odd"), ODD)
def test_an_odd_field_is_absent_and_its_value_is_kept(twin: Twin, operation: str, odd: dict[str, Any]) -> None:
    plain = {"id": "x_1", "updatedAt": "2026-03-02T08:40:00Z", "timesCompleted": 3, "totalPointsCollected": 4, "new": 1}
    read: Any = twin.run(BY_NAME[operation].call(answering(twin, plain | odd)))
    assert read.id == "x_1"
    assert read.unread == tuple(odd)
    assert read.model_extra == {**odd, **{key: plain[key] for key in plain.keys() & read.model_extra}}
    assert read.model_extra["new"] == 1
    names = {field.alias: name for name, field in MODELS[operation].model_fields.items() if field.alias}
    assert {getattr(read, names[key]) for key in odd} == {None}
    assert read.model_fields_set >= {*odd, "id"}


def test_an_odd_field_alone_is_still_the_value(twin: Twin) -> None:
    state = twin.run(answering(twin, {"currentStamps": "seven"}).loyalty.get_stamps("wp_1"))
    assert (state.current_stamps, state.is_full, state.unread) == (None, None, ("currentStamps",))


def test_an_odd_field_of_a_new_tokens_record_does_not_cost_the_token(twin: Twin) -> None:
    record = {"id": 1, "scopes": "pass:read user:read", "createdAt": 7, "expiresAt": "2026-03-02T08:40:00", "new": 1}
    client = answering(twin, {"token": "sk_live_new", "apiToken": record}, status=201)
    created = twin.run(BY_NAME["api_tokens.create"].call(client))
    assert created.token.get_secret_value() == "sk_live_new"
    assert (created.api_token.id, created.api_token.scopes, created.api_token.expires_at) == ("1", None, WHEN)
    assert {*created.api_token.unread} == {"scopes", "createdAt"}
    assert created.api_token.model_extra == {"scopes": "pass:read user:read", "createdAt": 7, "new": 1}
    assert not created.unread


def test_a_value_that_pydantic_cannot_parse_is_kept(twin: Twin) -> None:
    deep: Any = 7
    for _ in range(300):
        deep = [deep]
    user = twin.run(answering(twin, {"id": "usr_1", "deep": deep, "half": "\udc00"}).users.get("usr_1"))
    assert user.model_extra == {"deep": deep, "half": "\udc00"}
    assert user.unread == ()


@pytest.mark.parametrize(
    ("given", "id"), [(17, "17"), (17.0, "17"), (1.5, "1.5"), (2**80, str(2**80)), ("17.0", "17.0")]
)
def test_a_number_is_read_as_an_id(twin: Twin, given: object, id: str) -> None:
    assert twin.run(answering(twin, {"id": given}).users.get("usr_1")).id == id


def test_an_integer_that_is_too_long_for_python_stays_a_string() -> None:
    digits = "9" * 5000
    user = read_object(User, f'{{"id": {digits}, "new": {digits}}}'.encode())
    assert (user.id, user.model_extra) == (digits, {"new": digits})


def test_nesting_without_end_is_an_error() -> None:
    with pytest.raises(ValueError, match="recursion limit"):
        read_object(User, b'{"id": "usr_1", "deep": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")


INFERRED: Final[dict[type[WireModel], set[str]]] = {
    User: set(),
    WalletPass: {"updated_at"},
    StampState: set(),
    ApiToken: set(),
    Template: {"object", "name", "description", "type", "max_stamps", "created_at", "updated_at"},
    Member: {"object", "email", "name", "role", "created_at"},
    PointsState: {*PointsState.model_fields},
    HistoryEntry: {*HistoryEntry.model_fields},
    Organization: {*Organization.model_fields},
    EmailLogEntry: {*EmailLogEntry.model_fields},
}


@pytest.mark.parametrize("model", INFERRED)
def test_the_schema_of_a_field_has_its_provenance(model: type[WireModel]) -> None:
    fields = model.model_json_schema()["properties"]
    marked = {
        name for name, field in model.model_fields.items() if fields[field.alias]["x-stemp-provenance"] == "inferred"
    }
    assert marked == INFERRED[model]


def test_a_lenient_field_is_a_string_in_its_schema() -> None:
    assert User.model_json_schema()["properties"]["id"]["type"] == "string"
    described = Template.model_json_schema()["properties"]["description"]
    assert described["anyOf"] == [{"type": "string"}, {"type": "null"}]
