"""The options that ``stemp scopes audit`` and ``stemp scopes report`` have in common."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import typer

from ...audit import CombinedReport, Report
from ...scopes import ScopeSet
from ...scopes._configured import configured_scopes
from ...scopes.presets import PRESETS

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
            raise typer.BadParameter(f"there is no {name!r}; choose from missing, unused", param_hint="--fail-on")
    return names


def granted_by(preset: str | None, granted: str | None) -> ScopeSet | None:
    """The scopes in ``--preset`` or ``--granted``; None if neither is given.

    Raises:
        typer.BadParameter: both are given, or one has a wrong value.
    """
    if preset is not None and granted is not None:
        raise typer.BadParameter("is one way to say it, --granted the other: give one", param_hint="--preset")
    if preset is not None:
        name = preset.upper()
        if name not in PRESETS:
            near = difflib.get_close_matches(name, PRESETS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"choose one of {', '.join(PRESETS)}"
            raise typer.BadParameter(f"there is no {preset!r}; {hint}", param_hint="--preset")
        return PRESETS[name].scopes
    if granted is None:
        return None
    try:
        return configured_scopes(granted)
    except (TypeError, ValueError) as error:
        raise typer.BadParameter(str(error), param_hint="--granted") from None


def checked_python(python: Path | None) -> Path | None:
    """The value of ``--python``.

    Raises:
        typer.BadParameter: it is not a folder.
    """
    if python is not None and not python.is_dir():
        raise typer.BadParameter(f"{python} is not a folder", param_hint="--python")
    return python
