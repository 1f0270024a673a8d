"""Expressions of all kinds."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial, reduce
from itertools import starmap

from stemp_sdk import AsyncStemp, Stemp

client = Stemp()
names = ["usr_1", "usr_2"]

users = [client.users.get(name) for name in names]  # use: users.get
by_id = {name: client.users.find(name) for name in names}  # use: users.find
unique = {client.users.get(name).email for name in names}  # use: users.get
lazy = (client.passes.get(name) for name in names)  # use: passes.get
nested = [card for name in names for card in client.passes.list(user_id=name)]  # use: passes.list
filtered = [name for name in names if client.users.find(name)]  # use: users.find
mapped = list(map(client.users.get, names))  # use: users.get
starred = list(starmap(client.users.get, [("usr_1",)]))  # use: users.get
total = reduce(lambda count, name: count + bool(client.users.find(name)), names, 0)  # use: users.find
ordered = sorted(names, key=lambda name: client.users.get(name).email or "")  # use: users.get
text = f"{client.users.get('usr_1').email}"  # use: users.get
chosen = (client.users.get if names else client.users.find)("usr_1")  # use: users.get users.find
with ThreadPoolExecutor() as pool:
    pool.submit(client.loyalty.add_stamp, "wp_1", note="x")  # use: loyalty.add_stamp # unsure: loyalty.add_stamp
    list(pool.map(client.loyalty.get_stamps, names))  # use: loyalty.get_stamps

get = partial(client.users.get)  # use: users.get
create = partial(client.passes.create, template_id="tpl_1")  # use: passes.create
create(user_id="usr_1")
later = lambda: client.templates.delete("tpl_1")  # use: templates.delete
clients = [Stemp(name) for name in names]
for each in clients:
    each.users.list()  # use: users.list
for number, each in enumerate(clients):
    each.passes.list(page=number)  # use: passes.list
for left, right in zip(clients, clients, strict=True):
    left.users.list(), right.passes.list()  # use: users.list passes.list
counts = {each: len(list(each.templates.list())) for each in clients}  # use: templates.list


async def asynchronous(till: AsyncStemp) -> None:
    found = [user async for user in till.users.list()]  # use: users.list
    each = [await till.users.get(name) for name in names]  # use: users.get
    print(found, each, {name: await till.passes.get(name) for name in names})  # use: passes.get
