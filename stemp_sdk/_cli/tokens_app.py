"""The commands of ``stemp tokens`` and their options. Each command imports the module that does its work."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .commands import AsJson, CodePaths, Commands, ProfileOption, PythonOption


class Grouping(StrEnum):
    """The parts of a program that get tokens of their own."""

    FILE = "file"
    PACKAGE = "package"


tokens_app: typer.Typer = typer.Typer(cls=Commands, rich_markup_mode=None, no_args_is_help=True)


@tokens_app.callback()
def tokens() -> None:
    """Plan the smallest tokens for a program, and create them."""


@tokens_app.command()
def plan(
    paths: CodePaths,
    *,
    by: Annotated[Grouping, typer.Option(help="A token for each file, or for each top-level package.")] = (
        Grouping.PACKAGE
    ),
    python: PythonOption = None,
    as_json: AsJson = False,
) -> None:
    """Find the smallest tokens for the parts of a program, by reading its code. Nothing is imported or run.

    Parts with equal needs share a token. Scopes that only an installed app may hold are for tokens of their own. It
    prints the code of a client over these tokens. Needs pip install "stemp-sdk[audit]".

    The exit status is 4 if something could not be audited, so that the plan is partial.

    With --json it prints an object: version, by, partial, unsure, tokens (a list of objects: name, kind, groups,
    scopes, preset, expression, variable, uses) and ring, the code.
    """
    from .tokens.plan import run

    run(paths, by=by.value, as_json=as_json, python=python)


@tokens_app.command()
def create(
    *,
    name: Annotated[str | None, typer.Option(help="The name of the token in the console.")] = None,
    scopes: Annotated[
        str | None, typer.Option(help="Its scopes: scopes or presets, separated by commas.", metavar="SCOPES")
    ] = None,
    from_plan: Annotated[
        Path | None,
        typer.Option(help="Create the API tokens of a plan: the JSON of stemp tokens plan.", metavar="FILE"),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    profile: ProfileOption = None,
    as_json: AsJson = False,
) -> None:
    """Create API tokens, and print each secret once, to the standard output alone.

    The token of --profile, STEMP_TOKEN or stemp login has to hold api_token:manage. On a terminal it asks first;
    elsewhere it needs --yes.

    With --json it prints a list of objects: name, id, scopes, token. If one cannot be created, those before it are
    printed nevertheless.
    """
    from .tokens.create import run

    run(name, scopes, from_plan, profile, yes=yes, as_json=as_json)
