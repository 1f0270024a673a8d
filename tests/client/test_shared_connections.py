"""Clients of one app share its connections: each has its own credential, and closing one leaves the others be."""

from __future__ import annotations

from typing import Any

import httpx
import respx

from stemp_sdk import presets
from stemp_sdk._client._async import client_for as async_client_for
from stemp_sdk._client._sync import client_for
from stemp_sdk._core.credential import FixedToken, Grant
from stemp_sdk._core.secret import Secret
from stemp_sdk._transport import AsyncPool, Pool
from tests.support.twins import BASE_URL, Twin, sent


def test_clients_on_one_pool_share_its_connections(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/usr_1").respond(json={"id": "usr_1"})
    origin = httpx.URL(BASE_URL).copy_with(path="/")
    pool: Any = Pool(origin, None) if twin.kind == "sync" else AsyncPool(origin, None)
    make: Any = client_for if twin.kind == "sync" else async_client_for
    one, two = (
        make(FixedToken(Secret(token), Grant(scopes=presets.POS)), pool=pool, timeout=3) for token in ("1", "2")
    )
    twin.run(one.users.get("usr_1"))
    twin.close(one)
    twin.run(two.users.get("usr_1"))
    twin.run(two.with_options(timeout=5).users.get("usr_1"))
    assert (one.scopes, two.scopes) == (presets.POS, presets.POS)
    assert [request.headers["authorization"] for request in sent(wire)] == ["Bearer 1", "Bearer 2", "Bearer 2"]
    assert [request.extensions["timeout"]["read"] for request in sent(wire)] == [3.0, 3.0, 5.0]
    twin.close(two)
    twin.run(pool.close() if twin.kind == "sync" else pool.aclose())


def test_a_client_without_a_given_pool_has_connections_of_its_own(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/usr_1").respond(json={"id": "usr_1"})
    make: Any = client_for if twin.kind == "sync" else async_client_for
    client = make(FixedToken(Secret("one")))
    assert twin.run(client.users.get("usr_1")).id == "usr_1"
    twin.close(client)
