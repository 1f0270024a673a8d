"""The pools of both clients, called alike, without a client."""

from __future__ import annotations

import ssl
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import attrs
import httpx

from stemp_sdk._core.call import NoResponse, Outcome, RawResponse, Send
from stemp_sdk._core.secret import Secret
from stemp_sdk._transport import AsyncPool, Pool
from stemp_sdk._transport._request import RequestBuilder
from tests.support.twins import TOKEN, Twin

GET = Send("GET", "/api/v1/users/usr_1", None, Secret(TOKEN), timeout=5.0, budget=5.0, adds=False)


def stack_of(pool: Any) -> Any:
    """The connections of a pool, which are opened by this."""
    stack, _ = pool._connections.opened()
    return stack


@attrs.define
class Sender:
    """A pool, and what its requests are built with."""

    twin: Twin
    pool: Any
    """A ``Pool``, or an ``AsyncPool`` whose methods the twin waits for."""
    builder: RequestBuilder

    def send(self, send: Send = GET, **changes: Any) -> Outcome:
        """Send it with changes."""
        outcome: Outcome = self.twin.run(self.pool.send(attrs.evolve(send, **changes), self.builder))
        return outcome

    def answer(self, send: Send = GET, **changes: Any) -> RawResponse:
        """Send what is answered."""
        outcome = self.send(send, **changes)
        assert isinstance(outcome, RawResponse), outcome
        return outcome

    def lost(self, send: Send = GET, **changes: Any) -> NoResponse:
        """Send what is not answered."""
        outcome = self.send(send, **changes)
        assert isinstance(outcome, NoResponse), outcome
        return outcome

    def close(self) -> None:
        """Close the pool."""
        self.twin.run(self.pool.close() if self.twin.kind == "sync" else self.pool.aclose())


def client_for(twin: Twin, **options: Any) -> Any:
    """An httpx client of the twin's kind, which loads no certificates."""
    return twin.http_client(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), **options)


@contextmanager
def sending(twin: Twin, base_url: str, http_client: Any = None) -> Generator[Sender]:
    """A pool to where a base URL is; closes what it was given at the end."""
    origin = httpx.URL(base_url).copy_with(path="/")
    kind: type[Pool | AsyncPool] = Pool if twin.kind == "sync" else AsyncPool
    sender = Sender(twin, kind(origin, http_client), RequestBuilder(origin))
    try:
        yield sender
    finally:
        sender.close()
        if http_client is not None:
            twin.run(http_client.close() if twin.kind == "sync" else http_client.aclose())
