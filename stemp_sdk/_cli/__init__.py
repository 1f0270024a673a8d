"""The command ``stemp``. Needs the extra ``cli``. Modules are imported when they are needed, so it starts fast."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command ``stemp``, or print what to install if the extra is missing."""
    try:
        from .app import app

        app(prog_name="stemp")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"platformdirs", "rich", "tomlkit", "typer"}:
            raise
        sys.exit('stemp: this command needs an extra: pip install "stemp-sdk[cli]"')
