"""Every operation as the API's page states it, once: the table that the tests of the wire go through.

Written by hand from the page and not from ``OPERATIONS``, so that the two have to agree.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import attrs
from pydantic import BaseModel

from stemp_sdk import (
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
    Stemp,
    Template,
    User,
    WalletPass,
    presets,
)

_WHEN: Final = "2026-11-24T08:30:00Z"

TEMPLATE: Final = {"id": "tpl_1", "object": "template", "name": "Coffee", "maxStamps": 10, "createdAt": _WHEN}
PASS: Final = {
    "id": "wp_1",
    "object": "wallet_pass",
    "userId": "usr_1",
    "templateId": "tpl_1",
    "qrCodeValue": "ste.mp/Ab1x",
    "createdAt": _WHEN,
}
STAMPS: Final = {
    "id": "ss_1",
    "walletPassId": "wp_1",
    "currentStamps": 7,
    "maxStampsSnapshot": 10,
    "totalStampsCollected": 17,
    "timesCompleted": 1,
    "lastStampAt": _WHEN,
}
POINTS: Final = {"id": "ps_1", "walletPassId": "wp_1", "balance": 30, "totalPointsCollected": 40, "lastPointsAt": None}
ENTRY: Final = {
    "id": "he_1",
    "walletPassId": "wp_1",
    "type": "stamp.added",
    "amount": 1,
    "note": "Main St",
    "createdAt": _WHEN,
}
USER: Final = {
    "id": "usr_1",
    "object": "user",
    "email": "ada@example.com",
    "name": "Ada",
    "phone": None,
    "externalId": "cust_1",
    "metadata": {"tier": {"level": 2}},
    "createdAt": _WHEN,
    "updatedAt": _WHEN,
}
ORGANIZATION: Final = {"id": "org_1", "object": "organization", "name": "Bean There", "slug": "bean-there"}
SETTINGS: Final = {"locale": "de", "walletBranding": {"colour": "#fff"}, "limits": [1, 2]}
MEMBER: Final = {"id": "mem_1", "object": "member", "email": "bo@example.com", "name": "Bo", "role": "admin"}
API_TOKEN: Final = {
    "id": "akt_1",
    "object": "api_token",
    "name": "Till 1",
    "prefix": "sk_live_abc1",
    "scopes": ["pass:read", "user:read"],
    "expiresAt": None,
    "lastUsedAt": _WHEN,
    "createdAt": _WHEN,
    "createdByEmail": "bo@example.com",
}
EMAIL: Final = {"messageId": "7f0c", "status": "sent"}
LOGGED_EMAIL: Final = {"messageId": "7f0c", "to": "usr_1", "subject": "Hi", "category": "security", "status": "sent"}


@attrs.frozen
class Row:
    """One operation: what it needs, what it sends, what it gives."""

    operation: str
    scope: str
    route: str
    """HTTP method and path."""
    mark: str
    call: Callable[[Stemp], Any]
    id: str = ""
    """What the call puts in the path's ``{id}``."""
    sends: object = None
    """The JSON of the request; None for no body."""
    answers: object = None
    """The JSON of the answer; None for no body."""
    gives: type[BaseModel] | None = None
    """The model of the result, or of a listing's items."""
    once: bool = False
    """True if it must not be sent again when the first answer was lost."""

    @property
    def method(self) -> str:
        return self.route.split()[0]

    @property
    def path(self) -> str:
        return self.route.split()[1]

    @property
    def target(self) -> str:
        """The path with the id filled in."""
        return self.path.replace("{id}", self.id)

    @property
    def lists(self) -> bool:
        """Whether it answers page by page."""
        return isinstance(self.answers, list)


_D: Final = "documented"
_I: Final = "inferred"
_CARD: Final = "/v1/walletpasses/{id}"
_MEMBERS: Final = "/v1/organization/members"

# fmt: off
TABLE: Final = (
    Row("templates.list", "template:read", "GET /v1/templates", _I, lambda c: c.templates.list(),
        answers=[TEMPLATE], gives=Template),
    Row("templates.get", "template:read", "GET /v1/templates/{id}", _I, lambda c: c.templates.get("tpl_1"), "tpl_1",
        answers=TEMPLATE, gives=Template),
    Row("templates.create", "template:create", "POST /v1/templates", _I,
        lambda c: c.templates.create(name="Coffee", description="Ten and one free", type="STAMP", max_stamps=10),
        sends={"name": "Coffee", "description": "Ten and one free", "type": "STAMP", "maxStamps": 10},
        answers=TEMPLATE, gives=Template, once=True),
    Row("templates.update", "template:update", "PATCH /v1/templates/{id}", _I,
        lambda c: c.templates.update("tpl_1", description=None, max_stamps=12), "tpl_1",
        sends={"description": None, "maxStamps": 12}, answers=TEMPLATE, gives=Template),
    Row("templates.delete", "template:delete", "DELETE /v1/templates/{id}", _I,
        lambda c: c.templates.delete("tpl_1"), "tpl_1"),
    Row("passes.list", "pass:read", "GET /v1/walletpasses", _I, lambda c: c.passes.list(),
        answers=[PASS], gives=WalletPass),
    Row("passes.get", "pass:read", "GET /v1/walletpasses/{id}", _I, lambda c: c.passes.get("wp_1"), "wp_1",
        answers=PASS, gives=WalletPass),
    Row("passes.create", "pass:create", "POST /v1/walletpasses", _I,
        lambda c: c.passes.create(template_id="tpl_1", user_id="usr_1"),
        sends={"templateId": "tpl_1", "userId": "usr_1"}, answers=PASS, gives=WalletPass, once=True),
    Row("passes.update", "pass:update", "PATCH /v1/walletpasses/{id}", _I,
        lambda c: c.passes.update("wp_1", template_id="tpl_2"), "wp_1",
        sends={"templateId": "tpl_2"}, answers=PASS, gives=WalletPass),
    Row("passes.delete", "pass:delete", "DELETE /v1/walletpasses/{id}", _I, lambda c: c.passes.delete("wp_1"), "wp_1"),
    Row("loyalty.get_stamps", "pass:read", f"GET {_CARD}/stamps", _D, lambda c: c.loyalty.get_stamps("wp_1"), "wp_1",
        answers=STAMPS, gives=StampState),
    Row("loyalty.add_stamp", "loyalty:manage", f"POST {_CARD}/stamps/add", _D,
        lambda c: c.loyalty.add_stamp("wp_1", note="Main St"), "wp_1",
        sends={"note": "Main St"}, answers=STAMPS, gives=StampState, once=True),
    Row("loyalty.remove_stamp", "loyalty:manage", f"POST {_CARD}/stamps/remove", _D,
        lambda c: c.loyalty.remove_stamp("wp_1"), "wp_1", answers=STAMPS, gives=StampState, once=True),
    Row("loyalty.set_stamps", "loyalty:manage", f"POST {_CARD}/stamps/set", _D,
        lambda c: c.loyalty.set_stamps("wp_1", stamps=7), "wp_1",
        sends={"stamps": 7}, answers=STAMPS, gives=StampState),
    Row("loyalty.reset_stamps", "loyalty:manage", f"POST {_CARD}/stamps/reset", _D,
        lambda c: c.loyalty.reset_stamps("wp_1"), "wp_1", answers=STAMPS, gives=StampState),
    Row("loyalty.redeem_stamps", "loyalty:manage", f"POST {_CARD}/stamps/redeem", _I,
        lambda c: c.loyalty.redeem_stamps("wp_1"), "wp_1", sends={}, answers=STAMPS, gives=StampState, once=True),
    Row("loyalty.stamp_history", "pass:read", f"GET {_CARD}/stamps/history", _D,
        lambda c: c.loyalty.stamp_history("wp_1"), "wp_1", answers=[ENTRY], gives=HistoryEntry),
    Row("loyalty.get_points", "pass:read", f"GET {_CARD}/points", _I, lambda c: c.loyalty.get_points("wp_1"), "wp_1",
        answers=POINTS, gives=PointsState),
    Row("loyalty.add_points", "loyalty:manage", f"POST {_CARD}/points/add", _I,
        lambda c: c.loyalty.add_points("wp_1", points=10, note="Lunch"), "wp_1",
        sends={"points": 10, "note": "Lunch"}, answers=POINTS, gives=PointsState, once=True),
    Row("loyalty.remove_points", "loyalty:manage", f"POST {_CARD}/points/remove", _I,
        lambda c: c.loyalty.remove_points("wp_1", points=10), "wp_1",
        sends={"points": 10}, answers=POINTS, gives=PointsState, once=True),
    Row("loyalty.redeem_points", "loyalty:manage", f"POST {_CARD}/points/redeem", _I,
        lambda c: c.loyalty.redeem_points("wp_1", points=10), "wp_1",
        sends={"points": 10}, answers=POINTS, gives=PointsState, once=True),
    Row("loyalty.points_history", "pass:read", f"GET {_CARD}/points/history", _I,
        lambda c: c.loyalty.points_history("wp_1"), "wp_1", answers=[ENTRY], gives=HistoryEntry),
    Row("users.list", "user:read", "GET /v1/users", _D, lambda c: c.users.list(), answers=[USER], gives=User),
    Row("users.get", "user:read", "GET /v1/users/{id}", _D, lambda c: c.users.get("cust_1"), "cust_1",
        answers=USER, gives=User),
    Row("users.create", "user:create", "POST /v1/users", _D,
        lambda c: c.users.create(email="ada@example.com", external_id="cust_1", metadata={"tier": {"level": 2}}),
        sends={"email": "ada@example.com", "externalId": "cust_1", "metadata": {"tier": {"level": 2}}},
        answers=USER, gives=User, once=True),
    Row("users.update", "user:update", "PATCH /v1/users/{id}", _D,
        lambda c: c.users.update("usr_1", name="Ada", phone=None), "usr_1",
        sends={"name": "Ada", "phone": None}, answers=USER, gives=User),
    Row("users.delete", "user:update", "DELETE /v1/users/{id}", _D, lambda c: c.users.delete("usr_1"), "usr_1"),
    Row("org.get", "org:read", "GET /v1/organization", _I, lambda c: c.org.get(),
        answers=ORGANIZATION, gives=Organization),
    Row("org.update", "org:update", "PATCH /v1/organization", _I, lambda c: c.org.update(name="Bean There"),
        sends={"name": "Bean There"}, answers=ORGANIZATION, gives=Organization),
    Row("org.delete", "org:delete", "DELETE /v1/organization", _I, lambda c: c.org.delete()),
    Row("org.settings.get", "org:settings:read", "GET /v1/organization/settings", _I, lambda c: c.org.settings.get(),
        answers=SETTINGS, gives=OrganizationSettings),
    Row("org.settings.update", "org:settings:update", "PATCH /v1/organization/settings", _I,
        lambda c: c.org.settings.update({"locale": "de", "snake_case": None}),
        sends={"locale": "de", "snake_case": None}, answers=SETTINGS, gives=OrganizationSettings),
    Row("org.members.list", "org:members:read", f"GET {_MEMBERS}", _I, lambda c: c.org.members.list(),
        answers=[MEMBER], gives=Member),
    Row("org.members.get", "org:members:read", f"GET {_MEMBERS}/{{id}}", _I, lambda c: c.org.members.get("mem_1"),
        "mem_1", answers=MEMBER, gives=Member),
    Row("org.members.add", "org:members:manage", f"POST {_MEMBERS}", _I,
        lambda c: c.org.members.add(email="bo@example.com", role="admin"),
        sends={"email": "bo@example.com", "role": "admin"}, answers=MEMBER, gives=Member, once=True),
    Row("org.members.update_role", "org:members:manage", f"PATCH {_MEMBERS}/{{id}}", _I,
        lambda c: c.org.members.update_role("mem_1", role="janitor"), "mem_1",
        sends={"role": "janitor"}, answers=MEMBER, gives=Member),
    Row("org.members.remove", "org:members:manage", f"DELETE {_MEMBERS}/{{id}}", _I,
        lambda c: c.org.members.remove("mem_1"), "mem_1"),
    Row("api_tokens.list", "api_token:manage", "GET /v1/api-keys", _D, lambda c: c.api_tokens.list(),
        answers=[API_TOKEN], gives=ApiToken),
    Row("api_tokens.create", "api_token:manage", "POST /v1/api-keys", _D,
        lambda c: c.api_tokens.create(name="Till 1", scopes=presets.POS, expires_at=datetime(2027, 1, 1, tzinfo=UTC)),
        sends={"name": "Till 1", "scopes": ["loyalty:manage", "pass:create", "pass:read", "user:read"],
               "expiresAt": "2027-01-01T00:00:00Z"},
        answers={"token": "sk_live_new", "apiToken": API_TOKEN}, gives=CreatedApiToken, once=True),
    Row("api_tokens.revoke", "api_token:manage", "DELETE /v1/api-keys/{id}", _I,
        lambda c: c.api_tokens.revoke("akt_1"), "akt_1"),
    Row("emails.send", "platform:email:send", "POST /v1/platform/emails", _D,
        lambda c: c.emails.send(
            to="usr_1", subject="Hi", html_body="<img src='cid:logo'>", category="security", text_body="Hi",
            attachments=[Attachment(filename="a.png", content_type="image/png", content_id="logo", content=b"\x89P")]),
        sends={"to": "usr_1", "subject": "Hi", "htmlBody": "<img src='cid:logo'>", "category": "security",
               "textBody": "Hi", "attachments": [{"filename": "a.png", "contentType": "image/png",
                                                  "contentId": "logo", "content": "iVA="}]},
        answers=EMAIL, gives=SentEmail, once=True),
    Row("emails.logs", "platform:email:send", "GET /v1/platform/emails", _I, lambda c: c.emails.logs(),
        answers=[LOGGED_EMAIL], gives=EmailLogEntry),
)
# fmt: on

BY_NAME: Final = {row.operation: row for row in TABLE}
