from __future__ import annotations

import pytest

from tests.conftest import Twin
from tests.oauth.world import World


@pytest.fixture
def world(twin: Twin) -> World:
    return World(twin)


@pytest.fixture
def rotating(twin: Twin) -> World:
    """Where each refresh gives a new refresh token."""
    return World(twin, rotate=True)
