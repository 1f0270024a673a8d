"""What each method of the SDK needs, and the mark by which a type checker reports that one is used.

A copy of the package's sources carries that mark in ``@deprecated(...)`` on each such method. Checkers print it
wherever the method is used, and the reader of their output gets the operation and its scopes back from it.
"""

from __future__ import annotations

import ast
import re
from typing import Final

import attrs

from ..scopes import CATALOG, ScopeSet, parse

_MARK: Final = "stemp-scope"
_READ: Final = re.compile(rf"{_MARK}\[([\w.]+) ([^\]]*)\]")
ANY_OF: Final = " or "
"""Between the sets of a ``Scopes:`` line of which one suffices."""
#: In place of scopes: they are those of the argument with this name.
_ARGUMENT: Final = "=scopes"


@attrs.frozen
class Need:
    """What a method of the SDK, or one overload of it, needs."""

    operation: str
    """Resource and method, such as ``users.find``; ``request``; or class and method, such as ``UserData.fetch``."""
    any_of: tuple[ScopeSet, ...]
    """The sets of which one has to be held; empty where the argument ``scopes`` of the call says it."""

    @property
    def method(self) -> str:
        """The name of the method."""
        return self.operation.rpartition(".")[2]

    @property
    def owner(self) -> str:
        """The attribute that the method is called on: ``members`` for ``org.members.list``; empty for ``request``."""
        return self.operation.rpartition(".")[0].rpartition(".")[2]

    @property
    def mark(self) -> str:
        """What a checker prints at each use."""
        scopes = ANY_OF.join(map(str, self.any_of)) if self.any_of else _ARGUMENT
        return f"{_MARK}[{self.operation} {scopes}]"


def stated(operation: str, scopes: str) -> Need:
    """What the line ``Scopes:`` of a docstring says, or the same of a mark.

    Args:
        operation: The name of the operation.
        scopes: Names, ``or`` between sets of which one suffices. What has no name in it speaks of the argument.
    """
    sets = [re.findall(r"\w+(?::\w+)+", alternative) for alternative in scopes.split(ANY_OF)]
    return Need(operation, tuple(parse(names) for names in sets if names))


def marked(message: str) -> Need | None:
    """What the method needs that a checker reports; None for another message."""
    found = _READ.search(message)
    return None if found is None else stated(found[1], found[2])


def annotated(annotation: ast.expr) -> tuple[ScopeSet, ...]:
    """The scopes that the annotation of a client or of ``self`` names, however it is spelt.

    Returns:
        The sets of which one suffices, as joined by ``|``; none for an annotation without scopes.
    """
    alternatives: list[ScopeSet] = []
    rest = [annotation]
    while rest:
        node = rest.pop()
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            rest += [node.right, node.left]
            continue
        names = [item.value for item in ast.walk(node) if isinstance(item, ast.Constant) and item.value in CATALOG]
        alternatives += [ScopeSet(*map(str, names))] if names else []
    return tuple(alternatives)
