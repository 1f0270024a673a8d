"""Runs ``stemp tokens plan``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import typer

from ..._core.counted import counted
from ...audit import Report, audit
from ...scopes import TokenKind
from ..audit.options import PARTIAL, checked_python
from ..screen import Screen
from .planning import VERSION, By, PlannedToken, plan, ring


def run(paths: Sequence[Path], *, by: By, as_json: bool, python: Path | None) -> None:
    """Audit the paths and print the tokens that they need.

    Raises:
        typer.BadParameter: an option has a wrong value.
        typer.Exit: the plan is partial.
    """
    report = audit(paths, python=checked_python(python))
    tokens = plan(report, paths, by)
    if as_json:
        Screen().json(_as_json(report, tokens, by))
    else:
        _print_plan(Screen(), report, tokens)
    if report.is_partial:
        raise typer.Exit(PARTIAL)


def _as_json(report: Report, tokens: Sequence[PlannedToken], by: By) -> dict[str, Any]:
    return {
        "version": VERSION,
        "by": by,
        "partial": report.is_partial,
        "unsure": len(report.unsure),
        "tokens": [
            {
                "name": token.name,
                "kind": token.kind.value,
                "groups": list(token.groups),
                "scopes": list(token.scopes),
                "preset": token.preset,
                "expression": token.expression,
                "variable": token.variable,
                "uses": token.uses,
            }
            for token in tokens
        ],
        "ring": ring(tokens) if tokens else None,
    }


def _print_plan(screen: Screen, report: Report, tokens: Sequence[PlannedToken]) -> None:
    for token in tokens:
        screen.line((token.name, "bold cyan"), f"  {_KIND[token.kind]}, {counted(token.uses, 'use')}")
        if len(token.groups) > 1:
            screen.line(f"shared by {', '.join(token.groups)}", indent=2)
        screen.line(f"scopes   {token.scopes}", indent=2)
        screen.line(f"preset   {token.preset or 'none covers all uses'}", indent=2)
    if not tokens:
        screen.line("No use of an operation was found.")
    if report.unsure:
        screen.line(f"Not counted: {counted(len(report.unsure), 'unsure place')}; see stemp scopes audit.")
    for item in report.skipped:
        screen.line((f"partial  {item.path}: {item.reason}", "bold red"))
    if tokens:
        screen.blank()
        screen.verbatim(ring(tokens))


_KIND: Final = {TokenKind.API: "an API token", TokenKind.APP: "an installed app's token"}
