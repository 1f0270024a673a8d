"""Both clients, called alike, and what they sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from typing import Any, Literal, TypeVar, cast

import attrs
import httpx
import pytest
import respx
from anyio.from_thread import BlockingPortal, start_blocking_portal

from stemp_sdk import OPERATIONS, AsyncStemp, Page, Stemp
from tests.support.clocks import StillClock, with_clock

T = TypeVar("T")
Handler = Callable[[httpx.Request], httpx.Response]

BASE_URL = "https://api.stemp.app/api"
#: The operations of the API itself, without OAuth2's endpoints.
API = {name: operation for name, operation in OPERATIONS.items() if not operation.anonymous}
TOKEN = "kept-secret"  # of no known kind, so that it may hold any scope


class TrioRunner:
    """As ``asyncio.Runner``, with trio; in a thread of its own."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._portal: BlockingPortal = self._stack.enter_context(start_blocking_portal("trio"))

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        result: T = self._portal.call(lambda: coroutine)
        return result

    def close(self) -> None:
        self._stack.close()


@attrs.define
class Twin:
    """One of the two clients, called in one way.

    The async client is typed as the sync one, whose methods it has; ``run`` waits for what they give::

        user = twin.run(client.users.get("usr_1"))
        users = twin.all(client.users.list())
    """

    kind: Literal["sync", "async"]
    still: StillClock
    _runner: asyncio.Runner | TrioRunner = attrs.field(factory=asyncio.Runner)
    _made: list[Any] = attrs.field(factory=list[Any])

    @property
    def of(self) -> type[Stemp]:
        """The class of the client; its clock stands still."""
        twin: Any = Stemp if self.kind == "sync" else AsyncStemp
        made: type[Stemp] = with_clock(twin, self.still.clock())
        return made

    def client(self, token: str | Callable[[], str] | None = TOKEN, **options: Any) -> Stemp:
        """A client that is closed at the end of the test."""
        return self.kept(self.of(token, **options))

    def kept(self, client: T) -> T:
        """Close a client at the end of the test."""
        self._made.append(client)
        return client

    def http_client(self, handler: Handler | None = None, **options: Any) -> Any:
        """An httpx client of this kind; with a handler, that is its server."""
        kind = httpx.Client if self.kind == "sync" else httpx.AsyncClient
        return kind(**options) if handler is None else kind(transport=httpx.MockTransport(handler), **options)

    def run(self, result: T) -> T:
        """What a method gives, once it is there."""
        if self.kind == "sync":
            return result
        finished: T = self._runner.run(_finished(result))
        return finished

    def all(self, listing: Any) -> list[Any]:
        """Every item of a listing."""
        return list(listing) if self.kind == "sync" else self._runner.run(_collected(listing))

    def each(self, listing: Any, see: Callable[[Any], object]) -> None:
        """Show every item to ``see`` and forget it."""
        if self.kind == "async":
            return self._runner.run(_shown(listing, see))
        for item in listing:
            see(item)
            del item
        return None

    def pages(self, listing: Any) -> list[Page[Any]]:
        """Every page of a listing."""
        return self.all(listing.pages())

    def close(self, client: Stemp) -> None:
        """Close a client."""
        if self.kind == "sync":
            client.close()
        else:
            asynchronous: Any = client
            self._runner.run(asynchronous.aclose())

    def end(self) -> None:
        """Close all that was made."""
        for client in self._made:
            self.close(client)
        self._runner.close()


async def _finished(result: Any) -> Any:
    return await result


async def _shown(items: Any, see: Callable[[Any], object]) -> None:
    async for item in items:
        see(item)
        del item


async def _collected(items: Any) -> list[Any]:
    return [item async for item in items]


on_trio_too = pytest.mark.parametrize("twin", ["sync", "async", "trio"], indirect=True)


def sent(wire: respx.Router) -> list[httpx.Request]:
    """The requests so far."""
    return [call.request for call in cast("list[Any]", wire.calls)]


def settings_of(client: object) -> Any:
    """What a client was made with: neither its repr nor its pickle may have a secret."""
    return vars(client)["_settings"]


def pool_of(client: object) -> Any:
    """The connections of a client: copies have the same."""
    return vars(client)["_pool"]


def tokens_on(wire: respx.Router) -> list[str]:
    """The tokens of the requests so far."""
    return [request.headers["authorization"].removeprefix("Bearer ") for request in sent(wire)]
