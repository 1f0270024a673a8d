from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import pytest

from stemp_sdk.sandbox import Sandbox, SandboxRequest
from stemp_sdk.sandbox._tokens import Tokens
from stemp_sdk.scopes import ORG_DELETE, ORG_READ
from tests.support.clocks import StillClock

from .wire import NOT_FOUND, Wire, conflict, invalid, mistyped


def test_the_organization_is_read_and_changed(wire: Wire, clock: StillClock) -> None:
    organization = wire.get("/organization").json
    assert organization.keys() == {"id", "object", "name", "slug", "createdAt", "updatedAt"}
    assert organization["object"] == "organization"
    clock.now += 1
    changed = organization | {"name": "Two Beans", "updatedAt": "2027-01-15T08:00:01Z"}
    assert tuple(wire.patch("/organization", {"name": "Two Beans"})) == (200, changed)
    for field in ("name", "slug"):
        assert tuple(wire.patch("/organization", {field: ""})) == invalid(**{field: "must not be blank"})
    assert tuple(wire.patch("/organization", {"name": []})) == mistyped("name")
    assert wire.get("/organization").json == changed


def test_changed_settings_are_merged(wire: Wire) -> None:
    settings = wire.get("/organization/settings").json
    changes = {"timezone": None, "opens": {"monday": 8}}
    assert tuple(wire.patch("/organization/settings", changes)) == (200, settings | changes)
    assert wire.get("/organization/settings").json == settings | changes


def test_a_deleted_organization_takes_every_token_with_it(wire: Wire, app: Wire) -> None:
    assert tuple(wire.delete("/organization")) == (204, None)
    for gone in (wire, app):
        assert gone.get("/organization").status == 401
        assert gone.get("/users").status == 401


def test_a_member_is_added_read_changed_and_removed(wire: Wire) -> None:
    owner = wire.get("/organization/members").json["content"][0]
    member = wire.made("/organization/members", email="max@example.com", role="barista")
    assert member == {
        "id": member["id"],
        "object": "member",
        "email": "max@example.com",
        "name": None,
        "role": "barista",
        "createdAt": "2027-01-15T08:00:00Z",
    }
    assert member["id"].startswith("mem_")
    path = f"/organization/members/{member['id']}"
    assert tuple(wire.get(path)) == (200, member)
    assert tuple(wire.patch(path, {"role": "admin"})) == (200, member | {"role": "admin"})
    assert wire.get("/organization/members").json["content"] == [owner, member | {"role": "admin"}]
    assert tuple(wire.delete(path)) == (204, None)
    for method in ("GET", "PATCH", "DELETE"):
        assert tuple(wire.send(method, path, {"role": "admin"})) == NOT_FOUND


def test_a_deleted_organization_is_none_of_the_sandboxs(wire: Wire) -> None:
    sandbox = wire.sandbox
    deleted, other = sandbox.organizations[0], sandbox.add_organization("Harbour Books")
    wire.delete("/organization")
    assert sandbox.organizations == [other]
    assert Wire(sandbox, sandbox.issue_token(ORG_READ)).get("/organization").json["id"] == other.id
    calls: list[Callable[..., object]] = [
        sandbox.issue_token,
        sandbox.seed_demo,
        partial(sandbox.webhooks.add, "https://shop.example/"),
        partial(sandbox.consent.allow, "https://app.example/"),
    ]
    for call in calls:
        with pytest.raises(KeyError, match=deleted.id):
            call(organization_id=deleted.id)
    Wire(sandbox, sandbox.issue_token(ORG_DELETE, organization_id=other.id)).delete("/organization")
    with pytest.raises(KeyError, match="an organization"):
        sandbox.issue_token()


@pytest.mark.parametrize("path", ["/outbox", "/webhooks", "/apps", "/_sandbox/clock"])
def test_a_token_of_a_deleted_organization_opens_no_page(path: str) -> None:
    sandbox = Sandbox(remote_control=True)
    token = sandbox.issue_token(ORG_DELETE)
    headers = {"host": "192.168.0.2", "authorization": f"Bearer {token}"}

    def status() -> int:
        return sandbox.handle(SandboxRequest.to("GET", path, headers, b"", peer="192.168.0.7")).status

    assert status() == 200
    Wire(sandbox, token).delete("/organization")
    assert status() == 401


@pytest.mark.parametrize("path", ["/outbox", "/webhooks", "/apps", "/_sandbox/clock"])
def test_tokens_for_pages_are_looked_up_under_the_lock(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox: Any = Sandbox(remote_control=True)
    headers = {"host": "192.168.0.2", "authorization": f"Bearer {sandbox.issue_token(ORG_READ)}"}
    find, locked = Tokens.find, list[bool]()

    def noted(self: Tokens, secret: str, now: datetime) -> object:
        locked.append(sandbox._lock.locked())
        return find(self, secret, now)

    monkeypatch.setattr(Tokens, "find", noted)
    assert sandbox.handle(SandboxRequest.to("GET", path, headers, b"", peer="192.168.0.7")).status == 200
    assert locked == [True]


def test_a_member_is_not_added_twice(wire: Wire) -> None:
    wire.made("/organization/members", email="Max@example.com", role="member")
    for email in ("max@example.com", "MAX@example.com"):
        taken = (422, {"CUSTOM_VALIDATION": {"email_already_exists": [email]}})
        assert tuple(wire.post("/organization/members", {"email": email, "role": "member"})) == taken


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({"email": None}, invalid(email="must not be blank")),
        ({"email": "max"}, invalid(email="must be a valid email address")),
        ({"role": None}, invalid(role="must not be blank")),
        ({"role": 1}, mistyped("role")),
    ],
)
def test_members_that_break_a_rule_are_refused(
    wire: Wire, fields: dict[str, object], answer: tuple[int, object]
) -> None:
    body = {"email": "max@example.com", "role": "member"} | fields
    assert tuple(wire.post("/organization/members", body)) == answer


def test_the_last_owner_stays(wire: Wire) -> None:
    owner = f"/organization/members/{wire.get('/organization/members').json['content'][0]['id']}"
    assert tuple(wire.delete(owner)) == conflict("last_owner")
    assert tuple(wire.patch(owner, {"role": "member"})) == conflict("last_owner")
    assert wire.patch(owner, {"role": "owner"}).status == 200
    assert tuple(wire.patch(owner, {})) == invalid(role="must not be blank")
    assert wire.get(owner).json["role"] == "owner"
    wire.made("/organization/members", email="max@example.com", role="owner")
    assert wire.delete(owner).status == 204
