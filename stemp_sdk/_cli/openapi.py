"""``stemp openapi``: the OpenAPI document of the API."""

from __future__ import annotations

import json
from pathlib import Path

from .._openapi import document
from .screen import Screen, write_file


def write(output: Path | None) -> None:
    """Write the OpenAPI document.

    Args:
        output: The file; None for the standard output.

    Raises:
        typer.Exit: the file cannot be written; the reason was printed.
    """
    if output is None:
        Screen().json(document())
    else:
        write_file(output, json.dumps(document(), indent=2) + "\n")
