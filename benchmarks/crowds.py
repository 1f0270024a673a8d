"""Many concurrent async calls on one client.

No other HTTP engine is measured: with a client on pyreqwest, a call took about twice as long as on the SDK's own
connections, so there is no extra that installs one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any, Final

from . import budgets
from .budgets import Verdict
from .clients import ASYNC, AsyncCall
from .report import Section, Table, row
from .timing import Rounds, interleave_async

_BASE: Final = "httpx"


def measure(url: str, rounds: int) -> Section:
    """Time each number of concurrent calls, with the contenders in turn."""
    contenders = {name: ASYNC[name] for name in ("stemp", _BASE, "openai")}
    measured = {
        at_once: _crowd(contenders, url, at_once, max(rounds // at_once, 5)) for at_once in budgets.CROWD_RATIOS
    }
    return Section(
        tuple(_table(at_once, times) for at_once, times in measured.items()),
        tuple(_verdict(at_once, times) for at_once, times in measured.items()),
    )


def _crowd(
    contenders: Mapping[str, Callable[[str], AbstractAsyncContextManager[Any]]], url: str, at_once: int, rounds: int
) -> Rounds:
    stack = AsyncExitStack()
    with asyncio.Runner() as runner:
        try:
            calls = {
                name: _together(runner.run(stack.enter_async_context(enter(url))).get, at_once)
                for name, enter in contenders.items()
            }
            return interleave_async(runner, calls, rounds)
        finally:
            runner.run(stack.aclose())


def _together(get: AsyncCall, at_once: int) -> Callable[[], Any]:
    async def crowd() -> None:
        await asyncio.gather(*(get() for _ in range(at_once)))

    return crowd


def _table(at_once: int, times: Rounds) -> Table:
    rows = (row(name, times.of(name, 1e6 / at_once), times.ratio(name, _BASE)) for name in times.samples)
    return Table(
        f"{at_once} async calls at once",
        f"GET an object, {at_once} times concurrently, on open connections; the time is divided by {at_once}.",
        ("Client", "µs", "p10–p90", "× httpx"),
        tuple(rows),
    )


def _verdict(at_once: int, times: Rounds) -> Verdict:
    what = f"{at_once} async calls at once / httpx.AsyncClient"
    return Verdict(what, times.ratio("stemp", _BASE), budgets.CROWD_RATIOS[at_once], "×")
