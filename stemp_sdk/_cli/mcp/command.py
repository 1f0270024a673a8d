"""The command ``stemp mcp``."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any, NoReturn, cast

import anyio
import typer

from ..._client import AsyncStemp
from ..._core.errors import StempError
from ...scopes._configured import configured_scopes
from ..calls.exits import Exit
from ..profiles.connection import connection_for
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
        connection = connection_for(profile)
        scopes: Any = connection.scopes
        client: AsyncStemp[Any] = AsyncStemp(
            connection.token.reveal(), scopes=scopes, base_url=connection.base_url, journal=journal
        )
    except (StempError, TypeError, ValueError) as error:
        _fail(str(error))
    if client.scopes is None:
        _fail(
            f"the scopes of the token of {connection.source} are unknown, so no tool can be offered: state them in "
            "STEMP_SCOPES, or with stemp login --scopes"
        )
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


def _print(tools: Iterable[Tool]) -> None:
    screen = Screen()
    table = screen.table("tool", "changes", "scopes")
    for tool in tools:
        changes = "nothing" if tool.is_read_only else "or removes" if tool.is_destructive else "adds"
        table.add_row(tool.name, changes, tool.operation.scopes.join(", "))
    screen.show(table)


def _fail(reason: str) -> NoReturn:
    typer.echo(f"stemp: {reason}", err=True)
    raise typer.Exit(Exit.USAGE)
