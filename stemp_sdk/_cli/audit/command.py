"""Runs ``stemp scopes audit`` and decides its exit status."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from ...audit import Report, audit
from ..granted import granted_scopes
from ..screen import Screen
from . import parts
from .formats import as_json, as_sarif, github_lines
from .options import checked_python, exit_status, failures_in
from .text import print_report


def run(
    paths: Sequence[Path],
    *,
    file: Path | None,
    part: str | None,
    write: bool,
    preset: str | None,
    granted: str | None,
    fail_on: str,
    output_format: str,
    python: Path | None,
) -> None:
    """Audit the paths, or those of a scopes file, and print the report; or write the scopes file.

    Raises:
        typer.BadParameter: an option has a wrong value.
        typer.Exit: something of ``fail_on`` was found, or the report is partial.
    """
    if write or file is not None:
        if preset is not None or granted is not None:
            raise typer.BadParameter("says what is granted: leave out --preset and --granted", param_hint="--file")
        parts.run(
            paths,
            file=file or parts.DEFAULT,
            part=part,
            write=write,
            fail_on=fail_on,
            output_format=output_format,
            python=python,
        )
        return
    if part is not None:
        raise typer.BadParameter("is a part of a scopes file: name that with --file", param_hint="--part")
    if not paths:
        raise typer.BadParameter("is needed, or a scopes file with --file", param_hint="PATH")
    failures = failures_in(fail_on)
    held = granted_scopes(preset, granted)
    if failures and held is None:
        raise typer.BadParameter("needs --preset or --granted, to compare with", param_hint="--fail-on")
    report = audit(paths, granted=held, python=checked_python(python))
    _print(report, output_format)
    if status := exit_status(report, failures):
        raise typer.Exit(status)


def _print(report: Report, output_format: str) -> None:
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
