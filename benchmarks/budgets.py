"""What the design promises, and whether a run kept it."""

from __future__ import annotations

from typing import Final

import attrs

from .timing import Spread

# Import: milliseconds, or a part of what the import of httpx, pydantic and attrs takes; the larger one counts.
IMPORT_MS: Final = 60.0
IMPORT_RATIO: Final = 0.29
FIRST_ANSWER_RATIO: Final = 1.15
# One call, over bare httpx doing the same.
SYNC_CALL_RATIO: Final = 0.66
ASYNC_CALL_RATIO: Final = 0.70
# So many calls at once, over a bare httpx.AsyncClient.
CROWD_RATIOS: Final = {20: 0.40, 100: 0.30}
# For how long the event loop may stand still during the first call.
STALL_MS: Final = 20.0
# What the client itself does. A check is held against the comparison of two frozensets through two lambdas.
CHECK_RATIO: Final = 3.0
COPY_US: Final = 100.0
# One more client of an app that has many installations.
CLIENT_KIB: Final = 20.0
# Verifying a webhook and reading its event, over one digest and one JSON parse.
WEBHOOK_RATIO: Final = 1.3
# "Constant" in MiB: 1 is a byte per item, where keeping each thousandth user would already cost more.
LISTING_MIB: Final = 1.0


@attrs.frozen
class Verdict:
    """One budget, and what was measured. The median decides."""

    name: str
    measured: Spread
    limit: float
    unit: str

    @property
    def met(self) -> bool:
        """Whether the budget is kept."""
        return self.measured.median <= self.limit
