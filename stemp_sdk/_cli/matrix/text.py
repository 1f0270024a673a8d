"""The matrix for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from rich.text import Text

from ...scopes import CATALOG, ScopeSet, token_kinds
from ...scopes._expression import expression
from ...scopes.presets import PRESETS
from ..screen import Screen
from .formats import LEGEND, allowed_of, needs
from .rows import Row

#: The width of all columns, with the presets as numbers.
_OTHERS: Final = 78


def print_matrix(screen: Screen, rows: Sequence[Row]) -> None:
    """Print what each row needs, with the presets that allow it: under their names if there is space, else as numbers.

    A narrow terminal gets neither the kinds of token nor the source.
    """
    narrow = screen.console.width < _OTHERS
    wide = screen.console.width >= _OTHERS + sum(len(name) + 2 for name in PRESETS)
    numbers = [str(number) for number, _ in enumerate(PRESETS, 1)]
    dot, blank = ("x", ".") if screen.is_plain else (screen.glyph("●", "x"), screen.glyph("·", "."))
    table = screen.table(
        "operation", "needs", *(PRESETS if wide else ["presets"]), *([] if narrow else ["tokens", "source"])
    )
    for resource, group in groupby(rows, lambda row: row.resource):
        table.add_row()
        table.add_row(Text(resource, "bold"))
        for row in group:
            marks = [
                Text(dot if wide else number, "cyan") if preset in row.presets else Text(blank, "dim")
                for number, preset in zip(numbers, PRESETS.values(), strict=True)
            ]
            presets = marks if wide else [Text(" ").join(marks)]
            rest = [] if narrow else [Text(" ".join(sorted(row.kinds))), Text(row.provenance, "dim")]
            table.add_row(_name(row), Text(needs(row), "green"), *presets, *rest)
    screen.show(table)
    screen.blank()
    if not wide:
        screen.line(f"Presets: {', '.join(f'{number} {name}' for number, name in zip(numbers, PRESETS, strict=True))}.")
    for provenance, meaning in () if narrow else LEGEND.items():
        screen.line(f"{provenance}: {meaning}.")
    idle = [name for name in CATALOG if not any(name in scopes for row in rows for scopes in row.sets())]
    if idle:
        screen.line(f"No operation is known that needs {', '.join(idle)}.")


def print_verdicts(screen: Screen, rows: Sequence[Row], granted: ScopeSet) -> None:
    """Print what a token may do, and what it lacks for the rest."""
    yes, no = ("yes", "no") if screen.is_plain else (screen.glyph("✓", "yes"), screen.glyph("✗", "no"))
    table = screen.table("", "operation", "needs", "missing", "smallest preset")
    for resource, group in groupby(rows, lambda row: row.resource):
        table.add_row()
        table.add_row("", Text(resource, "bold"))
        for row in group:
            verdict = row.judge(granted)
            mark = Text(yes, "green") if verdict.allowed else Text(no, "red")
            preset = "" if verdict.allowed else verdict.preset.name if verdict.preset else "none"
            missing = Text(verdict.missing.join(" + "), "red")
            table.add_row(mark, _name(row), needs(row), missing, Text(preset, "cyan"))
    screen.show(table)
    screen.blank()
    screen.line(f"{allowed_of(rows, granted)} that need a token are allowed, with:")
    screen.verbatim(f"scopes={expression(granted)}")
    if not token_kinds(granted):
        screen.line(("No single token may hold all of them.", "red"))


def _name(row: Row) -> Text:
    return Text(f"  {row.name.rpartition('.')[2]}", "" if row.operation else "italic")
