"""Bulk work: how much of the rate limit is used, what is exceeded, and what a million rows take of memory."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from stemp_sdk import bulk
from stemp_sdk.sandbox import Sandbox
from stemp_sdk.testing import Clock
from tests.chaos.conftest import IS_FULL, Report

LIMIT: Final = 1_000 if IS_FULL else 100
WINDOW: Final = 60
WINDOWS: Final = 10
#: One hundredth less than the windows hold, as one turn too few would cost a whole window more.
ROWS_OF_WINDOWS: Final = LIMIT * WINDOWS * 99 // 100
ROWS: Final = (10_000, 1_000_000) if IS_FULL else (1_000, 20_000)
#: Bytes that memory may differ by: a few pages of SQLite, which it keeps from the first rows on.
_SPREAD: Final = 4_000_000

_MEMORY: Final = """
import resource, sys
from stemp_sdk import bulk

class Rows:
    def __iter__(self):
        return ({"number": number, "email": f"{number}@example.com"} for number in range(int(sys.argv[1])))

def act(number, email):
    return number

report = bulk.run(act, Rows(), journal=sys.argv[2])
assert report.is_complete
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


@pytest.mark.parametrize("kind", ["a thread", "a task"])
def test_a_job_uses_the_rate_limit_and_hardly_exceeds_it(report: Report, kind: str) -> None:
    clock = Clock()
    began = clock()
    sandbox = Sandbox(clock=clock, rate_limit=LIMIT, rate_limit_window=WINDOW)
    rows = [{"email": f"{number}@example.com"} for number in range(ROWS_OF_WINDOWS)]
    # One row at a time: a second one that begins to wait while the first moves the clock would move it once more.
    # tests/rate_limiters has twenty callers at once.
    if kind == "a thread":
        done = bulk.run(sandbox.client().users.create, rows, concurrency=1).done
    else:
        done = asyncio.run(bulk.arun(sandbox.async_client().users.create, rows, concurrency=1)).done
    assert done == len(rows)
    refused = sum(request.status == 429 for request in sandbox.requests)
    # Only waiting takes time here, and the last window is not waited for.
    used = len(rows) / (LIMIT * (1 + (clock() - began) / WINDOW))
    assert used >= 0.95
    assert refused < len(rows) / 1_000
    report(
        f"a bulk job under a rate limit, {kind}",
        f"{len(rows):,} rows, {LIMIT:,} in {WINDOW} s",
        f"{used:.1%} of the limit used, {refused} × 429",
    )


def test_memory_is_flat_from_few_rows_to_many(report: Report, tmp_path: Path) -> None:
    few, many = (_memory(count, tmp_path / str(count)) for count in ROWS)
    assert many - few < _SPREAD
    report(
        "memory of a bulk job with a journal",
        f"{ROWS[0]:,} and {ROWS[1]:,} rows",
        f"{few / 1e6:.1f} and {many / 1e6:.1f} MB at most",
    )


def _memory(rows: int, journal: Path) -> int:
    command = [sys.executable, "-c", _MEMORY, str(rows), str(journal)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
