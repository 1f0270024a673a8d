"""A sandbox whose clock stands still, and both kinds of token with all the scopes that each may hold."""

from __future__ import annotations

import pytest

from stemp_sdk import presets
from stemp_sdk.sandbox import Sandbox
from stemp_sdk.scopes import TokenKind
from tests.support.clocks import StillClock
from tests.support.scopes import every_scope

from .control import Control
from .identity import AppSide
from .till import Till
from .wire import Wire


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def sandbox(clock: StillClock) -> Sandbox:
    return Sandbox(clock=clock, seed=7, rate_limit=100_000)


@pytest.fixture
def wire(sandbox: Sandbox) -> Wire:
    """With an API token."""
    return Wire(sandbox, sandbox.issue_token(every_scope(TokenKind.API), name="everything"))


@pytest.fixture
def app(sandbox: Sandbox) -> Wire:
    """With an app's access token."""
    token = sandbox.issue_token(every_scope(TokenKind.APP), kind=TokenKind.APP, name="an app")
    return Wire(sandbox, token)


@pytest.fixture
def control(sandbox: Sandbox) -> Control:
    return Control(sandbox)


@pytest.fixture
def app_side(sandbox: Sandbox) -> AppSide:
    app = sandbox.apps.register(name="Loyalty Mailer", redirect_uri="https://app.example/callback")
    return AppSide(sandbox, app)


@pytest.fixture(params=["sync", "async"])
def till(request: pytest.FixtureRequest, sandbox: Sandbox, wire: Wire) -> Till:
    card = wire.card().rpartition("/")[2]
    make = sandbox.client if request.param == "sync" else sandbox.async_client
    return Till(sandbox, make(scopes=presets.POS, max_retries=0, timeout=5), card)
