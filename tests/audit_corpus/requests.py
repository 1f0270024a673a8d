"""``client.request``, which says itself what it needs."""

from functools import partial

import stemp_sdk
from stemp_sdk import AsyncStemp, Stemp, presets, scopes
from stemp_sdk.scopes import PASS_READ, USER_READ, ScopeSet, parse
from stemp_sdk.scopes import TEMPLATE_READ as READ

from .shop.settings import NEEDS

client = Stemp()
BOTH = PASS_READ | USER_READ

client.request("GET", "/v1/x", scopes=PASS_READ)  # use: request=pass:read
client.request("GET", "/v1/x", scopes=BOTH)  # use: request=pass:read+user:read
client.request("GET", "/v1/x", scopes=scopes.ORG_READ)  # use: request=org:read
client.request("GET", "/v1/x", scopes=stemp_sdk.scopes.ORG_READ)  # use: request=org:read
client.request("GET", "/v1/x", scopes=READ)  # use: request=template:read
client.request("GET", "/v1/x", scopes=presets.POS - PASS_READ)  # use: request=loyalty:manage+pass:create+user:read
client.request("GET", "/v1/x", scopes=presets.POS & PASS_READ)  # use: request=pass:read
client.request("GET", "/v1/x", scopes=ScopeSet())  # use: request=
client.request("GET", "/v1/x", scopes=ScopeSet("reward:read"))  # use: request=reward:read
client.request("GET", "/v1/x", scopes=parse("pass:read user:read"))  # use: request=pass:read+user:read
client.request("GET", "/v1/x", scopes=PASS_READ if READ else USER_READ)  # use: request=pass:read+user:read
partial(client.request, "GET", "/v1/x", scopes=USER_READ)()  # use: request=user:read
send = client.request  # unsure: request
send("GET", "/v1/x", scopes=USER_READ)  # use: request=user:read
client.request("GET", "/v1/x", scopes=NEEDS)  # unsure: request
client.request("GET", "/v1/x", **{"scopes": USER_READ})  # unsure: request


async def asynchronous(till: AsyncStemp) -> None:
    await till.request("GET", "/v1/x", scopes=USER_READ)  # use: request=user:read
