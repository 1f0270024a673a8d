"""Runs ``stemp scopes matrix``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Final

import typer

from ...scopes import ScopeSet
from ..granted import granted_scopes
from ..screen import Screen, write_file
from .formats import as_json, markdown
from .page import page
from .rows import Row, rows
from .text import print_matrix, print_verdicts


def run(*, preset: str | None, granted: str | None, output_format: str, output: Path | None) -> None:
    """Print the matrix, or write it to a file.

    Raises:
        typer.BadParameter: an option has a wrong value.
        typer.Exit: the file cannot be written; the reason was printed.
    """
    held = granted_scopes(preset, granted)
    found = rows()
    if output_format != "text":
        written = _FORMATS[output_format](found, held)
    elif output is None:
        _print(Screen(), found, held)
        return
    else:
        file = StringIO()
        _print(Screen.to(file), found, held)
        written = file.getvalue()
    if output is None:
        typer.echo(written.encode(), nl=False)  # the same bytes in every locale
    else:
        write_file(output, written)


def _print(screen: Screen, found: Sequence[Row], held: ScopeSet | None) -> None:
    if held is None:
        print_matrix(screen, found)
    else:
        print_verdicts(screen, found, held)


def _json(found: Sequence[Row], held: ScopeSet | None) -> str:
    return json.dumps(as_json(found, held), indent=2) + "\n"


def _markdown(found: Sequence[Row], held: ScopeSet | None) -> str:
    return "\n".join(markdown(found, held)) + "\n"


_FORMATS: Final[Mapping[str, Callable[[Sequence[Row], ScopeSet | None], str]]] = {
    "json": _json,
    "markdown": _markdown,
    "html": page,
}
