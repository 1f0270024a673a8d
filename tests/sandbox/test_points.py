from __future__ import annotations

import pytest

from tests.support.clocks import StillClock

from .wire import Wire, conflict, invalid, mistyped


def test_points_are_added_taken_back_and_spent(wire: Wire, clock: StillClock) -> None:
    card = wire.card()
    state = wire.get(f"{card}/points").json
    assert state == {
        "id": state["id"],
        "walletPassId": card.removeprefix("/walletpasses/"),
        "balance": 0,
        "totalPointsCollected": 0,
        "lastPointsAt": None,
    }
    for action, points, balance in [("add", 25, 25), ("add", 5, 30), ("remove", 5, 25), ("redeem", 25, 0)]:
        status, state = wire.post(f"{card}/points/{action}", {"points": points, "note": action.upper()})
        assert (status, state["balance"]) == (200, balance)
        clock.now += 1
    assert state == wire.get(f"{card}/points").json
    assert state == state | {"totalPointsCollected": 30, "lastPointsAt": "2027-01-15T08:00:01Z"}
    entries = wire.get(f"{card}/points/history").json["content"]
    assert [(entry["type"], entry["amount"], entry["note"]) for entry in entries] == [
        ("redeem", -25, "REDEEM"),
        ("remove", -5, "REMOVE"),
        ("add", 5, "ADD"),
        ("add", 25, "ADD"),
    ]
    assert entries[0].keys() == {"id", "walletPassId", "type", "amount", "note", "createdAt"}


@pytest.mark.parametrize("action", ["remove", "redeem"])
def test_no_more_points_are_taken_than_there_are(wire: Wire, action: str) -> None:
    card = wire.card()
    wire.post(f"{card}/points/add", {"points": 4})
    assert tuple(wire.post(f"{card}/points/{action}", {"points": 5})) == conflict("insufficient_points")
    assert wire.get(f"{card}/points").json["balance"] == 4


@pytest.mark.parametrize("action", ["add", "remove", "redeem"])
@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({}, invalid(points="must not be null")),
        ({"points": 0}, invalid(points="must be greater than or equal to 1")),
        ({"points": 2**31}, invalid(points="must be less than or equal to 2147483647")),
        ({"points": 1, "note": "n" * 513}, invalid(note="must be at most 512 characters")),
        ({"points": 1.5}, mistyped("points")),
        ({"points": 1, "note": 1}, mistyped("note")),
    ],
)
def test_points_that_break_a_rule_are_refused(
    wire: Wire, action: str, fields: dict[str, object], answer: tuple[int, object]
) -> None:
    assert tuple(wire.post(f"{wire.card()}/points/{action}", fields)) == answer
