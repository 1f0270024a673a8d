"""The options that ``stemp scopes audit`` and ``stemp scopes report`` have in common."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import typer

from ...audit import CombinedReport, Report
from ..commands import unknown_value

_FAILURES: Final = ("missing", "unused")
_FAILED: Final = 1
PARTIAL: Final = 4


def exit_status(report: Report | CombinedReport, failures: Sequence[str]) -> int:
    """The sum of 1 if something of ``failures`` was found, and 4 if the report is partial."""
    found = any(getattr(report, name) for name in failures)
    return (_FAILED if found else 0) + (PARTIAL if report.is_partial else 0)


def failures_in(fail_on: str) -> list[str]:
    """The names in ``--fail-on``.

    Raises:
        typer.BadParameter: there is no such thing to fail on.
    """
    names = fail_on.replace(",", " ").split()
    for name in names:
        if name not in _FAILURES:
            raise unknown_value(name, _FAILURES, "--fail-on")
    return names


def checked_python(python: Path | None) -> Path | None:
    """The value of ``--python``.

    Raises:
        typer.BadParameter: it is not a folder.
    """
    if python is not None and not python.is_dir():
        raise typer.BadParameter(f"{python} is not a folder", param_hint="--python")
    return python
