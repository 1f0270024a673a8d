"""The clients of an app share its connections, and are small."""

from __future__ import annotations

import asyncio
import gc
import sys
import tracemalloc
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import attrs
import pytest

from stemp_sdk import AsyncStemp, Stemp
from stemp_sdk.oauth import Installation, OAuthApp
from stemp_sdk.sandbox import Sandbox, serving
from stemp_sdk.scopes import USER_READ
from tests.oauth.world import ASKED, REDIRECT_URI, World
from tests.support.jwts import jwt

_connected: list[object] = []
"""Where each connection of this process went to."""


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        _connected.append(arguments[1])


sys.addaudithook(_note)


@attrs.define
class Shop:
    """Two organizations that installed an app, which reaches the sandbox over HTTP."""

    app: OAuthApp[Any]
    installations: list[Installation]
    port: int

    @property
    def connections(self) -> int:
        """How many were made so far."""
        return _connected.count(("127.0.0.1", self.port))


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    # On a busy machine, the exchange of a code might take a new connection, as the idle one may be stale.
    monkeypatch.setattr("stemp_sdk._transport._stack._FRESH", 30.0)
    sandbox = Sandbox().seed_demo()
    second = sandbox.add_organization("Second").id
    registered = sandbox.apps.register(name="Mailer", redirect_uri=REDIRECT_URI)
    secrets = registered.client_id, registered.client_secret
    _connected.clear()  # an earlier server may have had the same port
    with serving(sandbox) as base_url, OAuthApp(*secrets, REDIRECT_URI, scopes=ASKED, base_url=base_url) as app:
        installations: list[Installation] = []
        for organization in (None, second):
            pending = app.authorize()
            installations.append(
                app.exchange(sandbox.consent.allow(pending.url, organization_id=organization), pending)
            )
        yield Shop(app, installations, urlsplit(base_url).port or 0)


def test_sync_clients_share_connections_and_close_none(shop: Shop) -> None:
    found: list[int] = []
    for installation in shop.installations * 2:
        with shop.app.client(installation) as client:
            found.append(len(client.users.list().items))
        with pytest.raises(RuntimeError, match="closed"):
            client.users.list()
    assert found == [3, 0, 3, 0]
    assert shop.connections == 1


def test_async_clients_share_connections_and_close_none(shop: Shop) -> None:
    async def use() -> list[int]:
        found: list[int] = []
        async with shop.app as app:
            for installation in shop.installations * 2:
                async with app.async_client(installation) as client:
                    found.append(len((await client.users.list()).items))
                with pytest.raises(RuntimeError, match="closed"):
                    await client.users.list()
            last = app.async_client(shop.installations[0])
        with pytest.raises(RuntimeError, match="closed"):
            await last.users.list()
        return found

    assert asyncio.run(use()) == [3, 0, 3, 0]
    assert shop.connections == 2  # that of the token endpoints is sync


def test_an_app_that_is_closed_closes_its_clients(shop: Shop) -> None:
    client = shop.app.client(shop.installations[0])
    client.users.list()
    shop.app.close()
    with pytest.raises(RuntimeError, match="closed"):
        client.users.list()


def test_a_client_with_another_base_url_has_connections_of_its_own(shop: Shop) -> None:
    elsewhere = f"http://localhost:{shop.port}/api"
    with shop.app.client(shop.installations[0], base_url=elsewhere) as client:
        assert len(client.users.list().items) == 3
    assert shop.connections == 2
    clients: Any = vars(shop.app)["_clients"]
    with pytest.raises(ValueError, match="http_client is a pool of connections to"):
        Stemp("sk_live_x", base_url=elsewhere, http_client=clients.pool)
    with pytest.raises(ValueError, match="http_client is a pool of connections to"):
        AsyncStemp("sk_live_x", base_url=elsewhere, http_client=clients._async_pool)


def test_the_http_client_of_an_app_serves_its_sync_clients(world: World) -> None:
    installation = world.install()
    with world.app.client(installation) as client:
        assert len(client.users.list().items) == 3
    with world.app.client(installation) as client:
        assert len(client.users.list().items) == 3


def test_the_base_url_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEMP_BASE_URL", "https://stemp.example/api")
    with OAuthApp("app_1", "secret", REDIRECT_URI, scopes=USER_READ) as app:
        assert app.authorize().url.startswith("https://stemp.example/api/v1/")
    monkeypatch.setenv("STEMP_BASE_URL", "ftp://stemp.example")
    with pytest.raises(ValueError, match="STEMP_BASE_URL"):
        OAuthApp("app_1", "secret", REDIRECT_URI, scopes=USER_READ)


@pytest.mark.parametrize("kind", ["client", "async_client"])
def test_an_installations_client_is_small_beside_a_thousand_others(world: World, kind: str) -> None:
    first = world.install()
    token = jwt(installationId="ins_1", organizationId="org_1", scopes=list(ASKED), padding="x" * 600)
    stored = [
        attrs.evolve(first, id=f"ins_{number}", access_token=type(first.access_token)(f"{token}{number}"))
        for number in range(1001)
    ]
    for installation in stored:
        world.store.save(installation.id, installation.to_json())
    stored.clear()
    make = getattr(world.app, kind)
    kept = [make(world.app.installation("ins_0"))]
    gc.collect()
    tracemalloc.start()
    try:
        kept += [make(world.app.installation(f"ins_{number}")) for number in range(1, 1001)]
        gc.collect()
        size = tracemalloc.get_traced_memory()[0] / 1000
    finally:
        tracemalloc.stop()
    assert size < 20 * 1024
