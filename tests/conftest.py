"""Fixtures of every test: both clients, a clock that stands still, the wire as respx sees it."""

from __future__ import annotations

import os
import shutil
import signal
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import respx

from tests.support.clocks import StillClock
from tests.support.twins import BASE_URL, TrioRunner, Twin

# A busy machine may stall any example for longer than any deadline.
hypothesis.settings.register_profile("no deadline", deadline=None)
hypothesis.settings.load_profile("no deadline")


def pytest_configure() -> None:
    """A command in the background ignores Ctrl-C, and so would the programs that tests interrupt."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def still() -> StillClock:
    return StillClock()


@pytest.fixture(params=["sync", "async"])
def twin(request: pytest.FixtureRequest, still: StillClock) -> Iterator[Twin]:
    twin = Twin("async", still, TrioRunner()) if request.param == "trio" else Twin(request.param, still)
    yield twin
    twin.end()


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


@pytest.fixture(scope="session")
def redis_socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A Redis server for the tests alone, on a Unix socket."""
    program = shutil.which("redis-server")
    if program is None:
        (pytest.fail if "CI" in os.environ else pytest.skip)("redis-server is not installed")
    path = tmp_path_factory.mktemp("redis") / "socket"
    command = [program, "--port", "0", "--unixsocket", str(path), "--save", "", "--appendonly", "no"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=path.parent) as server:
        try:
            assert server.stdout is not None
            assert any("eady to accept connections" in line for line in server.stdout), "redis-server did not start"
            yield path
        finally:
            server.terminate()


@pytest.fixture(scope="session")
def redis_connection(redis_socket: Path) -> Iterator[Any]:
    """A client of the server, with what other tests left there."""
    import redis  # Pyodide, where many tests run as well, does not have it

    client: Any = redis.Redis(unix_socket_path=str(redis_socket))
    with client:
        yield client


@pytest.fixture
def redis_client(redis_connection: Any) -> Any:
    """A client of the server, which is empty."""
    redis_connection.flushall()
    return redis_connection
