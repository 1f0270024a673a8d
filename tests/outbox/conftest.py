"""A till with an outbox of either kind."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from stemp_sdk.sandbox import Sandbox
from stemp_sdk.testing import Clock

from .tills import Till


@pytest.fixture(params=["sync", "async"])
def till(request: pytest.FixtureRequest, tmp_path: Path) -> Till:
    clock = Clock(datetime(2027, 1, 15, 9, 30, tzinfo=UTC))
    sandbox = Sandbox(clock=clock, rate_limit=100_000)
    owner = sandbox.client()
    user = owner.users.create(email="a@example.com")
    templates = [owner.templates.create(name=name) for name in ("Coffee", "Points")]
    cards = [owner.passes.create(template_id=template.id, user_id=user.id).id for template in templates]
    return Till(request.param, tmp_path / "till.outbox", clock, sandbox, *cards)
