"""The events that webhooks send, and that the receiver of the SDK understands them."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any, get_args

import pytest

from stemp_sdk.sandbox import Sandbox
from stemp_sdk.webhooks import KnownEvent, StampAdded, UnknownEvent, Verifier

from .endpoint import Shop
from .identity import AppSide, answer_in
from .wire import Wire

NOW = "2027-01-15T08:00:00Z"


@pytest.fixture
def shop() -> Shop:
    return Shop()


def told(shop: Shop, sandbox: Sandbox) -> list[tuple[str, dict[str, Any]]]:
    """Type and data of what was told since."""
    shop.got.clear()
    sandbox.webhooks.deliver()
    return [(event["type"], event["data"]) for event in shop.events]


def test_users(sandbox: Sandbox, wire: Wire, shop: Shop) -> None:
    shop.listen(sandbox)
    user = wire.made("/users", email="jane@example.com", name="Jane", externalId="c1", metadata={"tier": "gold"})
    data = {key: user[key] for key in ("id", "object", "email", "name", "phone", "externalId")}
    assert told(shop, sandbox) == [("user.created", {**data, "createdAt": NOW})]
    wire.patch(f"/users/{user['id']}", {"phone": "+49"})
    assert told(shop, sandbox) == [("user.updated", {**data, "phone": "+49", "updatedAt": NOW})]
    wire.delete(f"/users/{user['id']}")
    assert told(shop, sandbox) == [("user.deleted", {"id": user["id"], "object": "user"})]


def test_cards(sandbox: Sandbox, wire: Wire, shop: Shop) -> None:
    card = wire.card()
    other = wire.made("/users", email="kim@example.com")["id"]
    shop.listen(sandbox)
    wallet_pass = wire.get(card).json
    template_id, user_id = wallet_pass["templateId"], wallet_pass["userId"]
    created = wire.made("/walletpasses", templateId=template_id, userId=user_id)
    assert told(shop, sandbox) == [("pass.created", created)]
    assert [*created] == ["id", "object", "userId", "templateId", "qrCodeValue", "createdAt"]
    wire.patch(card, {"userId": other})
    assert told(shop, sandbox) == [("pass.updated", {**wallet_pass, "userId": other})]
    wire.delete(card)
    assert told(shop, sandbox) == [("pass.deleted", {"id": wallet_pass["id"], "object": "wallet_pass"})]


def test_a_deleted_user_takes_the_cards_along(sandbox: Sandbox, wire: Wire, shop: Shop) -> None:
    card = wire.get(wire.card()).json
    wire.card()
    shop.listen(sandbox)
    wire.delete(f"/users/{card['userId']}")
    assert [(kind, data["id"]) for kind, data in told(shop, sandbox)] == [
        ("pass.deleted", card["id"]),
        ("user.deleted", card["userId"]),
    ]


def test_stamps(sandbox: Sandbox, wire: Wire, shop: Shop) -> None:
    card = wire.card(maxStamps=1)
    shop.listen(sandbox)
    states = [
        wire.post(f"{card}/stamps/{change}", body).json
        for change, body in [
            ("add", {"note": "Main St"}),
            ("remove", None),
            ("set", {"stamps": 1}),
            ("redeem", None),
            ("reset", None),
        ]
    ]
    types = ["stamp.created", "stamp.removed", "stamp.updated", "stamp.redeemed", "stamp.deleted"]
    assert told(shop, sandbox) == [*zip(types, states, strict=True)]


def test_points_are_told_of_as_a_change_of_the_card(sandbox: Sandbox, wire: Wire, shop: Shop) -> None:
    card = wire.card()
    shop.listen(sandbox)
    wire.post(f"{card}/points/add", {"points": 5})
    wire.post(f"{card}/points/redeem", {"points": 2})
    assert told(shop, sandbox) == [("pass.updated", wire.get(card).json)] * 2


def test_apps(sandbox: Sandbox, app_side: AppSide, shop: Shop) -> None:
    shop.listen(sandbox)
    app_side.tokens()
    (installed,) = sandbox.apps.installations
    data = {
        "organizationId": installed.organization_id,
        "clientId": installed.client_id,
        "scopes": list(installed.scopes),
        "installationId": installed.id,
    }
    assert told(shop, sandbox) == [("app.installed", data)]
    app_side.tokens()  # consents once more: nothing new is installed
    assert told(shop, sandbox) == []
    sandbox.apps.uninstall(installed.id)
    assert told(shop, sandbox) == [("app.uninstalled", data)]


def test_an_organization_that_is_deleted_has_no_apps(
    sandbox: Sandbox, wire: Wire, app_side: AppSide, shop: Shop
) -> None:
    app_side.tokens()
    other = sandbox.add_organization("Second Shop").id
    app_side.redeem(answer_in(sandbox.consent.allow(app_side.authorize_url(), organization_id=other))["code"])
    shop.listen(sandbox)
    assert wire.delete("/organization").status == 204
    assert [kind for kind, _ in told(shop, sandbox)] == ["app.uninstalled"]
    assert [installed.organization_id for installed in sandbox.apps.installations] == [other]


def test_what_is_refused_is_not_told(sandbox: Sandbox, wire: Wire, shop: Shop) -> None:
    card = wire.card(maxStamps=1)
    shop.listen(sandbox)
    for answer in (
        wire.post("/users", {"email": "no address"}),
        wire.post(f"{card}/stamps/redeem"),
        wire.patch(card, {"userId": "usr_none"}),
        wire.delete("/users/usr_none"),
    ):
        assert answer.status >= 400
    assert told(shop, sandbox) == []


def test_an_event_tells_what_was_true_when_it_happened(sandbox: Sandbox, wire: Wire, shop: Shop) -> None:
    shop.listen(sandbox)
    user = wire.made("/users", email="jane@example.com", name="Jane")
    wire.patch(f"/users/{user['id']}", {"name": "Janet"})
    assert [data["name"] for _, data in told(shop, sandbox)] == ["Jane", "Janet"]


def test_each_organization_has_its_own_endpoints(sandbox: Sandbox, wire: Wire) -> None:
    second_shop = sandbox.add_organization("Second Shop").id
    first = sandbox.organizations[0].id
    everyone, ours, theirs = Shop(), Shop(), Shop()
    everyone.listen(sandbox)
    ours.listen(sandbox, organization_id=first)
    theirs.listen(sandbox, organization_id=second_shop)
    wire.made("/users", email="jane@example.com")
    sandbox.seed_demo(second_shop)
    sandbox.webhooks.deliver()
    assert ours.types == ["user.created"]
    assert everyone.types == ["user.created", *theirs.types]
    assert theirs.types[:3] == ["user.created"] * 3
    assert ours.events[0]["id"] == everyone.events[0]["id"]
    assert ours.ids[0] != everyone.ids[0]


def test_the_documented_headers(sandbox: Sandbox, wire: Wire, shop: Shop) -> None:
    endpoint = shop.listen(sandbox, secret="whsec_mine")
    assert endpoint.secret == "whsec_mine"
    wire.made("/users", email="jane@example.com")
    (delivery,) = sandbox.webhooks.deliver()
    (request,) = shop.got
    digest = hmac.new(b"whsec_mine", request.content, hashlib.sha256).hexdigest()
    assert request.headers["X-Stemp-Signature"] == f"sha256={digest}"
    assert request.headers["X-Stemp-Event"] == "user.created"
    assert request.headers["X-Stemp-Delivery"] == delivery.id
    assert request.headers["Content-Type"] == "application/json"
    (event,) = shop.events
    assert [*event] == ["id", "type", "timestamp", "data"]
    assert (event["id"], event["timestamp"]) == (delivery.event_id, NOW)
    assert event["id"].startswith("evt_")


def test_the_receiving_half_knows_every_event(sandbox: Sandbox, wire: Wire, app_side: AppSide, shop: Shop) -> None:
    endpoint = shop.listen(sandbox)
    card = wire.card(maxStamps=1)
    for change, body in [("add", None), ("remove", None), ("set", {"stamps": 1}), ("redeem", None), ("reset", None)]:
        wire.post(f"{card}/stamps/{change}", body)
    user_id = wire.get(card).json["userId"]
    wire.patch(f"/users/{user_id}", {"name": "Kim"})
    wire.patch(card, {})
    wire.delete(f"/users/{user_id}")
    app_side.tokens()
    sandbox.apps.uninstall(sandbox.apps.installations[0].id)
    sandbox.webhooks.deliver()
    verifier = Verifier(endpoint.secret)
    events = [verifier.verify(request.content, request.headers) for request in shop.got]
    assert not [event for event in events if isinstance(event, UnknownEvent) or event.model_extra]
    assert not [event for event in events if event.data is None or event.data.model_extra]
    assert {type(event) for event in events} == {*get_args(KnownEvent)} - {StampAdded}
