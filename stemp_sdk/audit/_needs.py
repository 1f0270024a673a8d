"""The scopes that each method of the SDK needs, and the mark that makes type checkers report its uses.

In a copy of the package, each such method is decorated with ``@deprecated(...)``, and the mark is its message. Checkers
print it wherever the method is used, and the operation and its scopes are parsed from their output.
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
"""The separator of alternative sets in a ``Scopes:`` line."""
#: Instead of scopes: they are those of the argument with this name.
_ARGUMENT: Final = "=scopes"


@attrs.frozen
class Need:
    """The scopes that a method of the SDK, or one overload of it, needs."""

    operation: str
    """Resource and method, such as ``users.find``; ``request``; class and method, such as ``UserData.fetch``; or a
    class, such as ``Outbox``, for its constructor and all its methods."""
    any_of: tuple[ScopeSet, ...]
    """Alternative sets of scopes, of which one suffices; empty if the argument ``scopes`` of the call states them."""
    with_reference: ScopeSet | None = attrs.field(default=None, eq=False)
    """Scopes of a call with the argument ``reference``; a mark does not have them."""

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
        """The message that a checker prints at each use."""
        scopes = ANY_OF.join(map(str, self.any_of)) if self.any_of else _ARGUMENT
        return f"{_MARK}[{self.operation} {scopes}]"


def stated(operation: str, scopes: str) -> Need:
    """Parse the line ``Scopes:`` of a docstring, or the same part of a mark.

    Args:
        operation: The name of the operation.
        scopes: Names, with ``or`` between alternative sets. A line without names refers to the argument.
    """
    sets = [re.findall(r"\w+(?::\w+)+", alternative) for alternative in scopes.split(ANY_OF)]
    return Need(operation, tuple(parse(names) for names in sets if names))


def marked(message: str) -> Need | None:
    """Parse a mark that a checker reports; None for another message."""
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
