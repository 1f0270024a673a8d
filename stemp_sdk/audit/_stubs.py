"""Writes a copy of this package in which each method that needs scopes is marked for type checkers.

The marked modules are stubs: no bodies, no docstrings, and no annotation of ``self``, so that a checker reports the use
of a method whatever scopes the client holds. A constructor that takes a client with certain scopes is marked too. All
other modules are copied unchanged.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import attrs

from ..scopes import parse
from ._needs import ANY_OF, Need, annotated, stated

PACKAGE: Final = Path(__file__).resolve().parents[1]
_LEFT_OUT: Final = frozenset({"_cli", "audit"})
_SCOPES: Final = re.compile(r"(?m)^\s*Scopes: (.+)$")
_SCOPED_CLIENT: Final = re.compile(r"""def __init__\([^)]*["']\w+:\w+["']""")
_WITH_REFERENCE: Final = re.compile(r"(?m)^\s*Scopes with reference: (.+)$")
_DEPRECATED: Final = "_stemp_scope"

#: The classes whose constructor takes a client with certain scopes, and those that have their methods, each with the
#: name of all their uses: whatever one of them does, it needs what its client holds.
_WITH_CLIENT: Final[Mapping[str, str]] = {"Outbox": "Outbox", "AsyncOutbox": "AsyncOutbox", "Entries": "Outbox"}

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
    if _SCOPES.search(source) is None and _SCOPED_CLIENT.search(source) is None:
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
                if scopes := _stated_for_client(node) if node.name == "__init__" else own or documented.get(node.name):
                    more = with_reference.get(node.name)
                    need = stated(_operation(owner, node.name, scopes), scopes)
                    self._mark(node, attrs.evolve(need, with_reference=parse(more) if more else None))
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


def _operation(owner: str, method: str, scopes: str) -> str:
    """The operation that a report names for a method."""
    if method == "__init__" or owner in _WITH_CLIENT:
        return _WITH_CLIENT.get(owner, owner)
    return f"{owner}.{method}" if owner and _names_scopes(scopes) else method


def _is_overload(function: Function) -> bool:
    return any(isinstance(node, ast.Name) and node.id == "overload" for node in function.decorator_list)


def _stated_in_docstring(function: Function) -> str:
    found = _SCOPES.search(ast.get_docstring(function) or "")
    return "" if found is None else found[1]


def _stated_with_reference(function: Function) -> str:
    found = _WITH_REFERENCE.search(ast.get_docstring(function) or "")
    return "" if found is None else found[1]


def _stated_for_self(function: Function) -> str:
    """The scopes in the annotation of ``self``."""
    return _stated_in_annotation(function.args.args[0]) if function.args.args else ""


def _stated_for_client(constructor: Function) -> str:
    """The scopes in the annotation of the client that a constructor takes."""
    arguments = constructor.args.args[1:] + constructor.args.kwonlyargs
    return next((scopes for argument in arguments if (scopes := _stated_in_annotation(argument))), "")


def _stated_in_annotation(argument: ast.arg) -> str:
    """The scopes in an annotation, in any spelling; sets joined by ``|`` are alternatives."""
    return "" if argument.annotation is None else ANY_OF.join(map(str, annotated(argument.annotation)))


def _names_scopes(scopes: str) -> bool:
    """Whether the line names scopes, and not the argument that has them."""
    return ":" in scopes
