"""What no type shows."""

import operator
import sys
from typing import Any

from stemp_sdk import AsyncStemp, Stemp
from stemp_sdk.scopes import PASS_READ

client = Stemp()
names = sys.argv


def unannotated(api):
    api.loyalty.add_stamp("wp_1")  # unsure: loyalty.add_stamp
    api.users.get("usr_1")  # unsure: users.get
    users = api.users
    users.list()  # unsure: users.list
    api.request("GET", "/v1/x", scopes=PASS_READ)  # unsure: request
    return api.org.members.list  # unsure: org.members.list


def untyped(api: Any, session: dict[str, Any]) -> None:
    api.templates.delete("tpl_1")  # unsure: templates.delete
    session["stemp"].passes.create()  # unsure: passes.create
    getattr(api, "users").get("usr_1")  # unsure: users.get


class Holder:
    def __init__(self, api, known: Stemp, other: int) -> None:
        self.api = api
        self.known = known
        self.other = other

    async def run(self) -> None:
        await self.api.emails.send()  # unsure: emails.send
        self.other.users.get()  # a mistake, but not a use


getattr(client.loyalty, "add_stamp")("wp_1")  # unsure: loyalty.add_stamp
getattr(client.users, "get", None)  # unsure: users.get
getattr(client.loyalty, f"add_{names[0]}")("wp_1")  # unsure: ?
getattr(client, names[0]).get("usr_1")  # unsure: ?
for name in names:
    getattr(client.users, name)("usr_1")  # unsure: ?
operator.methodcaller("add_stamp", "wp_1")(client.loyalty)  # unsure: loyalty.add_stamp
operator.attrgetter("users.get")(client)("usr_1")  # unsure: users.get

if sys.version_info < (3, 8):
    client.users.get("usr_1")  # unsure: users.get
client.users.get("usr_1")  # ty: ignore  # unsure: users.get


def dynamic(connection: AsyncStemp, name: str) -> object:
    return getattr(connection, name)  # unsure: ?
