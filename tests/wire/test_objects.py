"""One object, in whatever the server may put around it: the right value, or an error that describes the response."""

from __future__ import annotations

from typing import Any, Final

import pytest

from stemp_sdk import DecodeError, OrganizationSettings, PermissionDeniedError
from stemp_sdk.models import WireModel
from tests.resources.table import BY_NAME, PASS, STAMPS, USER
from tests.support.twins import Twin

from .variants import answering

BARE_STAMPS: Final = {"currentStamps": 7, "maxStampsSnapshot": 10}

READ: Final[list[tuple[str, Any, dict[str, Any]]]] = [
    # operation, body, what the result says
    ("users.get", USER, {"id": "usr_1", "name": "Ada"}),
    ("users.get", {"data": USER}, {"id": "usr_1", "name": "Ada"}),
    ("users.get", {"success": True, "data": USER, "meta": {"took": 3}}, {"id": "usr_1", "name": "Ada"}),
    ("users.get", {"status": "ok", "error": None, "result": {"user": USER}}, {"id": "usr_1", "name": "Ada"}),
    ("users.get", {"user": USER, "organization": {"id": "org_1"}}, {"id": "usr_1", "name": "Ada"}),
    ("users.get", {"object": "response", "data": {"id": 7, "email": "a@b.c"}}, {"id": "7", "email": "a@b.c"}),
    (
        "users.get",
        {"data": {"type": "users", "id": "usr_1", "attributes": {"email": "a@b.c", "externalId": "c1"}}},
        {"id": "usr_1", "email": "a@b.c", "external_id": "c1"},
    ),
    ("users.get", {"id": "usr_1", "object": "customer"}, {"id": "usr_1", "object": "customer"}),
    ("users.get", {"id": "usr_1", "attributes": {"name": "Bo"}}, {"id": "usr_1", "name": None}),
    ("users.get", {"id": "usr_1", "type": "x", "name": "Ada", "attributes": {"name": "Bo"}}, {"name": "Ada"}),
    ("users.get", {"customer": {"id": "usr_1", "email": "a@b.c"}}, {"id": "usr_1", "email": "a@b.c"}),
    ("users.get", {"id": "usr_1", "metadata": {"id": "usr_2"}}, {"id": "usr_1"}),
    ("loyalty.get_stamps", {"data": STAMPS}, {"current_stamps": 7, "is_full": False}),
    ("loyalty.get_stamps", {"card": BARE_STAMPS}, {"current_stamps": 7}),
    ("loyalty.get_stamps", {"stampState": STAMPS}, {"current_stamps": 7}),
    ("loyalty.add_stamp", {**PASS, "stampState": BARE_STAMPS}, {"current_stamps": 7, "max_stamps_snapshot": 10}),
    ("loyalty.add_stamp", {"walletPass": PASS, "stampState": STAMPS}, {"id": "ss_1", "current_stamps": 7}),
    ("loyalty.get_points", {"data": {"balance": 12.5}}, {"balance": 12.5}),
    ("org.get", {"organization": {"name": "Bean There"}}, {"name": "Bean There"}),
    ("emails.send", {"status": "queued", "data": {"messageId": 17}}, {"message_id": "17", "status": None}),
    ("api_tokens.create", {"data": {"token": "sk_x", "apiToken": {"id": "akt_1"}}}, {}),
]


@pytest.mark.parametrize(("operation", "body", "says"), READ)
def test_the_value_is_found_in_each_envelope(twin: Twin, operation: str, body: Any, says: dict[str, Any]) -> None:
    value: Any = twin.run(BY_NAME[operation].call(answering(twin, body)))
    assert isinstance(value, WireModel)
    assert type(value) is BY_NAME[operation].gives
    assert {name: getattr(value, name) for name in says} == says
    assert not value.unread


NOT_READ: Final[list[tuple[str, Any, str, str]]] = [
    # operation, body, path, reason
    ("users.get", {}, "", "it has none of the fields of User (it is empty)"),
    ("users.get", {"status": "queued"}, "", "it has none of the fields of User (its keys: status)"),
    ("users.get", {"status": "queued", "request": {"id": "req_1"}}, "", "it has none of the fields of User"),
    (
        "users.get",
        {"organization": {"id": "org_1", "name": "Bean"}},
        "",
        "it has none of the fields of User (its keys: organization)",
    ),
    ("users.get", PASS, "", "it has none of the fields of User (its keys: id, object, userId, templateId, qrCodeVa"),
    ("users.get", {"email": "a@b.c", "data": {"id": "usr_2"}}, "id", "Field required"),
    ("users.get", {"id": ["usr_1"]}, "id", "Input should be a valid string"),
    ("users.get", {"first": USER, "second": USER}, "", "it has more than one User in it (its keys: first, second)"),
    ("users.get", {"id": "usr_1", "error": {"text": "no"}}, "", "it has none of the fields of User"),
    ("users.get", {"id": "usr_1", "success": False}, "", "it has none of the fields of User"),
    ("users.get", {"data": {"data": {"data": {"data": USER}}}}, "", "it has none of the fields of User"),
    ("users.get", {"error": {"user": USER}}, "", "it has none of the fields of User"),
    ("loyalty.get_stamps", PASS, "", "it has none of the fields of StampState"),
    ("loyalty.add_stamp", PASS, "", "it has none of the fields of StampState"),
    ("loyalty.add_stamp", {"status": "queued"}, "", "it has none of the fields of StampState"),
    (
        "loyalty.add_stamp",
        {"id": "he_1", "walletPassId": "wp_1", "type": "stamp.added", "amount": 1},
        "",
        "it has none of the fields of StampState (its keys: id, walletPassId, type, amount)",
    ),
    ("loyalty.get_points", {"points": 12}, "", "it has none of the fields of PointsState (its keys: points)"),
    ("org.settings.get", [1], "", "Input should be an object"),
    ("users.delete", {"success": False, "message": "no"}, "", "it has the shape of an error"),
]


@pytest.mark.parametrize(("operation", "body", "path", "reason"), NOT_READ)
def test_a_response_without_the_value_is_an_error_that_names_its_fields(
    twin: Twin, operation: str, body: Any, path: str, reason: str
) -> None:
    row = BY_NAME[operation]
    with pytest.raises(DecodeError) as caught:
        twin.run(row.call(answering(twin, body)))
    assert caught.value.path == path
    assert caught.value.reason.startswith(reason)
    assert caught.value.outcome_unknown is (row.method != "GET")


def test_an_error_of_stemps_with_a_status_of_success_is_that_error(twin: Twin) -> None:
    client = answering(twin, {"error": {"code": "access_denied", "message": "no"}})
    for operation in ("users.get", "users.list", "users.delete", "org.settings.get", "loyalty.add_stamp"):
        with pytest.raises(PermissionDeniedError, match="access_denied"):
            twin.run(BY_NAME[operation].call(client))


@pytest.mark.parametrize(
    ("body", "settings"),
    [
        ({"locale": "de", "data": {"a": 1}}, {"locale": "de", "data": {"a": 1}}),
        ({"data": {"locale": "de"}}, {"locale": "de"}),
        ({"success": True, "settings": {"locale": "de"}}, {"locale": "de"}),
        ({"data": {"type": "settings", "id": "org_1", "attributes": {"locale": "de"}}}, {"locale": "de"}),
        ({"type": "x", "attributes": ["a"]}, {"type": "x", "attributes": ["a"]}),
        ({"settings": {"a": 1}, "data": {"b": 2}}, {"settings": {"a": 1}, "data": {"b": 2}}),
        ({"theme": "half \ud83d"}, {"theme": "half \ud83d"}),
        ({}, {}),
    ],
)
def test_settings_are_taken_out_of_an_envelope_only_where_it_is_certain(twin: Twin, body: Any, settings: Any) -> None:
    assert twin.run(answering(twin, body).org.settings.get()) == OrganizationSettings.model_construct(settings)


ENCODINGS: Final[list[tuple[bytes, str]]] = [
    (b"\xef\xbb\xbf" + '{"id": "usr_1", "name": "Zoë"}'.encode(), "application/json"),
    ('{"id": "usr_1", "name": "Zoë"}'.encode("utf-16"), "application/json"),
    ('{"id": "usr_1", "name": "Zoë"}'.encode("utf-16-le"), "application/json; charset=utf-16le"),
    ('{"id": "usr_1", "name": "Zoë"}'.encode("utf-32"), "application/json"),
    ('{"id": "usr_1", "name": "Zoë"}'.encode("latin-1"), 'application/json; charset="ISO-8859-1"'),
]


@pytest.mark.parametrize(("body", "content_type"), ENCODINGS)
def test_responses_in_other_encodings_than_utf_8_are_read(twin: Twin, body: bytes, content_type: str) -> None:
    client = answering(twin, body, headers={"content-type": content_type})
    assert twin.run(client.users.get("usr_1")).name == "Zoë"
    assert twin.run(client.users.delete("usr_1")) is None
    assert twin.run(client.org.settings.get())["name"] == "Zoë"


@pytest.mark.parametrize("charset", ["utf-8", "none-such", "utf-16"])
def test_bytes_that_are_not_text_are_an_error(twin: Twin, charset: str) -> None:
    client = answering(twin, b'{"id": "Zo\xeb"}', headers={"content-type": f"application/json; charset={charset}"})
    with pytest.raises(DecodeError, match="the body cannot be read: Invalid JSON"):
        twin.run(client.users.get("usr_1"))


CREATED: Final = ("users.create", "passes.create", "templates.create", "org.members.add")


@pytest.mark.parametrize("operation", CREATED)
@pytest.mark.parametrize("location", ["/api/v1/things/x_9", "https://api.stemp.app/api/v1/things/x%5F9/", "x_9?v=1"])
def test_a_create_without_a_body_takes_the_id_from_location(twin: Twin, operation: str, location: str) -> None:
    client = answering(twin, status=201, headers={"location": location})
    created = twin.run(BY_NAME[operation].call(client))
    assert created.model_dump(exclude_unset=True) == {"id": "x_9"}


@pytest.mark.parametrize(
    ("operation", "location"),
    [
        ("users.create", ""),
        ("users.create", "/"),
        ("users.create", "/api/v1/users"),
        ("users.create", "http://[x/usr_1"),
        ("users.get", "/api/v1/users/usr_9"),
        ("emails.send", "/api/v1/platform/emails/m1"),
        ("api_tokens.create", "/api/v1/api-keys/akt_1"),  # without the token itself it is useless
    ],
)
def test_a_create_without_a_body_and_an_id_in_location_is_an_error(twin: Twin, operation: str, location: str) -> None:
    with pytest.raises(DecodeError, match="it is empty"):
        twin.run(BY_NAME[operation].call(answering(twin, status=201, headers={"location": location})))
