"""The resources as groups of commands. Their commands are generated when one of them is used, and not before.

The names and summaries come from the compiled modules of the resources, which are not executed: to import them would
take longer than all the rest of ``stemp --help``.
"""

from __future__ import annotations

import pkgutil
import sys
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from types import CodeType
from typing import Any, Final, cast

import typer
from typer.core import TyperCommand

from ..._resources import _sync
from ..commands import Commands

_PREFIX: Final = ": "
"""Stands between the name and the summary in the docstring of a resource's module."""


@cache
def summaries() -> Mapping[str, str]:
    """The summary of each resource, by the name of its group: ``"api-tokens"``."""
    return {command_name(name): _summary(name) for name in sorted(_modules()) if not name.startswith("_")}


def command_name(name: str) -> str:
    """The name of a resource, a method or an argument on the command line."""
    return name.replace("_", "-")


def _summary(module: str) -> str:
    text = _docstring(_code(module)).partition(_PREFIX)[2]
    return text[:1].upper() + text[1:]


@cache
def methods(resource: str) -> Mapping[str, str]:
    """The docstring of each method and part of a resource, by the name of its command: ``"get-or-create"``.

    Args:
        resource: The name of its group.
    """
    module = resource.replace("-", "_")
    name = module.title().replace("_", "")
    [body] = [code for code in _codes(_code(module)) if code.co_name == name]
    return {command_name(each.co_name): _docstring(each) for each in _codes(body) if not each.co_name.startswith("_")}


def _docstring(code: CodeType) -> str:
    if sys.flags.optimize > 1:  # there is none, and the first constant may be any string
        return ""
    return cast("str", code.co_consts[0])


def _codes(code: CodeType) -> Iterator[CodeType]:
    return (each for each in code.co_consts if isinstance(each, CodeType))


def _code(module: str) -> CodeType:
    name, finder = f"{_sync.__name__}.{module}", cast("Any", _modules()[module].module_finder)
    return cast("CodeType", finder.find_spec(name).loader.get_code(name))


@cache
def _modules() -> Mapping[str, pkgutil.ModuleInfo]:
    return {each.name: each for each in pkgutil.iter_modules(_sync.__path__)}


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
        self._is_listing = False

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  (the signature of typer)
        """The names of its commands."""
        return [*methods(cast("str", self.name))]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command with a name; None if there is none. Where commands are only listed, it has a summary alone."""
        if not self._is_listing:
            return self._group.get_command(ctx, cmd_name)
        from .docstrings import plain_summary

        return TyperCommand(name=cmd_name, help=plain_summary(methods(cast("str", self.name))[cmd_name]))

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        """The commands that begin so."""
        with self._listing():
            return super().shell_complete(ctx, incomplete)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands for the help."""
        with self._listing():
            super().format_commands(ctx, formatter)

    @contextmanager
    def _listing(self) -> Generator[None]:
        self._is_listing = True
        try:
            yield
        finally:
            self._is_listing = False

    @property
    def _group(self) -> Any:
        if self._generated is None:
            from .generating import commands_of

            self._generated = typer.main.get_command(commands_of(cast("str", self.name).replace("-", "_")))
        return self._generated
