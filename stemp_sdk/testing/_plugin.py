"""The pytest plugin: options, marks and fixtures. Loading it imports nothing besides pytest.

PYTEST_DONT_REWRITE: it has no assertions.
"""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from .. import AsyncStemp, Stemp
    from ..sandbox import Sandbox
    from ..scopes import ScopeSet
    from . import AppWebhooks, Clock

_MARKS: Final = (
    "stemp_scopes(*scopes): the scopes of the token of stemp_client and stemp_async_client; several sets are joined",
    "stemp_sandbox(**options): options of the Sandbox of stemp_sandbox",
    "stemp_fault(**failure): make the next requests of the test fail, as Sandbox.fail_next does",
    "stemp_cassette(path=None, scrub=()): the clients replay traffic of the real API that --stemp-record recorded",
)

_sandbox: Final = pytest.StashKey["Sandbox"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("stemp", "stemp_sdk")
    group.addoption("--stemp-record", action="store_true", help="record the cassettes of the selected tests again")
    group.addoption("--stemp-scopes", action="store_true", help="report which scopes the tests used, and which not")
    group.addoption("--stemp-scopes-per-test", action="store_true", help="the same for each test as well")
    group.addoption("--stemp-scopes-strict", action="store_true", help="fail a test that uses scopes not granted")
    group.addoption("--stemp-scopes-file", metavar="PATH", help="write the used scopes to a JSON file")
    parser.addini("stemp_scopes", "the scopes of the program's token: scopes and presets, such as POS|user:create")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marks, and the recording of scopes if an option needs it."""
    for mark in _MARKS:
        config.addinivalue_line("markers", mark)
    options = config.option
    per_test, strict = options.stemp_scopes_per_test, options.stemp_scopes_strict
    if options.stemp_scopes or per_test or strict or options.stemp_scopes_file:
        from ._report import ScopeReport

        config.pluginmanager.register(ScopeReport(config), "stemp-scopes")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Open the cassette of a test before its other fixtures."""
    if isinstance(item, pytest.Function) and item.get_closest_marker("stemp_cassette"):
        item.fixturenames.insert(0, "_stemp_cassette")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Arm the faults of a test, once its fixtures are ready."""
    marks = [*item.iter_markers("stemp_fault")]
    if marks:
        sandbox = item.stash.get(_sandbox, None)
        if sandbox is None:
            pytest.fail("stemp_fault needs the fixture stemp_sandbox, or one that uses it", pytrace=False)
        for mark in reversed(marks):  # the outermost first
            sandbox.fail_next(*mark.args, **mark.kwargs)
    return (yield)


@pytest.fixture
def stemp_clock() -> Iterator[Clock]:
    """A ``stemp_sdk.testing.Clock`` for the clients, apps and sandboxes of the test, which then never really wait."""
    from . import Clock

    clock = Clock()
    with clock.install():
        yield clock


@pytest.fixture
def stemp_sandbox(request: pytest.FixtureRequest, stemp_clock: Clock) -> Sandbox:
    """An empty ``Sandbox`` on ``stemp_clock``, with the same ids each time; marks ``stemp_sandbox`` set its options."""
    from ..sandbox import Sandbox

    options: dict[str, Any] = {"clock": stemp_clock, "seed": 1}
    for mark in reversed([*request.node.iter_markers("stemp_sandbox")]):
        options |= mark.kwargs
    sandbox = request.node.stash[_sandbox] = Sandbox(**options)
    return sandbox


@pytest.fixture
def stemp_client(request: pytest.FixtureRequest) -> Iterator[Stemp[Any]]:
    """A ``Stemp`` with its own token for ``stemp_sandbox``, or for the real API in a test with a cassette.

    Its scopes are those of the mark ``stemp_scopes``, or of the ini option ``stemp_scopes``. Without either, its token
    holds every scope of API tokens, and the client's scopes are unknown.
    """
    from .. import Stemp

    scopes = scopes_of(request.node)
    if "_stemp_cassette" in request.fixturenames:
        client = Stemp(request.getfixturevalue("_stemp_cassette"), scopes=scopes)
    else:
        client = request.getfixturevalue("stemp_sandbox").client(scopes=scopes)
    with client:
        yield client


@pytest.fixture
def stemp_async_client(request: pytest.FixtureRequest) -> AsyncStemp[Any]:
    """An asynchronous ``stemp_client``, for any event loop. A test that records must close it with ``async with``."""
    from .. import AsyncStemp

    scopes = scopes_of(request.node)
    if "_stemp_cassette" in request.fixturenames:
        return AsyncStemp(request.getfixturevalue("_stemp_cassette"), scopes=scopes)
    client: AsyncStemp[Any] = request.getfixturevalue("stemp_sandbox").async_client(scopes=scopes)
    return client


@pytest.fixture
def stemp_admin(stemp_sandbox: Sandbox) -> Iterator[Stemp[Any]]:
    """A client of ``stemp_sandbox`` with every scope of API tokens, to prepare the data of a test.

    Its calls are not in any record of scopes. It is synchronous, also for asynchronous tests, as it never waits.
    """
    from .._core.recording import leave_out

    with stemp_sandbox.client() as client:
        leave_out(client._settings.credential)  # pyright: ignore[reportPrivateUsage]
        yield client


@pytest.fixture
def stemp_webhooks(stemp_sandbox: Sandbox) -> AppWebhooks:
    """A ``stemp_sdk.testing.AppWebhooks``: the webhooks of ``stemp_sandbox``, delivered to the app under test."""
    from . import AppWebhooks

    return AppWebhooks(stemp_sandbox)


@pytest.fixture
def stemp_server(
    request: pytest.FixtureRequest, stemp_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """``stemp_sandbox`` over HTTP, for programs that create their own client. Needs the extra ``sandbox``.

    STEMP_BASE_URL, STEMP_TOKEN and STEMP_SCOPES are set so that ``Stemp()`` uses it, also in a process that the test
    starts. Webhooks are delivered as events happen. The value of the fixture is the base URL.
    """
    from ..sandbox import serving

    scopes = scopes_of(request.node)
    monkeypatch.setenv("STEMP_TOKEN", stemp_sandbox.issue_token(scopes))
    if scopes is None:
        monkeypatch.delenv("STEMP_SCOPES", raising=False)
    else:
        monkeypatch.setenv("STEMP_SCOPES", str(scopes))
    with serving(stemp_sandbox) as base_url:
        monkeypatch.setenv("STEMP_BASE_URL", base_url)
        yield base_url


@pytest.fixture
def _stemp_cassette(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """Open the cassette of a test; yield the token for its clients, None for that of the environment."""
    from ._cassette import cassette

    mark = request.node.get_closest_marker("stemp_cassette")
    record: bool = request.config.option.stemp_record
    if record and "STEMP_TOKEN" not in os.environ:
        pytest.fail("--stemp-record needs a token of the real API in STEMP_TOKEN", pytrace=False)
    name = re.sub(r"[^\w.\-]+", "-", request.node.name).strip("-")
    default = f"cassettes/{request.path.stem}/{name}.yaml"
    path = request.path.parent / (mark.args[0] if mark.args else mark.kwargs.get("path", default))
    if not record:
        request.getfixturevalue("stemp_clock")  # recorded retries are replayed without waiting
    with cassette(path, record=record, scrub=mark.kwargs.get("scrub", ())):
        yield None if record else "replayed"


def scopes_of(item: pytest.Item) -> ScopeSet | None:
    """The scopes for the token of a test, from its closest mark or the ini option; None if neither is set."""
    mark = item.get_closest_marker("stemp_scopes")
    if mark is not None:
        from ..scopes import ScopeSet

        scopes = ScopeSet()
        for each in mark.args:
            scopes |= each
        return scopes
    text: str = item.config.getini("stemp_scopes")
    if not text:
        return None
    from ..scopes._configured import configured_scopes

    return configured_scopes(text)
