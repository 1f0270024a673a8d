from __future__ import annotations

import pytest

from tests.oauth.world import World
from tests.support.twins import Twin


@pytest.fixture
def world(twin: Twin) -> World:
    return World(twin)


@pytest.fixture
def rotating(twin: Twin) -> World:
    """Where each refresh gives a new refresh token."""
    return World(twin, rotate=True)
