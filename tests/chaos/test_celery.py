"""Bulk work by Celery with a real broker: a worker is killed, and nothing is doubled, lost, or over the limit."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest

from examples.celery_bulk.__main__ import WORKERS, process_of
from tests.chaos.conftest import IS_FULL, Report
from tests.support.paths import ROOT

CUSTOMERS, LIMIT = (600, 100) if IS_FULL else (30, 20)


@pytest.mark.skipif("CI" not in os.environ and shutil.which("redis-server") is None, reason="needs redis-server")
def test_workers_that_share_a_limit_do_each_task_once_though_one_is_killed(report: Report) -> None:
    main = f"from examples.celery_bulk.__main__ import main; main({CUSTOMERS}, {LIMIT}, 4)"
    ended = subprocess.run(
        [sys.executable, "-c", main], cwd=ROOT, capture_output=True, text=True, timeout=480, check=False
    )
    lines = ended.stdout.splitlines()
    assert lines[:2] == [
        "One worker was killed.",
        f"{CUSTOMERS} customers in the file, {CUSTOMERS} in the sandbox, 0 of them twice.",
    ], ended.stderr
    assert lines[2].endswith(f" requests in windows of {LIMIT}; 0 of them exceeded the limit.")
    report("four Celery workers with one rate limit, one of them killed", f"{CUSTOMERS} tasks", lines[2])


@pytest.mark.parametrize(
    ("stats", "ready"),
    [(None, "0 are ready after 0 s: none"), ({"worker-1@demo": {}}, "1 are ready after 0 s: worker-1@demo")],
)
def test_workers_that_do_not_start_end_the_example_with_their_names(stats: object, ready: str) -> None:
    def inspect(**_: float) -> SimpleNamespace:
        return SimpleNamespace(stats=lambda: stats)

    app = SimpleNamespace(control=SimpleNamespace(inspect=inspect))
    with pytest.raises(SystemExit, match=f"Of {WORKERS} workers, {ready}"):
        process_of(app, "worker-0@demo", patience=0.0)
