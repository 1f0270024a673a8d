"""Either way to run a job."""

from __future__ import annotations

import pytest

from .jobs import Jobs


@pytest.fixture(params=["sync", "async"])
def jobs(request: pytest.FixtureRequest) -> Jobs:
    return Jobs(request.param)
