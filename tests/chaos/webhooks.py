"""100,000 deliveries to two workers, of which one is killed five times, with each kind of store and handler.

Run by ``make chaos``. Not collected with the other tests, as its name does not begin with ``test_``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.chaos.conftest import SEED, Report
from tests.webhooks import storm

#: The largest storms go to what most people have, and one tenth of it to each of the others.
DELIVERIES: Final = {("sqlite", "sync"): 100_000, ("redis", "async"): 100_000}
_OTHERS: Final = 10_000


@pytest.mark.parametrize(("store", "handler"), storm.CASES)
def test_a_long_storm_of_deliveries(
    request: pytest.FixtureRequest, report: Report, store: str, handler: storm.Handler
) -> None:
    deliveries = DELIVERIES.get((store, handler), _OTHERS)
    socket: Path | None = request.getfixturevalue("redis_socket") if store == "redis" else None
    with storm.folder() as folder:
        seen = storm.opened(folder, socket)
        outcome = storm.rage(seen, folder, handler=handler, deliveries=deliveries, seed=int(SEED))
    storm.check(outcome)
    answers = ", ".join(f"{count:,} × {status}" for (_, status), count in sorted(outcome.statuses.items()))
    handled = f"{len(outcome.events):,} events, {outcome.handled.total():,} handled, {answers}"
    report(f"webhooks, {store}, {handler} handlers", f"{deliveries:,} deliveries, {outcome.deaths} kills", handled)
