"""Identifies the running event loop."""

from __future__ import annotations

import sys
from typing import Any


def running_loop() -> object:
    """An object that identifies the running event loop, asyncio's or trio's.

    anyio has the same only in its latest versions, where it takes ten times as long.
    """
    import asyncio  # a sync client never needs it

    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        trio: Any = sys.modules.get("trio")
        if trio is None:
            raise
        return trio.lowlevel.current_trio_token()
