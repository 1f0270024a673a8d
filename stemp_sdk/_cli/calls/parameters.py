"""The arguments of a method as arguments and options of its command, and their values."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal, Union, cast, get_args, get_origin

import attrs

from ...models import Attachment, Omit
from ...scopes import ScopeSet
from . import reading
from .groups import command_name

_BODY: Final = "_body"
"""Arguments whose names end so may be long, and are read from files, too."""

_READERS: Final[Mapping[frozenset[Any], tuple[Any, Callable[[str], Any] | None, str]]] = {
    frozenset({str}): (str, None, "TEXT"),
    frozenset({int}): (int, None, "NUMBER"),
    frozenset({bool}): (bool, None, ""),
    frozenset({int, Decimal}): (str, reading.amount, "NUMBER"),
    frozenset({datetime}): (str, reading.time, "TIME"),
    frozenset({Mapping}): (str, reading.json_object, "JSON|@FILE|-"),
}
"""For the types of an argument: the type for typer, what makes the value of its string, and its name in the help."""


@attrs.frozen(kw_only=True)
class Parameter:
    """An argument of a method, as its command takes it."""

    name: str
    is_positional: bool
    is_required: bool
    default: Any
    """Its default, if the help should show it; otherwise None."""
    cli_type: Any
    """The type for typer."""
    read: Callable[[Any], Any] | None
    """Makes the value from that; None if it is the value itself."""
    metavar: str
    choices: tuple[str, ...]
    """The known values."""
    is_closed: bool
    """Whether no other value is allowed."""
    is_clearable: bool
    """Whether the field can be set to null, which is not the same as leaving it out."""

    @property
    def option(self) -> str:
        """Its name on the command line."""
        return command_name(self.name) if self.is_positional else f"--{command_name(self.name)}"


def parameters_of(method: Callable[..., Any]) -> list[Parameter]:
    """The arguments of a method of a resource.

    Raises:
        TypeError: one has a type for which no option is known.
    """
    _, *given = inspect.signature(method, eval_str=True).parameters.values()
    return [_parameter(method, each) for each in given]


def _parameter(method: Callable[..., Any], given: inspect.Parameter) -> Parameter:
    parts = _alternatives(given.annotation)
    plain = [part for part in parts if part not in {types.NoneType, Omit} and get_origin(part) is not Literal]
    choices = tuple(str(name) for part in parts if get_origin(part) is Literal for name in get_args(part))
    cli_type, read, metavar = _reader(method, given.name, plain or [str])
    if choices:
        metavar = "|".join(choices)
    return Parameter(
        name=given.name,
        is_positional=given.kind is not inspect.Parameter.KEYWORD_ONLY,
        is_required=given.default is inspect.Parameter.empty,
        default=given.default if isinstance(given.default, int) else None,
        cli_type=cli_type,
        read=read,
        metavar=metavar,
        choices=choices,
        is_closed=bool(choices) and not plain,
        is_clearable={types.NoneType, Omit} <= {*parts},
    )


def _alternatives(annotation: Any) -> Sequence[Any]:
    """The members of a union; of any other type, the type itself."""
    if get_origin(annotation) not in {Union, types.UnionType}:
        return [annotation]
    return [inner for part in get_args(annotation) for inner in _alternatives(part)]


def _reader(
    method: Callable[..., Any], name: str, plain: Sequence[Any]
) -> tuple[Any, Callable[[Any], Any] | None, str]:
    if any(get_origin(part) is ScopeSet for part in plain):
        return str, reading.scopes, "POS,user:create"
    if plain == [Sequence[Attachment]]:
        return list[str], reading.attachments, "FILE"
    found = _READERS.get(frozenset(get_origin(part) or part for part in plain))
    if found is None:
        raise TypeError(f"{method.__qualname__}: no option is known for the type of {name}, {plain}")
    if name.endswith(_BODY):
        return str, cast("Callable[[str], Any]", reading.content), "TEXT|@FILE|-"
    return found
