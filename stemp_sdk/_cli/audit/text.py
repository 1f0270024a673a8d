"""The report for people."""

from __future__ import annotations

from typing import Final

from rich.text import Text

from ...audit import Report, Use
from ...scopes.presets import Preset
from ..screen import Screen, columns

_STYLES: Final = {"missing": "bold red", "unused": "bold yellow", "used": "bold green"}


def print_report(screen: Screen, report: Report) -> None:
    """Print what an audit found: scopes and their uses, then what is not certain, then what to grant."""
    for name in report.scopes():
        uses = report.uses_of(name)
        status = report.status(name)
        label = "" if status == "used" else f"  {status.upper()}"
        screen.line((name, _STYLES[status]), (label, _STYLES[status]), f"  {_count(len(uses), 'use')}")
        if uses:
            screen.show(columns([(_place(use), use.operation) for use in uses], "", "cyan"), indent=2)
        elif report.perhaps_used and name in report.perhaps_used:
            screen.line("An unsure place may use it.", indent=2)
    if not report.scopes():
        screen.line("No use of an operation was found.")
    if report.unsure:
        screen.blank()
        screen.line(("unsure", "bold"), "  not counted: the type of the object or the name of the method is not known")
        rows = [(f"{at.path}:{at.line}", at.operation or "?", str(at.scopes or "?"), at.reason) for at in report.unsure]
        screen.show(columns(rows, "", "cyan", "", "dim"), indent=2)
    if report.skipped:
        screen.blank()
        screen.line(("partial", "bold red"), "  what could not be audited:")
        screen.show(columns([(item.path, item.reason) for item in report.skipped], "", ""), indent=2)
    screen.blank()
    _print_summary(screen, report)


def _print_summary(screen: Screen, report: Report) -> None:
    files = len({use.path for use in report.uses})
    by = f", found by {report.checker}" if report.checker else ""
    screen.line(
        f"{_count(len(report.uses), 'use')} in {_count(files, 'file')} of {_count(len(report.used), 'scope')}{by}"
    )
    for status, scopes in (("missing", report.missing), ("unused", report.unused)):
        if scopes:
            screen.line((f"{status:8} ", _STYLES[status]), scopes.join(" "))
    if not report.used:
        return
    screen.line("preset   ", *_preset(report.preset, report))
    screen.verbatim(f"scopes   {report.expression}")


def _preset(preset: Preset | None, report: Report) -> tuple[str | tuple[str, str], ...]:
    if preset is None:
        return ("none covers all uses",)
    more = preset.scopes - report.used
    return (
        (preset.name, "bold cyan"),
        f"  the smallest that covers all uses; more than they need: {more.join(' ')}"
        if more
        else "  exactly what the uses need",
    )


def _place(use: Use) -> Text:
    return Text(f"{use.path}:{use.line}")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
