"""Functions that make clients, with and without annotations."""

import functools
import os
from collections.abc import Callable
from contextvars import ContextVar
from typing import TypeVar

from stemp_sdk import AsyncStemp, Stemp, presets
from stemp_sdk.oauth import Installation, OAuthApp
from stemp_sdk.sandbox import Sandbox
from stemp_sdk.scopes import PLATFORM_EMAIL_SEND, USER_READ

C = TypeVar("C", bound=Stemp)
current: ContextVar[Stemp] = ContextVar("current")


def annotated() -> Stemp[presets.PosScopes]:
    return Stemp(os.environ["TOKEN"], scopes=presets.POS)


def inferred():
    return Stemp("sk_live_x")


@functools.cache
def cached() -> Stemp:
    return Stemp()


@functools.lru_cache(maxsize=1)
def remembered(name: str) -> AsyncStemp:
    return AsyncStemp(name)


def same(client: C) -> C:
    client.org.delete()  # use: org.delete
    return client


def retry(times: int) -> Callable[[Callable[[], Stemp]], Callable[[], Stemp]]:
    def wrap(make: Callable[[], Stemp]) -> Callable[[], Stemp]:
        return make

    return wrap


@retry(3)
def retried() -> Stemp:
    return Stemp()


annotated().loyalty.add_points("wp_1", 5)  # use: loyalty.add_points
inferred().loyalty.remove_points("wp_1", 5)  # use: loyalty.remove_points
cached().loyalty.redeem_points("wp_1", 5)  # use: loyalty.redeem_points
same(Stemp()).loyalty.points_history("wp_1")  # use: loyalty.points_history
retried().loyalty.stamp_history("wp_1")  # use: loyalty.stamp_history
current.get().loyalty.set_stamps("wp_1", 2)  # use: loyalty.set_stamps
(lambda: Stemp())().loyalty.reset_stamps("wp_1")  # use: loyalty.reset_stamps


def nested() -> None:
    client = annotated()

    def inner() -> None:
        client.passes.find_by_code("1234")  # use: passes.find_by_code

    inner()


async def tenants(app: OAuthApp, installation: Installation) -> None:
    app.client(installation).users.list()  # use: users.list
    await app.async_client(installation).emails.send(to="a@example.com", subject="x", html="x")  # use: emails.send
    await remembered("x").org.members.get("mem_1")  # use: org.members.get


def offline() -> None:
    sandbox = Sandbox()
    sandbox.client(scopes=USER_READ).users.list()  # use: users.list
    with sandbox.client() as client:
        client.org.members.add(email="a@example.com", role="admin")  # use: org.members.add
    print(PLATFORM_EMAIL_SEND)
