"""The base and the options of all groups of commands."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from copy import copy
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import typer
from typer.core import TyperGroup


class Commands(TyperGroup):
    """Runs a command. An error of the SDK becomes one line on stderr and the exit code 2."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort):
            raise
        except BrokenPipeError:  # typer ends the process silently, as a reader had enough
            raise
        except OSError as error:  # each command reports those of its own files
            typer.echo(f"stemp: the output cannot be written: {error.strerror}", err=True)
            raise typer.Exit(1) from None
        except Exception as error:
            from .._core.errors import StempError  # stemp --help is faster without it

            if not isinstance(error, StempError):
                raise
            typer.echo(f"stemp: {for_terminal(error)}", err=True)
            for note in getattr(error, "__notes__", ()):
                typer.echo(f"stemp: {note}", err=True)
            raise typer.Exit(2) from None


E = TypeVar("E", bound=Exception | None)


def for_terminal(error: E) -> E:
    """The error whose message a command prints. A copy, which cannot be resolved, does not advise ``resolve()``."""
    from .._core.errors import UnknownOutcomeError

    return copy(error) if isinstance(error, UnknownOutcomeError) else error


def unknown_value(value: str, known: Iterable[str], option: str) -> typer.BadParameter:
    """The error for a value that is not one of those that are known: it names the nearest, or else all of them."""
    import difflib  # only this mistake needs it

    spellings = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(value.casefold(), spellings, n=1)
    hint = f"did you mean {spellings[near[0]]}?" if near else f"choose one of {', '.join(spellings.values())}"
    return typer.BadParameter(f"there is no {value!r}; {hint}", param_hint=option)


def confirm(question: str) -> None:
    """Ask the user whether to go on. A command that asks has the option ``--yes``.

    Raises:
        typer.BadParameter: no user can be asked.
        typer.Abort: the answer is no.
    """
    if not sys.stdin.isatty():
        raise typer.BadParameter("is needed where no user can be asked", param_hint="--yes")
    typer.confirm(question, abort=True, err=True)


ProfileOption = Annotated[
    str | None, typer.Option("--profile", help="The profile of stemp login to use.", metavar="NAME")
]

ScopesOption = Annotated[
    str | None, typer.Option(help="The scopes of the token: scopes or presets, separated by commas.", metavar="SCOPES")
]

CODE_PATHS: Final = typer.Argument(help="Python files, and folders with all below them.", metavar="PATH")

CodePaths = Annotated[list[Path], CODE_PATHS]

PythonOption = Annotated[
    Path | None,
    typer.Option(help="The virtual environment of the code, if it is not .venv or active.", metavar="FOLDER"),
]

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


class ReportFormat(StrEnum):
    """The output format of ``stemp check`` and ``stemp scopes audit``."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"
