"""Many async calls at once, on one client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from importlib import import_module
from typing import Any, Final

import httpx

from stemp_sdk import AsyncStemp, presets

from . import budgets
from .budgets import Verdict
from .clients import ASYNC, AsyncCall
from .report import Section, Table, row
from .server import TOKEN
from .timing import Rounds, interleave_async

_BASE: Final = "httpx"
_FAST: Final = "stemp, fast engine"
#: Async httpx transports over another HTTP implementation; the first one that is installed is measured.
_ENGINES: Final = (("pyreqwest.compatibility.httpx", "HttpxTransport"), ("httpx_aiohttp", "AiohttpTransport"))


def measure(url: str, rounds: int) -> Section:
    """Let each contender make so many calls at once, in turn."""
    contenders = {name: ASYNC[name] for name in ("stemp", _BASE, "openai")}
    engine = _fast_engine()
    if engine is not None:
        contenders[_FAST] = _fast(engine)
    measured = {
        at_once: _crowd(contenders, url, at_once, max(rounds // at_once, 5)) for at_once in budgets.CROWD_RATIOS
    }
    return Section(
        tuple(_table(at_once, times) for at_once, times in measured.items()),
        tuple(verdict for at_once, times in measured.items() for verdict in _verdicts(at_once, times)),
    )


def _fast_engine() -> Callable[[], httpx.AsyncBaseTransport] | None:
    for module, name in _ENGINES:
        try:
            found: Callable[[], httpx.AsyncBaseTransport] = getattr(import_module(module), name)
        except ImportError:
            continue
        return found
    return None


def _fast(engine: Callable[[], httpx.AsyncBaseTransport]) -> Callable[[str], AbstractAsyncContextManager[Any]]:
    @asynccontextmanager
    async def enter(url: str) -> AsyncGenerator[_Getter]:
        async with (
            httpx.AsyncClient(transport=engine()) as http_client,
            AsyncStemp(TOKEN, scopes=presets.POS, base_url=f"{url}/api", http_client=http_client) as client,
        ):

            async def get() -> str:
                return (await client.users.get("usr_1")).id

            yield _Getter(get)

    return enter


class _Getter:
    """Gets an object, and nothing else."""

    def __init__(self, get: AsyncCall) -> None:
        self.get = get


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
        f"GET an object, {at_once} times together, on connections that are open already; the time is that of one.",
        ("Client", "µs", "p10–p90", "× httpx"),
        tuple(rows),
    )


def _verdicts(at_once: int, times: Rounds) -> list[Verdict]:
    what = f"{at_once} async calls at once / httpx.AsyncClient"
    made = [Verdict(what, times.ratio("stemp", _BASE), budgets.CROWD_RATIOS[at_once], "×")]
    if _FAST in times.samples:
        made.append(Verdict(f"{what}, fast engine", times.ratio(_FAST, _BASE), budgets.FAST_RATIO, "×"))
    return made
