"""As ``cases.py``, of clients: those that are chosen or may be unknown, subclasses, and those of apps."""

import copy
from typing import Any, Literal, TypeVar, assert_type

from stemp_sdk import AsyncStemp, ScopeSet, StampState, Stemp, WalletPass, holds, presets
from stemp_sdk.oauth import Installation, OAuthApp
from stemp_sdk.sandbox import Sandbox
from stemp_sdk.scopes import (
    API_TOKEN_MANAGE,
    ORG_READ,
    PASS_CREATE,
    PASS_READ,
    PLATFORM_EMAIL_SEND,
    TEMPLATE_DELETE,
    USER_CREATE,
    USER_READ,
    Held,
    parse,
)
from stemp_sdk.scopes.presets import CRM_SYNC, EMAIL_APP, POS, EmailAppScopes, PosNames, PosScopes, ReadOnlyScopes

TillAndUsers = ScopeSet[PosNames | Literal["user:create"]]


# --- annotations beyond presets
def enrol(client: Stemp[TillAndUsers]) -> None:
    client.users.get_or_create("c", email="a@b")
    client.loyalty.add_stamp("p")
    client.templates.delete("t")  # E01


enrol(Stemp("t", scopes=POS | USER_CREATE))
enrol(Stemp("t", scopes=POS))  # E02
enrol(Stemp("t", scopes=USER_CREATE))  # E03


def either(client: Stemp[PosScopes | ReadOnlyScopes]) -> None:
    client.passes.get("p")
    client.users.get("u")
    client.loyalty.add_stamp("p")  # E04
    client.org.get()  # E05


either(Stemp("t", scopes=POS))
either(Stemp("t", scopes=presets.READ_ONLY))
either(Stemp("t", scopes=POS | ORG_READ))
either(Stemp("t"))
either(Stemp("t", scopes=CRM_SYNC))  # E06

# --- tables
tills: dict[str, Stemp[PosScopes | presets.CrmSyncScopes]] = {
    "till": Stemp("t", scopes=POS),
    "crm": Stemp("t", scopes=CRM_SYNC),
}
tills["till"].users.get("u")
tills["till"].loyalty.add_stamp("p")  # E07
tills["crm"].users.create(email="a@b")  # E08
tills["other"] = Stemp("t", scopes=PASS_READ)  # E09


# --- what may be None
def optional(known: PosScopes | None, some: ScopeSet | None) -> None:
    Stemp("t", scopes=some).templates.delete("t")
    Stemp.from_api_token("t", scopes=some).templates.delete("t")
    Sandbox().client(scopes=some).templates.delete("t")
    Stemp("t", scopes=known).passes.get("p")
    Stemp.from_app_token("t", scopes=known).passes.get("p")


# --- chosen, with the kind of the token stated
picked = Stemp.from_api_token("t", scopes=POS if __debug__ else PASS_READ | USER_CREATE)
picked.passes.get("p")
picked.users.create(email="a")  # E10
Stemp.from_api_token("t", scopes=POS if __debug__ else EMAIL_APP)  # E11
Stemp.from_app_token("t", scopes=EMAIL_APP if __debug__ else API_TOKEN_MANAGE)  # E12
picked.request("GET", "/v1/x", scopes=PASS_READ)
picked.request("GET", "/v1/x", scopes=USER_CREATE)  # E13
if holds(picked, TEMPLATE_DELETE):
    picked.templates.delete("t")


# --- a subclass that says what it holds
class Shop(Stemp[PosScopes]):
    def sell(self) -> StampState:
        self.templates.delete("t")  # E14
        return self.loyalty.add_stamp("p")


assert_type(Shop("t", scopes=POS), Shop)
assert_type(Shop("t", scopes=POS | USER_CREATE), Shop)
Shop("t", scopes=PASS_READ)  # E15
Shop("t", scopes=POS if __debug__ else CRM_SYNC)  # E16
assert_type(Shop.from_api_token("t"), Shop)
assert_type(Shop.from_api_token("t", scopes=POS), Shop)
assert_type(Shop.from_api_token("t", scopes=POS | API_TOKEN_MANAGE), Shop)
assert_type(Shop.from_app_token("t"), Shop)
assert_type(Shop.from_app_token("t", scopes=POS | USER_CREATE), Shop)
Shop.from_api_token("t", scopes=PASS_READ)  # E17
Shop.from_api_token("t", scopes=POS | PLATFORM_EMAIL_SEND)  # E18
Shop.from_app_token("t", scopes=POS | API_TOKEN_MANAGE)  # E19
assert_type(Shop("t").with_options(timeout=3), Shop)
assert_type(copy.copy(Shop("t")), Shop)
assert_type(copy.deepcopy(Shop("t")), Shop)
with Shop("t") as shop:
    assert_type(shop, Shop)
assert_type(shop.require(PASS_READ), Shop)
assert_type(shop.require(PASS_READ | USER_READ), Shop)
assert_type(shop.require(USER_CREATE), Stemp[TillAndUsers])
shop.require(USER_CREATE).sell()  # E20 (to go on as a Shop, call require and use shop)
assert_type(shop.only(PASS_READ), Stemp[ScopeSet[Literal["pass:read"]]])
shop.only(PASS_READ).loyalty.add_stamp("p")  # E21
shop.request("GET", "/v1/x", scopes=PASS_READ)
shop.request("GET", "/v1/x", scopes=TEMPLATE_DELETE)  # E22
shop.templates.delete("t")  # E23
either(shop)
enrol(shop)  # E24
if holds(shop, USER_CREATE):
    shop.users.create(email="a@b")
    shop.loyalty.add_stamp("p")
    enrol(shop)
    shop.templates.delete("t")  # E25


# --- a subclass that does not
class Traced(Stemp):
    def trace(self) -> None: ...


assert_type(Traced("t"), Traced)
assert_type(Traced.from_api_token("t"), Traced)
assert_type(Traced("t").require(PASS_READ), Traced)
assert_type(Traced("t").with_options(timeout=3), Traced)
Traced("t").templates.delete("t")
Traced.from_api_token("t", scopes=POS).templates.delete("t")  # E26
assert_type(Traced.from_app_token("t", scopes=POS), Stemp[PosScopes])


# --- a subclass of any scopes
class Branch(Stemp[Held]):
    def branch(self) -> str:
        return "main"


assert_type(Branch("t", scopes=POS), Branch[PosScopes])
assert_type(Branch("t", scopes=POS).with_options(timeout=3), Branch[PosScopes])
assert_type(Branch("t", scopes=POS).require(PASS_READ), Branch[PosScopes])
assert_type(Branch[PosScopes].from_api_token("t", scopes=POS), Branch[PosScopes])
Branch("t", scopes=POS).loyalty.add_stamp("p")
Branch("t", scopes=POS).templates.delete("t")  # E27
Branch[PosScopes].from_api_token("t", scopes=PASS_READ)  # E28


# --- a subclass with its own constructor
class Kiosk(Stemp[PosScopes]):
    def __init__(self, token: str) -> None:
        super().__init__(token, scopes=POS | USER_CREATE)

    def enrol(self) -> None:
        self.users.create(email="a@b")  # E29 (it holds what its class says)


Kiosk("t").loyalty.add_stamp("p")
Kiosk("t", scopes=POS)  # E30


# --- async
class AsyncShop(AsyncStemp[PosScopes]):
    async def sell(self) -> StampState:
        await self.templates.delete("t")  # E31
        return await self.loyalty.add_stamp("p")


class AsyncBranch(AsyncStemp[Held]): ...


async def async_subclasses() -> None:
    assert_type(AsyncShop.from_api_token("t"), AsyncShop)
    assert_type(AsyncShop.from_api_token("t", scopes=POS), AsyncShop)
    assert_type(AsyncShop.from_app_token("t", scopes=POS | USER_CREATE), AsyncShop)
    AsyncShop("t", scopes=PASS_READ)  # E32
    AsyncShop.from_api_token("t", scopes=PASS_READ)  # E33
    AsyncShop.from_app_token("t", scopes=POS | API_TOKEN_MANAGE)  # E34
    assert_type(AsyncShop("t").with_options(timeout=3), AsyncShop)
    assert_type(copy.deepcopy(AsyncShop("t")), AsyncShop)
    async with AsyncShop("t") as shop:
        assert_type(shop, AsyncShop)
        assert_type(shop.require(PASS_READ), AsyncShop)
        assert_type(shop.require(USER_CREATE), AsyncStemp[TillAndUsers])
        assert_type(shop.only(PASS_READ), AsyncStemp[ScopeSet[Literal["pass:read"]]])
        assert_type(await shop.passes.get("p"), WalletPass)
        await shop.request("GET", "/v1/x", scopes=TEMPLATE_DELETE)  # E35
        await shop.templates.delete("t")  # E36
        if holds(shop, TEMPLATE_DELETE):
            await shop.templates.delete("t")
            await shop.templates.get("t")  # E37
    assert_type(AsyncBranch("t", scopes=POS), AsyncBranch[PosScopes])
    await AsyncBranch("t", scopes=POS).org.get()  # E38


async def async_either(client: AsyncStemp[PosScopes | ReadOnlyScopes]) -> None:
    await client.passes.get("p")
    await client.loyalty.add_stamp("p")  # E39


# --- functions that are generic in the client
C = TypeVar("C", bound=Stemp[PosScopes])


def stamped(client: C) -> C:
    client.loyalty.add_stamp("p")
    client.templates.delete("t")  # E40
    return client


assert_type(stamped(Shop("t")), Shop)
stamped(Stemp("t", scopes=PASS_READ))  # E41
stamped(Stemp("t", scopes=POS | TEMPLATE_DELETE)).templates.delete("t")


# --- apps
def installed(installation: Installation) -> None:
    app = OAuthApp("id", "secret", "https://x", scopes=EMAIL_APP)
    assert_type(app.client(installation), Stemp[EmailAppScopes])
    assert_type(app.async_client(installation), AsyncStemp[EmailAppScopes])
    app.client(installation, timeout=3).emails.logs()
    app.client(installation).loyalty.add_stamp("p")  # E42
    app.authorize(scopes=USER_READ)
    app.authorize(scopes=API_TOKEN_MANAGE)  # E43
    OAuthApp("id", "secret", "https://x", scopes=API_TOKEN_MANAGE | POS)  # E44
    chosen = OAuthApp("id", "secret", "https://x", scopes=POS if __debug__ else EMAIL_APP)
    chosen.client(installation).users.get("u")
    chosen.client(installation).passes.create(template_id="t", user_id="u")  # E45
    OAuthApp("id", "secret", "https://x", scopes=parse("x:new")).client(installation).org.delete()


# --- what a client holds
assert_type(Stemp("t", scopes=POS).scopes, PosScopes | None)
assert_type(Stemp("t").scopes, Any | None)
held = Stemp("t", scopes=POS).scopes
if held:
    Stemp("t", scopes=held | PASS_CREATE).loyalty.add_stamp("p")
    Stemp("t", scopes=held).templates.delete("t")  # E46


# --- several tokens
ring = Stemp.ring({"till": ("t", POS), "sync": ("t", CRM_SYNC)}, scopes=POS | CRM_SYNC)
ring.loyalty.add_stamp("p")
ring.users.create(email="a@b")
ring.request("GET", "/v1/x", scopes=USER_CREATE)
ring.templates.delete("t")  # E47
ring.emails.send(to="u", subject="s", html_body="h", category="security")  # E48
ring.only(PASS_READ).users.create(email="a@b")  # E49
enrol(ring)
Stemp.ring({"till": ("t", POS), "mail": ("t", EMAIL_APP)}, scopes=POS | EMAIL_APP).emails.logs()
Stemp.ring({"keys": ("t", API_TOKEN_MANAGE), "mail": ("t", EMAIL_APP)}, scopes=API_TOKEN_MANAGE | EMAIL_APP)
Stemp.ring({"till": ("t", POS)}).templates.delete("t")
Stemp.ring({"till": "t"}, scopes=POS)  # E50
Stemp.ring([("till", "t", POS)], scopes=POS)  # E51
assert_type(Shop.ring({"till": ("t", POS)}), Shop)
AsyncStemp.ring({"till": (lambda: "t", POS)}, scopes=POS).templates.delete("t")  # E52
