"""mypy and pyright, both strict, flag exactly the marked lines of ``typing_cases.py``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.typing.checkers import GATES, Finding, judge, run, write_project

CASES = Path(__file__).with_name("typing_cases.py")


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Sequence[Finding]]:
    folder = tmp_path_factory.mktemp("typing")
    return run(GATES, folder, write_project(folder, [CASES]))


@pytest.mark.parametrize("checker", [checker.name for checker in GATES])
def test_what_the_checkers_say(findings: Mapping[str, Sequence[Finding]], checker: str) -> None:
    verdict = judge(checker, CASES, findings[checker])
    assert not verdict.missed
    assert not verdict.false_alarms
    assert verdict.expected == 23
