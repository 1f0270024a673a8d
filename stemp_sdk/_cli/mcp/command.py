"""The command ``stemp mcp``."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import partial
from typing import Any, NoReturn, cast

import anyio
import typer

from ..._client import AsyncStemp
from ..._core.errors import StempError
from ...scopes._configured import configured_scopes
from ..calls.exits import Exit
from ..profiles.connection import NoTokenError, connection_for, scopes_of
from ..profiles.store import ConfigurationError
from ..screen import Screen
from .tools import Tool, tools_for


def run(profile: str | None, only: Iterable[str], journal: str | None, *, lists: bool) -> None:
    """Serve the tools, or list them.

    Args:
        profile: The option ``--profile``.
        only: Scopes, presets, operations and resources to offer, and nothing else.
        journal: The file in which writes with a reference are kept.
        lists: Whether to print the tools instead.

    Raises:
        typer.Exit: the tools cannot be served; the reason was printed.
    """
    try:
        client = _client(profile, journal, lists=lists)
    except (StempError, TypeError, ValueError) as error:
        _fail(str(error))
    names = [name.strip() for each in only for name in each.split(",")]
    # A scope has a colon, a preset is in capital letters; the names of operations and resources are not.
    limits = [name for name in names if ":" in name or name.isupper()]
    try:
        client = client.only(cast("Any", configured_scopes(",".join(limits)))) if limits else client
        tools = tools_for(client, [name for name in names if name not in limits])
    except (StempError, TypeError, ValueError) as error:
        _fail(str(error))
    if lists:
        _print(tools)
        return
    try:
        from .server import serve
    except ImportError:
        _fail('stemp mcp needs an extra: pip install "stemp-sdk[mcp]"')
    anyio.run(partial(serve, client, tools))


def _client(profile: str | None, journal: str | None, *, lists: bool) -> AsyncStemp[Any]:
    """The client of the tools; to list them, the stated scopes are enough.

    Raises:
        ConfigurationError: there is no token, or the scopes are unknown.
        StempError: the scopes do not fit the token.
    """
    try:
        connection = connection_for(profile)
    except NoTokenError:
        if not lists or "STEMP_SCOPES" not in os.environ:
            raise
        stated: Any = scopes_of(os.environ["STEMP_SCOPES"], "STEMP_SCOPES in the environment")
        return AsyncStemp("not-a-token", scopes=stated)  # it sends nothing
    if connection.scopes is None:
        raise ConfigurationError(
            f"the scopes of the token of {connection.source} are unknown, so no tool can be offered: state them in "
            "STEMP_SCOPES, or with stemp login --scopes"
        )
    scopes: Any = connection.scopes
    return AsyncStemp(connection.token.reveal(), scopes=scopes, base_url=connection.base_url, journal=journal)


def _print(tools: Iterable[Tool]) -> None:
    screen = Screen()
    table = screen.table("tool", "changes", "scopes")
    for tool in tools:
        changes = "nothing" if tool.is_read_only else "changes or removes" if tool.is_destructive else "adds"
        table.add_row(tool.name, changes, tool.operation.scopes.join(", "))
    screen.show(table)


def _fail(reason: str) -> NoReturn:
    typer.echo(f"stemp: {reason}", err=True)
    raise typer.Exit(Exit.USAGE)
