"""Decides from the source alone whether an object cannot be one of this SDK."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Collection
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Final

import attrs

from ._bindings import Binding, Imported, Scope

_DEEPEST: Final = 10  # names to follow
_CLIENTS: Final = frozenset({"Stemp", "AsyncStemp"})
_DISPLAYS: Final = (
    *(ast.Constant, ast.JoinedStr, ast.Dict, ast.List, ast.Set, ast.Tuple),
    *(ast.DictComp, ast.ListComp, ast.SetComp, ast.GeneratorExp),
)
_UNTYPED: Final = frozenset({"Any", "object"})


@attrs.define
class Origins:
    """The known names outside of one module."""

    python: Path
    """The environment of the project's dependencies."""
    protocols: Collection[str]
    """The names of the protocols of the project, behind which any object may be."""
    own: Collection[str]
    """The names under which modules of the project may be imported."""
    is_near: bool = False
    """Whether the module mentions this SDK, in its imports or elsewhere."""
    _installed: dict[str, bool] = attrs.field(factory=dict[str, bool])

    def is_foreign(self, node: Binding, scope: Scope, depth: int = 0) -> bool:
        """Whether a value is certainly not an object of this SDK."""
        if depth > _DEEPEST or node is None:
            return False
        deeper = depth + 1
        match node:
            case ast.Name():
                found = scope.find(node.id)
                return hasattr(builtins, node.id) if found is None else self.is_foreign(*found, deeper)
            case ast.Attribute(value=ast.Name("self"), attr=attr):
                owner = scope.owner()
                held = None if owner is None else owner.names.get(f"self.{attr}", owner.names.get(attr))
                return held is not None and self.is_foreign(*held, deeper)
            case ast.Attribute(value=ast.Attribute()) if self.is_near and self._is_parameter(node, scope):
                return False  # an attribute of a framework's object, such as request.state.stemp
            case ast.Attribute() | ast.Await() | ast.Subscript() | ast.Starred():
                return self.is_foreign(node.value, scope, deeper)
            case ast.Call(ast.Name("getattr"), [target, *_]):
                return self.is_foreign(target, scope, deeper)
            case ast.Call():
                return self.is_foreign(node.func, scope, deeper)
            case ast.expr():
                return isinstance(node, _DISPLAYS)
            case _:
                return self._is_foreign_definition(node, scope)

    def _is_foreign_definition(self, node: Binding, scope: Scope) -> bool:
        match node:
            case ast.arg():
                return node.annotation is not None and self._is_foreign_type(node.annotation, scope)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                return node.returns is not None and self._is_foreign_type(node.returns, scope)
            case ast.ClassDef():
                return node.name not in self.protocols
            case _:
                return isinstance(node, Imported) and self._is_foreign_module(node.module)

    def _is_parameter(self, node: ast.expr, scope: Scope) -> bool:
        """Whether a dotted name starts at an annotated parameter or variable."""
        while isinstance(node, ast.Attribute):
            node = node.value
        found = scope.find(node.id) if isinstance(node, ast.Name) else None
        return found is not None and isinstance(found[0], ast.arg) and found[0].annotation is not None

    def is_client(self, node: Binding, scope: Scope, depth: int = 0) -> bool:
        """Whether a value is created or annotated as a client of this SDK, by the names alone."""
        if depth > _DEEPEST or node is None:
            return False
        match node:
            case ast.Name():
                found = scope.find(node.id)
                return node.id in _CLIENTS or (found is not None and self.is_client(*found, depth + 1))
            case ast.arg():
                return node.annotation is not None and not _CLIENTS.isdisjoint(names_in(node.annotation))
            case ast.Call():
                return not _CLIENTS.isdisjoint(names_in(node.func))
            case ast.Attribute(value=ast.Name("self"), attr=attr):
                owner = scope.owner()
                held = None if owner is None else owner.names.get(f"self.{attr}")
                return held is not None and self.is_client(*held, depth + 1)
            case _:
                return False

    def _is_foreign_type(self, annotation: ast.expr, scope: Scope) -> bool:
        """Whether a checker knows the type and it is foreign, as it reports the uses of the SDK's own types."""
        names = names_in(annotation)
        if not names or names & (_UNTYPED | _CLIENTS | {*self.protocols}):
            return False
        bindings = [scope.find(name) for name in names]
        imported = [found[0] for found in bindings if found and isinstance(found[0], Imported)]
        return not any(self._is_unresolved(item.module) for item in imported)

    def _is_foreign_module(self, module: str) -> bool:
        root = module.partition(".")[0]
        return bool(root) and root != "stemp_sdk" and (root in sys.stdlib_module_names or self._is_installed(root))

    def _is_unresolved(self, module: str) -> bool:
        """Whether a checker cannot find the module; the project's own modules are assumed to be found."""
        root = module.partition(".")[0]
        return bool(root) and root not in self.own and not self._is_foreign_module(module) and root != "stemp_sdk"

    def _is_installed(self, root: str) -> bool:
        if root not in self._installed:
            self._installed[root] = PathFinder.find_spec(root, [*map(str, site_packages(self.python))]) is not None
        return self._installed[root]


def site_packages(environment: Path) -> list[Path]:
    """The folders in which an environment has its packages, without running its interpreter."""
    return [*environment.glob("lib/python*/site-packages"), *environment.glob("Lib/site-packages")]


def names_in(annotation: ast.expr) -> set[str]:
    """The names in an annotation, the last part of each dotted one as well; those in strings too."""
    names: set[str] = set()
    for node in ast.walk(annotation):
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names |= _names_in_string(node.value)
    return names


def _names_in_string(text: str) -> set[str]:
    try:
        return names_in(ast.parse(text, mode="eval").body)
    except (
        SyntaxError,
        ValueError,
        MemoryError,
        RecursionError,
    ):
        return set()  # not a type, but a value in Literal[...] or metadata in Annotated[...]
