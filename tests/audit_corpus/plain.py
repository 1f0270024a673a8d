"""Calls on a client, synchronous and asynchronous."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, closing, contextmanager

import stemp_sdk
from stemp_sdk import AsyncStemp, NotFoundError, Stemp, holds, presets
from stemp_sdk.scopes import PASS_CREATE, PASS_READ

client = Stemp("sk_live_x", scopes=presets.POS)
client.loyalty.add_stamp("wp_1", note="Main St")  # use: loyalty.add_stamp
client.loyalty.add_stamp("wp_1", reference="No. 4711")  # use: loyalty.add_stamp
client.templates.delete("tpl_1")  # use: templates.delete
client.templates.delete("tpl_1")  # type: ignore  # use: templates.delete
stemp_sdk.Stemp().org.get()  # use: org.get
client.org.settings.get()  # use: org.settings.get
client.org.members.list()  # use: org.members.list
client.users.get(1, nonsense=2)  # use: users.get
"😀é"; client.emails.logs()  # use: emails.logs
print(client.users.get("usr_1").email, client.passes.get("wp_1").id)  # use: users.get passes.get
(
    client
    .api_tokens
    .list()  # use: api_tokens.list
)

for user in client.users.list(size=50):  # use: users.list
    print(user.email)
if (found := client.users.find("crm-1")) is not None:  # use: users.find
    print(found.id)
try:
    client.passes.get("wp_1")  # use: passes.get
except NotFoundError:
    client.passes.create(template_id="tpl_1", user_id="usr_1")  # use: passes.create
finally:
    client.loyalty.get_stamps("wp_1")  # use: loyalty.get_stamps
with client:
    client.loyalty.get_points("wp_1")  # use: loyalty.get_points
with Stemp() as opened, ExitStack() as stack, closing(Stemp()) as closed:
    opened.users.list()  # use: users.list
    stack.enter_context(Stemp()).users.list()  # use: users.list
    closed.users.create(email="a@example.com")  # use: users.create
client.with_options(timeout=3).users.list()  # use: users.list
client.only(PASS_READ).passes.list()  # use: passes.list
client.require(PASS_CREATE).passes.create(template_id="tpl_1", user_id="usr_1")  # use: passes.create
if holds(client, PASS_CREATE):
    client.passes.create(template_id="tpl_1", user_id="usr_1")  # use: passes.create
assert client.users.get("usr_1")  # use: users.get
wanted = client.users.get("usr_1") if client.can("users.get") else None  # use: users.get
del client


@contextmanager
def connected() -> Iterator[Stemp]:
    with Stemp() as connection:
        yield connection


@connected()
def decorated(): ...


with connected() as inner:
    inner.passes.update("wp_1")  # use: passes.update


async def main() -> None:
    async with AsyncStemp("sk_live_x") as till, AsyncExitStack() as stack:
        await till.loyalty.add_stamp("wp_1")  # use: loyalty.add_stamp
        async for item in till.users.list():  # use: users.list
            print(item)
        page = await till.passes.list()  # use: passes.list
        print(page)
        other = await stack.enter_async_context(AsyncStemp())
        await other.users.delete("usr_1")  # use: users.delete
        await asyncio.gather(
            till.users.get("usr_1"),  # use: users.get
            *(till.passes.get(name) for name in ("wp_1", "wp_2")),  # use: passes.get
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(till.loyalty.redeem_stamps("wp_1"))  # use: loyalty.redeem_stamps
        await asyncio.wait_for(till.org.update(name="x"), 3)  # use: org.update
        returned = await asyncio.shield(till.users.get("usr_1"))  # use: users.get
        print(returned)


async def numbered(till: AsyncStemp) -> AsyncIterator[str]:
    async for index in till.templates.list():  # use: templates.list
        yield index.id
