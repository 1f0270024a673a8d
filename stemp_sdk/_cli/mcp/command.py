"""The command ``stemp mcp``."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any, cast

import anyio

from ..._client import AsyncStemp
from ..._core.scope_errors import MissingScopeError
from ..._core.secret import Secret
from ...scopes import ScopeSet
from ...scopes.presets import PRESETS
from ..profiles.connection import (
    Connection,
    NoTokenError,
    base_url_of_environment,
    connection_for,
    scopes_of,
    scopes_of_environment,
)
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
        ConfigurationError: there is no token, its scopes are unknown, an option is wrong, or the extra is missing.
        StempError: the scopes do not fit the token, or the journal cannot be used.
    """
    names = [name.strip() for each in only for name in each.split(",")]
    limits = [name for name in names if _is_of_scopes(name)]
    try:
        client = _client(_connection(profile, lists=lists), journal)
        client = _limited(client, scopes_of(",".join(limits), "--only")) if limits else client
        tools = tools_for(client, [name for name in names if name not in limits])
    except (TypeError, ValueError) as error:
        raise ConfigurationError(str(error)) from None
    if lists:
        _print(tools)
        return
    try:
        from .server import serve
    except ImportError:
        raise ConfigurationError('stemp mcp needs an extra: pip install "stemp-sdk[mcp]"') from None
    anyio.run(partial(serve, client, tools))


def _limited(client: AsyncStemp[Any], limits: ScopeSet) -> AsyncStemp[Any]:
    """The client with these scopes alone."""
    try:
        return client.only(cast("Any", limits))
    except MissingScopeError as error:
        raise ConfigurationError(f"--only: the token lacks {error.missing.join(', ')}") from None


def _is_of_scopes(name: str) -> bool:
    """Whether it names a scope or a preset, and not an operation or a resource."""
    return ":" in name or name.upper().removeprefix("PRESETS.") in PRESETS


def _connection(profile: str | None, *, lists: bool) -> Connection:
    """The connection of the tools; to list them, the stated scopes are enough."""
    try:
        return connection_for(profile)
    except NoTokenError:
        stated = scopes_of_environment() if lists else None
        if stated is None:
            raise
    return Connection("no token", base_url_of_environment(), Secret("not-a-token"), stated, "STEMP_SCOPES")


def _client(connection: Connection, journal: str | None) -> AsyncStemp[Any]:
    scopes: Any = connection.scopes
    client: AsyncStemp[Any] = AsyncStemp(
        connection.token.reveal(), scopes=scopes, base_url=connection.base_url, journal=journal
    )
    if client.scopes is None:
        raise ConfigurationError(
            f"the scopes of the token of {connection.source} are unknown, so no tool can be offered: state them in "
            "STEMP_SCOPES, or with stemp login --scopes"
        )
    return client


def _print(tools: Iterable[Tool]) -> None:
    screen = Screen()
    table = screen.table("tool", "changes", "scopes")
    for tool in tools:
        changes = "nothing" if tool.is_read_only else "changes or removes" if tool.is_destructive else "adds"
        table.add_row(tool.name, changes, tool.operation.scopes.join(", "))
    screen.show(table)
