from __future__ import annotations

import pytest

from tests.support.clocks import StillClock

from .wire import NOT_FOUND, Wire, conflict, invalid, mistyped


def test_a_template_is_made_read_changed_and_deleted(wire: Wire, clock: StillClock) -> None:
    template = wire.made("/templates", name="Coffee card", type="stamps", maxStamps=8)
    assert template == {
        "id": template["id"],
        "object": "template",
        "name": "Coffee card",
        "description": None,
        "type": "stamps",
        "maxStamps": 8,
        "createdAt": "2027-01-15T08:00:00Z",
        "updatedAt": "2027-01-15T08:00:00Z",
    }
    assert template["id"].startswith("tpl_")
    clock.now += 1.5
    path = f"/templates/{template['id']}"
    changes = {"description": "One in ten", "type": None}
    changed = template | changes | {"updatedAt": "2027-01-15T08:00:01Z"}
    assert tuple(wire.patch(path, changes)) == (200, changed)
    assert tuple(wire.get(path)) == (200, changed)
    assert wire.get("/templates").json["content"] == [changed]
    assert tuple(wire.delete(path)) == (204, None)
    for method in ("GET", "PATCH", "DELETE"):
        assert tuple(wire.send(method, path)) == NOT_FOUND


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({"name": None}, invalid(name="must not be blank")),
        ({"maxStamps": 0}, invalid(maxStamps="must be greater than or equal to 1")),
        ({"maxStamps": 11}, invalid(maxStamps="must be less than or equal to 10")),
        ({"maxStamps": True}, mistyped("maxStamps")),
        ({"maxStamps": 5.0}, mistyped("maxStamps")),
    ],
)
def test_templates_that_break_a_rule_are_refused(
    wire: Wire, fields: dict[str, object], answer: tuple[int, object]
) -> None:
    assert tuple(wire.post("/templates", {"name": "Card"} | fields)) == answer


def test_a_template_with_cards_cannot_be_deleted(wire: Wire) -> None:
    card = wire.card()
    path = f"/templates/{wire.get(card).json['templateId']}"
    assert tuple(wire.delete(path)) == conflict("template_in_use")
    wire.delete(card)
    assert wire.delete(path).status == 204
