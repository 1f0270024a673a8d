"""A listing of a million items, sync and async each in a process of its own, to measure its memory alone."""

from __future__ import annotations

import asyncio
import gc
import json
import re
import resource
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from typing import Final

import attrs

from stemp_sdk import AsyncStemp, Stemp, presets

from . import budgets
from .budgets import Verdict
from .report import Section, Table, number
from .server import PAGE_SIZE, PAGES, TOKEN
from .timing import Spread

_MIB: Final = 1024 * 1024
_WARM: Final = PAGES * PAGE_SIZE // 100  # items


@attrs.frozen
class Reading:
    """The state of the process after a number of items."""

    items: int
    seconds: float
    resident_mib: float
    peak_mib: float
    """The maximum of the resident memory."""
    blocks: int
    """Blocks of memory that Python's objects hold."""


def measure(url: str, pages: int) -> Section:
    """List the last ``pages`` pages, sync and async."""
    runs = {kind: _in_process(url, kind, pages) for kind in ("sync", "async")}
    return Section(
        (
            Table(
                "A long listing",
                "`for user in client.users.list(size=100)`, each in a process of its own. MiB are resident memory; "
                "blocks are those of Python's objects after a garbage collection. By default pydantic caches up to "
                "16,384 short strings that it has read; this cache is not full at the first reading.",
                ("After", "MiB", "MiB at most", "blocks", "items a second"),
                tuple(_row(kind, reading) for kind, readings in runs.items() for reading in readings),
            ),
        ),
        tuple(
            Verdict(f"listing, {kind}: growth of memory", _growth(*readings), budgets.LISTING_MIB, "MiB")
            for kind, readings in runs.items()
        ),
    )


def _row(kind: str, reading: Reading) -> tuple[str, ...]:
    rate = f"{reading.items / reading.seconds:,.0f}"
    memory = number(reading.resident_mib), number(reading.peak_mib), f"{reading.blocks:,}"
    return f"{reading.items:,} items, {kind}", *memory, rate


def _growth(early: Reading, end: Reading) -> Spread:
    # The peak alone would not show growth into memory that had been freed before.
    grown = max(end.resident_mib - early.resident_mib, end.peak_mib - early.peak_mib)
    return Spread(grown, grown, grown)


def _in_process(url: str, kind: str, pages: int) -> tuple[Reading, Reading]:
    command = [sys.executable, "-m", __name__, url, kind, str(pages)]
    output = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    early, end = (Reading(**reading) for reading in json.loads(output))
    return early, end


class _Watch:
    """Takes a reading after the warm-up, and at the end."""

    def __init__(self, pages: int) -> None:
        self.readings: list[Reading] = []
        self._marks = {_WARM, pages * PAGE_SIZE}
        self._started = perf_counter()

    def count(self, items: int) -> None:
        if items in self._marks:
            seconds = perf_counter() - self._started
            gc.collect()
            self.readings.append(Reading(items, seconds, *_resident(), sys.getallocatedblocks()))


def _resident() -> tuple[float, float]:
    """Resident memory in MiB: now, and at its peak."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MIB  # macOS counts bytes
        return peak, peak
    # Linux's ru_maxrss would be that of the parent process, if that was larger.
    peak, now = (int(found[1]) / 1024 for found in re.finditer(r"^Vm(?:HWM|RSS):\s+(\d+) kB", status, re.MULTILINE))
    return now, peak


def _list(url: str, pages: int) -> list[Reading]:
    watch = _Watch(pages)
    with Stemp(TOKEN, scopes=presets.POS, base_url=f"{url}/api") as client:
        for items, _ in enumerate(client.users.list(page=PAGES - pages, size=PAGE_SIZE), 1):
            watch.count(items)
    return watch.readings


async def _list_async(url: str, pages: int) -> list[Reading]:
    watch = _Watch(pages)
    async with AsyncStemp(TOKEN, scopes=presets.POS, base_url=f"{url}/api") as client:
        items = 0
        async for _ in client.users.list(page=PAGES - pages, size=PAGE_SIZE):
            items += 1
            watch.count(items)
    return watch.readings


if __name__ == "__main__":
    _url, _kind, _pages = sys.argv[1:]
    _readings = _list(_url, int(_pages)) if _kind == "sync" else asyncio.run(_list_async(_url, int(_pages)))
    print(json.dumps([attrs.asdict(reading) for reading in _readings]))
