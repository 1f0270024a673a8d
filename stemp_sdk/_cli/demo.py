"""``stemp demo``: a till at work, from a customer's first visit to a call that its scopes do not allow.

Each step shows the line of code that it runs.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, TypeAlias

import attrs

from .._client import Stemp
from .._core.scope_errors import MissingScopeError
from .._resources.operations import find_operation
from ..models import Template, User, WalletPass
from ..sandbox import LoggedRequest, Sandbox
from ..scopes import USER_CREATE, ScopeSet, presets
from .card import draw_card, stamps
from .screen import Screen, columns

Till: TypeAlias = Stemp[ScopeSet[presets.PosNames | Literal["user:create"]]]

_FIRST_VISIT: Final = datetime(2026, 3, 2, 8, 40, tzinfo=UTC)
_BETWEEN_VISITS: Final = timedelta(days=1, minutes=7)
_RECEIPTS: Final = range(4711, 4717)
_LOST: Final = 4713
"""The receipt whose stamp is added although its response is lost."""


@attrs.define
class Calendar:
    """The sandbox's clock. It stands still between two visits, so the output is always the same."""

    now: datetime = _FIRST_VISIT

    def __call__(self) -> float:
        """The current time in Unix seconds."""
        return self.now.timestamp()

    def turn_to_next_visit(self) -> None:
        """Advance the clock by about a day."""
        self.now += _BETWEEN_VISITS


@attrs.frozen
class Shop:
    """The shop of the demo, with its sandbox."""

    screen: Screen
    calendar: Calendar
    sandbox: Sandbox
    template: Template
    opened_after: int
    """The number of requests that the setup needed."""

    @classmethod
    def ready(cls) -> Shop:
        """A shop that has designed its card and has no customers yet."""
        calendar = Calendar()
        sandbox = Sandbox(clock=calendar, seed=4711)
        with sandbox.client(scopes=presets.CARD_DESIGN) as designer:
            template = designer.templates.create(name="Coffee card", type="stamps", max_stamps=len(_RECEIPTS))
        return cls(Screen(), calendar, sandbox, template, len(sandbox.requests))

    @property
    def requests(self) -> list[LoggedRequest]:
        """The requests of the till in the sandbox's log."""
        return self.sandbox.requests[self.opened_after :]

    def step(self, heading: str, code: str) -> None:
        """Print a heading, and the line of code that runs next."""
        self.screen.blank()
        self.screen.line((heading, "bold"))
        self.screen.line((">>> ", "dim"), (code, "cyan"), indent=2)


def play() -> None:
    """Play the demo."""
    shop = Shop.ready()
    screen, sandbox = shop.screen, shop.sandbox
    screen.line(("A till at work", "bold"), ", against a stemp organization in memory")
    shop.step("A till's token has the scopes of a till", "sandbox.client(scopes=presets.POS | USER_CREATE)")
    with sandbox.client(scopes=presets.POS | USER_CREATE) as client:
        screen.line("It holds ", ((presets.POS | USER_CREATE).join(", "), "green"), ".", indent=2)
        customer = _find_or_enrol(shop, client)
        card = _issue(shop, client, customer)
        _fill(shop, client, card)
        _redeem(shop, client, card)
        _print_history(shop, client, card)
        _overstep(shop, client)
    _print_requests(shop)


def _find_or_enrol(shop: Shop, client: Till) -> User:
    shop.step(
        "1  Find the customer, or enrol them",
        'client.users.get_or_create("till-4711", email="jane@example.com", name="Jane")',
    )
    customer = client.users.get_or_create("till-4711", email="jane@example.com", name="Jane")
    shop.screen.line(
        f"No user had the external id till-4711: {customer.name} is enrolled now, as {customer.id}.", indent=2
    )
    return customer


def _issue(shop: Shop, client: Till, customer: User) -> WalletPass:
    shop.step("2  Issue a card", "client.passes.create(template_id=shop.template.id, user_id=customer.id)")
    card = client.passes.create(template_id=shop.template.id, user_id=customer.id)
    draw_card(shop.screen, f"{shop.template.name}, {customer.name}", card, client.loyalty.get_stamps(card.id))
    return card


def _fill(shop: Shop, client: Till, card: WalletPass) -> None:
    shop.step(
        "3  Stamp it, visit after visit, until it is full",
        "client.loyalty.add_stamp(card.id, reference=receipt)",
    )
    for number in _RECEIPTS:
        receipt = f"receipt {number}"
        if number == _LOST:
            shop.sandbox.fail_next(operation="loyalty.add_stamp", connection="lost", carried_out=True)
        client.loyalty.add_stamp(card.id, reference=receipt)
        state = client.loyalty.get_stamps(card.id)
        shop.screen.line(_time(shop.calendar.now), "  ", *stamps(shop.screen, state), indent=2)
        if number == _LOST:
            shop.screen.line(("The response was lost: the SDK found the stamp in the history.", "bold"), indent=4)
        shop.calendar.turn_to_next_visit()


def _redeem(shop: Shop, client: Till, card: WalletPass) -> None:
    shop.step("4  The card is full: this coffee is free", "client.loyalty.redeem_stamps(card.id)")
    state = client.loyalty.redeem_stamps(card.id)
    shop.screen.line(_time(shop.calendar.now), "  ", *stamps(shop.screen, state), indent=2)


def _print_history(shop: Shop, client: Till, card: WalletPass) -> None:
    shop.step("5  What happened to the card, newest first", "client.loyalty.stamp_history(card.id)")
    rows = [
        (_time(entry.created_at or _FIRST_VISIT), f"{entry.amount:+}", entry.type or "", entry.note or "")
        for entry in client.loyalty.stamp_history(card.id)
    ]
    shop.screen.show(columns(rows, "", "bold yellow", "", "dim"), indent=2)


def _overstep(shop: Shop, client: Till) -> None:
    shop.step("6  Delete the template? A till may not", "client.templates.delete(shop.template.id)")
    before = len(shop.requests)
    try:
        client.templates.delete(shop.template.id)  # type: ignore[misc]  # type checkers reject it too
    except MissingScopeError as error:
        shop.screen.line(("MissingScopeError: ", "bold red"), str(error), indent=2)
    after = len(shop.requests)
    proof = f"The sandbox's log has {before} requests before that line, {after} after it: {after - before} sent."
    shop.screen.line((proof, "bold"), indent=2)
    shop.screen.line("Type checkers reject the line too: mypy, pyright, ty, pyrefly and zuban.", indent=2)


def _print_requests(shop: Shop) -> None:
    shop.screen.blank()
    shop.screen.line(("All requests of the till", "bold"), ", and the scope that each one needed")
    rows: list[tuple[str, ...]] = []
    for (name, status), times in Counter((request.operation, request.status) for request in shop.requests).items():
        operation = find_operation(name)
        needed = operation.scopes.join(" + ")
        rows.append(
            (f"{times}x", operation.http_method, operation.path, "lost" if status is None else str(status), needed)
        )
    shop.screen.show(columns(rows, "dim", "cyan", "", "dim", "green"), indent=2)
    shop.screen.blank()
    shop.screen.line(("Scopes of each operation: stemp operations. What your token can do: stemp whoami.", "dim"))


def _time(moment: datetime) -> str:
    return f"{moment:%a %d %b, %H:%M}"
