"""Takes down what each chaos came to; ``make chaos`` has it written to a file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any, Final, TypeAlias

import pytest

from benchmarks.report import Table, circumstances

Report: TypeAlias = Callable[[str, str, str], None]
"""Takes down what was done, at which size, and with what outcome; called at the end of a test that passes."""

IS_FULL: Final = os.environ.get("STEMP_CHAOS") == "full"
SEED: Final = os.environ.get("STEMP_CHAOS_SEED", "2026")

_ROWS: Final[pytest.StashKey[list[tuple[str, ...]]]] = pytest.StashKey()
_HEADING: Final = "# Reliability\n\nWritten by the command at the end of this page, never by hand.\n\n"
_NOTE: Final = (
    "Each line is a test that passed: nothing lost, nothing doubled, no wrong `outcome_unknown`, no connection left "
    "behind, no installation lost. A call that is given up was cancelled, killed or interrupted before it had a result."
)


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_ROWS] = []


@pytest.fixture
def report(pytestconfig: pytest.Config) -> Report:
    started = monotonic()
    print(f"STEMP_CHAOS_SEED={SEED}")  # shown if the test fails

    def take_down(what: str, size: str, outcome: str) -> None:
        row = what, size, outcome, f"{monotonic() - started:,.0f} s"
        print(f"seed {SEED}:", *row, sep="\n  ")
        pytestconfig.stash[_ROWS].append(row)

    return take_down


def pytest_sessionfinish(session: pytest.Session) -> None:
    target = os.environ.get("STEMP_CHAOS_REPORT")
    if target is None:
        return
    taken_down = session.config.stash[_ROWS]
    rows = tuple(taken_down)
    reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
    failed = [report.nodeid for kind in ("failed", "error") for report in reporter.stats.get(kind, ())]
    passed = f"{len(reporter.stats.get('passed', ()))} of {session.testscollected} tests passed. "
    passed += f"Failed: {', '.join(failed)}. " if failed else ""
    tables = (
        Table("Chaos", passed + _NOTE, ("What", "size", "outcome", "took"), rows),
        circumstances("make chaos", ("Seed", SEED)),
    )
    Path(target).write_text(_HEADING + "\n".join(table.as_markdown() for table in tables), encoding="utf-8")
