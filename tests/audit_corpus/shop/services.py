"""Services of a Django project: clients from another module."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from . import clients
from .clients import get_client, make, till

if TYPE_CHECKING:
    from stemp_sdk import AsyncStemp, Stemp


class CustomerService:
    client_class = get_client

    def __init__(self, client: Stemp | None = None) -> None:
        self.client = client or get_client()

    @transaction.atomic
    def enrol(self, email: str) -> str:
        user = self.client.users.create(email=email)  # use: users.create
        self.client.passes.create(template_id="tpl_1", user_id=user.id)  # use: passes.create
        return user.id

    def remove(self, name: str) -> None:
        self.client.users.delete(name)  # use: users.delete


class LoyaltyService(CustomerService):
    def stamp(self, card: str) -> None:
        self.client.loyalty.add_stamp(card)  # use: loyalty.add_stamp


till.users.list()  # use: users.list
clients.till.users.list()  # use: users.list
clients.get_client().templates.list()  # use: templates.list
make().templates.list()  # use: templates.list
LoyaltyService().client.org.get()  # use: org.get


async def report(client: AsyncStemp) -> None:
    await client.users.get("usr_1")  # use: users.get
