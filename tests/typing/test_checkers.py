"""mypy and pyright, both strict, flag exactly the lines that lack a scope: none missed, no false alarm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs
import pytest

from tests.typing.checkers import CASES, GATES, NAMES, Finding, judge, run, write_project
from tests.typing.statements import Statement, each_scope, module, random_statements

gates = pytest.mark.parametrize("checker", [checker.name for checker in GATES])


@attrs.frozen
class Run:
    """One run of every gate over both files."""

    cases: Sequence[Path]
    statements: Path
    refused: Mapping[int, Statement]
    findings: Mapping[str, Sequence[Finding]]

    def messages(self, checker: str, file: Path, line: int) -> str:
        return "\n".join(f.message for f in self.findings[checker] if (f.file, f.line) == (file.name, line))


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("typing")
    source, refused = module([*each_scope(), *random_statements(1_200, seed=20_261)])
    *cases, statements = write_project(folder, [*CASES, NAMES], statements=source)
    return Run(cases, statements, refused, run(GATES, folder, [*cases, statements]))


@gates
def test_the_cases(checked: Run, checker: str) -> None:
    verdicts = [judge(checker, file, checked.findings[checker]) for file in checked.cases]
    assert not [line for verdict in verdicts for line in verdict.missed]
    assert not [line for verdict in verdicts for line in verdict.false_alarms]
    assert sum(verdict.expected for verdict in verdicts) >= 140


@gates
def test_every_scope_and_random_sets(checked: Run, checker: str) -> None:
    verdict = judge(checker, checked.statements, checked.findings[checker])
    assert not verdict.missed
    assert not verdict.false_alarms
    assert verdict.expected == len(checked.refused)


@gates
def test_no_error_elsewhere(checked: Run, checker: str) -> None:
    found = {finding.file for finding in checked.findings[checker]}
    assert found == {file.name for file in (*checked.cases, checked.statements)}


@gates
def test_the_message_names_the_missing_scope(checked: Run, checker: str) -> None:
    line = 1 + checked.cases[0].read_text(encoding="utf-8").splitlines().index('till.templates.delete("t")  # E01')
    assert "template:delete" in checked.messages(checker, checked.cases[0], line)
    unnamed = [
        statement.code
        for line, statement in checked.refused.items()
        if statement.missing and statement.missing not in checked.messages(checker, checked.statements, line)
    ]
    assert not unnamed


def test_random_statements_are_a_fair_mix() -> None:
    statements = random_statements(1_200, seed=20_261)
    refused = sum(statement.refused for statement in statements)
    assert 400 < refused < 800
