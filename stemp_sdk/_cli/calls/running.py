"""Runs a generated command: reads its options, checks the scopes, asks, calls, and prints."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from operator import attrgetter
from typing import Any, NoReturn, cast

import typer

from ..._client import Stemp
from ..._core.call import Flow, Send
from ..._core.counted import counted
from ..._core.errors import StempError
from ..._resources._dry_run import dry_run_of
from ..._resources._listing import Listing
from ..commands import confirm
from ..profiles.connection import Connection, connection_for
from ..screen import Screen
from .exits import ADVICE, Exit, exit_of, sentence
from .generating import Command
from .groups import command_name
from .parameters import Parameter
from .printing import plain, print_json_line, print_record, print_table


def run(command: Command, values: Mapping[str, Any]) -> None:
    """Run a command.

    Args:
        command: The command.
        values: The arguments and options, as typer read them.

    Raises:
        typer.BadParameter: an option has a wrong value.
        typer.Exit: the call failed; the reason was printed.
        typer.Abort: the answer to the question was no.
    """
    arguments = _arguments(command, values)
    with warnings.catch_warnings(record=True) as issued:
        warnings.simplefilter("always")
        try:
            connection = connection_for(values["profile"])
            with connection.client(journal=values.get("journal")) as client:
                _call(command, client, connection, arguments, values)
        except StempError as error:
            fail(exit_of(error), sentence(error))
        finally:
            for each in issued:
                typer.echo(f"stemp: warning: {each.message}", err=True)


def _call(
    command: Command,
    client: Stemp[Any],
    connection: Connection,
    arguments: Mapping[str, Any],
    values: Mapping[str, Any],
) -> None:
    method: Callable[..., Any] = attrgetter(command.name)(client)
    flows = dry_run_of(method)(arguments)
    screen = Screen()
    if values["dry_run"]:
        _print_requests(screen, flows, connection.origin, as_json=values["as_json"])
        return
    if command.deletes and not values["yes"]:
        what = " ".join([command.name, *map(str, arguments.values())])
        confirm(f"{what}: this cannot be undone. Go on?")
    result: Any = method(**arguments)
    if command.is_listing:
        _print_listing(screen, result, values)
    elif result is None and not command.deletes:
        fail(Exit.NOT_FOUND, f"{command.name}: not found. {ADVICE[Exit.NOT_FOUND]}")
    elif values["as_json"]:
        screen.json(plain(result))
    elif result is None:
        screen.line("Done.")
    elif command.is_of_journal:
        _print_items(screen, result, None)
    else:
        print_record(screen, result)
    if command.is_of_journal:
        for error in filter(None, (getattr(each, "error", None) for each in cast("list[Any]", result))):
            fail(exit_of(error), sentence(error))


def fail(status: Exit, message: str) -> NoReturn:
    """End the command with a message on the standard error."""
    typer.echo(f"stemp: {message}", err=True)
    raise typer.Exit(status) from None


def _arguments(command: Command, values: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of the method. Options that are not given are left out."""
    given = {each.name: (each, values[each.name]) for each in command.parameters}
    arguments = {name: value_of(each, value) for name, (each, value) in given.items() if value not in (None, [])}
    clearable = {command_name(each.name): each.name for each in command.parameters if each.is_clearable}
    for name in values.get("clear") or ():
        if name not in clearable:
            raise typer.BadParameter(f"must be one of {', '.join(clearable)}, not {name!r}", param_hint="--clear")
        if clearable[name] in arguments:
            raise typer.BadParameter(f"--{name} is given as well", param_hint="--clear")
        arguments[clearable[name]] = None
    return arguments


def value_of(parameter: Parameter, given: Any) -> Any:
    """The value of an argument from that of its option.

    Raises:
        typer.BadParameter: it is wrong.
    """
    if parameter.is_closed and given not in parameter.choices:
        raise typer.BadParameter(f"must be one of {', '.join(parameter.choices)}", param_hint=parameter.option)
    if parameter.read is None:
        return given
    try:
        return parameter.read(given)
    except (TypeError, ValueError) as error:
        raise typer.BadParameter(str(error), param_hint=parameter.option) from None


def _print_requests(screen: Screen, flows: Iterable[Flow[Any]], origin: str, *, as_json: bool) -> None:
    """Print the first request of each flow. A dry run does not go on, as that would need the response."""
    requests = (next(step for step in flow if isinstance(step, Send)) for flow in flows)
    sent = [
        {
            "method": each.method,
            "url": f"{origin}{each.target}",
            "body": None if each.body is None else each.body.decode(),
        }
        for each in requests
    ]
    if as_json:
        screen.json(sent)
        return
    for each in sent:
        screen.verbatim(f"{each['method']} {each['url']}")
        screen.verbatim("Authorization: Bearer ***")
        if each["body"] is not None:
            screen.verbatim("Content-Type: application/json")
            screen.blank()
            screen.verbatim(each["body"])
        screen.blank()
    screen.line("Nothing was sent.")


def _print_listing(screen: Screen, listing: Listing[Any], values: Mapping[str, Any]) -> None:
    items: Iterable[Any] = listing if values["all"] or values["limit"] else listing.items
    items = islice(items, values["limit"])
    if values["jsonl"]:
        for item in items:
            print_json_line(screen, item)
        return
    found = [*items]
    if values["as_json"]:
        screen.json(plain(found))
    else:
        _print_items(screen, found, listing.total)


def _print_items(screen: Screen, found: list[Any], total: int | None) -> None:
    if found:
        print_table(screen, found)
    count = counted(len(found), "item") if total is None else f"{len(found)} of {counted(total, 'item')}"
    more = "; --all prints all of them, --page another page" if total is not None and len(found) < total else ""
    screen.line(f"{count}{more}")
