"""A sandbox over HTTP, whose tokens the command finds in its environment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from stemp_sdk import ScopeSet, TokenKind, presets
from stemp_sdk.sandbox import Sandbox, serving
from stemp_sdk.scopes import CATALOG, PLATFORM_EMAIL_SEND


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
    everything = ScopeSet(*(name for name, info in CATALOG.items() if TokenKind.API in info.contexts))
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
