"""The time of one call, sync and async, on open connections."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from typing import Final, TypeVar

from . import budgets
from .budgets import Verdict
from .clients import ASYNC, LISTED_PAGES, SYNC, AsyncContender, Contender
from .report import Section, Table, row
from .server import PAGE_SIZE
from .timing import Rounds, interleave, interleave_async, repeat

T = TypeVar("T")

_BASE: Final = "httpx"
_AGAIN: Final = "httpx again"

_OBJECT_IDS: Final = {"usr_1", "ss_1", "cus_1", "vs_1"}
_LAST_LISTED: Final = f"{LISTED_PAGES * PAGE_SIZE - 1:07}"


def measure(url: str, rounds: int) -> Section:
    """Time each kind of call, with the calls of all contenders interleaved."""
    with _sync(url) as contenders:
        gets = interleave(_with_control({name: repeat(one.get) for name, one in contenders.items()}), rounds, 1)
        posts = interleave({name: repeat(one.post) for name, one in contenders.items()}, rounds, 1)
        listings = {name: repeat(one.listing) for name, one in contenders.items() if one.listing}
        lists = interleave(listings, max(rounds // 200, 5), 1)
    with asyncio.Runner() as runner, _async(url, runner) as async_contenders:
        async_gets = _with_control({name: one.get for name, one in async_contenders.items()})
        gets_async = interleave_async(runner, async_gets, rounds)
        async_posts = {name: one.post for name, one in async_contenders.items()}
        posts_async = interleave_async(runner, async_posts, rounds)
    return Section(
        (
            _table("GET an object, sync", gets, _CONTROL),
            _table("GET an object, async", gets_async, _CONTROL),
            _table("POST a small body, sync", posts, "`loyalty.add_stamp` with a note, and similar calls."),
            _table("POST a small body, async", posts_async, "The same, awaited."),
            _table(
                "List 1,000 items, sync",
                lists,
                f"{LISTED_PAGES} pages of {PAGE_SIZE}. httpx returns plain dicts, the others objects.",
            ),
        ),
        (
            Verdict("GET, sync / httpx.Client", gets.ratio("stemp", _BASE), budgets.SYNC_CALL_RATIO, "×"),
            Verdict("GET, async / httpx.AsyncClient", gets_async.ratio("stemp", _BASE), budgets.ASYNC_CALL_RATIO, "×"),
        ),
    )


_CONTROL: Final = (
    "Each contender makes one call in each round. `httpx again` is a second `httpx`: the distance of its ratio from 1 "
    "is the error of all ratios."
)


def _with_control(contenders: dict[str, T]) -> dict[str, T]:
    return contenders | {_AGAIN: contenders[_BASE]}


@contextmanager
def _sync(url: str) -> Generator[dict[str, Contender]]:
    with ExitStack() as stack:
        contenders = {name: stack.enter_context(enter(url)) for name, enter in SYNC.items()}
        for name, one in contenders.items():
            _check(name, one.get(), one.post(), one.listing() if one.listing else None)
        yield contenders


@contextmanager
def _async(url: str, runner: asyncio.Runner) -> Generator[dict[str, AsyncContender]]:
    async def first(one: AsyncContender) -> tuple[str, str]:
        return await one.get(), await one.post()

    stack = AsyncExitStack()
    try:
        contenders = {name: runner.run(stack.enter_async_context(enter(url))) for name, enter in ASYNC.items()}
        for name, one in contenders.items():
            _check(name, *runner.run(first(one)))
        yield contenders
    finally:
        runner.run(stack.aclose())


def _check(name: str, got: str, posted: str, listed: str | None = None) -> None:
    """Check that a contender really does what is timed."""
    if not {got, posted} <= _OBJECT_IDS or not (listed or _LAST_LISTED).endswith(_LAST_LISTED):
        raise RuntimeError(f"{name} got {got!r}, {posted!r} and {listed!r}")


def _table(title: str, times: Rounds, note: str) -> Table:
    rows = (row(name, times.of(name, 1e6), times.ratio(name, _BASE)) for name in times.samples)
    return Table(title, note, ("Client", "µs", "p10–p90", "× httpx"), tuple(rows))
