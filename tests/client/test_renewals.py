"""A credential that renews itself, on the wire: both drivers ask it, and the client stays one."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import respx

from stemp_sdk import AuthenticationError, TokenKind
from stemp_sdk._core.secret import Secret
from tests.support.credentials import Renewing
from tests.support.twins import Twin, on_trio_too, sent

from .vault import USER

pytestmark = on_trio_too

REFUSED = httpx.Response(401, json={"code": "unauthorized"})


def test_each_refused_token_is_renewed(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/usr_1").mock(side_effect=[REFUSED, USER, REFUSED, USER])
    credential: Any = Renewing([Secret("one"), Secret("two"), Secret("three")])  # as apps give it, and users do not
    client = twin.of(credential)
    assert client.token_kind is TokenKind.APP
    twin.run(client.users.get("usr_1"))
    twin.run(client.with_options(timeout=3).users.get("usr_1"))
    tokens = [request.headers["authorization"].removeprefix("Bearer ") for request in sent(wire)]
    assert tokens == ["one", "two", "two", "three"]
    twin.close(client)


def test_a_token_that_cannot_be_renewed_is_refused_with_the_servers_words(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/usr_1").mock(side_effect=[REFUSED, REFUSED])
    credential: Any = Renewing([Secret("one")])
    client = twin.of(credential)
    with pytest.raises(AuthenticationError, match=r"^users\.get: 401 unauthorized; the token may be revoked"):
        twin.run(client.users.get("usr_1"))
    twin.close(client)
