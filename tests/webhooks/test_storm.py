"""The short form; ``make chaos`` runs the long one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.webhooks import storm


@pytest.mark.parametrize(("store", "handler"), storm.CASES)
def test_each_event_of_a_storm_of_deliveries_is_handled(
    request: pytest.FixtureRequest, store: str, handler: storm.Handler
) -> None:
    socket: Path | None = request.getfixturevalue("redis_socket") if store == "redis" else None
    with storm.folder() as folder:
        seen = storm.opened(folder, socket)
        storm.check(storm.rage(seen, folder, handler=handler, deliveries=300, seed=4))
