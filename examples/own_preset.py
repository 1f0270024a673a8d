"""A preset of one's own: for a kiosk that issues cards and puts the first stamp on them.

Runs against a sandbox of its own. Set STEMP_TOKEN for the real service, and STEMP_SCOPES to what the token holds.
"""

from __future__ import annotations

import os
from typing import Any, Literal, TypeAlias

from stemp_sdk import MissingScopeError, ScopeSet, Stemp, User, holds, presets
from stemp_sdk.sandbox import Sandbox
from stemp_sdk.scopes import LOYALTY_MANAGE, TEMPLATE_DELETE, USER_READ

KIOSK = presets.CARD_ISSUING | LOYALTY_MANAGE  # the value: what `require` looks for when the program starts
KioskScopes: TypeAlias = ScopeSet[
    presets.CardIssuingNames | Literal["loyalty:manage"]
]  # the type: what the editor goes by


def main() -> None:
    """Open the kiosk, if its token is good enough for it."""
    # What the token holds stands in the configuration, so no editor can know it. Here it is checked, before the first
    # customer comes; everything behind it is annotated, and so checked in the editor.
    with connect().require(KIOSK) as client:
        open_kiosk(client)


def open_kiosk(client: Stemp[KioskScopes]) -> None:
    """What is known of a client's scopes."""
    user = welcome(client, "kiosk-1", "jane@example.com")
    print(f"{user.email} has a card with a stamp on it")

    # `can` asks by the operation's name: which buttons are there to be?
    for operation in ("passes.create", "templates.delete"):
        print(f"{operation}: {'yes' if client.can(operation) else 'no'}")

    # `holds` asks by scopes, and type checkers follow: without the question, the call would be an error.
    if holds(client, TEMPLATE_DELETE):
        client.templates.delete("tpl_of_last_year")

    # `only` gives a copy that holds less, for code that should do no more.
    reader = client.only(USER_READ)
    print(f"{count_users(reader)} customer")
    try:
        reader.require(LOYALTY_MANAGE)
    except MissingScopeError as error:
        print(f"the reader lacks {error.missing}")


def welcome(client: Stemp[KioskScopes], customer_id: str, email: str) -> User:
    """Enrol a customer, issue the first card, and put a stamp on it."""
    template = client.templates.list().items[0]
    user = client.users.get_or_create(customer_id, email=email)
    card = client.passes.create(template_id=template.id, user_id=user.id)
    client.loyalty.add_stamp(card.id, note="Welcome")
    return user


def count_users(client: Stemp[ScopeSet[Literal["user:read"]]]) -> int:
    """Needs ``user:read``, and takes any client that holds at least that."""
    return sum(1 for _ in client.users.list())


def connect() -> Stemp[Any]:
    """A client whose scopes no editor can know."""
    if "STEMP_TOKEN" in os.environ:
        return Stemp()
    sandbox = Sandbox()
    with sandbox.client(scopes=presets.CARD_DESIGN) as designer:
        designer.templates.create(name="Coffee card", type="stamps", max_stamps=10)
    return sandbox.client(scopes=KIOSK)


if __name__ == "__main__":
    main()
