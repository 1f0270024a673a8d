"""Reads the expression that a call passes as ``scopes=``, without running it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Final

from ..scopes import CATALOG, ScopeSet, parse
from ..scopes.presets import PRESETS
from ._bindings import Binding, Imported, Scope

_CONSTANTS: Final[Mapping[str, ScopeSet]] = {
    **{name.upper().replace(":", "_"): parse([name]) for name in CATALOG},
    **{preset.name: preset.scopes for preset in PRESETS.values()},
}
_DEEPEST: Final = 10  # names to follow


def stated_scopes(node: Binding, scope: Scope) -> ScopeSet | None:
    """The scopes of an expression; None if the source does not show them.

    In ``A if condition else B`` both count, as both may be needed.
    """
    try:
        return _stated(node, scope, 0)
    except RecursionError:  # thousands of operators
        return None


def _stated(node: Binding, scope: Scope, depth: int) -> ScopeSet | None:
    if depth > _DEEPEST:
        return None
    match node:
        case ast.Name():
            found = scope.find(node.id)
            # A name without a binding may be a constant from a star import.
            return _CONSTANTS.get(node.id) if found is None else _stated(*found, depth + 1)
        case Imported():
            return _CONSTANTS.get(node.name) if _is_own(node.module) else None
        case ast.Attribute():
            return _CONSTANTS.get(node.attr) if _is_in_package(node.value, scope) else None
        case ast.BinOp(left, operator, right):
            return _joined(operator, _stated(left, scope, depth), _stated(right, scope, depth))
        case ast.IfExp():
            either = _stated(node.body, scope, depth), _stated(node.orelse, scope, depth)
            return _joined(ast.BitOr(), *either)
        case ast.Call(ast.Name("ScopeSet" | "parse") | ast.Attribute(attr="ScopeSet" | "parse"), arguments, []):
            return _made(arguments)
        case _:
            return None


def _is_own(module: str) -> bool:
    return module.partition(".")[0] == "stemp_sdk"


def _is_in_package(node: ast.expr, scope: Scope) -> bool:
    """Whether a dotted name starts at this SDK."""
    while isinstance(node, ast.Attribute):
        node = node.value
    found = scope.find(node.id) if isinstance(node, ast.Name) else None
    return found is not None and isinstance(found[0], Imported) and _is_own(found[0].module)


def _joined(operator: ast.operator, left: ScopeSet | None, right: ScopeSet | None) -> ScopeSet | None:
    if left is None or right is None:
        return None
    match operator:
        case ast.BitOr():
            return left | right
        case ast.BitAnd():
            return left & right
        case ast.Sub():
            return left - right
        case _:
            return None


def _made(arguments: list[ast.expr]) -> ScopeSet | None:
    """The result of ``ScopeSet("pass:read")`` or ``parse("pass:read user:read")``."""
    try:
        names = [ast.literal_eval(argument) for argument in arguments]
        sets = [parse(name) for name in names]
    except (TypeError, ValueError):
        return None
    return ScopeSet(*(name for names in sets for name in names))
