"""Visitors of the example app, which is served in this process with its own sandbox."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from html import unescape

import attrs
import httpx
from starlette.applications import Starlette

from examples.oauth_app import __main__, app
from stemp_sdk.oauth import Installation
from stemp_sdk.sandbox import Sandbox
from stemp_sdk.scopes import ScopeSet

HOME = "https://kindly.example"


@attrs.frozen
class Visitor:
    """A user with a scripted browser."""

    http: httpx.AsyncClient
    sandbox: Sandbox
    kindly: Starlette

    def colleague(self) -> Visitor:
        """Another user of the same organization, with another browser."""
        http = httpx.AsyncClient(transport=httpx.ASGITransport(self.kindly), base_url=HOME)
        return Visitor(http, self.sandbox, self.kindly)

    async def home(self) -> str:
        return unescape((await self.http.get("/")).text)

    async def press(self, path: str) -> httpx.Response:
        """Press the button that posts to ``path``."""
        token = re.findall(r'name="csrf" value="([^"]+)"', (await self.http.get("/")).text)[0]
        return await self.http.post(path, data={"csrf": token})

    async def ask(self, path: str) -> str:
        """Press a button that leads to the consent screen; gives its address."""
        answer = await self.press(path)
        assert answer.status_code == 303
        return str(answer.headers["location"])

    async def install(self, scopes: ScopeSet | None = None, organization_id: str | None = None) -> None:
        url = await self.ask("/connect")
        await self.http.get(self.sandbox.consent.allow(url, scopes=scopes, organization_id=organization_id))

    async def mail_button(self) -> str:
        """Where the button of the first customer posts to."""
        return str(re.findall(r'action="(/customers/[^"]+)"', (await self.http.get("/")).text)[0])


Scene = Callable[[Visitor], Awaitable[None]]


def play(scene: Scene, sandbox: Sandbox | None = None) -> list[Installation]:
    """Let a visitor who was never here before act a scene; gives what the app keeps in the end."""
    sandbox = sandbox or Sandbox().seed_demo()

    async def run() -> list[Installation]:
        with __main__.in_sandbox(sandbox, f"{HOME}/callback") as stemp:
            async with visitor(app.create_app(stemp), sandbox) as someone:
                await scene(someone)
            return [*stemp.installations()]

    return asyncio.run(run())


@asynccontextmanager
async def visitor(kindly: Starlette, sandbox: Sandbox) -> AsyncGenerator[Visitor]:
    transport = httpx.ASGITransport(kindly)
    async with (
        kindly.router.lifespan_context(kindly),
        httpx.AsyncClient(transport=transport, base_url=HOME) as http,
    ):
        yield Visitor(http, sandbox, kindly)
