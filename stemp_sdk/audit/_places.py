"""Joins the reports of a checker on a file with its source: the uses, and the unsure places."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

import attrs

from ..scopes import ScopeSet
from ._bindings import Scope, place, scoped
from ._expressions import stated_scopes
from ._files import Source
from ._needs import Need
from ._origins import Origins
from ._report import Unsure, Use

#: It has an underscore, but Django's managers have such a method as well.
_COMMON: Final = frozenset({"get_or_create"})

_NO_TYPE: Final = "the type of the object is not known"
_UNSEEN: Final = "the checker skips the place: it is unreachable, or a comment disables the check"
_LITERAL: Final = "a string names the method"
_DYNAMIC: Final = "the name of the method is dynamic"
_PASSED: Final = "the method is passed on, and its arguments decide what it needs"
_UNLISTED: Final = "** may pass a reference, which needs more"
_SCOPES: Final = "scopes= is not an expression of constants"


@attrs.frozen(slots=False)
class Methods:
    """The methods of the SDK that need scopes."""

    needs: Sequence[Need]

    @cached_property
    def by_name(self) -> Mapping[tuple[str, str], Need]:
        """The needs by the attribute that the method is called on and its name; of overloads, the smallest."""
        return {(need.owner, need.method): need for need in reversed(self.needs) if need.owner}

    def of(self, need: Need) -> list[Need]:
        """The needs of the overloads of a method."""
        return [other for other in self.needs if other.operation == need.operation]

    def most(self, need: Need, call: ast.Call | None) -> ScopeSet:
        """The scopes that a method of a resource may need in any way to call it.

        Args:
            need: The need of the method, or of one overload.
            call: The call, whose arguments show whether it has a reference; None if it is not known.
        """
        sets = [scopes for other in self.of(need) for scopes in other.any_of]
        more = self.with_reference.get(need.operation) if _may_have("reference", call) else None
        return ScopeSet(*(name for scopes in (*sets, *([more] if more else [])) for name in scopes))

    @cached_property
    def with_reference(self) -> Mapping[str, ScopeSet]:
        """Scopes of calls with the argument ``reference``, by the operation."""
        return {need.operation: need.with_reference for need in self.needs if need.with_reference is not None}

    @cached_property
    def owners(self) -> frozenset[str]:
        """The attributes that the methods are called on."""
        return frozenset(need.owner for need in self.needs if need.owner.islower())

    @cached_property
    def telling(self) -> Mapping[str, Need]:
        """The methods whose name alone identifies them as this SDK's."""
        return {need.method: need for need in reversed(self.needs) if "_" in need.method and need.method not in _COMMON}

    @cached_property
    def hint(self) -> re.Pattern[str]:
        """A pattern that matches in each module that may have an unsure place."""
        return re.compile(
            rf"[.\"'](?:{'|'.join(self.owners)})\b|\b(?:{'|'.join(self.telling)}|Stemp|AsyncStemp)\b|\bscopes\s*="
        )


@attrs.frozen
class Reported:
    """A use in the report of a checker, at the end of the method's name."""

    line: int
    column: int
    """In bytes."""
    need: Need


def read_places(
    source: Source, reports: Iterable[Reported], methods: Methods, origins: Origins
) -> tuple[list[Use], list[Unsure]]:
    """The uses in a file and its unsure places."""
    reported: dict[tuple[int, int], list[Need]] = {}
    for report in reports:
        reported.setdefault((report.line, report.column), []).append(report.need)
    if not reported and not methods.hint.search(source.text):
        return [], []
    return _Reader(source, reported, methods, origins).read()


class _Reader:
    def __init__(
        self, source: Source, reported: Mapping[tuple[int, int], list[Need]], methods: Methods, origins: Origins
    ) -> None:
        self._source = source
        self._lines = source.text.split("\n")
        self._reported = reported
        self._methods = methods
        self._origins = attrs.evolve(origins, is_near="stemp" in source.text.lower())
        self._uses: list[Use] = []
        self._unsure: list[Unsure] = []

    def read(self) -> tuple[list[Use], list[Unsure]]:
        nodes = [*scoped(self._source.tree)]
        calls = {
            place(callee): call for node, _ in nodes if isinstance(node, ast.Call) for callee, call in _called(node)
        }
        self._reported = _at_names(self._reported, [node for node, _ in nodes])
        unread = dict(self._reported)
        for node, scope in nodes:
            if isinstance(node, ast.Call):
                self._read_call(node, scope)
            elif isinstance(node, (ast.Attribute, ast.Name)):
                call = calls.get(place(node))
                for need in unread.pop(place(node), ()):
                    self._add(place(node), _name(node), need, call, scope)
                if isinstance(node, ast.Attribute) and place(node) not in self._reported:
                    self._read_attribute(node, call, scope)
        for at, needs in unread.items():  # at another expression, such as table["get"](...)
            call = calls.get(at)
            start, name = (at, needs[0].method) if call is None else ((call.func.lineno, call.func.col_offset), "")
            for need in needs:
                self._add(start, name, need, call, None)
        return self._uses, self._unsure

    def _add(self, at: tuple[int, int], name: str, need: Need, call: ast.Call | None, scope: Scope | None) -> None:
        """Add a use that a checker reports."""
        any_of = need.any_of
        more = self._methods.with_reference.get(need.operation)
        if more is not None and _may_have("reference", call):
            if call is not None and _is_given("reference", call):
                any_of = (more,)
            else:
                reason = _UNLISTED if call is not None and _has_unlisted(call) else _PASSED
                self._add_unsure(at, name, need.operation, more, reason)
        if not any_of:
            argument = next((item.value for item in call.keywords if item.arg == "scopes"), None) if call else None
            scopes = None if argument is None or scope is None else stated_scopes(argument, scope)
            if scopes is None:
                self._add_unsure(at, name, need.operation, None, _SCOPES)
                return
            any_of = (scopes,)
        line, column = self._start(at, name)
        self._uses.append(Use(self._source.shown, line, column, need.operation, any_of))

    def _add_unsure(
        self, at: tuple[int, int], name: str, operation: str | None, scopes: ScopeSet | None, reason: str
    ) -> None:
        line, column = self._start(at, name)
        self._unsure.append(Unsure(self._source.shown, line, column, operation, scopes, reason))

    def _add_guess(self, at: tuple[int, int], name: str, need: Need, reason: str, call: ast.Call | None = None) -> None:
        self._add_unsure(at, name, need.operation, self._methods.most(need, call), reason)

    def _start(self, at: tuple[int, int], name: str) -> tuple[int, int]:
        """The line, and the column of the first character of a name that ends there, from 1."""
        line, end = at
        characters = len(self._lines[line - 1].encode()[:end].decode(errors="replace"))
        return line, max(characters - len(name), 0) + 1

    def _read_attribute(self, node: ast.Attribute, call: ast.Call | None, scope: Scope) -> None:
        """Handle an attribute that no checker reports, which is the SDK's only if its object has no known type."""
        need = self._methods.by_name.get((self._owner(node.value, scope), node.attr)) or self._methods.telling.get(
            node.attr
        )
        if need is None or self._origins.is_foreign(node.value, scope):
            return
        reason = _NO_TYPE
        if self._origins.is_client(_root(node), scope):
            reason = _PASSED if len(self._methods.of(need)) > 1 else _UNSEEN
        self._add_guess(place(node), node.attr, need, reason, call)

    def _read_call(self, node: ast.Call, scope: Scope) -> None:
        """Handle ``request``, and calls that checkers do not follow, such as ``getattr``."""
        called = _name(node.func)
        if called == "request" and isinstance(node.func, ast.Attribute):
            self._read_request(node, node.func, scope)
        elif called == "getattr" and len(node.args) > 1:
            self._read_getattr(node.args[0], node.args[1], scope)
        elif called in {"attrgetter", "methodcaller"} and node.args and (path := _string(node.args[0])):
            owner, _, method = path.rpartition(".")
            need = self._methods.by_name.get((owner.rpartition(".")[2], method)) or self._methods.telling.get(method)
            if need is not None:
                self._add_guess(place(node.args[0]), "", need, _LITERAL)

    def _read_request(self, call: ast.Call, function: ast.Attribute, scope: Scope) -> None:
        """Handle a call of ``request`` that no checker reports. Only this SDK's method has ``scopes=``."""
        stated = [item.value for item in call.keywords if item.arg == "scopes"]
        at = place(function)
        if stated and at not in self._reported and not self._origins.is_foreign(function, scope):
            self._add_unsure(at, "request", "request", stated_scopes(stated[0], scope), _NO_TYPE)

    def _read_getattr(self, target: ast.expr, name: ast.expr, scope: Scope) -> None:
        if self._origins.is_foreign(target, scope):
            return
        owner = self._owner(target, scope)
        method = _string(name)
        if method is None:
            if owner or self._origins.is_client(target, scope):
                self._add_unsure(place(name), "", None, None, _DYNAMIC)
            return
        need = self._methods.by_name.get((owner, method)) or self._methods.telling.get(method)
        if need is not None:
            self._add_guess(place(name), "", need, _LITERAL)

    def _owner(self, node: ast.expr, scope: Scope) -> str:
        """The resource of an object by its name: ``users`` for ``client.users``, or for a variable bound to that."""
        name = ""
        if isinstance(node, ast.Attribute):
            name = node.attr
        elif isinstance(node, ast.Call) and len(node.args) > 1 and _name(node.func) == "getattr":
            name = _string(node.args[1]) or ""
        elif isinstance(node, ast.Name):
            found = scope.find(node.id)
            value = None if found is None else found[0]
            name = value.attr if isinstance(value, ast.Attribute) else ""
        return name if name in self._methods.owners else ""


def _at_names(
    reported: Mapping[tuple[int, int], list[Need]], nodes: Iterable[ast.AST]
) -> dict[tuple[int, int], list[Need]]:
    """The reports, moved to the end of a name: mypy miscounts the columns of a line that is not ASCII."""
    names = {place(node): _name(node) for node in nodes if isinstance(node, (ast.Attribute, ast.Name))}
    free = {(at[0], name): at for at, name in names.items() if at not in reported}
    moved: dict[tuple[int, int], list[Need]] = {}
    for at, needs in reported.items():
        right = at if at in names else free.get((at[0], needs[0].method), at)
        moved.setdefault(right, []).extend(needs)
    return moved


def _called(call: ast.Call) -> Iterator[tuple[ast.expr, ast.Call]]:
    """The callees of a call: its function, and the argument of ``partial``."""
    yield call.func, call
    if _name(call.func) == "partial" and call.args:
        yield call.args[0], call


def _may_have(argument: str, call: ast.Call | None) -> bool:
    """Whether a call has a keyword argument, or may have it; None is a method that is passed on."""
    return call is None or _is_given(argument, call) or _has_unlisted(call) or _name(call.func) == "partial"


def _has_unlisted(call: ast.Call) -> bool:
    """Whether a call has keyword arguments by ``**``."""
    return any(keyword.arg is None for keyword in call.keywords)


def _is_given(argument: str, call: ast.Call) -> bool:
    """Whether a call has a keyword argument that is not the constant None."""
    given = [keyword.value for keyword in call.keywords if keyword.arg == argument]
    return bool(given) and not (isinstance(given[0], ast.Constant) and given[0].value is None)


def _name(node: ast.expr) -> str:
    """The last part of a dotted name; empty for any other expression."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _root(node: ast.expr) -> ast.expr:
    """The object at the start of a dotted name; ``self.client`` is one."""
    while isinstance(node, ast.Attribute):
        if isinstance(node.value, ast.Name) and node.value.id == "self":
            return node
        node = node.value
    return node


def _string(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
