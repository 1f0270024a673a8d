"""``stemp demo``: a till at work, from the first visit of a customer to the refusal of what a till may not do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, TypeAlias

import attrs
from rich.table import Table

from ..client import Stemp
from ..core.errors import MissingScopeError
from ..models import StampState
from ..resources.operations import OPERATIONS
from ..sandbox import LoggedRequest, Sandbox
from ..scopes import USER_CREATE, presets
from .card import draw_card, draw_stamps
from .screen import Screen

Till: TypeAlias = Stemp[presets.PosScopes | Literal["user:create"]]

_STAMPS: Final = 6
_FIRST_VISIT: Final = datetime(2026, 3, 2, 8, 40, tzinfo=UTC)
_BETWEEN_VISITS: Final = timedelta(days=1, minutes=7)


@attrs.define
class Calendar:
    """The sandbox's clock, which the demo turns on from visit to visit."""

    now: datetime = _FIRST_VISIT

    def __call__(self) -> float:
        return self.now.timestamp()

    def next_visit(self) -> None:
        """Turn it on to the next visit."""
        self.now += _BETWEEN_VISITS


def play() -> None:
    """Play the demo."""
    calendar = Calendar()
    sandbox = Sandbox(clock=calendar, seed=4711)
    with sandbox.client(scopes=presets.CARD_DESIGN) as designer:
        template = designer.templates.create(name="Coffee card", type="stamps", max_stamps=_STAMPS)
    before_opening = len(sandbox.requests)

    screen = Screen()
    with sandbox.client(scopes=presets.POS | USER_CREATE) as till:
        _introduce(screen, till)
        card_id = _first_visit(screen, till, template.id)
        _fill(screen, till, card_id, calendar)
        _redeem(screen, till, card_id)
        _history(screen, till, card_id)
        _overstep(screen, till, template.id, sandbox)
    _sent(screen, sandbox.requests[before_opening:])


def _introduce(screen: Screen, till: Till) -> None:
    screen.line(("A till at work, against a stemp organization in memory", "bold"))
    screen.blank()
    _code(screen, "client = Stemp(token, scopes=presets.POS | USER_CREATE)")
    screen.line("The token holds ", (till.scopes.join(", ") if till.scopes else "", "green"), ".", indent=2)


def _first_visit(screen: Screen, till: Till, template_id: str) -> str:
    _heading(screen, 1, "Find the customer, or enrol them")
    _code(screen, 'jane = client.users.find("till-4711", enrol_as="jane@example.com", name="Jane Doe")')
    jane = till.users.find("till-4711", enrol_as="jane@example.com", name="Jane Doe")
    screen.line(f"Nobody was known as till-4711, so {jane.name} is now {jane.id}.", indent=2)

    _heading(screen, 2, "Issue a card")
    _code(screen, "card = client.passes.create(template_id=coffee_card, user_id=jane.id)")
    card = till.passes.create(template_id=template_id, user_id=jane.id)
    draw_card(screen, "Coffee card", jane.name or "", card.qr_code_value or "", till.loyalty.get_stamps(card.id))
    return card.id


def _fill(screen: Screen, till: Till, card_id: str, calendar: Calendar) -> None:
    _heading(screen, 3, "Stamp it until it is full")
    _code(screen, 'state = client.loyalty.add_stamp(card.id, note="Main St")')
    state = StampState()
    while not state.is_full:
        state = till.loyalty.add_stamp(card_id, note="Main St")
        screen.line(f"{calendar.now:%a %d %b %H:%M}   ", *draw_stamps(screen, state), indent=2)
        calendar.next_visit()


def _redeem(screen: Screen, till: Till, card_id: str) -> None:
    _heading(screen, 4, "Redeem it: this coffee is on the house")
    _code(screen, "client.loyalty.redeem_stamps(card.id)")
    state = till.loyalty.redeem_stamps(card_id)
    screen.line(*draw_stamps(screen, state), f"   completed: {state.times_completed}", indent=2)


def _history(screen: Screen, till: Till, card_id: str) -> None:
    _heading(screen, 5, "What happened to the card, newest first")
    _code(screen, "for entry in client.loyalty.stamp_history(card.id): ...")
    table = Table.grid(padding=(0, 3, 0, 0))
    for entry in till.loyalty.stamp_history(card_id):
        table.add_row("", f"{entry.created_at:%a %d %b %H:%M}", entry.type, f"{entry.amount:+}", entry.note)
    screen.console.print(table)


def _overstep(screen: Screen, till: Till, template_id: str, sandbox: Sandbox) -> None:
    _heading(screen, 6, "Delete the card's template? That is not for a till")
    _code(screen, "client.templates.delete(coffee_card)")
    before = len(sandbox.requests)
    try:
        till.templates.delete(template_id)  # type: ignore[misc]  # the type checker refuses it, too
    except MissingScopeError as error:
        screen.line(("MissingScopeError: ", "bold red"), (str(error), "red"), indent=2)
    after = len(sandbox.requests)
    screen.line(f"Requests in the sandbox's log: {before} before, {after} after. ", indent=2)


def _sent(screen: Screen, requests: Iterable[LoggedRequest]) -> None:
    screen.blank()
    screen.line(("What the till sent, and the scope that each request needed", "bold"))
    counts = Counter((request.operation, request.status) for request in requests)
    table = Table.grid(padding=(0, 2, 0, 0))
    for (name, status), count in counts.items():
        operation = OPERATIONS[name or ""]
        table.add_row("", f"{count}x", operation.http_method, operation.path, str(status), operation.scopes.join(", "))
    screen.console.print(table)


def _heading(screen: Screen, number: int, text: str) -> None:
    screen.blank()
    screen.line((f"{number} ", "bold cyan"), (text, "bold"))


def _code(screen: Screen, code: str) -> None:
    screen.line((code, "cyan"), indent=2)
