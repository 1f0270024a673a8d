"""Clients end with their ``with``, and are not sent anywhere else."""

from __future__ import annotations

import asyncio
import pickle

import pytest
import respx

from stemp_sdk import AsyncStemp, NotFoundError, Stemp, User
from tests.support.twins import Twin


def test_with_closes_the_client(wire: respx.Router) -> None:
    wire.get("/v1/users/usr_1").respond(json={"id": "usr_1"})
    with Stemp("x") as client:
        assert client.users.get("usr_1") == User(id="usr_1")
        copy = client.with_options(timeout=3)
    for closed in (client, copy):
        with pytest.raises(RuntimeError, match=r"^the client is closed: make a new one$"):
            closed.users.get("usr_1")


def test_async_with_closes_the_client(wire: respx.Router) -> None:
    wire.get("/v1/users/usr_1").respond(json={"id": "usr_1"})
    asyncio.run(_use_and_close())


async def _use_and_close() -> None:
    async with AsyncStemp("x") as client:
        assert await client.users.get("usr_1") == User(id="usr_1")
        copy = client.with_options(timeout=3)
    for closed in (client, copy):
        with pytest.raises(RuntimeError, match=r"^the client is closed: make a new one$"):
            await closed.users.get("usr_1")


def test_an_error_inside_with_closes_the_client(wire: respx.Router) -> None:
    wire.get("/v1/users/usr_2").respond(404)
    client = Stemp("x")
    with pytest.raises(NotFoundError), client:
        client.users.get("usr_2")
    with pytest.raises(RuntimeError, match="the client is closed"):
        client.users.get("usr_1")


def test_a_client_that_sent_nothing_closes(twin: Twin) -> None:
    client = twin.client()
    twin.close(client)
    with pytest.raises(RuntimeError, match="the client is closed"):
        twin.run(client.users.get("usr_1"))


@pytest.mark.parametrize("kind", [Stemp, AsyncStemp])
def test_a_client_is_not_pickled(kind: type[Stemp]) -> None:
    with pytest.raises(TypeError, match=r"^a secret is not pickled; send the means to get it instead$"):
        pickle.dumps(kind("x"))
