"""A custom preset, for a kiosk that issues cards and puts the first stamp on them.

Runs against its own sandbox. For the real service, set STEMP_TOKEN, and STEMP_SCOPES to the scopes of the token.
"""

from __future__ import annotations

import os
from typing import Any, Literal, TypeAlias

from stemp_sdk import MissingScopeError, ScopeSet, Stemp, User, holds, presets
from stemp_sdk.sandbox import Sandbox
from stemp_sdk.scopes import LOYALTY_MANAGE, TEMPLATE_CREATE, TEMPLATE_DELETE, USER_READ

KIOSK = presets.CARD_ISSUING | LOYALTY_MANAGE  # the value, for `require` at run time
KioskScopes: TypeAlias = ScopeSet[
    presets.CardIssuingNames | Literal["loyalty:manage"]
]  # the type, for type checkers and editors


def main() -> None:
    """Open the kiosk, if its token has the scopes."""
    # The scopes of the token are in the configuration, so an editor cannot know them. They are checked here, before the
    # first customer comes; the functions below are annotated, so the editor checks them.
    with connect().require(KIOSK) as client:
        open_kiosk(client)


def open_kiosk(client: Stemp[KioskScopes]) -> None:
    """Use the methods that check and restrict a client's scopes."""
    user = welcome(client, "kiosk-1", "jane@example.com")
    print(f"{user.email} has a card with a stamp on it")

    # `can` checks an operation by its name, for instance to decide which buttons to show.
    for operation in ("passes.create", "templates.delete"):
        print(f"{operation}: {'yes' if client.can(operation) else 'no'}")

    # `holds` checks scopes, and narrows the type: without it, the call would be a type error.
    if holds(client, TEMPLATE_DELETE):
        client.templates.delete("tpl_of_last_year")

    # `only` returns a copy with fewer scopes, for code that should not do more.
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
    if not client.passes.list(user_id=user.id).items:
        card = client.passes.create(template_id=template.id, user_id=user.id)
        client.loyalty.add_stamp(card.id, note="Welcome")
    return user


def count_users(client: Stemp[ScopeSet[Literal["user:read"]]]) -> int:
    """Count the users. Accepts any client that holds ``user:read``."""
    return sum(1 for _ in client.users.list())


def connect() -> Stemp[Any]:
    """A client whose scopes are known at run time only."""
    if "STEMP_TOKEN" in os.environ:
        return Stemp()
    sandbox = Sandbox()
    with sandbox.client(scopes=TEMPLATE_CREATE) as designer:
        designer.templates.create(name="Coffee card", type="stamps", max_stamps=10)
    return sandbox.client(scopes=KIOSK)


if __name__ == "__main__":
    main()
