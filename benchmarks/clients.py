"""The contenders: the SDK, the libraries that it is built on, and two peers, each used as in a normal program.

All have the same token and keep their connections alive. Each call returns the id from the response, so that a failing
contender is not timed.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, contextmanager
from itertools import islice
from typing import Any, Final, TypeAlias

import attrs
import httpcore
import httpx
import openai
import stripe

from stemp_sdk import AsyncStemp, Stemp, presets

from .server import PAGE_SIZE, TOKEN

LISTED_PAGES: Final = 10

_USER: Final = "/api/v1/users/usr_1"
_USERS: Final = f"/api/v1/users?size={PAGE_SIZE}&page="
_ADD_STAMP: Final = "/api/v1/walletpasses/wp_1/stamps/add"
_NOTE: Final = "Main St"
_BEARER: Final = ("Authorization", f"Bearer {TOKEN}")
_JSON: Final = ("Content-Type", "application/json")

Call: TypeAlias = Callable[[], str]
AsyncCall: TypeAlias = Callable[[], Awaitable[str]]


@attrs.frozen
class Contender:
    """The sync calls of one library."""

    get: Call
    """Get an object."""
    post: Call
    """Send a small JSON body (stripe: form) and get an object."""
    listing: Call | None = None
    """List the items of the first pages."""


@attrs.frozen
class AsyncContender:
    """The async calls of one library."""

    get: AsyncCall
    post: AsyncCall


def _last_id(items: Iterable[Any]) -> str:
    last: str = ""
    for item in islice(items, LISTED_PAGES * PAGE_SIZE):
        last = item.id
    return last


@contextmanager
def _stemp(url: str) -> Generator[Contender]:
    with Stemp(TOKEN, scopes=presets.POS, base_url=f"{url}/api") as client:
        yield Contender(
            lambda: client.users.get("usr_1").id,
            lambda: client.loyalty.add_stamp("wp_1", note=_NOTE).id or "",
            lambda: _last_id(client.users.list(size=PAGE_SIZE)),
        )


@asynccontextmanager
async def _async_stemp(url: str) -> AsyncGenerator[AsyncContender]:
    async with AsyncStemp(TOKEN, scopes=presets.POS, base_url=f"{url}/api") as client:

        async def get() -> str:
            return (await client.users.get("usr_1")).id

        async def post() -> str:
            return (await client.loyalty.add_stamp("wp_1", note=_NOTE)).id or ""

        yield AsyncContender(get, post)


@contextmanager
def _httpx(url: str) -> Generator[Contender]:
    with httpx.Client(headers=[_BEARER]) as client:

        def listing() -> Any:
            last = None
            for number in range(LISTED_PAGES):
                for item in client.get(f"{url}{_USERS}{number}").json()["content"]:
                    last = item["id"]
            return last

        yield Contender(
            lambda: client.get(url + _USER).json()["id"],
            lambda: client.post(url + _ADD_STAMP, json={"note": _NOTE}).json()["id"],
            listing,
        )


@asynccontextmanager
async def _async_httpx(url: str) -> AsyncGenerator[AsyncContender]:
    async with httpx.AsyncClient(headers=[_BEARER]) as client:

        async def get() -> Any:
            return (await client.get(url + _USER)).json()["id"]

        async def post() -> Any:
            return (await client.post(url + _ADD_STAMP, json={"note": _NOTE})).json()["id"]

        yield AsyncContender(get, post)


@contextmanager
def _httpcore(url: str) -> Generator[Contender]:
    with httpcore.ConnectionPool() as pool:

        def get() -> Any:
            return json.loads(pool.request("GET", url + _USER, headers=[_BEARER]).content)["id"]

        def post() -> Any:
            body = json.dumps({"note": _NOTE}).encode()
            response = pool.request("POST", url + _ADD_STAMP, headers=[_BEARER, _JSON], content=body)
            return json.loads(response.content)["id"]

        yield Contender(get, post)


@asynccontextmanager
async def _async_httpcore(url: str) -> AsyncGenerator[AsyncContender]:
    async with httpcore.AsyncConnectionPool() as pool:

        async def get() -> Any:
            response = await pool.request("GET", url + _USER, headers=[_BEARER])
            return json.loads(response.content)["id"]

        async def post() -> Any:
            body = json.dumps({"note": _NOTE}).encode()
            response = await pool.request("POST", url + _ADD_STAMP, headers=[_BEARER, _JSON], content=body)
            return json.loads(response.content)["id"]

        yield AsyncContender(get, post)


@contextmanager
def _stripe(url: str) -> Generator[Contender]:
    customers = stripe.StripeClient(TOKEN, base_addresses={"api": url}).v1.customers
    yield Contender(
        lambda: customers.retrieve("cus_1").id,
        lambda: customers.update("cus_1", {"description": _NOTE}).id,
        lambda: _last_id(customers.list({"limit": PAGE_SIZE}).auto_paging_iter()),
    )


@asynccontextmanager
async def _async_stripe(url: str) -> AsyncGenerator[AsyncContender]:
    customers = stripe.StripeClient(TOKEN, base_addresses={"api": url}).v1.customers

    async def get() -> str:
        return (await customers.retrieve_async("cus_1")).id

    async def post() -> str:
        return (await customers.update_async("cus_1", {"description": _NOTE})).id

    yield AsyncContender(get, post)


@contextmanager
def _openai(url: str) -> Generator[Contender]:
    with openai.OpenAI(api_key=TOKEN, base_url=f"{url}/openai") as client:
        yield Contender(
            lambda: client.vector_stores.retrieve("vs_1").id,
            lambda: client.vector_stores.create(name=_NOTE).id,
            lambda: _last_id(client.vector_stores.list(limit=PAGE_SIZE)),
        )


@asynccontextmanager
async def _async_openai(url: str) -> AsyncGenerator[AsyncContender]:
    async with openai.AsyncOpenAI(api_key=TOKEN, base_url=f"{url}/openai") as client:

        async def get() -> str:
            return (await client.vector_stores.retrieve("vs_1")).id

        async def post() -> str:
            return (await client.vector_stores.create(name=_NOTE)).id

        yield AsyncContender(get, post)


SYNC: Final[Mapping[str, Callable[[str], AbstractContextManager[Contender]]]] = {
    "stemp": _stemp,
    "httpx": _httpx,
    "httpcore": _httpcore,
    "stripe": _stripe,
    "openai": _openai,
}
ASYNC: Final[Mapping[str, Callable[[str], AbstractAsyncContextManager[AsyncContender]]]] = {
    "stemp": _async_stemp,
    "httpx": _async_httpx,
    "httpcore": _async_httpcore,
    "stripe": _async_stripe,
    "openai": _async_openai,
}
