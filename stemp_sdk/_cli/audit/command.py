"""Runs ``stemp scopes audit`` and decides its exit status."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import typer

from ...audit import Report, audit
from ..granted import granted_scopes
from ..screen import Screen
from .formats import as_json, as_sarif, github_lines
from .text import print_report

_FAILURES: Final = ("missing", "unused")
_FAILED: Final = 1
_PARTIAL: Final = 4


def run(
    paths: Sequence[Path],
    *,
    preset: str | None,
    granted: str | None,
    fail_on: str,
    output_format: str,
    python: Path | None,
) -> None:
    """Audit the paths and print the report.

    Raises:
        typer.BadParameter: an option has a wrong value.
        typer.Exit: something of ``fail_on`` was found, or the report is partial.
    """
    failures = _failures(fail_on)
    held = granted_scopes(preset, granted)
    if failures and held is None:
        raise typer.BadParameter("needs --preset or --granted, to compare with", param_hint="--fail-on")
    if python is not None and not python.is_dir():
        raise typer.BadParameter(f"{python} is not a folder", param_hint="--python")
    report = audit(paths, granted=held, python=python)
    screen = Screen()
    if output_format == "json":
        screen.json(as_json(report))
    elif output_format == "sarif":
        screen.json(as_sarif(report))
    elif output_format == "github":
        for line in github_lines(report):
            screen.verbatim(line)
    else:
        print_report(screen, report)
    if status := _status(report, failures):
        raise typer.Exit(status)


def _status(report: Report, failures: Sequence[str]) -> int:
    found = any(getattr(report, name) for name in failures)
    return (_FAILED if found else 0) + (_PARTIAL if report.is_partial else 0)


def _failures(fail_on: str) -> list[str]:
    names = fail_on.replace(",", " ").split()
    for name in names:
        if name not in _FAILURES:
            raise typer.BadParameter(f"there is no {name!r}; choose from missing, unused", param_hint="--fail-on")
    return names
