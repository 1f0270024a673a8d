from __future__ import annotations

import pytest

from .wire import NOT_FOUND, Wire, invalid, mistyped


def test_a_pass_is_exactly_the_documented_object(wire: Wire) -> None:
    template_id = wire.made("/templates", name="Coffee card")["id"]
    user_id = wire.made("/users", email="jane@example.com")["id"]
    wallet_pass = wire.made("/walletpasses", templateId=template_id, userId=user_id)
    assert wallet_pass == {
        "id": wallet_pass["id"],
        "object": "wallet_pass",
        "userId": user_id,
        "templateId": template_id,
        "qrCodeValue": wallet_pass["qrCodeValue"],
        "createdAt": "2027-01-15T08:00:00Z",
    }
    assert wallet_pass["id"].startswith("wp_")
    assert wallet_pass["qrCodeValue"].startswith("ste.mp/")
    assert tuple(wire.get(f"/walletpasses/{wallet_pass['id']}")) == (200, wallet_pass)


def test_passes_are_filtered_by_user_and_template(wire: Wire) -> None:
    first, second = (wire.get(wire.card()).json for _ in range(2))
    for query, expected in [
        ("", [first, second]),
        (f"?userId={first['userId']}", [first]),
        (f"?templateId={second['templateId']}", [second]),
        (f"?userId={first['userId']}&templateId={second['templateId']}", []),
        ("?userId=usr_nobody", []),
        ("?userId=", []),
    ]:
        assert wire.get("/walletpasses" + query).json["content"] == expected


@pytest.mark.parametrize("field", ["templateId", "userId"])
@pytest.mark.parametrize(
    ("value", "answer"),
    [
        ("nothing", (404, {"code": "resource_not_found", "params": ["{field}"]})),
        (None, invalid(**{"{field}": "must not be blank"})),
        (7, mistyped("{field}")),
    ],
)
def test_passes_that_break_a_rule_are_refused(
    wire: Wire, field: str, value: object, answer: tuple[int, object]
) -> None:
    card = wire.card()
    wallet_pass = wire.get(card).json
    fields = {"templateId": wallet_pass["templateId"], "userId": wallet_pass["userId"]} | {field: value}
    expected = str(answer).replace("{field}", field)
    assert str(tuple(wire.post("/walletpasses", fields))) == expected
    assert str(tuple(wire.patch(card, {field: value}))) == expected
    assert wire.get(card).json == wallet_pass


def test_a_pass_moves_to_another_user_and_template_with_its_stamps(wire: Wire) -> None:
    card = wire.card(maxStamps=5)
    wire.post(f"{card}/stamps/add")
    stamps = wire.get(f"{card}/stamps").json
    other = wire.get(wire.card(maxStamps=8)).json
    moved = {"templateId": other["templateId"], "userId": other["userId"]}
    status, changed = wire.patch(card, moved)
    assert (status, changed) == (200, changed | moved)
    assert wire.get(card).json == changed
    assert wire.get(f"{card}/stamps").json == stamps


def test_a_deleted_pass_is_gone_with_all_that_was_on_it(wire: Wire) -> None:
    card = wire.card()
    assert tuple(wire.delete(card)) == (204, None)
    for path in (card, f"{card}/stamps", f"{card}/stamps/history", f"{card}/points", f"{card}/points/history"):
        assert tuple(wire.get(path)) == NOT_FOUND
    for action in ("stamps/add", "stamps/set", "points/add", "points/redeem"):
        assert tuple(wire.post(f"{card}/{action}", {"stamps": 1, "points": 1})) == NOT_FOUND
    assert tuple(wire.delete(card)) == NOT_FOUND
