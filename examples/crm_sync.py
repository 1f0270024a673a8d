"""Synchronize a CRM: enrol new customers, copy changes, delete customers who asked for it.

A customer who is up to date needs no request, so the sync can run as often as you like.

Runs against its own sandbox. For the real service, set STEMP_TOKEN.
"""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Iterable
from typing import Literal, NamedTuple, TypeAlias, TypeVar

from stemp_sdk import OMIT, InvalidRequestError, ScopeSet, Stemp, User
from stemp_sdk.models import Omit
from stemp_sdk.sandbox import Sandbox
from stemp_sdk.scopes import USER_CREATE, USER_READ, USER_UPDATE

T = TypeVar("T")

# presets.CRM_SYNC has `pass:read` as well, to show a customer's cards, which this sync does not.
SYNC = USER_READ | USER_CREATE | USER_UPDATE
Sync: TypeAlias = Stemp[ScopeSet[Literal["user:read", "user:create", "user:update"]]]

MONDAY = """\
id,email,name,phone,status
crm-1,jane@example.com,Jane Doe,+49 30 1234567,active
crm-2,kofi@example.com,Kofi Mensah,,active
crm-3,mia@example.com,Mia Nowak,+49 30 7654321,active
crm-4,not an address,Sam Smith,,active
"""

TUESDAY = """\
id,email,name,phone,status
crm-1,jane@example.com,Jane Roe,,active
crm-2,kofi@example.com,Kofi Mensah,,active
crm-3,mia@example.com,Mia Nowak,+49 30 7654321,forget
crm-4,sam@example.com,Sam Smith,,active
"""


class Customer(NamedTuple):
    """A row of the CRM's export."""

    id: str
    email: str
    name: str | None
    phone: str | None
    forget: bool


def main() -> None:
    """Run the sync on three nights."""
    with connect() as client:
        for day, export in [("Monday", MONDAY), ("Tuesday", TUESDAY), ("Tuesday, once more", TUESDAY)]:
            done = sync(client, read(export))
            print(f"{day}: " + ", ".join(f"{count} {what}" for what, count in sorted(done.items())))


def sync(client: Sync, customers: Iterable[Customer]) -> Counter[str]:
    """Make stemp's users equal to the CRM's customers. Returns how often each result occurred."""
    users = {user.external_id: user for user in client.users.list()}
    done: Counter[str] = Counter()
    for customer in customers:
        try:
            done[sync_one(client, customer, users.get(customer.id))] += 1
        except InvalidRequestError as error:
            # One invalid row does not stop the rest. `fields` has the invalid fields; otherwise there is a `code`.
            print(f"  {customer.id}: {dict(error.fields) or error.code}")
            done["refused"] += 1
    return done


def sync_one(client: Sync, customer: Customer, user: User | None) -> str:
    """Make one user equal to the customer. Returns what was done."""
    if customer.forget:
        if user is None:
            return "unchanged"
        client.users.delete(user.id)  # also revokes their cards
        return "deleted"
    if user is None:
        client.users.create(email=customer.email, name=customer.name, phone=customer.phone, external_id=customer.id)
        return "enrolled"
    if (customer.email, customer.name, customer.phone) == (user.email, user.name, user.phone):
        return "unchanged"
    # None clears a field. OMIT leaves it unchanged, like an argument that is not given: the metadata stays the same.
    client.users.update(
        user.id,
        email=if_changed(customer.email, user.email),
        name=if_changed(customer.name, user.name),
        phone=if_changed(customer.phone, user.phone),
    )
    return "updated"


def if_changed(new: T, old: object) -> T | Omit:
    """The new value, or ``OMIT`` if it equals the old one."""
    return OMIT if new == old else new


def read(export: str) -> list[Customer]:
    """The rows of an export; an empty cell is None."""
    return [
        Customer(row["id"], row["email"], row["name"] or None, row["phone"] or None, row["status"] == "forget")
        for row in csv.DictReader(export.splitlines())
    ]


def connect() -> Sync:
    """A client for a sync."""
    if "STEMP_TOKEN" in os.environ:
        return Stemp(scopes=SYNC)
    return Sandbox().client(scopes=SYNC)


if __name__ == "__main__":
    main()
