"""Bulk work by Celery with a real broker: a worker is killed, and nothing is doubled, lost, or over the limit."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif("CI" not in os.environ and shutil.which("redis-server") is None, reason="needs redis-server")
def test_workers_that_share_a_limit_do_each_task_once_though_one_is_killed() -> None:
    command = [sys.executable, "-c", "from examples.celery_bulk.__main__ import main; main(30, 20, 4)"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    lines = ended.stdout.splitlines()
    assert lines[:2] == [
        "One worker was killed.",
        "30 customers in the file, 30 in the sandbox, 0 of them twice.",
    ], ended.stderr
    assert lines[2].endswith(" requests in windows of 20; 0 of them exceeded the limit.")
