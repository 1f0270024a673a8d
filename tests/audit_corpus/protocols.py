"""Clients behind protocols."""

from typing import Any, Protocol

from stemp_sdk import AsyncStemp, Stemp


class HasUsers(Protocol):
    """Its attribute has the SDK's own type."""

    client: Stemp


class Connects(Protocol):
    def __call__(self) -> AsyncStemp: ...


class AddsStamps(Protocol):
    """Any object with such a method: a checker does not know which."""

    def add_stamp(self, wallet_pass_id: str, *, note: str | None = None) -> Any: ...


def through_attribute(holder: HasUsers) -> None:
    holder.client.users.list()  # use: users.list


async def through_call(connect: Connects) -> None:
    await connect().users.get("usr_1")  # use: users.get


def structural(stamps: AddsStamps) -> None:
    stamps.add_stamp("wp_1")  # unsure: loyalty.add_stamp


structural(Stemp().loyalty)
