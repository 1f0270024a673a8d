"""The bindings of the names in a module, from its source alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final, TypeAlias

import attrs

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_SCOPES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


@attrs.frozen
class Imported:
    """A name that an import binds."""

    module: str
    """The dotted name of the module, with a leading dot for a relative import."""
    name: str
    """The name in the module; empty for the module itself."""


Binding: TypeAlias = ast.expr | ast.arg | Function | ast.ClassDef | Imported | None
"""The binding of a name: a value, a parameter or an annotation, a definition, an import; None for anything else."""


class Scope:
    """The names of a module, a class or a function."""

    def __init__(self, node: ast.AST, outer: Scope | None) -> None:
        self.node = node
        self.outer = outer
        self.names: dict[str, tuple[Binding, Scope]] = {}

    def find(self, name: str) -> tuple[Binding, Scope] | None:
        """The binding of a name, and the scope to evaluate it in; None for a builtin and for an unknown name."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names and (scope is self or not isinstance(scope.node, ast.ClassDef)):
                return scope.names[name]
            scope = scope.outer
        return None

    def owner(self) -> Scope | None:
        """The class around this scope."""
        scope: Scope | None = self
        while scope is not None and not isinstance(scope.node, ast.ClassDef):
            scope = scope.outer
        return scope


def scoped(tree: ast.Module) -> Iterator[tuple[ast.AST, Scope]]:
    """Every node of a module with its scope, after all bindings are known."""
    nodes: list[tuple[ast.AST, Scope]] = []
    waiting: list[tuple[ast.AST, Scope]] = [(tree, Scope(tree, None))]
    while waiting:
        node, scope = waiting.pop()
        nodes.append((node, scope))
        _bind(node, scope)
        inner = Scope(node, scope) if isinstance(node, _SCOPES) else scope
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            arguments = node.args
            for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
                inner.names[argument.arg] = argument, scope
        waiting += [(child, inner) for child in reversed([*ast.iter_child_nodes(node)])]
    yield from nodes


def place(node: ast.expr) -> tuple[int, int]:
    """The end of an expression, as line and column in bytes, to match it with the report of a checker."""
    return node.end_lineno or 0, node.end_col_offset or 0


def _bind(node: ast.AST, scope: Scope) -> None:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        scope.names[node.name] = node, scope
    elif isinstance(node, ast.Import):
        for alias in node.names:
            first = alias.name.partition(".")[0]
            scope.names[alias.asname or first] = Imported(alias.name if alias.asname else first, ""), scope
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            module = "." * node.level + (node.module or "")
            scope.names[alias.asname or alias.name] = Imported(module, alias.name), scope
    else:
        for target, value in _bound(node):
            _bind_target(target, value, scope)


def _bound(node: ast.AST) -> Iterator[tuple[ast.expr, Binding]]:
    """The targets that a statement or an expression binds, each with its binding."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield target, node.value
    elif isinstance(node, ast.AnnAssign):
        yield node.target, ast.arg("", node.annotation)
    elif isinstance(node, ast.NamedExpr):
        yield node.target, node.value
    elif isinstance(node, ast.withitem) and node.optional_vars is not None:
        yield node.optional_vars, node.context_expr
    elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
        yield node.target, None


def _bind_target(target: ast.expr, value: Binding, scope: Scope) -> None:
    if isinstance(target, ast.Name):
        scope.names[target.id] = value, scope
    elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self":
        owner = scope.owner()
        if owner is not None:
            owner.names[f"self.{target.attr}"] = value, scope
    elif isinstance(target, (ast.Tuple, ast.List)):
        for element in target.elts:
            _bind_target(element, None, scope)
