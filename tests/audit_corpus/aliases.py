"""Clients, resources and methods under other names."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeAlias, cast

from stemp_sdk import AsyncStemp as Async
from stemp_sdk import Stemp as Client
from stemp_sdk import presets as bundles
from stemp_sdk.models import User

Till: TypeAlias = Client[bundles.PosScopes]
TILL: Final = Client("sk_live_x", scopes=bundles.POS)

c = TILL
stamps = c.loyalty
stamps.add_stamp("wp_1")  # use: loyalty.add_stamp
add = stamps.add_stamp  # use: loyalty.add_stamp # unsure: loyalty.add_stamp
add("wp_1", note="again")  # use: loyalty.add_stamp
a, b = c.users, c.passes
a.list()  # use: users.list
b.list()  # use: passes.list
first, *rest = [c, c]
first.users.get("usr_1")  # use: users.get
rest[0].users.get("usr_1")  # use: users.get
by_name = {"main": c}
by_name["main"].templates.list()  # use: templates.list
by_name.get("main", c).templates.get("tpl_1")  # use: templates.get
methods = [c.users.get, c.users.find]  # use: users.get users.find
methods[0]("usr_1")
table = {"add": c.loyalty.add_stamp, "remove": c.loyalty.remove_stamp}  # use: loyalty.add_stamp loyalty.remove_stamp # unsure: loyalty.add_stamp
table["add"]("wp_1")  # use: loyalty.add_stamp


def typed(till: Till, other: "Client[Any]", maybe: Client | None = None) -> None:
    till.loyalty.add_stamp("wp_1")  # use: loyalty.add_stamp
    other.users.update("usr_1")  # use: users.update
    if maybe is not None:
        maybe.users.update("usr_1")  # use: users.update
    (maybe or other).passes.delete("wp_1")  # use: passes.delete


def either(client: Client | Async) -> None:
    client.users.list()  # use: users.list
    if isinstance(client, Client):
        client.passes.list()  # use: passes.list


def anything(client: object, unknown: Any) -> None:
    assert isinstance(client, Client)
    client.templates.update("tpl_1")  # use: templates.update
    cast(Client, unknown).templates.create(name="x")  # use: templates.create
    if isinstance(unknown, Client):
        unknown.templates.create(name="x")  # use: templates.create  # unsure: templates.create


class Pair(NamedTuple):
    client: Client
    name: str


def unpack(pair: Pair, get: Callable[[str], User] = c.users.get) -> None:  # use: users.get
    client, _ = pair
    client.users.list()  # use: users.list
    pair.client.users.list()  # use: users.list
    get("usr_1")
    match pair:
        case Pair(client=inner, name="x"):
            inner.users.list()  # use: users.list


unbound = c.users.__class__.get  # use: users.get
