"""The budgets of the design, and the verdict of a run."""

from __future__ import annotations

from typing import Final

import attrs

from .timing import Spread

# Import: milliseconds, or a fraction of the import of httpx, pydantic and attrs; the larger one counts.
IMPORT_MS: Final = 60.0
IMPORT_RATIO: Final = 0.29
FIRST_ANSWER_RATIO: Final = 1.15
# One call, divided by the same call with bare httpx.
SYNC_CALL_RATIO: Final = 0.66
ASYNC_CALL_RATIO: Final = 0.70
# By the number of concurrent calls: divided by the same calls with a bare httpx.AsyncClient.
CROWD_RATIOS: Final = {20: 0.40, 100: 0.30}
# The longest time for which the first call may block the event loop.
STALL_MS: Final = 20.0
# The client's own work. A check is divided by the comparison of two frozensets through two lambdas.
CHECK_RATIO: Final = 3.0
COPY_US: Final = 100.0
# One more client of an app that has many installations.
CLIENT_KIB: Final = 20.0
# Verifying a webhook and reading its event, divided by one digest and one JSON parse.
WEBHOOK_RATIO: Final = 1.3
# "Constant" memory, in MiB: 1 is a byte per item; keeping each thousandth user would cost more.
LISTING_MIB: Final = 1.0


@attrs.frozen
class Verdict:
    """One budget and its measurement. The median decides."""

    name: str
    measured: Spread
    limit: float
    unit: str

    @property
    def met(self) -> bool:
        """Whether the budget is met."""
        return self.measured.median <= self.limit
