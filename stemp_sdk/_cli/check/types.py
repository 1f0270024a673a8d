"""Types as type checkers print them, and the scopes in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias, get_args

import attrs

from ...scopes import ScopeName, ScopeSet, parse
from ...scopes._names import ApiTokenName, AppTokenName, EitherName
from ...scopes.presets import PRESETS

_TOKEN: Final = re.compile(r"""\s*(?:(?P<string>'[^']*'|"[^"]*")|(?P<name>[A-Za-z_@][\w.@]*)|(?P<mark>\.\.\.|\S))""")
_UNION: Final = "|"
_LEFT_OUT: Final = "..."
_DEEPEST: Final = 10  # how often one alias may lead to another
_DEEPEST_TYPE: Final = 100


@attrs.frozen
class Type:
    """A type in the message of a checker: its name without the module, and its arguments."""

    name: str
    """``"|"`` for a union, ``"'pass:read'"`` for a string in a ``Literal``, ``""`` for a list of parameters."""
    arguments: tuple[Type, ...] = ()


Aliases: TypeAlias = Callable[[str], Type | None]
"""A function that returns the type behind a name in the user's own code; None if that is not known."""


def parse_type(text: str) -> Type | None:
    """The type that a string is; None if it is something else."""
    parser = _Parser(text)
    found = parser.union()
    return found if found is not None and not parser.rest.strip() else None


def type_at(text: str, start: int) -> Type | None:
    """The type that begins at a place in a string."""
    return _Parser(text, start).union()


class _Parser:
    def __init__(self, text: str, start: int = 0) -> None:
        self._text = text
        self._at = start
        self._depth = 0

    @property
    def rest(self) -> str:
        return self._text[self._at :]

    def _next(self, mark: str) -> bool:
        found = _TOKEN.match(self._text, self._at)
        if found is None or found["mark"] != mark:
            return False
        self._at = found.end()
        return True

    def union(self) -> Type | None:
        found: list[Type] = []
        while True:
            member = self._member()
            if member is None:
                return None
            found += member.arguments if member.name == _UNION else (member,)
            if not self._next(_UNION):
                return found[0] if len(found) == 1 else Type(_UNION, tuple(found))

    def _member(self) -> Type | None:
        if self._next("["):
            return self._arguments("")
        found = _TOKEN.match(self._text, self._at)
        if found is None or (found["mark"] and found["mark"] != _LEFT_OUT):
            return None
        self._at = found.end()
        if found["string"]:
            return Type(f"'{found['string'][1:-1]}'")
        if found["mark"]:
            return Type(_LEFT_OUT)
        name = found["name"].rpartition(".")[2]
        return self._arguments(name) if self._next("[") else Type(name)

    def _arguments(self, name: str) -> Type | None:
        arguments: list[Type] = []
        self._depth += 1
        if self._depth > _DEEPEST_TYPE:
            return None
        while not self._next("]"):
            argument = self.union()
            if argument is None:
                return None
            arguments.append(argument)
            if argument.name == _LEFT_OUT:  # "... omitted 18 literals"
                self._at = max(self._at, self._text.find("]", self._at))
            self._next(",")
        self._depth -= 1
        return Type(name, tuple(arguments))


def _presets() -> Iterator[tuple[str, Type]]:
    for preset in PRESETS.values():
        name = preset.name.title().replace("_", "")
        names = literal(preset.scopes)
        yield f"{name}Names", names
        yield f"{name}Scopes", Type("ScopeSet", (names,))


def literal(names: ScopeSet) -> Type:
    """The ``Literal`` of the names."""
    return Type("Literal", tuple(Type(f"'{name}'") for name in names))


def _named(*aliases: object) -> ScopeSet:
    return ScopeSet(*(name for alias in aliases for name in get_args(alias)))


ALIASES: Final[Mapping[str, Type]] = {
    **dict(_presets()),
    "EitherName": literal(_named(EitherName)),
    "ApiTokenName": literal(_named(ApiTokenName)),
    "AppTokenName": literal(_named(AppTokenName)),
    "ScopeName": literal(_named(ScopeName)),
}
"""The SDK's own names for sets of scopes, which pyright prints."""


def members(given: Type, aliases: Aliases, depth: int = 0) -> Iterator[Type]:
    """The members of a union, in which no alias is left."""
    behind = None
    if depth < _DEEPEST and not given.arguments:
        behind = ALIASES.get(given.name) or aliases(given.name)
    if behind is not None:
        yield from members(behind, aliases, depth + 1)
    elif given.name == _UNION:
        for member in given.arguments:
            yield from members(member, aliases, depth + 1)
    else:
        yield given


def names_in(given: Type, aliases: Aliases) -> ScopeSet | None:
    """The names in a ``Literal`` or a union of them; None if they are not all known."""
    try:
        return parse([*_names_in(given, aliases)])
    except (LookupError, ValueError):
        return None


def _names_in(given: Type, aliases: Aliases) -> Iterator[str]:
    for member in members(given, aliases):
        if member.name != "Literal":
            raise LookupError(member.name)
        for argument in member.arguments:
            if argument.name[:1] == "'":
                yield argument.name[1:-1]
            else:
                yield from _names_in(argument, aliases)


def sets_in(given: Type, aliases: Aliases) -> tuple[ScopeSet | None, ...]:
    """The sets of a union of ``ScopeSet``; None for one that is not known. Without the set that cannot exist."""
    found: list[ScopeSet | None] = []
    for member in members(given, aliases):
        if member.name != "ScopeSet" or len(member.arguments) != 1:
            found.append(None)
        elif member != NO_SET:
            found.append(names_in(member.arguments[0], aliases))
    return tuple(found)


NO_SET: Final = Type("ScopeSet", (Type("Literal", (Type("''"),)),))
"""The set in a union with a protocol, in the type of a parameter."""
