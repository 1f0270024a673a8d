"""100,000 deliveries to two workers, of which one is killed five times: ``make chaos``, several minutes.

Not collected with the other tests, as its name does not begin with ``test_``.
"""

from __future__ import annotations

from tests.webhooks import storm


def test_a_long_storm_of_deliveries() -> None:
    with storm.folder() as folder:
        outcome = storm.rage(folder, deliveries=100_000, seed=2026)
    print(len(outcome.events), "events,", outcome.handled.total(), "handled,", dict(outcome.statuses), outcome.cut_off)
    storm.check(outcome)
