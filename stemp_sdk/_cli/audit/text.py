"""The report for people."""

from __future__ import annotations

from typing import Final

from rich.text import Text

from ..._core.counted import counted
from ...audit import CombinedReport, RecordedUse, Report, Use
from ...scopes.presets import Preset
from ..screen import Screen, columns

_STYLES: Final = {"missing": "bold red", "unused": "bold yellow", "unsure": "bold yellow", "used": "bold green"}


def print_report(screen: Screen, report: Report) -> None:
    """Print what an audit found: scopes and their uses, then what is not certain, then what to grant."""
    for name in report.scopes():
        uses = report.uses_of(name)
        _print_scope(screen, name, report.status(name), counted(len(uses), "use"))
        if uses:
            screen.show(columns([(_place(use), use.operation) for use in uses], "", "cyan"), indent=2)
        elif report.perhaps_used and name in report.perhaps_used:
            screen.line("An unsure place may use it.", indent=2)
    if not report.scopes():
        screen.line("No use of an operation was found.")
    _print_doubts(screen, report)
    screen.blank()
    screen.line(_summary(report))
    _print_need(screen, report)


def print_combined(screen: Screen, report: CombinedReport) -> None:
    """Print the same of an audit and recorded runs: below each scope, the uses in the code and those in the runs."""
    for name in report.scopes():
        uses = report.code.uses_of(name)
        runs = report.runs_of(name)
        calls, refused = sum(use.calls for use in runs), sum(use.refused for use in runs)
        counts = f"{counted(len(uses), 'use')}, {counted(calls, 'call')}{f', {refused} refused' if refused else ''}"
        _print_scope(screen, name, report.status(name), counts)
        rows = [(_place(use), use.operation) for use in uses]
        rows += [(Text(_calls(use)), use.operation) for use in runs]
        if rows:
            screen.show(columns(rows, "", "cyan"), indent=2)
        if report.code.perhaps_used and name in report.code.perhaps_used:
            screen.line("An unsure place may use it.", indent=2)
    if not report.scopes():
        screen.line("No use of an operation was found, and none was recorded.")
    _print_doubts(screen, report.code)
    screen.blank()
    screen.line(_summary(report.code))
    screen.line(
        f"{counted(sum(use.calls for use in report.runs), 'recorded call')} of "
        f"{counted(len(report.used_in_runs), 'scope')}"
    )
    _print_need(screen, report)


def _print_scope(screen: Screen, name: str, status: str, counts: str) -> None:
    label = "" if status == "used" else f"  {status.upper()}"
    screen.line((name, _STYLES[status]), (label, _STYLES[status]), f"  {counts}")


def _print_doubts(screen: Screen, report: Report) -> None:
    """Print what is not certain, and what could not be audited."""
    if report.unsure:
        screen.blank()
        screen.line(("unsure", "bold"), "  not counted: the object, the method or its arguments are not known")
        rows = [(f"{at.path}:{at.line}", at.operation or "?", str(at.scopes or "?"), at.reason) for at in report.unsure]
        screen.show(columns(rows, "", "cyan", "", "dim"), indent=2)
    if report.skipped:
        screen.blank()
        print_skipped(screen, report)


def print_skipped(screen: Screen, report: Report) -> None:
    """Print what could not be audited."""
    if report.skipped:
        screen.line(("partial", "bold red"), "  what could not be audited:")
        screen.show(columns([(item.path, item.reason) for item in report.skipped], "", ""), indent=2)


def _summary(report: Report) -> str:
    files = len({use.path for use in report.uses})
    by = f", found by {report.checker}" if report.checker else ""
    return f"{counted(len(report.uses), 'use')} in {counted(files, 'file')} of {counted(len(report.used), 'scope')}{by}"


def _print_need(screen: Screen, report: Report | CombinedReport) -> None:
    """Print what is missing and unused, and what to grant."""
    for status, scopes in (("missing", report.missing), ("unused", report.unused)):
        if scopes:
            screen.line((f"{status:8} ", _STYLES[status]), scopes.join(" "))
    if not report.used:
        return
    screen.line("preset   ", *_preset(report.preset, report))
    screen.verbatim(f"scopes   {report.expression}")


def _preset(preset: Preset | None, report: Report | CombinedReport) -> tuple[str | tuple[str, str], ...]:
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


def _calls(use: RecordedUse) -> str:
    refused = f"{use.refused} refused" if use.refused else ""
    return ", ".join(filter(None, (counted(use.calls, "call") if use.calls else "", refused)))
