"""The typing cases, judged by the type checkers that are installed: every scope error that they report is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs
import pytest

from tests.typing.checkers import GATES, REPORTED, outputs, write_project
from tests.typing.statements import Statement, choices, each_scope, module, random_statements

from .measure import Measured, measure

CHECKERS = [checker for checker in (*GATES, *REPORTED) if checker.installed]
each_checker = pytest.mark.parametrize("checker", [checker.name for checker in CHECKERS])


@attrs.frozen
class Judged:
    """The lines of each file that are refused and said, by checker."""

    refused: Mapping[int, Statement]
    measured: Mapping[str, Mapping[str, Measured]]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    folder = tmp_path_factory.mktemp("check")
    source, refused = module([*[*each_scope()][::6], *random_statements(120, seed=20_263)])
    chosen, _ = module([*choices()][::61])
    files: Sequence[Path] = write_project(folder, statements=source, choices=chosen)
    printed = outputs(CHECKERS, folder, files)
    return Judged(refused, {name: measure(text, files) for name, text in printed.items()})


def test_all_five_are_installed() -> None:
    assert {checker.name for checker in CHECKERS} == {"mypy", "pyright", "ty", "pyrefly", "zuban"}


@each_checker
def test_every_scope_error_is_said(judged: Judged, checker: str) -> None:
    for name, file in judged.measured[checker].items():
        assert file.reported, name
        assert [*file.said] == [*file.reported], name


@each_checker
def test_an_error_about_something_else_is_not(judged: Judged, checker: str) -> None:
    assert [line for file in judged.measured[checker].values() for line in file.wrong] == []


@each_checker
def test_each_sentence_names_what_is_missing(judged: Judged, checker: str) -> None:
    said: dict[int, list[str]] = {}
    for each in judged.measured[checker]["statements.py"].sentences:
        said.setdefault(each.line, []).append(each.text)
    unnamed = [
        (statement.code, said[line])
        for line, statement in judged.refused.items()
        if line in said and statement.missing and not any(statement.missing in text for text in said[line])
    ]
    assert unnamed == []
