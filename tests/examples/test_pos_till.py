"""The example of a till, where answers get lost: no stamp is lost, and none is put on a card twice."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from stemp_sdk import APIConnectionError, Stemp, StempError, UnknownOutcomeError, User, presets
from stemp_sdk.sandbox import Sandbox
from tests.support.paths import ROOT

TILL = runpy.run_path(str(ROOT / "examples" / "pos_till.py"))
LOST: list[dict[str, Any]] = [
    {"connection": "lost"},
    {"connection": "reset"},
    {"connection": "timeout"},
    {"status": 502},
    {"status": 504, "delay": 9},
    {"delay": 60},
    {"delay": 119},
]


@attrs.frozen
class Counter:
    """A till of the example, and a customer at it."""

    sandbox: Sandbox
    client: Stemp[Any]
    customer: User
    template_id: str

    def buy(self, number: int) -> str:
        said: str = TILL["purchase"](
            self.client, self.customer, self.template_id, f"No. {number}", self.sandbox.advance
        )
        return said

    @property
    def history(self) -> list[str | None]:
        """What was done to the card, oldest first."""
        (card,) = self.client.passes.list(user_id=self.customer.id)
        return [entry.type for entry in self.client.loyalty.stamp_history(card.id)][::-1]


@pytest.fixture
def counter() -> Counter:
    sandbox = Sandbox()
    template = sandbox.client(scopes=presets.CARD_DESIGN).templates.create(name="Coffee card", max_stamps=2)
    client = sandbox.client(scopes=TILL["TILL"])
    return Counter(sandbox, client, client.users.get_or_create("till-1", email="jane@example.com"), template.id)


@pytest.mark.parametrize("carried_out", [True, False])
@pytest.mark.parametrize("operation", ["loyalty.add_stamp", "loyalty.redeem_stamps"])
@pytest.mark.parametrize("lost", LOST, ids=str)
def test_an_answer_that_gets_lost_costs_no_stamp_and_gives_no_second_one(
    counter: Counter, lost: Any, operation: str, *, carried_out: bool
) -> None:
    counter.sandbox.fail_next(operation=operation, carried_out=carried_out, **lost)
    said = [counter.buy(number) for number in range(3)]
    assert said == ["stamp 1 of 2", "the card is full, this coffee is free", "stamp 1 of 2"]
    assert counter.history == ["add", "add", "redeem", "add"]


def test_nothing_is_stamped_if_the_card_cannot_be_read_before(counter: Counter) -> None:
    counter.sandbox.fail_next(operation="loyalty.stamp_history", connection="refused", times=3)  # the Wi-Fi is down
    with pytest.raises(APIConnectionError, match=r"^loyalty\.stamp_history") as caught:
        counter.buy(0)
    assert not caught.value.outcome_unknown
    assert counter.history == []


@pytest.mark.parametrize("carried_out", [True, False])
def test_where_the_full_card_cannot_be_read_the_first_error_is_raised(counter: Counter, *, carried_out: bool) -> None:
    operation, look, bought = "loyalty.redeem_stamps", "loyalty.get_stamps", 1
    counter.buy(0)
    counter.sandbox.fail_next(operation=operation, connection="lost", carried_out=carried_out)
    counter.sandbox.fail_next(operation=look, connection="refused", times=3)  # the Wi-Fi is still down
    with pytest.raises(UnknownOutcomeError) as caught:
        counter.buy(bought)
    assert caught.value.operation == operation
    assert caught.value.outcome_unknown
    context = caught.value.__context__
    assert isinstance(context, APIConnectionError)
    assert context.operation == look
    last = operation.rpartition(".")[2].partition("_")[0]
    assert counter.history.count(last) == carried_out


def test_a_refusal_is_not_a_lost_response(counter: Counter) -> None:
    counter.sandbox.fail_next(operation="loyalty.add_stamp", status=403, body=b'{"code": "blocked", "params": null}')
    with pytest.raises(StempError, match="blocked") as caught:
        counter.buy(0)
    assert not caught.value.outcome_unknown
    counter.buy(0)
    counter.sandbox.fail_next(operation="loyalty.redeem_stamps", status=409, body=b'{"code": "no", "params": null}')
    with pytest.raises(StempError, match="409"):
        counter.buy(1)
    assert counter.history == ["add", "add"]


def test_a_stamp_without_a_response_is_looked_up(counter: Counter) -> None:
    counter.sandbox.fail_next(operation="loyalty.add_stamp", status=204, carried_out=True, times=2)
    assert [counter.buy(number) for number in range(2)] == [
        "stamp 1 of 2",
        "the card is full, this coffee is free",
    ]


def test_a_card_that_does_not_say_whether_it_is_full_is_left_alone(counter: Counter) -> None:
    counter.buy(0)
    counter.sandbox.fail_next(operation="loyalty.redeem_stamps", connection="lost")
    counter.sandbox.fail_next(operation="loyalty.get_stamps", status=200, body=b'{"id": "ss_1"}')
    with pytest.raises(UnknownOutcomeError, match=r"^loyalty\.redeem_stamps"):
        counter.buy(1)
    assert counter.history == ["add", "add"]


def test_the_till_waits_for_longer_than_a_server_may_work(counter: Counter) -> None:
    waits: list[float] = []
    redeem: Callable[..., object] = TILL["redeem"]
    card = counter.client.passes.create(template_id=counter.template_id, user_id=counter.customer.id)
    counter.sandbox.fail_next(operation="loyalty.redeem_stamps", connection="lost")
    redeem(counter.client, card.id, waits.append)
    assert waits == [TILL["LONGEST_WORK"]]
    assert waits[0] > 100
