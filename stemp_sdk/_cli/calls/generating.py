"""Generates the commands of a resource from the signatures and docstrings of its methods."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Final, get_type_hints

import attrs
import typer

from ..._client import Stemp
from ..._resources._listing import Listing
from ..._resources.operations import OPERATIONS
from ..commands import AsJson, Commands, ProfileOption
from .dismissing import dismiss
from .docstrings import docstring_of
from .groups import command_name
from .parameters import Parameter, parameters_of

_JOURNAL: Final = "journal"
_WRITTEN: Final[Mapping[str, Callable[..., None]]] = {"journal.dismiss": dismiss}
"""The commands of methods that take an object, which a shell cannot give. They take what the object is found by."""


@attrs.frozen(kw_only=True)
class Command:
    """A method of a resource as a command."""

    name: str
    """Resource and method, such as ``"org.members.list"``."""
    parameters: list[Parameter]
    is_listing: bool
    is_of_journal: bool
    """Whether it returns a list of writes with a reference."""
    deletes: bool
    """Whether it deletes or revokes something, so that it asks first."""


def commands_of(name: str) -> typer.Typer:
    """The commands of a resource of the client.

    Args:
        name: Its name, such as ``"api_tokens"``.
    """
    return _group(getattr(Stemp, name), name)


def _group(resource: type[Any], path: str) -> typer.Typer:
    group = typer.Typer(
        cls=Commands, help=inspect.getdoc(resource), no_args_is_help=True, rich_markup_mode=None, add_completion=False
    )
    group.callback()(_nothing)  # so that a group of one command is a group
    for name, member in vars(resource).items():
        if name.startswith("_"):
            continue
        if isinstance(member, property):
            part = get_type_hints(member.fget)["return"].__origin__
            group.add_typer(_group(part, f"{path}.{name}"), name=command_name(name), help=inspect.getdoc(part))
        else:
            docstring = docstring_of(member)
            written = _WRITTEN.get(f"{path}.{name}")
            function = written or _function(_command(f"{path}.{name}", member), docstring.arguments)
            group.command(command_name(name), help=docstring.help)(function)
    return group


def _nothing() -> None:
    """Take no options for the group itself."""


def _command(name: str, method: Callable[..., Any]) -> Command:
    operation = OPERATIONS.get(name)
    returns = inspect.get_annotations(method, eval_str=True)["return"]
    return Command(
        name=name,
        parameters=parameters_of(method),
        is_listing=getattr(returns, "__origin__", None) is Listing,
        is_of_journal=name.startswith(f"{_JOURNAL}."),
        deletes=operation is not None and operation.http_method == "DELETE",
    )


def _function(command: Command, described: Mapping[str, str]) -> Callable[..., None]:
    """The function that typer calls, with the signature that it reads."""

    def call(**values: Any) -> None:
        from .running import run

        run(command, values)

    own = [_own(each, described.get(each.name, "")) for each in command.parameters]
    added = [*_options_for(command)]
    if clashing := {each.name for each in own} & {each.name for each in added}:
        raise TypeError(f"{command.name} has an argument with the name of an option of every command: {clashing}")
    function: Any = call
    function.__signature__ = inspect.Signature([*own, *added])
    function.__annotations__ = {each.name: each.annotation for each in (*own, *added)}
    return call


def _own(parameter: Parameter, description: str) -> inspect.Parameter:
    if parameter.is_positional:
        info = typer.Argument(help=description, metavar=parameter.option.upper())
    else:
        info = typer.Option(
            parameter.option,
            help=description,
            metavar=parameter.metavar or None,
            show_default=parameter.default is not None,
            autocompletion=_completing(parameter.choices) if parameter.choices else None,
        )
    cli_type = parameter.cli_type if parameter.is_required else parameter.cli_type | None
    default = inspect.Parameter.empty if parameter.is_required else parameter.default
    return _keyword(parameter.name, Annotated[cli_type, info], default)


def _options_for(command: Command) -> Iterator[inspect.Parameter]:
    """The options that the method does not have."""
    if clearable := tuple(command_name(each.name) for each in command.parameters if each.is_clearable):
        info = typer.Option(
            "--clear",
            help="Set this field to null (repeatable).",
            metavar="|".join(clearable),
            autocompletion=_completing(clearable),
        )
        yield _keyword("clear", Annotated[list[str] | None, info], None)
    if command.is_listing:
        everything = typer.Option("--all", help="Print all items from that page on, and not one page.")
        yield _keyword("all", Annotated[bool, everything], default=False)
        limit = typer.Option("--limit", min=1, help="Print at most this many items, of one page or several.")
        yield _keyword("limit", Annotated[int | None, limit], None)
        lines = typer.Option("--jsonl", help="Print a line of JSON for each item, as it arrives.")
        yield _keyword("jsonl", Annotated[bool, lines], default=False)
    if command.is_of_journal or any(each.name == "reference" for each in command.parameters):
        path = typer.Option("--journal", help="The file in which writes with a reference are kept.", metavar="FILE")
        file = Annotated[str, path] if command.is_of_journal else Annotated[str | None, path]
        yield _keyword(_JOURNAL, file, inspect.Parameter.empty if command.is_of_journal else None)
    if command.deletes:
        yield _keyword("yes", Annotated[bool, typer.Option("--yes", help="Do not ask.")], default=False)
    yield _keyword("profile", ProfileOption, None)
    dry = typer.Option("--dry-run", help="Check arguments and scopes, print the requests, and send nothing.")
    yield _keyword("dry_run", Annotated[bool, dry], default=False)
    yield _keyword("as_json", AsJson, default=False)


def _completing(choices: tuple[str, ...]) -> Callable[[str], list[str]]:
    def complete(incomplete: str) -> list[str]:
        return [choice for choice in choices if choice.startswith(incomplete)]

    return complete


def _keyword(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)
