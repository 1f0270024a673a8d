"""The command ``stemp``. Needs the extra ``cli``; everything is imported when it is needed, so that it starts fast."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command ``stemp``, or say what to install where the extra is missing."""
    try:
        from .app import app

        app(prog_name="stemp")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"rich", "typer"}:
            raise
        sys.exit('stemp: this command needs an extra: pip install "stemp-sdk[cli]"')
