"""The commands of ``stemp`` and their options.  Each one's work is in a module of its own, imported by its first use."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from ..core.errors import StempError


class _Commands(TyperGroup):
    """Runs a command; an error of the SDK becomes one line on stderr and the exit code 2."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except StempError as error:
            typer.echo(f"stemp: {error}", err=True)
            raise typer.Exit(2) from None


app = typer.Typer(
    cls=_Commands, add_completion=False, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False
)


@app.callback()
def stemp() -> None:
    """The stemp SDK from the command line: what needs which scope, and a sandbox to try it on."""


@app.command()
def demo() -> None:
    """A till at work against the embedded sandbox, and what happens when it oversteps its scopes."""
    from .demo import play

    play()
