"""The cases and a choice of scopes: exact in the less strict modes of mypy and pyright, and in strict with a wheel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.typing.checkers import GATES, LESS_STRICT, Finding, install_wheel, judge, run, write_project
from tests.typing.statements import choices, module

#: One of nine. ``make typing`` checks them all.
SAMPLE = [*choices()][::9]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Sequence[Path]]:
    folder = tmp_path_factory.mktemp("choices")
    source, _ = module(SAMPLE)
    return folder, write_project(folder, choices=source)


@pytest.fixture(scope="module")
def findings(project: tuple[Path, Sequence[Path]]) -> Mapping[str, Sequence[Finding]]:
    return run(LESS_STRICT, *project)


@pytest.mark.parametrize("checker", [checker.name for checker in LESS_STRICT])
def test_each_mode_is_exact(
    checker: str, project: tuple[Path, Sequence[Path]], findings: Mapping[str, Sequence[Finding]]
) -> None:
    for file in project[1]:
        verdict = judge(checker, file, findings[checker])
        assert not verdict.missed
        assert not verdict.false_alarms
        assert verdict.expected


def test_both_are_exact_with_a_wheel(project: tuple[Path, Sequence[Path]], tmp_path: Path) -> None:
    folder, files = project
    found = run(GATES, folder, files, python=install_wheel(tmp_path))
    for checker in GATES:
        for file in files:
            verdict = judge(checker.name, file, found[checker.name])
            assert not verdict.missed
            assert not verdict.false_alarms
