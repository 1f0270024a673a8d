"""What type checkers say of the SDK: every line marked ``# Enn`` must be an error, and every other line must not.

``# Enn !mypy`` exempts one checker. Nothing here is ever run: ``test_checkers.py`` gives this file to the checkers.
"""

import asyncio
from decimal import Decimal
from typing import Any, Literal, Protocol, assert_type

import httpx
from typing_extensions import Self

from stemp_sdk import (
    OMIT,
    AsyncListing,
    AsyncStemp,
    Attachment,
    AwaitedListing,
    CreatedApiToken,
    EmailLogEntry,
    HistoryEntry,
    Listing,
    Member,
    Organization,
    OrganizationSettings,
    Page,
    PointsState,
    Response,
    ScopeSet,
    SentEmail,
    StampState,
    Stemp,
    Template,
    User,
    WalletPass,
    holds,
    presets,
    response_of,
)
from stemp_sdk.models import HistoryType, MemberRole, OrganizationUpdate, TemplateUpdate, UserUpdate, WalletPassUpdate
from stemp_sdk.sandbox import Sandbox
from stemp_sdk.scopes import (
    API_TOKEN_MANAGE,
    APP_MANAGE,
    LOYALTY_MANAGE,
    ORG_MEMBERS_MANAGE,
    ORG_MEMBERS_READ,
    ORG_READ,
    ORG_SETTINGS_READ,
    ORG_UPDATE,
    PASS_CREATE,
    PASS_READ,
    PLATFORM_EMAIL_SEND,
    TEMPLATE_DELETE,
    TEMPLATE_READ,
    USER_CREATE,
    USER_READ,
    USER_UPDATE,
    parse,
)
from stemp_sdk.scopes.presets import EMAIL_APP, ORG_ADMIN, POS, EmailAppScopes, OrgAdminScopes, PosScopes

CanIssue = ScopeSet[Literal["pass:read", "pass:create"]]

till = Stemp("t", scopes=POS)
reader = Stemp("t", scopes=PASS_READ)
anyone = Stemp("t")
async_till = AsyncStemp("t", scopes=POS)
async_reader = AsyncStemp("t", scopes=PASS_READ)
crm = Stemp("t", scopes=presets.CRM_SYNC)

# --- direct calls
assert_type(till.passes.get("p"), WalletPass)
assert_type(till.passes.create(template_id="t", user_id="u"), WalletPass)
assert_type(till.loyalty.add_stamp("p", note="Main St"), StampState)
assert_type(till.loyalty.add_points("p", points=10), PointsState)
assert_type(till.loyalty.add_points("p", points=Decimal("0.5")), PointsState)
assert_type(till.users.get("u"), User)
till.loyalty.set_stamps("p", stamps=7)
reader.passes.get("p")
reader.loyalty.get_stamps("p")
till.templates.delete("t")  # E01
till.emails.send(to="usr_1", subject="s", html_body="h", category="marketing")  # E02
reader.passes.create(template_id="t", user_id="u")  # E03
reader.loyalty.add_stamp("p")  # E04
till.users.create(email="a@b")  # E05
till.api_tokens.list()  # E06
crm.users.delete("u")  # there is no user:delete
till.users.delete("u")  # E07
Stemp("t", scopes=LOYALTY_MANAGE).loyalty.get_points("p")  # E08 (no scope implies another)

# --- a reference needs pass:read as well
stamper = Stemp("t", scopes=LOYALTY_MANAGE)
stamper.loyalty.add_stamp("p", note="Main St")
stamper.loyalty.add_stamp("p", reference=None)
stamper.loyalty.add_points("p", points=10)
assert_type(till.loyalty.add_stamp("p", reference="No. 4711"), StampState)
assert_type(till.loyalty.redeem_points("p", points=10, note="Lunch", reference="No. 4711"), PointsState)
stamper.loyalty.add_stamp("p", reference="No. 4711")  # E119
stamper.loyalty.add_points("p", points=10, reference="No. 4711")  # E120
stamper.loyalty.remove_points("p", points=10, reference="No. 4711")  # E121
stamper.loyalty.redeem_points("p", points=10, reference="No. 4711")  # E122
reader.loyalty.add_stamp("p", reference="No. 4711")  # E123
till.loyalty.add_stamp("p", reference=4711)  # E124
till.loyalty.remove_stamp("p", reference="No. 4711")  # E125 (it has no note)
till.journal.resume()
stamper.journal.pending()
stamper.journal.resume()  # E126

# --- what takes several calls
assert_type(till.users.find("c"), User | None)
assert_type(crm.users.get_or_create("c", email="a@b", name="Ada"), User)
assert_type(anyone.users.get_or_create("c", email="a@b"), User)
till.users.get_or_create("c", email="a@b")  # E09
Stemp("t", scopes=USER_CREATE).users.find("c")  # E10
Stemp("t", scopes=USER_CREATE).users.get_or_create("c", email="a@b")  # E11
crm.users.get_or_create("c", name="Ada")  # E12 (an email address is needed)

# --- sub-resources
admin = Stemp("t", scopes=ORG_ADMIN)
assert_type(admin.org.get(), Organization)
assert_type(admin.org.settings.get(), OrganizationSettings)
assert_type(admin.org.members.add(email="a@b", role="admin"), Member)
admin.org.update(name="Bakery")
admin.org.settings.update({"theme": "dark"})
admin.org.delete()  # E13
Stemp("t", scopes=ORG_READ).org.settings.get()  # E14
Stemp("t", scopes=ORG_SETTINGS_READ).org.settings.update({})  # E15
Stemp("t", scopes=ORG_SETTINGS_READ).org.get()  # E16
Stemp("t", scopes=ORG_MEMBERS_READ).org.members.remove("m")  # E17
Stemp("t", scopes=ORG_MEMBERS_MANAGE).org.members.list()  # E18
Stemp("t", scopes=ORG_MEMBERS_MANAGE).org.members.update_role("m", role="admin")
settings = Stemp("t", scopes=ORG_READ).org.settings
settings.get()  # E19

# --- listings
assert_type(till.users.list(), Listing[User])
assert_type(till.users.list(page=2, size=50).first, Page[User])
assert_type(till.users.list().items, tuple[User, ...])
assert_type(till.users.list().to_list(), list[User])
for _ in till.users.list().first:  # E106 (a page is not the whole listing)
    pass
assert_type(till.users.list().total, int | None)
for page in till.passes.list(user_id="u").pages():
    assert_type(page, Page[WalletPass])
for user in till.users.list():
    assert_type(user, User)
for entry in reader.loyalty.stamp_history("p"):
    assert_type(entry, HistoryEntry)
for member in admin.org.members.list():
    assert_type(member, Member)
for template in Stemp("t", scopes=TEMPLATE_READ).templates.list():
    assert_type(template, Template)
for _ in reader.users.list():  # E20
    pass
for _ in till.templates.list():  # E21
    pass

# --- unknown scopes: everything is allowed
anyone.templates.delete("t")
anyone.users.get_or_create("c", email="a@b")
anyone.emails.logs()
Stemp().templates.delete("t")
Stemp("t", scopes=None).templates.delete("t")
Stemp("t", scopes=parse("pass:read")).templates.delete("t")
Stemp("t", scopes=parse(["pass:read"])).templates.delete("t")
Stemp("t", scopes=ScopeSet("pass:read")).templates.delete("t")
assert_type(parse("x:new"), ScopeSet[Any])


def bare(client: Stemp) -> None:
    client.templates.delete("t")


bare(till)
bare(reader)
bare(anyone)

# --- unions of presets and constants
both = Stemp("t", scopes=POS | TEMPLATE_DELETE)
both.templates.delete("t")
both.loyalty.add_stamp("p")
both.templates.get("t")  # E22
Stemp("t", scopes=PASS_READ | POS).passes.create(template_id="t", user_id="u")
Stemp("t", scopes=PASS_READ | LOYALTY_MANAGE | USER_READ | USER_CREATE).users.get_or_create("c", email="a@b")
Stemp("t", scopes=PASS_READ | USER_READ).loyalty.add_stamp("p")  # E23
few = PASS_READ | USER_READ
assert_type(few, ScopeSet[Literal["pass:read", "user:read"]])
assert_type(Stemp("t", scopes=few), Stemp[ScopeSet[Literal["pass:read", "user:read"]]])
assert_type(till, Stemp[PosScopes])
Stemp("t", scopes=few | POS).passes.create(template_id="t", user_id="u")
Stemp("t", scopes=POS | few).passes.create(template_id="t", user_id="u")
Stemp("t", scopes=few | few | POS | ORG_READ).templates.delete("t")  # E24
Stemp("t", scopes=parse("x") | POS).templates.delete("t")
Stemp("t", scopes=POS | parse("x")).templates.delete("t")
either = Stemp("t", scopes=POS if __debug__ else few)  # held in both branches: the intersection
either.passes.get("p")
either.passes.create(template_id="t", user_id="u")  # E25

# --- intersection and difference are known at run time only
assert_type(POS & PASS_READ, ScopeSet[Any])
assert_type(POS - USER_READ, ScopeSet[Any])
Stemp("t", scopes=POS & few).templates.delete("t")
Stemp("t", scopes=POS - USER_READ).users.get("u")


# --- asking for a client that holds at least ...
def issue(client: Stemp[CanIssue]) -> WalletPass:
    client.passes.get("p")
    client.templates.delete("t")  # E26
    return client.passes.create(template_id="t", user_id="u")


issue(till)
issue(both)
issue(anyone)
issue(Stemp("t", scopes=POS))
issue(Stemp("t", scopes=POS | TEMPLATE_DELETE))
issue(Stemp("t", scopes=PASS_CREATE | few))
issue(reader)  # E27
issue(Stemp("t", scopes=PASS_READ))  # E28
issue(async_till)  # E29 (the other twin)
declared: Stemp[CanIssue] = Stemp("t", scopes=POS)
wrong: Stemp[CanIssue] = Stemp("t", scopes=PASS_READ | USER_READ)  # E30
typed: Stemp[PosScopes] = till


def needs_set(scopes: CanIssue) -> None: ...


needs_set(POS)
needs_set(PASS_READ | PASS_CREATE)
needs_set(PASS_READ)  # E31

# --- copies
with Stemp("t", scopes=PASS_READ) as client:
    assert_type(client, Stemp[ScopeSet[Literal["pass:read"]]])
    client.passes.get("p")
    client.with_options(timeout=3, max_retries=0, check_scopes="warn").passes.get("p")
    client.with_options(timeout=3).passes.create(template_id="t", user_id="u")  # E32
till.with_options(check_scopes="loud")  # E33
till.with_options(scopes=POS)  # E34
assert_type(till.only(PASS_READ), Stemp[ScopeSet[Literal["pass:read"]]])
till.only(PASS_READ).passes.get("p")
till.only(PASS_READ).users.get("u")  # E35
assert_type(anyone.only(PASS_READ), Stemp[ScopeSet[Literal["pass:read"]]])
anyone.only(PASS_READ).users.get("u")  # E36
till.only("pass:read")  # E37

# --- start-up
reader.require(few | POS).passes.create(template_id="t", user_id="u")
reader.require(PASS_CREATE).passes.create(template_id="t", user_id="u")
reader.require(PASS_CREATE).passes.get("p")
assert_type(reader.require(USER_READ), Stemp[ScopeSet[Literal["pass:read", "user:read"]]])
reader.require(USER_READ).passes.create(template_id="t", user_id="u")  # E38
reader.require(["pass:create"])  # E39
assert_type(anyone.can("templates.delete"), bool)
anyone.can(TEMPLATE_DELETE)  # E40

# --- narrowing
if holds(till, TEMPLATE_DELETE):
    till.templates.delete("t")
    till.loyalty.add_stamp("p")
    till.templates.get("t")  # E41
else:
    till.templates.delete("t")  # E42
if holds(reader, PASS_CREATE | USER_READ) and reader.users.get("u").name:
    reader.passes.create(template_id="t", user_id="u")
    reader.passes.get("p")
holds(till, "template:delete")  # E43


# --- async
async def main() -> None:
    async with AsyncStemp("t", scopes=PASS_READ) as a:
        assert_type(a, AsyncStemp[ScopeSet[Literal["pass:read"]]])
        assert_type(await a.passes.get("p"), WalletPass)
        assert_type(a.passes.list(), AsyncListing[WalletPass])
        assert_type(await a.passes.list(), AwaitedListing[WalletPass])
        assert_type((await a.passes.list()).first, Page[WalletPass])
        assert_type(await a.passes.list().to_list(), list[WalletPass])
        assert_type(await (await a.passes.list()).to_list(), list[WalletPass])
        for _ in await a.passes.list():  # E104 (it would be no more than the first page)
            pass
        for _ in (await a.passes.list()).first:  # E105
            pass
        async for one in await a.passes.list():
            assert_type(one, WalletPass)
        async for each in a.passes.list().pages():
            assert_type(each, Page[WalletPass])
        async for found in a.passes.list(template_id="t"):
            assert_type(found, WalletPass)
        async for _ in a.users.list():  # E44
            pass
        await a.users.list()  # E45
        await a.passes.create(template_id="t", user_id="u")  # E46
        await a.with_options(timeout=3).users.get("u")  # E47
        await a.only(PASS_READ).passes.get("p")
        await a.require(PASS_CREATE).passes.create(template_id="t", user_id="u")
        await a.require(PASS_CREATE).users.get("u")  # E48
    assert_type(await async_till.users.find("c"), User | None)
    assert_type(await AsyncStemp("t", scopes=USER_READ | USER_CREATE).users.get_or_create("c", email="a@b"), User)
    await async_till.users.get_or_create("c", email="a@b")  # E49
    if holds(async_reader, USER_READ):
        await async_reader.users.get("u")
        await async_reader.passes.get("p")
        await async_reader.templates.get("t")  # E50
    await async_reader.users.get("u")  # E51
    await asyncio.gather(AsyncStemp("t").emails.logs(), async_till.passes.get("p"), async_till.users.get("u"))
    await AsyncStemp("t", scopes=ORG_ADMIN).org.members.list()
    await AsyncStemp("t", scopes=ORG_READ).org.members.list()  # E52
    await AsyncStemp.from_app_token("t", scopes=EMAIL_APP).emails.logs()
    await AsyncStemp.from_api_token("t", scopes=POS).emails.logs()  # E53
    await AsyncStemp("t", scopes=parse("x")).org.delete()
    await AsyncStemp().org.delete()
    for _ in async_till.users.list():  # E54 (not without async)
        pass
    await till.users.get("u")  # E55 (the other twin)
    with AsyncStemp("t"):  # E56
        pass


# --- ordinary errors are still the ordinary ones
till.passes.get(1)  # E57
till.passes.get()  # E58
till.passes.get("p").nope  # E59
till.passes.create("t", "u")  # E60 (keyword-only)
till.loyalty.set_stamps("p", stamps="7")  # E61
till.passes.retrieve("p")  # E62
Stemp("t", timeout="3")  # E63
Stemp("t", scopes="pass:read")  # E64
Stemp("t", scopes=["pass:read"])  # E65
Stemp("t", POS)  # E66
Stemp(b"t")  # E67

# --- leave alone, set to null
crm.users.update("u", name=None)
crm.users.update("u", name=OMIT, phone="1")
crm.users.update("u", metadata={"tier": "gold"})
crm.users.update("u", email=None)  # E68 (a user always has one)
user_changes: UserUpdate = {"name": None}
user_changes["metadata"] = {"tier": "gold"}
crm.users.update("u", **user_changes)
anyone.templates.update("t", **TemplateUpdate(max_stamps=8))
admin.org.update(**OrganizationUpdate(slug="bean"))
anyone.passes.update("p", **WalletPassUpdate(user_id=None))
user_changes["nmae"] = "Ada"  # E131
user_changes["email"] = None  # E132
user_changes["name"] = OMIT  # E133 (a missing key leaves alone)
anyone.templates.update("t", **user_changes)  # E134
assert_type(anyone.org.members.get("m").role, MemberRole | None)
assert_type(anyone.loyalty.stamp_history("p").first.items[0].type, HistoryType | None)
crm.users.update("u", name=1)  # E69
Stemp("t", scopes=ORG_UPDATE).org.update(slug=OMIT)
Stemp("t", scopes=ORG_UPDATE).org.update(slug=None)  # E70
crm.users.create(email="a@b", name=OMIT)  # E71 (only a PATCH leaves alone)

# --- open enums
app = Stemp.from_app_token("t", scopes=EMAIL_APP)
image = Attachment(filename="a.png", content_type="image/png", content_id="a", content=b"")
assert_type(app.emails.send(to="usr_1", subject="s", html_body="h", category="security"), SentEmail)
app.emails.send(to="usr_1", subject="s", html_body="h", category="newsletter", attachments=[image])
app.emails.send(to="usr_1", subject="s", html_body="h", category=1)  # E72
admin.org.members.update_role("m", role="cashier")
admin.org.members.update_role("m", role=None)  # E73


# --- one's own fakes
class Issuer(Protocol):
    def create(self, *, template_id: str, user_id: str) -> WalletPass: ...


class FakePasses:
    def create(self, *, template_id: str, user_id: str) -> WalletPass:
        return WalletPass(id=template_id + user_id)


def enrol(passes: Issuer) -> None: ...


enrol(FakePasses())
enrol(till.passes)
enrol(anyone.passes)
enrol(reader.passes)  # E74 !mypy
kept: Issuer = reader.passes  # E75 !mypy


# --- a field and a subclass
class Till:
    def __init__(self, client: Stemp[PosScopes]) -> None:
        self.client = client

    def run(self) -> None:
        self.client.loyalty.add_stamp("p")
        self.client.templates.delete("t")  # E76


class MyClient(Stemp[PosScopes]):
    def stamp(self, pass_id: str) -> Self:
        self.loyalty.add_stamp(pass_id)
        self.templates.delete(pass_id)  # E77
        return self


class AnyClient(Stemp): ...


assert_type(MyClient("t").stamp("p").with_options(timeout=3), MyClient)
with MyClient("t") as mine:
    assert_type(mine, MyClient)
MyClient("t", scopes=POS | USER_CREATE)
MyClient("t", scopes=PASS_READ)  # E78
MyClient("t").templates.delete("t")  # E79
issue(MyClient("t"))
AnyClient("t").templates.delete("t")

# --- one's own httpx client
Stemp("t", http_client=httpx.Client())
AsyncStemp("t", http_client=httpx.AsyncClient())
Stemp.from_api_token(
    "t", http_client=httpx.Client(), timeout=3, base_url="https://x", paths={"emails.send": "/v1/email"}
)
Stemp("t", http_client=httpx.AsyncClient())  # E80
AsyncStemp("t", http_client=httpx.Client())  # E81
Stemp.from_app_token("t", http_client=httpx.AsyncClient())  # E82
AsyncStemp.from_api_token("t", http_client=httpx.Client())  # E83
Stemp.from_app_token("t", timeuot=3)  # E84

# --- scopes of one kind of token only
assert_type(PLATFORM_EMAIL_SEND, ScopeSet[Literal["platform:email:send"]])
assert_type(API_TOKEN_MANAGE | APP_MANAGE, ScopeSet[Literal["api_token:manage", "app:manage"]])
assert_type(app, Stemp[EmailAppScopes])
assert_type(Stemp.from_api_token("t", scopes=ORG_ADMIN), Stemp[OrgAdminScopes])
assert_type(AsyncStemp.from_app_token("t", scopes=POS), AsyncStemp[PosScopes])
Stemp.from_api_token("t", scopes=POS).loyalty.add_stamp("p")
Stemp.from_app_token("t", scopes=POS).loyalty.add_stamp("p")
Stemp.from_api_token("t", scopes=POS | API_TOKEN_MANAGE).api_tokens.revoke("k")
Stemp.from_api_token("t", scopes=APP_MANAGE | POS).passes.get("p")
Stemp.from_app_token("t", scopes=POS | PLATFORM_EMAIL_SEND).emails.logs()
Stemp.from_app_token("t", scopes=PLATFORM_EMAIL_SEND | few).passes.get("p")
Stemp("t", scopes=EMAIL_APP | POS).emails.logs()
Stemp("t", scopes=API_TOKEN_MANAGE | POS).api_tokens.list()
Stemp.from_api_token("t").emails.logs()
Stemp.from_app_token("t", scopes=parse("x")).passes.get("p")
for mail in app.emails.logs():
    assert_type(mail, EmailLogEntry)
Stemp.from_api_token("t", scopes=POS).templates.delete("t")  # E85
Stemp.from_app_token("t", scopes=POS).emails.logs()  # E86
Stemp.from_api_token("t", scopes=POS | PLATFORM_EMAIL_SEND)  # E87
Stemp.from_api_token("t", scopes=EMAIL_APP)  # E88
Stemp.from_app_token("t", scopes=API_TOKEN_MANAGE)  # E89
Stemp.from_app_token("t", scopes=APP_MANAGE | few)  # E90
AsyncStemp.from_api_token("t", scopes=EMAIL_APP)  # E91
AsyncStemp.from_app_token("t", scopes=API_TOKEN_MANAGE | POS)  # E92
Stemp("t", scopes=PLATFORM_EMAIL_SEND | API_TOKEN_MANAGE)  # E93 (no token may hold both)
Stemp("t", scopes=EMAIL_APP | few | APP_MANAGE)  # E94
AsyncStemp("t", scopes=API_TOKEN_MANAGE | PLATFORM_EMAIL_SEND)  # E95
Stemp.from_app_token("t", scopes=PLATFORM_EMAIL_SEND | API_TOKEN_MANAGE)  # E96
issuer = Stemp("t", scopes=API_TOKEN_MANAGE)
assert_type(issuer.api_tokens.create(name="till", scopes=POS), CreatedApiToken)
issuer.api_tokens.create(name="till", scopes=POS | USER_CREATE)
issuer.api_tokens.create(name="till", scopes=EMAIL_APP)  # E97 (no API token may hold it)

# --- the sandbox
sandbox = Sandbox()
assert_type(sandbox.client(scopes=POS), Stemp[PosScopes])
assert_type(sandbox.async_client(scopes=few), AsyncStemp[ScopeSet[Literal["pass:read", "user:read"]]])
sandbox.client(scopes=PASS_READ | USER_READ).users.get("u")
sandbox.client().templates.delete("t")
sandbox.client(scopes=POS).templates.delete("t")  # E98
sandbox.client(scopes=PLATFORM_EMAIL_SEND | API_TOKEN_MANAGE)  # E99
sandbox.client(scopes=POS, timeuot=3)  # E100

# --- any endpoint
assert_type(till.request("GET", "/v1/users/{}/rewards", "u", scopes=PASS_READ), Any)
assert_type(till.request("GET", "/v1/users/{}", "u", scopes=USER_READ, returns=User), User)
till.request(
    "POST", "/v1/x", scopes=PASS_READ | USER_READ, query={"a": 1, "b": ["x", True], "c": None}, body={"a": [1]}
)
till.request("PUT", "/v1/x", scopes=POS)
till.request("PUT", "/v1/x", scopes=ScopeSet())
till.request("PUT", "/v1/x", scopes=parse("x:new"))
till.request("PUT", "/v1/x", scopes=POS & few)
anyone.request("DELETE", "/v1/x", scopes=APP_MANAGE)
Stemp("t", scopes=APP_MANAGE).request("GET", "/v1/apps", scopes=APP_MANAGE)
either.request("GET", "/v1/x", scopes=PASS_READ)
till.request("GET", "/v1/x", scopes=TEMPLATE_DELETE)  # E107
till.request("GET", "/v1/x", scopes=PASS_READ | TEMPLATE_DELETE)  # E108
till.request("GET", "/v1/x", scopes=POS | TEMPLATE_DELETE)  # E109
reader.request("GET", "/v1/x", scopes=POS)  # E110
till.request("GET", "/v1/x", scopes=APP_MANAGE)  # E111
till.request("GET", "/v1/x")  # E112 (to say nothing of scopes is not to need none)
till.request("GET", "/v1/x", scopes="pass:read")  # E113
till.request("TRACE", "/v1/x", scopes=PASS_READ)  # E114
till.request("GET", "/v1/x", scopes=PASS_READ, returns=dict)  # E115
till.request("GET", "/v1/x/{}", 7, scopes=PASS_READ)  # E116


def requests(client: Stemp[CanIssue]) -> None:
    client.request("GET", "/v1/x", scopes=PASS_READ | PASS_CREATE)
    client.request("GET", "/v1/x", scopes=USER_READ)  # E117


async def requests_too() -> None:
    assert_type(await async_till.request("GET", "/v1/users/{}", "u", scopes=USER_READ, returns=User), User)
    await async_reader.request("GET", "/v1/x", scopes=USER_READ)  # E118


# --- the response behind a result
assert_type(response_of(till.users.get("u")), Response)
assert_type(response_of(till.users.list()).request_id, str | None)

# --- a write with a reference reads the history
stamper = Stemp("t", scopes=LOYALTY_MANAGE)
stamper.loyalty.add_stamp("p")
assert_type(till.loyalty.add_stamp("p", reference="r"), StampState)
assert_type(anyone.loyalty.add_points("p", points=1, reference="r"), PointsState)
stamper.loyalty.add_stamp("p", reference="r")  # E127
stamper.loyalty.add_points("p", points=1, reference="r")  # E128
reader.loyalty.add_stamp("p", reference="r")  # E129


async def references(client: AsyncStemp[ScopeSet[Literal["loyalty:manage"]]]) -> None:
    await client.loyalty.add_stamp("p", reference="r")  # E130
    await async_till.loyalty.add_stamp("p", reference="r")


# --- typos
ScopeSet[Literal["pass:raed"]]()  # E101
misspelt: Stemp[ScopeSet[Literal["pass:raed"]]]  # E102
crm.users.update("u", USER_UPDATE)  # E103
