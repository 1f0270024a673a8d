"""A sandbox over HTTP, whose tokens the command finds in its environment."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import attrs
import pytest

from stemp_sdk import TokenKind, presets
from stemp_sdk._cli.events import listening
from stemp_sdk._cli.events.control import Control
from stemp_sdk.sandbox import Sandbox, serving
from stemp_sdk.scopes import PLATFORM_EMAIL_SEND
from tests.cli.runs import Run, Runner
from tests.support.scopes import every_scope


@attrs.frozen
class Served:
    """A sandbox that is served, and its tokens."""

    sandbox: Sandbox
    base_url: str
    everything: str = attrs.field(repr=False)
    till: str = attrs.field(repr=False)
    mail: str = attrs.field(repr=False)

    @property
    def requests(self) -> list[str]:
        """The requests that reached it: method and path."""
        return [f"{each.method} {each.path.removeprefix('/api')}" for each in self.sandbox.requests]


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    sandbox = Sandbox(seed=1).seed_demo()
    everything = every_scope(TokenKind.API)
    tokens = [sandbox.issue_token(scopes) for scopes in (everything, presets.POS, PLATFORM_EMAIL_SEND)]
    with serving(sandbox) as base_url:
        yield Served(sandbox, base_url, *tokens)


@pytest.fixture
def served(server: Served, bare_environment: None, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """The sandbox as it began, with a token that holds every scope of an API token, and does not say which."""
    del bare_environment, folder
    server.sandbox.reset()
    monkeypatch.setenv("STEMP_BASE_URL", server.base_url)
    monkeypatch.setenv("STEMP_TOKEN", server.everything)
    yield server
    server.sandbox.reset()


def card(served: Served) -> str:
    """The id of Jane's card, which has 7 of 10 stamps."""
    with served.sandbox.client() as client:
        [jane] = [user for user in client.users.list() if user.external_id == "cust_123"]
        [card] = client.passes.list(user_id=jane.id)
    return card.id


@pytest.fixture
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra keyring is not installed."""
    monkeypatch.setitem(sys.modules, "keyring", None)


Listen: TypeAlias = Callable[..., Run]
"""Runs ``stemp listen`` for a number of attempts, and triggers an event once it listens."""


@pytest.fixture
def listen(run: Runner, monkeypatch: pytest.MonkeyPatch) -> Listen:
    attempts = listening._attempts

    def listen(event: str, count: int, *arguments: str) -> Run:
        def after_the_change(control: Control, *arguments: Any) -> Iterator[Mapping[str, Any]]:
            assert run("trigger", event).code == 0
            return attempts(control, *arguments)

        monkeypatch.setattr(listening, "_attempts", after_the_change)
        return run("listen", "--count", str(count), *arguments)

    return listen


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl-C is not ignored, as it is in a job that a shell has started in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
