"""The base and the options of all groups of commands."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from .._core.errors import StempError


class Commands(TyperGroup):
    """Runs a command. An error of the SDK becomes one line on stderr and the exit code 2."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except StempError as error:
            typer.echo(f"stemp: {error}", err=True)
            raise typer.Exit(2) from None


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


class ReportFormat(StrEnum):
    """The output format of ``stemp check`` and ``stemp scopes audit``."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"
