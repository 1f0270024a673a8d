"""``stemp openapi``: the OpenAPI document of the API."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from .._openapi import document
from .screen import Screen


def write(output: Path | None) -> None:
    """Write the OpenAPI document.

    Args:
        output: The file; None for the standard output.

    Raises:
        typer.Exit: the file cannot be written; the reason was printed.
    """
    if output is None:
        Screen().json(document())
        return
    try:
        output.write_text(json.dumps(document(), indent=2) + "\n", encoding="ascii")
    except OSError as error:
        typer.echo(f"stemp: --output: cannot write {output}: {error.strerror}", err=True)
        raise typer.Exit(1) from None
