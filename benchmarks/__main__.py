"""``python -m benchmarks``: run all benchmarks, print the results, and write RESULTS.md."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import attrs

from . import calls, crowds, imports, installations, listing, local, server, stall, webhooks
from .report import Section, Table, budgets_table, circumstances

_RESULTS: Final = Path(__file__).with_name("RESULTS.md")


@attrs.frozen
class _Size:
    """The numbers of rounds and pages."""

    imports: int
    calls: int
    local: int
    pages: int

    def __str__(self) -> str:
        return f"{self.imports} of imports, {self.calls} of calls, {self.local} without a request"


_FULL: Final = _Size(imports=15, calls=3_000, local=100, pages=server.PAGES)
_QUICK: Final = _Size(imports=1, calls=50, local=10, pages=300)


def main() -> int:
    """Run the suite. The exit code is 1 if a budget is missed under ``--strict``, else 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure every budget, with its peers.")
    parser.add_argument(
        "--quick", action="store_true", help="only check that all works: rough figures, no file written"
    )
    parser.add_argument("--strict", action="store_true", help="fail if a budget is missed")
    options = parser.parse_args()
    size = _QUICK if options.quick else _FULL
    _leave_proxies()

    with server.running() as url:
        sections = [
            _announced("import and start", lambda: imports.measure(url, size.imports)),
            _announced("calls", lambda: calls.measure(url, size.calls)),
            _announced("many calls at once", lambda: crowds.measure(url, size.calls)),
            _announced("the first call in an event loop", lambda: stall.measure(size.imports)),
            _announced("clients of one app", lambda: installations.measure(url)),
            _announced("without a request", lambda: local.measure(size.local)),
            _announced("a webhook", lambda: webhooks.measure(size.local)),
            _announced("a long listing", lambda: listing.measure(url, size.pages)),
        ]
    verdicts = [verdict for section in sections for verdict in section.verdicts]
    command = " ".join(["python -m benchmarks", *sys.argv[1:]])
    tables: list[Table] = [
        budgets_table(verdicts),
        *(table for section in sections for table in section.tables),
        circumstances(
            command,
            ("Rounds", str(size)),
            ("Garbage collector", "on; objects from before a timing are frozen"),
        ),
    ]
    print("\n".join(table.as_text() for table in tables))
    if not options.quick:
        heading = "# Benchmark results\n\nWritten by the command at the end of this page, never by hand.\n\n"
        _RESULTS.write_text(heading + "\n".join(table.as_markdown() for table in tables), encoding="utf-8")
    return int(options.strict and not all(verdict.met for verdict in verdicts))


def _announced(what: str, measure: Callable[[], Section]) -> Section:
    """Print what is measured, as it takes minutes."""
    print(f"{what} ...", file=sys.stderr)
    return measure()


def _leave_proxies() -> None:
    """Remove proxies from the environment: all is on loopback, and some clients would check them on each call."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            del os.environ[name]


if __name__ == "__main__":
    sys.exit(main())
