"""The short form; ``make chaos`` runs the long one."""

from __future__ import annotations

from tests.webhooks import storm


def test_a_storm_of_deliveries() -> None:
    with storm.folder() as folder:
        storm.check(storm.rage(folder, deliveries=600, seed=4))
