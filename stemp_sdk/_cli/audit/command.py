"""Runs ``stemp scopes audit`` and decides its exit status."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from ...audit import audit
from ..screen import Screen
from .formats import as_json, as_sarif, github_lines
from .options import checked_python, exit_status, failures_in, granted_by
from .text import print_report


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
    failures = failures_in(fail_on)
    held = granted_by(preset, granted)
    if failures and held is None:
        raise typer.BadParameter("needs --preset or --granted, to compare with", param_hint="--fail-on")
    report = audit(paths, granted=held, python=checked_python(python))
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
    if status := exit_status(report, failures):
        raise typer.Exit(status)
