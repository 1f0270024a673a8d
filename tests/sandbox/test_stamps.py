from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemp_sdk.sandbox import Sandbox
from stemp_sdk.scopes import CATALOG, PLATFORM_EMAIL_SEND, ScopeSet
from tests.support.clocks import StillClock

from .wire import Wire, conflict, invalid, mistyped

START = "2027-01-15T08:00:00Z"


def test_a_new_card_has_no_stamps(wire: Wire) -> None:
    card = wire.card(maxStamps=8)
    state = wire.get(f"{card}/stamps").json
    assert state == {
        "id": state["id"],
        "walletPassId": card.removeprefix("/walletpasses/"),
        "currentStamps": 0,
        "maxStampsSnapshot": 8,
        "totalStampsCollected": 0,
        "timesCompleted": 0,
        "lastStampAt": None,
    }
    assert state["id"].startswith("ss_")


def test_a_card_is_stamped_until_it_is_full_and_redeemed(wire: Wire, clock: StillClock) -> None:
    card = wire.card(maxStamps=3)
    assert tuple(wire.post(f"{card}/stamps/redeem")) == conflict("stamp_card_not_full")
    for stamps in (1, 2, 3):
        status, state = wire.post(f"{card}/stamps/add", {"note": f"coffee {stamps}"})
        assert (status, state["currentStamps"], state["lastStampAt"]) == (200, stamps, START)
    assert tuple(wire.post(f"{card}/stamps/add")) == conflict("stamp_card_full")
    clock.now += 3600
    status, state = wire.post(f"{card}/stamps/redeem")
    assert status == 200
    assert state == wire.get(f"{card}/stamps").json
    assert state == state | {
        "currentStamps": 0,
        "totalStampsCollected": 3,
        "timesCompleted": 1,
        "lastStampAt": START,
    }


def test_a_stamp_is_taken_back(wire: Wire) -> None:
    card = wire.card()
    assert tuple(wire.post(f"{card}/stamps/remove")) == conflict("no_stamps")
    wire.post(f"{card}/stamps/add")
    state = wire.post(f"{card}/stamps/remove").json
    assert state == state | {"currentStamps": 0, "totalStampsCollected": 1, "lastStampAt": START}


def test_stamps_are_set_and_reset(wire: Wire) -> None:
    card = wire.card()
    for stamps, collected in [(7, 7), (7, 7), (2, 7), (10, 15), (0, 15)]:
        state = wire.post(f"{card}/stamps/set", {"stamps": stamps}).json
        assert state == state | {"currentStamps": stamps, "totalStampsCollected": collected}
    wire.post(f"{card}/stamps/set", {"stamps": 10})
    state = wire.post(f"{card}/stamps/reset").json
    assert state == state | {"currentStamps": 0, "totalStampsCollected": 25, "timesCompleted": 0}


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({}, invalid(stamps="must not be null")),
        ({"stamps": -1}, invalid(stamps="must be greater than or equal to 0")),
        ({"stamps": 11}, invalid(stamps="must be less than or equal to 10")),
        ({"stamps": 9}, invalid(stamps="must be less than or equal to 8")),
        ({"stamps": "7"}, mistyped("stamps")),
        ({"stamps": False}, mistyped("stamps")),
    ],
)
def test_numbers_of_stamps_that_cannot_be_set_are_refused(
    wire: Wire, fields: dict[str, object], answer: tuple[int, object]
) -> None:
    assert tuple(wire.post(f"{wire.card(maxStamps=8)}/stamps/set", fields)) == answer


def test_a_note_has_at_most_512_characters(wire: Wire) -> None:
    card = wire.card()
    assert wire.post(f"{card}/stamps/add", {"note": "n" * 512}).status == 200
    assert tuple(wire.post(f"{card}/stamps/add", {"note": "n" * 513})) == invalid(note="must be at most 512 characters")


def test_the_history_is_newest_first_with_notes(wire: Wire, clock: StillClock) -> None:
    card = wire.card(maxStamps=2)
    for action, body in [("add", {"note": "Main St"}), ("remove", None), ("set", {"stamps": 2}), ("redeem", None)]:
        wire.post(f"{card}/stamps/{action}", body)
        clock.now += 1
    entries = wire.get(f"{card}/stamps/history").json["content"]
    assert [(entry["type"], entry["amount"], entry["note"], entry["createdAt"]) for entry in entries] == [
        ("redeem", -2, None, "2027-01-15T08:00:03Z"),
        ("set", 2, None, "2027-01-15T08:00:02Z"),
        ("remove", -1, None, "2027-01-15T08:00:01Z"),
        ("add", 1, "Main St", START),
    ]
    assert entries[0].keys() == {"id", "walletPassId", "type", "amount", "note", "createdAt"}
    assert wire.get(f"{card}/stamps/history?size=1&page=3").json["content"] == entries[3:]


def test_a_card_keeps_its_number_of_stamps_when_its_template_changes(wire: Wire) -> None:
    card = wire.card(maxStamps=8)
    template = f"/templates/{wire.get(card).json['templateId']}"
    wire.patch(template, {"maxStamps": None})
    assert wire.get(f"{card}/stamps").json["maxStampsSnapshot"] == 8
    user_id = wire.get(card).json["userId"]
    later = wire.made("/walletpasses", templateId=template.removeprefix("/templates/"), userId=user_id)
    assert wire.get(f"/walletpasses/{later['id']}/stamps").json["maxStampsSnapshot"] == 10


_ACTIONS = st.sampled_from(["add", "add", "add", "remove", "reset", "redeem"]) | st.integers(0, 10)


@given(most=st.integers(1, 10), actions=st.lists(_ACTIONS, max_size=30))
def test_whatever_is_done_a_card_stays_in_its_limits_and_its_history_adds_up(
    most: int, actions: list[str | int]
) -> None:
    sandbox = Sandbox(clock=StillClock(), seed=1)
    wire = Wire(sandbox, sandbox.issue_token(ScopeSet(*CATALOG) - PLATFORM_EMAIL_SEND))
    card = wire.card(maxStamps=most)
    carried_out = 0
    for action in actions:
        if isinstance(action, int):
            answer = wire.post(f"{card}/stamps/set", {"stamps": action})
        else:
            answer = wire.post(f"{card}/stamps/{action}")
        carried_out += answer.status == 200
    state = wire.get(f"{card}/stamps").json
    entries = wire.get(f"{card}/stamps/history?size=100").json["content"]
    assert 0 <= state["currentStamps"] <= most
    assert len(entries) == carried_out
    assert state["currentStamps"] == sum(entry["amount"] for entry in entries)
    assert state["totalStampsCollected"] == sum(max(entry["amount"], 0) for entry in entries)
    assert state["timesCompleted"] == sum(entry["type"] == "redeem" for entry in entries)
    assert (state["lastStampAt"] is None) == (state["totalStampsCollected"] == 0)
