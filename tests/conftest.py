"""Both twins, called alike; a clock that stands still; the wire as respx sees it."""

from __future__ import annotations

import asyncio
import os
import shutil
import ssl
import subprocess
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

import attrs
import httpx
import hypothesis
import pytest
import respx
from anyio.from_thread import BlockingPortal, start_blocking_portal

from stemp_sdk import OPERATIONS, AsyncStemp, Page, Stemp
from stemp_sdk._core.clock import Clock

T = TypeVar("T")

# A busy machine may stall any example for longer than any deadline.
hypothesis.settings.register_profile("no deadline", deadline=None)
hypothesis.settings.load_profile("no deadline")

BASE_URL = "https://api.stemp.app/api"
#: The operations of the API itself, without OAuth2's endpoints.
API = {name: operation for name, operation in OPERATIONS.items() if not operation.anonymous}
TOKEN = "kept-secret"  # of no known kind, so that it may hold any scope


@attrs.define
class StillClock:
    """Time that only sleeping moves."""

    now: float = 1_800_000_000.0
    chance: float = 1.0
    """What each draw of chance gives: 1 is the longest backoff."""
    slept: list[float] = attrs.field(factory=list[float])

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    async def sleep_async(self, seconds: float) -> None:
        self.sleep(seconds)

    def clock(self) -> Clock:
        def now() -> float:
            return self.now

        return Clock(now=now, monotonic=now, random=lambda: self.chance, sleep=self.sleep, sleep_async=self.sleep_async)


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
        twin = Stemp if self.kind == "sync" else AsyncStemp
        return cast("type[Stemp]", type(twin.__name__, (twin,), {"_clock": self.still.clock()}))

    def client(self, token: str | Callable[[], str] | None = TOKEN, **options: Any) -> Stemp:
        """A client that is closed at the end of the test."""
        client = self.of(token, **options)
        self._made.append(client)
        return client

    def run(self, result: T) -> T:
        """What a method gives, once it is there."""
        if self.kind == "sync":
            return result
        return cast("T", self._runner.run(_finished(result)))

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
            self._runner.run(cast("AsyncStemp", client).aclose())

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


@pytest.fixture
def still() -> StillClock:
    return StillClock()


@pytest.fixture(params=["sync", "async"])
def twin(request: pytest.FixtureRequest, still: StillClock) -> Iterator[Twin]:
    twin = Twin("async", still, TrioRunner()) if request.param == "trio" else Twin(request.param, still)
    yield twin
    twin.end()


on_trio_too = pytest.mark.parametrize("twin", ["sync", "async", "trio"], indirect=True)


@pytest.fixture(scope="session")
def tls() -> ssl.SSLContext:
    return ssl.create_default_context()


@pytest.fixture
def wire(tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> Iterator[respx.Router]:
    """The API at its usual place. What no route expects fails the test."""

    def context(**_: object) -> ssl.SSLContext:
        return tls  # to load the certificates takes longer than all the rest of a test, and respx needs none

    monkeypatch.setattr(ssl, "create_default_context", context)
    with respx.mock(base_url=BASE_URL, assert_all_called=False) as router:
        yield router


def sent(wire: respx.Router) -> list[httpx.Request]:
    """The requests so far."""
    return [call.request for call in cast("list[Any]", wire.calls)]


@pytest.fixture(scope="session")
def redis_socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A Redis server of the tests' own, on a socket that nobody else knows."""
    program = shutil.which("redis-server")
    if program is None:
        (pytest.fail if "CI" in os.environ else pytest.skip)("there is no redis-server here")
    path = tmp_path_factory.mktemp("redis") / "socket"
    command = [program, "--port", "0", "--unixsocket", str(path), "--save", "", "--appendonly", "no"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=path.parent) as server:
        try:
            assert server.stdout is not None
            assert any("eady to accept connections" in line for line in server.stdout), "redis-server did not start"
            yield path
        finally:
            server.terminate()
