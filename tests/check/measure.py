"""Counts the scope errors of the typing cases that ``stemp check`` says in words, of those that a checker reports."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

import attrs

from stemp_sdk._cli.check.diagnostics import Diagnostic
from stemp_sdk._cli.check.reading import read
from stemp_sdk._cli.check.rewriting import rewritten
from stemp_sdk._cli.check.source import Source

_MARK: Final = re.compile(r"# E(\d+)")

#: The cases that must be refused for another reason than scopes, such as a wrong type or the other twin.
_ORDINARY: Final = {
    "cases.py": {
        12,
        29,
        33,
        34,
        37,
        39,
        40,
        43,
        *range(54, 74),
        *range(80, 85),
        *range(100, 107),
        *range(112, 117),
        124,
        125,
        *range(131, 135),
    },
    "client_cases.py": {20, 30, 50, 51},
}


@attrs.frozen
class Measured:
    """How many of the marked lines of one file are refused, and said in words."""

    reported: Sequence[int]
    """The lines with a scope error that the checker refuses."""
    said: Sequence[int]
    """Those of them that have a sentence."""
    wrong: Sequence[str]
    """Sentences at lines that have no scope error."""
    sentences: Sequence[Diagnostic]


def measure(printed: str, files: Sequence[Path]) -> dict[str, Measured]:
    """Measure each file, by its name.

    Args:
        printed: The output of a checker.
        files: The files that it judged.
    """
    folder = files[0].parent

    @cache
    def source(path: str) -> Source:
        return Source((folder / path).read_text("utf-8"))

    found = [each for each in rewritten(read(printed), source).diagnostics if each.severity == "error"]
    return {file.name: _measured(file, [each for each in found if Path(each.path).name == file.name]) for file in files}


def _measured(file: Path, found: Sequence[Diagnostic]) -> Measured:
    lines = file.read_text("utf-8").splitlines()
    marks = {number: int(mark[1]) for number, line in enumerate(lines, 1) if (mark := _MARK.search(line))}
    ordinary = {number for number, mark in marks.items() if mark in _ORDINARY.get(file.name, ())}
    refused = {each.line for each in found}
    sentences = [each for each in found if each.sentence is not None]
    said = {each.line for each in sentences}
    return Measured(
        sorted((marks.keys() - ordinary) & refused),
        sorted((marks.keys() - ordinary) & said),
        [f"{file.name}:{each.line}: {each.text}" for each in sentences if each.line in ordinary],
        sentences,
    )
