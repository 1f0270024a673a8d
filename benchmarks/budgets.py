"""What the design promises, and whether a run kept it."""

from __future__ import annotations

from typing import Final

import attrs

from .timing import Spread

# Import and start.
IMPORT_MS: Final = 60.0
READY_RATIO: Final = 1.15
# One call, over bare httpx doing the same.
SYNC_CALL_RATIO: Final = 0.85
ASYNC_CALL_RATIO: Final = 0.90
# What the client itself does.
CHECK_US: Final = 0.3
COPY_US: Final = 100.0
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
