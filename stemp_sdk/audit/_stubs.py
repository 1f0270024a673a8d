"""Writes a copy of this package in which each method that needs scopes is marked for type checkers.

The marked modules are stubs: no bodies, no docstrings, and no annotation of ``self``, so that a checker reports the use
of a method whatever scopes the client holds. All other modules are copied unchanged.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Final

import attrs

from ..scopes import parse
from ._needs import ANY_OF, Need, annotated, stated

PACKAGE: Final = Path(__file__).resolve().parents[1]
_LEFT_OUT: Final = frozenset({"_cli", "audit"})
_SCOPES: Final = re.compile(r"(?m)^\s*Scopes: (.+)$")
_WITH_REFERENCE: Final = re.compile(r"(?m)^\s*Scopes with reference: (.+)$")
_DEPRECATED: Final = "_stemp_scope"

Function = ast.FunctionDef | ast.AsyncFunctionDef


def write_marked_copy(folder: Path, package: Path = PACKAGE) -> tuple[Need, ...]:
    """Write the marked copy of a package, and return the needs of its methods.

    Args:
        folder: The folder for the front of the checker's search path.
        package: The folder of the package.
    """
    needs: dict[Need, None] = {}
    for path in sorted(package.rglob("*.py")):
        place = path.relative_to(package)
        if not _LEFT_OUT.isdisjoint(place.parts):
            continue
        target = folder / package.name / place
        target.parent.mkdir(parents=True, exist_ok=True)
        source = path.read_text("utf-8")
        stub = marked_module(source)
        if stub is None:
            target.write_text(source, "utf-8")
        else:
            target.with_suffix(".pyi").write_text(stub.source, "utf-8")
            needs |= dict.fromkeys(stub.needs)
    (folder / package.name / "py.typed").touch()
    return tuple(needs)


@attrs.frozen
class Stub:
    """A marked module."""

    source: str
    needs: tuple[Need, ...]


def marked_module(source: str) -> Stub | None:
    """The stub of a module; None if nothing in it needs scopes."""
    if _SCOPES.search(source) is None:
        return None
    tree = ast.parse(source)
    marker = _Marker()
    tree.body = marker.body(tree.body, owner="")
    if not marker.needs:
        return None
    imported = [ast.alias("deprecated", _DEPRECATED)]
    tree.body.insert(0, ast.ImportFrom("typing_extensions", imported, 0))
    return Stub(ast.unparse(ast.fix_missing_locations(tree)) + "\n", tuple(marker.needs))


class _Marker:
    """Marks the methods of a module, and removes the parts that a stub does not have."""

    def __init__(self) -> None:
        self.needs: list[Need] = []

    def body(self, statements: list[ast.stmt], owner: str) -> list[ast.stmt]:
        """The statements of a module or a class.

        Args:
            statements: The statements, which are changed in place.
            owner: The resource, or the name of the class; empty for a module.
        """
        functions = [node for node in statements if isinstance(node, Function)]
        with_reference = {node.name: found for node in functions if (found := _stated_with_reference(node))}
        # The argument of such a call shows in the source. A single function is also reported where it is passed on.
        overloaded = {node.name for node in functions if _is_overload(node)} - with_reference.keys()
        documented = {node.name: _stated_in_docstring(node) for node in functions if not _is_overload(node)}
        kept: list[ast.stmt] = []
        for node in statements:
            if isinstance(node, ast.ClassDef):
                node.body = self.body(node.body, _resource(node))
            elif isinstance(node, Function):
                if node.name in (with_reference if _is_overload(node) else overloaded):
                    continue  # a stub has either the overloads or the implementation
                own = _stated_in_docstring(node) or (_stated_for_self(node) if _is_overload(node) else "")
                if scopes := own or documented.get(node.name):
                    name = f"{owner}.{node.name}" if owner and _names_scopes(scopes) else node.name
                    more = with_reference.get(node.name)
                    self._mark(node, attrs.evolve(stated(name, scopes), with_reference=parse(more) if more else None))
                node.body = [ast.Expr(ast.Constant(...))]
            elif (isinstance(node, ast.ImportFrom) and node.module == "__future__") or isinstance(node, ast.Expr):
                continue
            kept.append(node)
        return kept or [ast.Expr(ast.Constant(...))]

    def _mark(self, function: Function, need: Need) -> None:
        self.needs.append(need)
        # The decorators with arguments are the SDK's own and do not change the type of the method.
        function.decorator_list = [node for node in function.decorator_list if not isinstance(node, ast.Call)]
        function.decorator_list.append(ast.Call(ast.Name(_DEPRECATED), [ast.Constant(need.mark)], []))
        if function.args.args and function.args.args[0].arg == "self":
            function.args.args[0].annotation = None


def _resource(node: ast.ClassDef) -> str:
    """The resource as users write it, such as ``org.members``; for any other class, its name."""
    named = [keyword.value.value for keyword in node.keywords if isinstance(keyword.value, ast.Constant)]
    return str(named[0]) if named else node.name


def _is_overload(function: Function) -> bool:
    return any(isinstance(node, ast.Name) and node.id == "overload" for node in function.decorator_list)


def _stated_in_docstring(function: Function) -> str:
    found = _SCOPES.search(ast.get_docstring(function) or "")
    return "" if found is None else found[1]


def _stated_with_reference(function: Function) -> str:
    found = _WITH_REFERENCE.search(ast.get_docstring(function) or "")
    return "" if found is None else found[1]


def _stated_for_self(function: Function) -> str:
    """The scopes in the annotation of ``self``, in any spelling; of several sets, any one suffices."""
    annotation = function.args.args[0].annotation if function.args.args else None
    return "" if annotation is None else ANY_OF.join(map(str, annotated(annotation)))


def _names_scopes(scopes: str) -> bool:
    """Whether the line names scopes, and not the argument that has them."""
    return ":" in scopes
