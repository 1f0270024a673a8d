"""Every field says what it is and where that is known from, in ``model_fields`` and in the JSON schema."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any, Final, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel

from stemp_sdk import Member, Provenance, SentEmail, Stemp, models, webhooks
from stemp_sdk.models import EmailCategory, EmailLogEntry, EmailStatus, HistoryEntry, HistoryType, MemberRole, User
from stemp_sdk.models._events import Deleted, EventInstallation, EventPass, EventStamps, EventUser
from stemp_sdk.models._users import NewUser
from tests.support.twins import Twin
from tests.wire.variants import answering

PUBLIC: Final[list[type[BaseModel]]] = [
    value
    for package in (models, webhooks)
    for value in (getattr(package, name) for name in package.__all__)
    if isinstance(value, type) and issubclass(value, BaseModel)
]
PAYLOADS: Final = [Deleted, EventInstallation, EventPass, EventStamps, EventUser]
#: Payload or event -> its fields that the vendor documents. The others are inferred.
DOCUMENTED: Final[dict[type[BaseModel], set[str]]] = {
    models.Attachment: set(),
    models.CreatedApiToken: {"token", "api_token"},
    models.OrganizationSettings: set(),
    SentEmail: {"message_id", "status"},
    Deleted: {"id", "object"},
    EventInstallation: set(),
    EventStamps: set(),
    EventUser: {"id", "object", "email", "name", "phone", "external_id", "created_at", "updated_at"},
    EventPass: {"id", "object", "user_id", "template_id", "qr_code_value", "created_at"},
    webhooks.UserData: {"id", "object", "email", "name", "phone", "external_id", "created_at", "updated_at"},
    webhooks.UserDeleted: {"id", "type", "timestamp", "data"},
    webhooks.PassUpdated: {"id", "type", "timestamp", "data"},
    webhooks.PassDeleted: {"id", "timestamp"},
    webhooks.StampCreated: {"id", "type", "timestamp"},
    webhooks.StampRedeemed: {"id", "timestamp"},
    webhooks.AppInstalled: {"id", "timestamp"},
    webhooks.UnknownEvent: {"id", "type", "timestamp", "data"},
}


def provenance(model: type[BaseModel], name: str) -> Provenance:
    extra: Any = model.model_fields[name].json_schema_extra
    return Provenance(extra["x-stemp-provenance"])


@pytest.mark.parametrize("model", [*PUBLIC, *PAYLOADS])
def test_every_field_has_a_description_and_a_provenance(model: type[BaseModel]) -> None:
    assert model.model_fields or model is models.WireModel
    for name, field in model.model_fields.items():
        assert re.fullmatch(r"[A-Z].+\.", field.description or ""), f"{model.__name__}.{name}"
        assert provenance(model, name) in Provenance


@pytest.mark.parametrize("model", DOCUMENTED)
def test_the_provenance_of_a_field_is_that_of_the_vendors_pages(model: type[BaseModel]) -> None:
    found = {name for name in model.model_fields if provenance(model, name) is Provenance.DOCUMENTED}
    assert found == DOCUMENTED[model]


def test_the_json_schema_of_a_field_has_its_description_and_its_provenance() -> None:
    fields = Member.model_json_schema()["properties"]
    assert fields["id"] == {
        "description": "The member's id, ``mem_…``.",
        "title": "Id",
        "type": "string",
        "x-stemp-provenance": "documented",
    }
    assert fields["name"]["x-stemp-provenance"] == "inferred"


def test_a_program_without_its_source_has_the_descriptions() -> None:
    # -OO removes the docstrings, as does a program that is packed without its source.
    code = """
from stemp_sdk import User
from stemp_sdk.webhooks import UserCreated
print(User.model_fields["name"].description, UserCreated.model_fields["data"].description, User.__doc__)
"""
    shown = subprocess.check_output([sys.executable, "-OO", "-c", code], text=True)
    described = "The customer's name, at most 150 characters. The customer; only the id of one who was deleted."
    assert shown == f"{described} None\n"


def test_a_model_of_the_users_own_is_left_as_it_is() -> None:
    class Reward(models.WireModel):
        title: str | None = None

    assert (Reward.model_fields["title"].description, Reward.model_fields["title"].json_schema_extra) == (None, None)


@pytest.mark.parametrize("model", [User, EventUser])
def test_a_described_limit_is_the_one_that_is_sent_and_checked_by_the_server(model: type[BaseModel]) -> None:
    described = {
        name: int(limit[1])
        for name, field in model.model_fields.items()
        if (limit := re.search(r"at most (\d+) characters", field.description or ""))
    }
    sent = {name: field.json_schema_extra for name, field in NewUser.model_fields.items() if field.json_schema_extra}
    assert {name: {"maxLength": limit} for name, limit in described.items()} == sent


OPEN: Final[list[tuple[type[BaseModel], str, Any]]] = [
    (Member, "role", MemberRole),
    (HistoryEntry, "type", HistoryType),
    (SentEmail, "status", EmailStatus),
    (EmailLogEntry, "status", EmailStatus),
    (EmailLogEntry, "category", EmailCategory),
]


def known(kind: Any) -> list[str]:
    """The literals in ``Literal[…] | str``."""
    return [value for one in get_args(kind) if get_origin(one) is Literal for value in get_args(one)]


@pytest.mark.parametrize(("model", "name", "kind"), OPEN)
def test_the_known_values_of_an_open_set_are_in_the_json_schema(model: type[BaseModel], name: str, kind: Any) -> None:
    text, null = model.model_json_schema()["properties"][name]["anyOf"]
    assert known(kind)
    assert text == {"type": "string", "x-extensible-enum": known(kind)}
    assert null == {"type": "null"}


def test_all_open_sets_are_tested() -> None:
    listed = [
        (model, name)
        for model in PUBLIC
        for name, field in model.model_json_schema().get("properties", {}).items()
        if "x-extensible-enum" in json.dumps(field)
    ]
    assert {(model, name) for model, name, _ in OPEN} == {*listed}


@pytest.mark.parametrize("role", ["owner", "barista", ""])
def test_a_value_that_is_not_known_is_read_like_any_other(twin: Twin, role: str) -> None:
    member = twin.run(answering(twin, {"id": "mem_1", "role": role}).org.members.get("mem_1"))
    assert (member.role, member.unread) == (role, ())


def test_an_inferred_value_may_be_a_number_and_a_documented_one_may_not(twin: Twin) -> None:
    member = twin.run(answering(twin, {"id": "mem_1", "role": 7}).org.members.get("mem_1"))
    assert (member.role, member.unread) == ("7", ())
    sent = twin.run(send(answering(twin, {"messageId": "m-1", "status": 7})))
    assert (sent.status, sent.unread, sent.model_extra) == (None, ("status",), {"status": 7})


def send(client: Stemp) -> SentEmail:
    return client.emails.send(to="usr_1", subject="s", html_body="h", category="digest")


def test_dir_has_what_the_package_exports() -> None:
    assert dir(models) == sorted(models.__all__)
