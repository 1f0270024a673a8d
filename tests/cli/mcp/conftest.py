"""The sandbox whose operations are offered."""

from __future__ import annotations

import pytest

from stemp_sdk.sandbox import Sandbox


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox().seed_demo()
