"""Clients that are extended, held and wrapped by classes."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, Self, TypeVar

import attrs
from pydantic import BaseModel, ConfigDict

from stemp_sdk import AsyncStemp, Stemp, presets

T = TypeVar("T", bound=Stemp)


class Till(Stemp[presets.PosScopes]):
    """A till."""

    def stamp(self, card: str) -> None:
        self.loyalty.add_stamp(card)  # use: loyalty.add_stamp

    def stamp_all(self, cards: list[str]) -> list[object]:
        return [self.loyalty.add_stamp(card) for card in cards]  # use: loyalty.add_stamp

    @classmethod
    def made(cls) -> Self:
        made = cls("sk_live_x")
        made.users.list()  # use: users.list
        return made

    @property
    def first(self) -> object:
        return self.users.get("usr_1")  # use: users.get


class NightTill(Till):
    def stamp(self, card: str) -> None:
        super().stamp(card)
        super().loyalty.add_stamp(card)  # use: loyalty.add_stamp
        self.passes.get(card)  # use: passes.get


class AsyncTill(AsyncStemp):
    async def stamp(self, card: str) -> None:
        await self.loyalty.add_stamp(card)  # use: loyalty.add_stamp


Till.made().passes.list()  # use: passes.list


class Service:
    shared = Stemp("sk_live_x")

    def __init__(self, client: Stemp) -> None:
        self.client = client
        self._users = client.users
        self._get = client.users.get  # use: users.get

    def run(self) -> None:
        self.client.users.create(email="a@example.com")  # use: users.create
        self._users.delete("usr_1")  # use: users.delete
        self._get("usr_1")
        self.shared.passes.list()  # use: passes.list

    @cached_property
    def tokens(self):
        return self.client.api_tokens

    def revoke(self) -> None:
        self.tokens.revoke("tok_1")  # use: api_tokens.revoke


Service(Stemp()).client.org.settings.update({})  # use: org.settings.update
Service.shared.org.get()  # use: org.get


@dataclass
class Job:
    client: AsyncStemp
    fallback: Stemp = field(default_factory=Stemp)

    async def run(self) -> None:
        await self.client.org.members.remove("mem_1")  # use: org.members.remove
        self.fallback.org.members.update_role("mem_1", role="admin")  # use: org.members.update_role


@attrs.frozen
class Frozen:
    client: Stemp

    def run(self) -> None:
        self.client.api_tokens.create(name="x", scopes=presets.POS)  # use: api_tokens.create


class Settings(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)

    client: Stemp

    def check(self) -> None:
        self.client.org.get()  # use: org.get


class Box(Generic[T]):
    def __init__(self, item: T) -> None:
        self.item = item

    def use(self) -> None:
        self.item.users.list()  # use: users.list


Box(Till("sk_live_x")).item.users.list()  # use: users.list


class Delegate:
    def __init__(self) -> None:
        self._client = Stemp()

    def __enter__(self) -> Stemp:
        return self._client

    def __exit__(self, *_: object) -> None:
        self._client.close()


with Delegate() as entered:
    entered.templates.list()  # use: templates.list
