"""Facts from the user's own file that the message of a checker leaves out.

They are aliases, subclasses, protocols, and ``scopes=``. Some messages name a class of the user's where its scopes
count, and of a call ty only says that no overload matches. The file alone is read, and none that it imports.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final

import attrs

from ...audit._bindings import Binding, Scope, scoped
from ...audit._expressions import stated_scopes
from ...scopes import ScopeSet, TokenKind
from .comparing import CLIENTS, Fault, Lack, compare, missing, resolved, wrong_kind
from .resources import twin
from .types import Type, literal, parse_type, sets_in

_KINDS: Final[Mapping[str, frozenset[TokenKind]]] = {
    "from_api_token": frozenset({TokenKind.API}),
    "from_app_token": frozenset({TokenKind.APP}),
    "authorize": frozenset({TokenKind.APP}),
    "OAuthApp": frozenset({TokenKind.APP}),
}
_TYPES: Final = (ast.Name, ast.Attribute, ast.Subscript, ast.BinOp)
_ANY_KIND: Final = frozenset(TokenKind)


def kinds_for(function: str) -> frozenset[TokenKind]:
    """The kinds of token that may hold what is passed as ``scopes=`` to a function or a class of that name."""
    return _KINDS.get(function, _ANY_KIND)


class Source:
    """A file of the user's, parsed when it is first asked for something."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _nodes(self) -> list[tuple[ast.AST, Scope]]:
        try:
            return [*scoped(ast.parse(self._text))]
        except (SyntaxError, ValueError, RecursionError):
            return []

    @cached_property
    def _classes(self) -> Mapping[str, ast.ClassDef]:
        return {node.name: node for node, _ in self._nodes if isinstance(node, ast.ClassDef)}

    @cached_property
    def _aliases(self) -> Mapping[str, Type]:
        found: dict[str, Type] = {}
        for node, _ in self._nodes:
            match node:
                case ast.Assign([ast.Name(name)], value) | ast.AnnAssign(ast.Name(name), _, ast.expr() as value):
                    written = _bound(value) or _type(value)
                    if written is not None:
                        found[name] = written
                case _:
                    continue
        return found

    def alias(self, name: str) -> Type | None:
        """The type that a name stands for: an alias, the bound of a type variable, the base of a subclass."""
        if name in self._aliases:
            return self._aliases[name]
        for base in self._classes[name].bases if name in self._classes else ():
            written = _type(base)
            if written is not None and (twin(written.name) in CLIENTS or written.name in self._classes):
                return written
        return None

    def methods(self, protocol: str) -> list[str]:
        """The methods of a class that is a protocol."""
        found = self._classes.get(protocol)
        if found is None or not any((_type(base) or Type("")).name == "Protocol" for base in found.bases):
            return []
        return [node.name for node in found.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]

    def fault_of_call(self, line: int) -> Fault | None:
        """Why a call at a line may not have what it passes as ``scopes=``; None if the source does not show it."""
        for node, scope in self._nodes:
            if isinstance(node, ast.Call) and node.lineno <= line <= (node.end_lineno or node.lineno):
                for keyword in node.keywords:
                    if keyword.arg == "scopes" and (fault := self._fault(node.func, keyword.value, scope)):
                        return fault
        return None

    def keywords_of_calls(self, method: str, line: int) -> set[str]:
        """The arguments that calls of a method at a line name."""
        return {keyword.arg for node, _ in self._calls(method, line) for keyword in node.keywords if keyword.arg}

    def held_by_calls(self, method: str, line: int) -> tuple[ScopeSet | None, ...]:
        """The sets of which the client holds one whose method is called at a line; None for an unknown set."""
        for node, scope in self._calls(method, line):
            match node.func:
                case ast.Attribute(ast.Attribute(ast.Name(name))) if (found := scope.find(name)) is not None:
                    return self._held_by(*found)
                case ast.Attribute(ast.Attribute(client)):
                    return self._held_by(client, scope)
                case _:
                    continue
        return (None,)

    def _calls(self, method: str, line: int) -> Iterator[tuple[ast.Call, Scope]]:
        for node, scope in self._nodes:
            match node:
                case ast.Call(ast.Attribute(attr=name)) if name == method:
                    if node.lineno <= line <= (node.end_lineno or node.lineno):
                        yield node, scope
                case _:
                    continue

    def _held_by(self, client: Binding, scope: Scope) -> tuple[ScopeSet | None, ...]:
        if isinstance(client, ast.arg) and client.annotation is not None:
            return self._stated(client.annotation)
        return (*_held(client, scope),) if isinstance(client, ast.expr) else ()

    def _stated(self, client: ast.expr) -> tuple[ScopeSet | None, ...]:
        """The sets that the type of a client states."""
        written = _type(client)
        return tuple(
            one
            for member in (resolved(written, self.alias) if written else ())
            if twin(member.name) in CLIENTS
            for argument in member.arguments
            for one in sets_in(argument, self.alias)
        )

    def fault_of_client(self, line: int) -> Fault | None:
        """Why a client that is made at a line does not fit where it goes; None if the source does not show it."""
        for node, scope in self._nodes:
            for value, annotation in _expectations(node, scope):
                wanted = _type(annotation)
                if wanted is None or not value.lineno <= line <= (value.end_lineno or value.lineno):
                    continue
                if (fault := self._client_fault(value, scope, wanted)) is not None:
                    return fault
        return None

    def fault_of_item(self, line: int, wanted: Type) -> Fault | None:
        """Why a client that is put into a container at a line does not fit; None if the source does not show it."""
        for node, scope in self._nodes:
            match node:
                case ast.Assign([ast.Subscript()], value) if node.lineno <= line <= (node.end_lineno or node.lineno):
                    return self._client_fault(value, scope, wanted)
                case _:
                    continue
        return None

    def _client_fault(self, value: ast.expr, scope: Scope, wanted: Type) -> Fault | None:
        for given in _held(value, scope):
            client = Type(wanted.name, (Type("ScopeSet", (literal(given),)),))
            if (fault := compare(client, wanted, self.alias)) is not None:
                return _expected(fault)
        return None

    def _fault(self, function: ast.expr, value: ast.expr, scope: Scope) -> Fault | None:
        name, stated = self._callee(function)
        for given in _choices(value, scope):
            fault = wrong_kind(given, kinds_for(name)) or missing((given,), stated)
            if fault is not None:
                return _expected(fault)
        return None

    def _callee(self, function: ast.expr) -> tuple[str, tuple[ScopeSet, ...]]:
        """The name of what is called, and the sets of which the class that it is called on states one."""
        name = function.attr if isinstance(function, ast.Attribute) else ""
        called = function.value if isinstance(function, ast.Attribute) and name in _KINDS else function
        written = _type(called)
        stated = tuple(one for one in self._stated(called) if one is not None)
        return name or (written.name if written else ""), stated


def _expected(fault: Fault) -> Fault:
    """The fault of a constructor, in which the scopes do not follow from the function."""
    return attrs.evolve(fault, expected=True) if isinstance(fault, Lack) else fault


def _type(node: ast.expr) -> Type | None:
    try:
        return parse_type(ast.unparse(node)) if isinstance(node, _TYPES) else None
    except RecursionError:  # thousands of operators
        return None


def _bound(node: ast.expr) -> Type | None:
    """The bound of a type variable."""
    if isinstance(node, ast.Call) and isinstance(node.func, (ast.Name, ast.Attribute)):
        for keyword in node.keywords:
            if keyword.arg == "bound":
                return _type(keyword.value)
    return None


def _expectations(node: ast.AST, scope: Scope) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The values that have to be of a type that the source states, each with that type."""
    match node:
        case ast.AnnAssign(annotation=annotation, value=ast.expr() as value):
            yield value, annotation
        case ast.Return(ast.expr() as value) if isinstance(scope.node, ast.FunctionDef | ast.AsyncFunctionDef):
            if scope.node.returns is not None:
                yield value, scope.node.returns
        case ast.Call(ast.Name(name), arguments):
            found = scope.find(name)
            if found is not None and isinstance(found[0], ast.FunctionDef | ast.AsyncFunctionDef):
                for value, parameter in zip(arguments, found[0].args.args, strict=False):
                    if parameter.annotation is not None:
                        yield value, parameter.annotation
        case _:
            pass


def _held(client: ast.expr, scope: Scope) -> Iterator[ScopeSet]:
    """The sets of which a client that is made in one expression holds one."""
    match client:
        case ast.Call(ast.Attribute(attr="only"), [scopes]):
            yield from _choices(scopes, scope)
        case ast.Call(ast.Attribute(before, "require"), [scopes]):
            for held in _held(before, scope):
                yield from (held | more for more in _choices(scopes, scope))
        case ast.Call(ast.Attribute(before, "with_options")):
            yield from _held(before, scope)
        case ast.Call(keywords=keywords):
            for keyword in keywords:
                if keyword.arg == "scopes":
                    yield from _choices(keyword.value, scope)
        case _:
            pass


def _choices(node: ast.expr, scope: Scope) -> Iterator[ScopeSet]:
    """The sets that an expression may be; those that the source does not show are left out."""
    found = scope.find(node.id) if isinstance(node, ast.Name) else None
    chosen = (node, scope) if found is None else found
    if isinstance(chosen[0], ast.IfExp):
        for branch in (chosen[0].body, chosen[0].orelse):
            if (scopes := stated_scopes(branch, chosen[1])) is not None:
                yield scopes
    elif (scopes := stated_scopes(node, scope)) is not None:
        yield scopes
