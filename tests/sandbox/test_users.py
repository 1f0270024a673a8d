from __future__ import annotations

import pytest

from tests.support.clocks import StillClock

from .wire import NOT_FOUND, Wire, invalid, mistyped

CREATED_AT = "2027-01-15T08:00:00Z"


def test_a_user_is_exactly_the_documented_object(wire: Wire) -> None:
    user = wire.made("/users", email="jane@example.com", name="Jane", externalId="cust_1", metadata={"tier": ["gold"]})
    assert user["id"].startswith("usr_")
    assert list(user.items()) == [
        ("id", user["id"]),
        ("object", "user"),
        ("email", "jane@example.com"),
        ("name", "Jane"),
        ("phone", None),
        ("externalId", "cust_1"),
        ("metadata", {"tier": ["gold"]}),
        ("createdAt", CREATED_AT),
        ("updatedAt", CREATED_AT),
    ]
    assert tuple(wire.get(f"/users/{user['id']}")) == (200, user)
    assert wire.get("/users").json["content"] == [user]


def test_metadata_is_an_empty_object_unless_given(wire: Wire) -> None:
    assert wire.made("/users", email="jane@example.com")["metadata"] == {}


def test_an_external_id_works_on_get_alone(wire: Wire) -> None:
    user = wire.made("/users", email="jane@example.com", externalId="cust_1")
    assert tuple(wire.get("/users/cust_1")) == (200, user)
    assert tuple(wire.patch("/users/cust_1", {"name": "Jane"})) == NOT_FOUND
    assert tuple(wire.delete("/users/cust_1")) == NOT_FOUND


def test_a_patch_leaves_alone_what_is_absent_and_clears_what_is_null(wire: Wire, clock: StillClock) -> None:
    user = wire.made("/users", email="jane@example.com", name="Jane", phone="1", externalId="c1", metadata={"a": 1})
    clock.now += 60
    changes = {"phone": None, "externalId": None, "metadata": None}
    changed = user | changes | {"updatedAt": "2027-01-15T08:01:00Z"}
    assert tuple(wire.patch(f"/users/{user['id']}", changes)) == (200, changed)
    assert tuple(wire.get(f"/users/{user['id']}")) == (200, changed)
    assert tuple(wire.get("/users/c1")) == NOT_FOUND


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({"email": None}, invalid(email="must not be blank")),
        ({"email": "  "}, invalid(email="must not be blank")),
        ({"email": "jane"}, invalid(email="must be a valid email address")),
        ({"email": "@example.com"}, invalid(email="must be a valid email address")),
        ({"email": "jane@"}, invalid(email="must be a valid email address")),
        ({"email": "j" * 250 + "@e.de"}, invalid(email="must be at most 254 characters")),
        ({"name": "n" * 151}, invalid(name="must be at most 150 characters")),
        ({"phone": "1" * 21}, invalid(phone="must be at most 20 characters")),
        ({"externalId": "c" * 101}, invalid(externalId="must be at most 100 characters")),
        (
            {"name": "n" * 151, "phone": "1" * 21},
            invalid(name="must be at most 150 characters", phone="must be at most 20 characters"),
        ),
        ({"name": 5, "metadata": [], "phone": "1" * 21}, mistyped("name", "metadata")),
        ({"metadata": "gold"}, mistyped("metadata")),
    ],
)
def test_users_that_break_a_rule_are_refused(wire: Wire, fields: dict[str, object], answer: tuple[int, object]) -> None:
    assert tuple(wire.post("/users", {"email": "jane@example.com"} | fields)) == answer
    kofi = wire.made("/users", email="kofi@example.com")
    assert tuple(wire.patch(f"/users/{kofi['id']}", fields)) == answer
    assert wire.get("/users").json["content"] == [kofi]


def test_the_longest_values_of_a_user_are_accepted(wire: Wire) -> None:
    email = "j" * 242 + "@example.com"
    user = wire.made("/users", email=email, name="n" * 150, phone="1" * 20, externalId="c" * 100)
    assert len(user["email"]) == 254


def test_an_email_address_is_required_only_to_create(wire: Wire) -> None:
    assert tuple(wire.post("/users", {})) == invalid(email="must not be blank")
    user = wire.made("/users", email="jane@example.com")
    assert wire.patch(f"/users/{user['id']}", {}).status == 200


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("email", "jane@EXAMPLE.com", "email_already_exists"),
        ("externalId", "cust_1", "external_id_already_exists"),
    ],
)
def test_email_and_external_id_of_a_user_are_unique(wire: Wire, field: str, value: str, rule: str) -> None:
    taken = (422, {"CUSTOM_VALIDATION": {rule: [value]}})
    jane = wire.made("/users", email="Jane@example.com", externalId="cust_1")
    kofi = wire.made("/users", email="kofi@example.com")
    assert tuple(wire.post("/users", {"email": "new@example.com"} | {field: value})) == taken
    assert tuple(wire.patch(f"/users/{kofi['id']}", {field: value})) == taken
    assert wire.patch(f"/users/{jane['id']}", {field: value}).status == 200


def test_all_rules_that_are_broken_are_reported_together(wire: Wire) -> None:
    wire.made("/users", email="jane@example.com")
    wire.made("/users", email="kofi@example.com", externalId="cust_1")
    broken = {"email_already_exists": ["jane@example.com"], "external_id_already_exists": ["cust_1"]}
    fields = {"email": "jane@example.com", "externalId": "cust_1"}
    assert tuple(wire.post("/users", fields)) == (422, {"CUSTOM_VALIDATION": broken})


def test_deleting_a_user_revokes_its_passes(wire: Wire) -> None:
    card, other = wire.card(), wire.card()
    user_id = wire.get(card).json["userId"]
    assert tuple(wire.delete(f"/users/{user_id}")) == (204, None)
    for gone in (card, f"{card}/stamps", f"/users/{user_id}"):
        assert tuple(wire.get(gone)) == NOT_FOUND
    assert [wallet_pass["id"] for wallet_pass in wire.get("/walletpasses").json["content"]] == [other.split("/")[-1]]
