"""The resources as groups of commands. Their commands are generated when one of them is used, and not before.

The names and summaries come from the compiled modules of the resources, which are not executed: to import them would
take longer than all the rest of ``stemp --help``.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, cast

import typer

from ..._resources import _sync
from ..commands import Commands

_PREFIX: Final = ": "
"""Stands between the name and the summary in the docstring of a resource's module."""


@cache
def summaries() -> Mapping[str, str]:
    """The summary of each resource, by the name of its group: ``"api-tokens"``."""
    modules = sorted(pkgutil.iter_modules(_sync.__path__), key=lambda module: module.name)
    return {command_name(each.name): _summary(each) for each in modules if not each.name.startswith("_")}


def command_name(name: str) -> str:
    """The name of a resource, a method or an argument on the command line."""
    return name.replace("_", "-")


def _summary(module: pkgutil.ModuleInfo) -> str:
    name, finder = f"{_sync.__name__}.{module.name}", cast("Any", module.module_finder)
    code = finder.find_spec(name).loader.get_code(name)
    docstring = code.co_consts[0]  # None under python -OO
    text = docstring.partition(_PREFIX)[2] if isinstance(docstring, str) else ""
    return text[:1].upper() + text[1:]


class CallingCommands(Commands):
    """The commands of ``stemp``, among them a group for each resource."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of all commands."""
        return [*super().list_commands(ctx), *summaries()]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command with a name; None if there is none."""
        found = super().get_command(ctx, cmd_name)
        return found if found is not None or cmd_name not in summaries() else _Resource(cmd_name)


class _Resource(Commands):
    """A resource, whose commands are generated when they are needed."""

    def __init__(self, name: str) -> None:
        summary = summaries()[name]
        short = summary.partition(",")[0].rstrip(".")  # a line of stemp --help
        super().__init__(name=name, help=summary, short_help=f"{short}.", no_args_is_help=True, rich_markup_mode=None)
        self._generated: Any = None

    def list_commands(self, ctx: Any) -> list[str]:
        return cast("list[str]", self._group.list_commands(ctx))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return self._group.get_command(ctx, cmd_name)

    @property
    def _group(self) -> Any:
        if self._generated is None:
            from .generating import commands_of

            self._generated = typer.main.get_command(commands_of(cast("str", self.name).replace("-", "_")))
        return self._generated
