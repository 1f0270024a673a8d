"""Prints how type checkers judge the SDK: ``make typing``. The status is 1 if mypy or pyright misjudge a line."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.check.measure import measure
from tests.typing.checkers import GATES, LESS_STRICT, REPORTED, judge, outputs, write_project
from tests.typing.statements import choices, each_scope, module, random_statements


def main() -> int:
    """Print one line a checker and file, and below it some of the lines that it misjudges."""
    status = 0
    source, _ = module([*each_scope(), *random_statements(4_000, seed=20_262)])
    chosen, _ = module([*choices()])
    with tempfile.TemporaryDirectory() as folder:
        files = write_project(Path(folder), statements=source, choices=chosen)
        for checker in (*GATES, *LESS_STRICT, *REPORTED):
            if not checker.installed:
                print(f"{checker.name:<19} is not installed")
                continue
            printed = outputs([checker], Path(folder), files)[checker.name]
            findings = list(checker.read(printed))
            in_words = measure(printed, files)
            for file in files:
                verdict = judge(checker.name, file, findings)
                found = verdict.expected - len(verdict.missed)
                print(
                    f"{checker.name:<19} {file.name:<14} {found:>5} of {verdict.expected:>5} errors found, "
                    f"{len(verdict.missed)} missed, {len(verdict.false_alarms)} false alarms; stemp check says "
                    f"{len(in_words[file.name].said)} of {len(in_words[file.name].reported)} scope errors in words"
                )
                if checker not in REPORTED and (verdict.missed or verdict.false_alarms):
                    status = 1
                for line in (*verdict.missed[:5], *verdict.false_alarms[:5]):
                    print(f"    {line}", flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
