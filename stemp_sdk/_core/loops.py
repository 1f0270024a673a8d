"""Which event loop runs."""

from __future__ import annotations

import sys
from typing import Any


def running_loop() -> object:
    """What stands for the event loop that runs, asyncio's or trio's.

    anyio has the same only in its latest versions, and in ten times the time.
    """
    import asyncio  # a sync client never needs it

    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        trio: Any = sys.modules.get("trio")
        if trio is None:
            raise
        return trio.lowlevel.current_trio_token()
