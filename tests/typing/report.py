"""Prints how five type checkers judge the SDK: ``python -m tests.typing.report``. Never fails a build."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.typing.checkers import GATES, REPORTED, judge, run, write_project
from tests.typing.statements import each_scope, module, random_statements


def main() -> None:
    """Print one line a checker and file, and below it each line that it misjudges."""
    source, _ = module([*each_scope(), *random_statements(4_000, seed=20_262)])
    with tempfile.TemporaryDirectory() as folder:
        files = write_project(Path(folder), source)
        for checker in (*GATES, *REPORTED):
            if not checker.installed:
                print(f"{checker.name:<8} is not installed")
                continue
            findings = run([checker], Path(folder), files)[checker.name]
            for file in files:
                verdict = judge(checker.name, file, findings)
                found = verdict.expected - len(verdict.missed)
                print(
                    f"{checker.name:<8} {file.name:<14} {found:>5} of {verdict.expected:>5} errors found, "
                    f"{len(verdict.missed)} missed, {len(verdict.false_alarms)} false alarms"
                )
                for line in (*verdict.missed[:5], *verdict.false_alarms[:5]):
                    print(f"    {line}", flush=True)


if __name__ == "__main__":
    main()
