"""A till: find or enrol the customer, stamp their card, and redeem it when it is full.

Runs against a sandbox of its own. Set STEMP_TOKEN, and in STEMP_TEMPLATE the id of a template, for the real service.
"""

from __future__ import annotations

import os
from typing import Literal, TypeAlias

from stemp_sdk import Stemp, StempError, User, WalletPass, presets
from stemp_sdk.sandbox import Sandbox
from stemp_sdk.scopes import USER_CREATE

TILL = presets.POS | USER_CREATE
Till: TypeAlias = Stemp[presets.PosScopes | Literal["user:create"]]


def main() -> None:
    """A morning at the till."""
    client, template_id = connect()
    with client:
        for external_id, email in [
            ("till-1", "jane@example.com"),
            ("till-2", "kofi@example.com"),
            ("till-1", "jane@example.com"),
            ("till-1", "jane@example.com"),
        ]:
            customer = client.users.find(external_id, enrol_as=email)
            print(f"{email}: {purchase(client, customer, template_id)}")


def purchase(client: Till, customer: User, template_id: str) -> str:
    """One coffee: a stamp, and where that was the last one, the reward."""
    card = card_of(client, customer, template_id)
    try:
        state = client.loyalty.add_stamp(card.id, note="Main St")
    except StempError as error:
        if not error.outcome_unknown:
            raise
        # The stamp may be on the card. Stamping again could do it twice, so look.
        state = client.loyalty.get_stamps(card.id)
    if not state.is_full:
        return f"stamp {state.current_stamps} of {state.max_stamps_snapshot}"
    client.loyalty.redeem_stamps(card.id)
    return "the card is full, this coffee is on the house"


def card_of(client: Stemp[Literal["pass:read", "pass:create"]], customer: User, template_id: str) -> WalletPass:
    """The customer's card, a new one if need be. The annotation says all that this function may do."""
    cards = client.passes.list(user_id=customer.id, template_id=template_id)
    return cards.items[0] if cards.items else client.passes.create(template_id=template_id, user_id=customer.id)


def connect() -> tuple[Till, str]:
    """A client, and the id of the template of its cards."""
    if "STEMP_TOKEN" in os.environ:
        return Stemp(scopes=TILL), os.environ["STEMP_TEMPLATE"]
    sandbox = Sandbox()
    with sandbox.client(scopes=presets.CARD_DESIGN) as designer:
        template = designer.templates.create(name="Coffee card", type="stamps", max_stamps=3)
    return sandbox.client(scopes=TILL), template.id


if __name__ == "__main__":
    main()
