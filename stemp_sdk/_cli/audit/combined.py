"""Runs ``stemp scopes report``: what the code needs, by an audit and by recorded runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from ...audit import audit, combine
from ..granted import granted_scopes
from ..screen import Screen
from .formats import combined_json
from .options import checked_python, exit_status, failures_in
from .text import print_combined


def run(
    paths: Sequence[Path],
    recordings: Sequence[Path],
    *,
    preset: str | None,
    granted: str | None,
    fail_on: str,
    as_json: bool,
    python: Path | None,
) -> None:
    """Audit the paths, join the recordings, and print the report.

    Raises:
        typer.BadParameter: an option has a wrong value, or a recording cannot be read.
        typer.Exit: something of ``fail_on`` was found, or the report is partial.
    """
    failures = failures_in(fail_on)
    found = audit(paths, granted=granted_scopes(preset, granted), python=checked_python(python))
    try:
        report = combine(found, recordings)
    except (OSError, ValueError) as error:
        raise typer.BadParameter(str(error), param_hint="--recording") from None
    if failures and report.granted is None:
        reason = "needs --preset or --granted: no recording says what the clients hold"
        raise typer.BadParameter(reason, param_hint="--fail-on")
    screen = Screen()
    if as_json:
        screen.json(combined_json(report))
    else:
        print_combined(screen, report)
    if status := exit_status(report, failures):
        raise typer.Exit(status)
