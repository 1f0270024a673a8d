from __future__ import annotations

import pytest

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
