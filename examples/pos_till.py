"""A till: find or enrol the customer, stamp their card, and redeem it when it is full.

Runs against its own sandbox. For the real service, set STEMP_TOKEN, and STEMP_TEMPLATE to the id of a template.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Literal, TypeAlias

from stemp_sdk import ScopeSet, StampState, Stemp, StempError, UnknownOutcomeError, User, WalletPass, presets
from stemp_sdk.sandbox import Sandbox
from stemp_sdk.scopes import TEMPLATE_CREATE, USER_CREATE

# Seconds for which a server may still be working on a redemption whose response was lost: an earlier look proves
# nothing. The vendor documents no such time; gateways commonly give up on a server after 30 to 100 s. That is too long
# at a counter, so a real till continues in the background.
LONGEST_WORK = 120.0

TILL = presets.POS | USER_CREATE
Till: TypeAlias = Stemp[ScopeSet[presets.PosNames | Literal["user:create"]]]


def main() -> None:
    """Serve a few customers."""
    client, template_id = connect()
    with client:
        for receipt, external_id, email in [
            ("No. 4711", "till-1", "jane@example.com"),
            ("No. 4712", "till-2", "kofi@example.com"),
            ("No. 4713", "till-1", "jane@example.com"),
            ("No. 4714", "till-1", "jane@example.com"),
        ]:
            customer = client.users.get_or_create(external_id, email=email)
            print(f"{email}: {purchase(client, customer, template_id, receipt)}")
        # Most customers show the card in their wallet, and the till scans the code on it.
        kofi = client.users.get_or_create("till-2", email="kofi@example.com")
        code = card_of(client, kofi, template_id).qr_code_value or ""
        print(f"kofi@example.com's card: {scan(client, code, 'No. 4715')}")
        print(f"a card of another shop: {scan(client, 'ste.mp/0000', 'No. 4716')}")


def scan(client: Till, code: str, receipt: str, sleep: Callable[[float], object] = time.sleep) -> str:
    """Sell one coffee for a scanned card. The code identifies exactly that card."""
    card = client.passes.find_by_code(code)
    return "this is not a card of ours" if card is None else serve(client, card, receipt, sleep)


def purchase(
    client: Till, customer: User, template_id: str, receipt: str, sleep: Callable[[float], object] = time.sleep
) -> str:
    """Sell one coffee: add a stamp, and redeem the card if it is full."""
    return serve(client, card_of(client, customer, template_id), receipt, sleep)


def serve(client: Till, card: WalletPass, receipt: str, sleep: Callable[[float], object] = time.sleep) -> str:
    """Sell one coffee on a card."""
    state = stamp(client, card.id, receipt)
    if state.is_full is None:  # the response did not say how many stamps are on the card
        state = client.loyalty.get_stamps(card.id)
    if not state.is_full:
        return f"stamp {state.current_stamps} of {state.max_stamps_snapshot}"
    redeem(client, card.id, sleep)
    return "the card is full, this coffee is free"


def stamp(client: Till, card_id: str, receipt: str) -> StampState:
    """Put a stamp on a card, once for each receipt, whatever happens to the responses.

    If the deadline does not suffice to find out, the rest is waited for here; a real till continues in the background.

    Raises:
        StempError: the stamp was refused; or, with ``outcome_unknown``, the card still cannot be read.
    """
    try:
        return client.loyalty.add_stamp(card_id, reference=receipt)
    except UnknownOutcomeError as unknown:
        state: StampState = unknown.resolve()
        return state


def redeem(client: Till, card_id: str, sleep: Callable[[float], object] = time.sleep) -> None:
    """Redeem a full card. If the response is lost, a card that is still full was not redeemed.

    A redemption has no note, and so takes no reference. Two risks remain: a server that works for longer than
    ``LONGEST_WORK``, and a card that was filled again in the meantime, which looks the same.

    Raises:
        StempError: as for ``stamp``.
    """
    try:
        client.loyalty.redeem_stamps(card_id)
    except StempError as error:
        if not error.outcome_unknown:
            raise
        lost = error
    else:
        return
    sleep(LONGEST_WORK)
    try:
        state = client.loyalty.get_stamps(card_id)
    except StempError as look:
        raise lost from look
    if state.is_full is None:
        raise lost  # the server does not say
    if state.is_full:
        client.loyalty.redeem_stamps(card_id)


def card_of(
    client: Stemp[ScopeSet[Literal["pass:read", "pass:create"]]], customer: User, template_id: str
) -> WalletPass:
    """The customer's card; a new one if there is none. The annotation has all scopes that this function uses."""
    return client.passes.get_or_create(template_id=template_id, user_id=customer.id)


def connect() -> tuple[Till, str]:
    """A client, and the id of the template of its cards."""
    if "STEMP_TOKEN" in os.environ:
        return Stemp(scopes=TILL), os.environ["STEMP_TEMPLATE"]
    sandbox = Sandbox()
    with sandbox.client(scopes=TEMPLATE_CREATE) as designer:
        template = designer.templates.create(name="Coffee card", type="stamps", max_stamps=3)
    return sandbox.client(scopes=TILL), template.id


if __name__ == "__main__":
    main()
