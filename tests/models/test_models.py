"""Models read tolerantly and never guess; bodies are written strictly."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from stemp_sdk import (
    OMIT,
    ApiToken,
    Attachment,
    CreatedApiToken,
    EmailLogEntry,
    HistoryEntry,
    Member,
    Organization,
    OrganizationSettings,
    PointsState,
    SentEmail,
    StampState,
    Template,
    User,
    WalletPass,
    presets,
)
from stemp_sdk.models._api_tokens import NewApiToken
from stemp_sdk.models._emails import NewEmail
from stemp_sdk.models._loyalty import StampCount
from stemp_sdk.models._org import SettingsChanges
from stemp_sdk.models._users import NewUser, UserChanges

WITH_ID = [User, WalletPass, Template, Member, ApiToken]
WITHOUT_ID = [StampState, PointsState, HistoryEntry, Organization, EmailLogEntry]


def parse(model: type[BaseModel], body: Any) -> Any:
    return model.model_validate_json(json.dumps(body))


@pytest.mark.parametrize("model", WITH_ID)
def test_all_fields_but_the_id_may_be_missing_or_null(model: type[BaseModel]) -> None:
    nulls = {field.alias: None for name, field in model.model_fields.items() if name != "id"}
    for body in ({"id": "x_1"}, {"id": "x_1", **nulls}):
        value = parse(model, body)
        assert value.id == "x_1"
        assert {name for name in model.model_fields if getattr(value, name) is not None} == {"id"}
    with pytest.raises(ValidationError):
        parse(model, {})


@pytest.mark.parametrize("model", WITHOUT_ID)
def test_all_fields_of_a_value_without_an_id_may_be_missing(model: type[BaseModel]) -> None:
    assert all(getattr(parse(model, {}), name) is None for name in model.model_fields)


def test_unknown_fields_are_kept_and_values_cannot_be_changed() -> None:
    user = parse(User, {"id": "usr_1", "externalId": "c-1", "loyaltyTier": "gold"})
    assert (user.external_id, user.model_extra) == ("c-1", {"loyaltyTier": "gold"})
    with pytest.raises(ValidationError, match="frozen"):
        user.name = "Jane"


@pytest.mark.parametrize("wrong", [7, True, ["usr_1"], {"id": "usr_1"}])
def test_no_value_is_turned_into_a_string(wrong: Any) -> None:
    with pytest.raises(ValidationError):
        parse(User, {"id": "usr_1", "name": wrong})


def test_a_number_as_an_id_is_read_as_a_string() -> None:
    card = parse(WalletPass, {"id": 7, "userId": 8, "templateId": 9})
    assert (card.id, card.user_id, card.template_id) == ("7", "8", "9")
    with pytest.raises(ValidationError):
        parse(WalletPass, {"id": True})


@pytest.mark.parametrize("wrong", ["seven", True, 7.5, [7]])
def test_a_value_that_is_not_a_whole_number_is_not_turned_into_one(wrong: Any) -> None:
    with pytest.raises(ValidationError):
        parse(StampState, {"currentStamps": wrong})


def test_timestamps_carry_their_time_zone() -> None:
    assert parse(User, {"id": "usr_1", "createdAt": "2026-03-02T08:40:00Z"}).created_at == datetime(
        2026, 3, 2, 8, 40, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("state", "is_full"),
    [
        ({"currentStamps": 9, "maxStampsSnapshot": 10}, False),
        ({"currentStamps": 10, "maxStampsSnapshot": 10}, True),
        ({"currentStamps": 11, "maxStampsSnapshot": 10}, True),
        ({"currentStamps": 10}, None),
        ({"maxStampsSnapshot": 10}, None),
    ],
)
def test_a_card_is_full_when_it_is_known_to_be(state: dict[str, int], is_full: bool | None) -> None:
    assert parse(StampState, state).is_full is is_full


def test_a_token_record_has_its_scopes_as_a_set() -> None:
    assert list(parse(ApiToken, {"id": "akt_1", "scopes": ["stamp:burn", "pass:read"]}).scopes) == [
        "pass:read",
        "stamp:burn",
    ]
    with pytest.raises(ValidationError, match="must be a list of scope names"):
        parse(ApiToken, {"id": "akt_1", "scopes": "pass:read"})


def test_a_new_token_is_masked() -> None:
    answer = {"token": "sk_live_shown_once", "apiToken": {"id": "akt_1"}, "secretCopy": "sk_live_shown_once"}
    created = parse(CreatedApiToken, answer)
    assert created.token.get_secret_value() == "sk_live_shown_once"
    assert "shown_once" not in f"{created!r} {created}"
    assert "akt_1" in repr(created)
    with pytest.raises(TypeError, match=r"^a new API token cannot be pickled"):
        pickle.dumps(created)
    assert copy.deepcopy(created) == created


def test_settings_read_like_a_dict() -> None:
    settings = parse(OrganizationSettings, {"locale": "en", "theme": {"dark": True}})
    assert settings["locale"] == "en"
    assert settings.get("nothing", "else") == "else"
    assert "theme" in settings
    assert len(settings) == 2
    assert dict(settings) == {"locale": "en", "theme": {"dark": True}}
    assert list(settings) == list(settings.keys()) == ["locale", "theme"]


def test_a_sent_email_is_known_by_its_id() -> None:
    assert parse(SentEmail, {"messageId": "m-1", "status": "sent"}).message_id == "m-1"


def written(body: BaseModel) -> Any:
    return json.loads(body.model_dump_json(by_alias=True, exclude_unset=True))


def test_an_argument_that_is_not_given_is_not_sent() -> None:
    assert written(NewUser.of(email="jane@example.com", name=None, external_id="c-1")) == {
        "email": "jane@example.com",
        "externalId": "c-1",
    }


def test_a_change_distinguishes_absent_from_null() -> None:
    assert written(UserChanges.of(name=None, phone=OMIT, email="jane@example.com")) == {
        "name": None,
        "email": "jane@example.com",
    }
    assert repr(OMIT) == "OMIT"


def test_scopes_and_times_are_written_as_the_wire_has_them() -> None:
    expires_at = datetime(2026, 12, 24, 18, tzinfo=UTC)
    assert written(NewApiToken.of(name="till", scopes=presets.POS, expires_at=expires_at)) == {
        "name": "till",
        "scopes": ["loyalty:manage", "pass:create", "pass:read", "user:read"],
        "expiresAt": "2026-12-24T18:00:00Z",
    }


def test_an_attachment_travels_as_standard_base64() -> None:
    logo = Attachment(filename="logo.png", content_type="image/png", content_id="logo", content=b"\xfb\xff\xfe")
    mail = NewEmail.of(to="usr_1", subject="Hi", html_body="<img src='cid:logo'>", category="news", attachments=[logo])
    assert written(mail)["attachments"] == [
        {"filename": "logo.png", "contentType": "image/png", "contentId": "logo", "content": "+//+"}
    ]


def settings(value: Any) -> object:
    return SettingsChanges.of(value)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: NewUser.of(email=7), "email: Input should be a valid string, not int"),
        (lambda: NewUser.of(email=None), "email must be given, and not None"),
        (lambda: NewUser.of(email="a", metadata={"since": {1, 2}}), r"metadata \(at since\): .*, not set"),
        (lambda: NewUser.of(email="a", metadata=["gold"]), "metadata: .*, not list"),
        (lambda: StampCount.of(stamps="7"), "stamps: Input should be a valid integer, not str"),
        (lambda: StampCount.of(stamps=True), "stamps: Input should be a valid integer, not bool"),
        (
            lambda: NewApiToken.of(name="x", scopes=presets.POS, expires_at=datetime.fromisoformat("2026-01-01")),
            "expires_at: Input should have timezone info, not datetime",
        ),
        (lambda: settings(7), "settings must be a mapping, not int"),
        (lambda: settings({"locale": object()}), r"settings \(at locale\): .*, not object"),
    ],
)
def test_an_argument_of_the_wrong_type_is_named(make: Any, message: str) -> None:
    with pytest.raises(TypeError, match=f"^{message}"):
        make()
