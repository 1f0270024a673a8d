"""The rows of the matrix: what each method of the resources needs, from its declaration."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from functools import reduce
from types import ModuleType
from typing import Any, Final, get_overloads

import attrs

from ..._core.operation import Operation, Provenance
from ..._openapi._json import prose
from ..._resources._declare import Declared, stated_methods
from ..._resources.operations import OPERATIONS, RESOURCES
from ...audit._needs import annotated
from ...scopes import ScopeSet, TokenKind, token_kinds
from ...scopes.presets import PRESETS, Preset, smallest_covering

_WIRE: Final = re.compile(r"(?m)^ *Wire: (?P<request>.+) \((?P<provenance>documented|inferred)(?:; (?P<note>.+))?\)$")


def nearest(any_of: tuple[ScopeSet, ...], held: ScopeSet) -> ScopeSet:
    """The alternative that lacks least."""
    return min(any_of, key=lambda scopes: (len(scopes - held), str(scopes - held)))


@attrs.frozen
class Case:
    """The needs of a method if certain arguments are given."""

    arguments: tuple[str, ...]
    any_of: tuple[ScopeSet, ...]


@attrs.frozen
class Verdict:
    """Whether a token is allowed to call a row."""

    missing: ScopeSet
    """The scopes that it lacks; empty if it is allowed."""
    preset: Preset | None
    """The smallest preset that allows it, and if possible also has all that is held; None if none allows it."""

    @property
    def allowed(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


@attrs.frozen(kw_only=True)
class Row:
    """An operation, or a method that sends the requests of several."""

    name: str
    """Resource and method, such as ``"org.members.list"``."""
    summary: str
    request: str
    """Method and path; those of each request for a method that sends several."""
    provenance: Provenance
    note: str = ""
    """A remark, such as that the scope is inferred; empty if there is none."""
    any_of: tuple[ScopeSet, ...]
    """The sets of which one has to be held."""
    cases: tuple[Case, ...] = ()
    """The needs with arguments that change them."""
    operation: Operation | None = None
    """None for a method that is not an operation of its own, such as ``users.get_or_create``."""

    @property
    def resource(self) -> str:
        """The resource, such as ``"org.members"``."""
        return self.name.rpartition(".")[0]

    @property
    def is_anonymous(self) -> bool:
        """Whether it is sent without a token, so that no scope matters."""
        return self.operation is not None and self.operation.anonymous

    @property
    def is_counted(self) -> bool:
        """Whether it is an operation that a token is allowed or refused."""
        return self.operation is not None and not self.is_anonymous

    @property
    def kinds(self) -> frozenset[TokenKind]:
        """The kinds of token that may be allowed to call it; empty if it takes no token."""
        empty: frozenset[TokenKind] = frozenset()
        return empty if self.is_anonymous else empty.union(*map(token_kinds, self.any_of))

    @property
    def presets(self) -> tuple[Preset, ...]:
        """The presets that allow it; none if it takes no token."""
        if self.is_anonymous:
            return ()
        return tuple(preset for preset in PRESETS.values() if self.judge(preset.scopes).allowed)

    def judge(self, held: ScopeSet) -> Verdict:
        """Judge a token with these scopes. Of several alternatives, the one counts that lacks least."""
        needed = nearest(self.any_of, held)
        return Verdict(needed - held, smallest_covering(held | needed) or smallest_covering(needed))

    def besides(self, case: Case) -> tuple[ScopeSet, ...]:
        """The needs of a case besides the scopes that the row always needs."""
        always = reduce(lambda both, scopes: both & scopes, self.any_of)
        return tuple(scopes - always for scopes in case.any_of)

    def sets(self) -> Iterator[ScopeSet]:
        """Each set that is one of the alternatives, also with certain arguments."""
        yield from self.any_of
        for case in self.cases:
            yield from case.any_of


def rows() -> tuple[Row, ...]:
    """All rows, in the order of the documentation; the endpoints of OAuth2 come last."""
    found = [row for module in RESOURCES for cls in _resources(module) for row in rows_of(cls)]
    # "org" before "org.settings", whose class is defined first.
    resources = list(dict.fromkeys(row.name.partition(".")[0] for row in found))
    found.sort(key=lambda row: (resources.index(row.name.partition(".")[0]), row.resource.count(".")))
    found += [_oauth(operation) for operation in OPERATIONS.values() if operation.anonymous]
    return tuple(found)


def _resources(module: ModuleType) -> Iterator[type[Declared]]:
    for cls in vars(module).values():
        if isinstance(cls, type) and issubclass(cls, Declared) and cls.__module__ == module.__name__:
            yield cls


def rows_of(cls: type[Declared]) -> Iterator[Row]:
    """The rows of a resource: its operations, and the other methods whose docstring has a ``Wire:`` line."""
    operations = {name.rpartition(".")[2]: OPERATIONS[name] for name, _ in stated_methods(cls)}
    resource = next(iter(operations.values())).name.rpartition(".")[0]
    for name, method in vars(cls).items():
        wire = _WIRE.search(getattr(method, "__doc__", None) or "")
        operation = operations.get(name)
        if operation is not None:
            request, provenance = f"{operation.http_method} {operation.path}", operation.provenance
        elif wire is not None:
            request, provenance = wire["request"], Provenance(wire["provenance"])
        else:
            continue
        (_, any_of), *more = _forms(method)
        yield Row(
            name=f"{resource}.{name}",
            summary=prose(method.__doc__).partition(". ")[0].removesuffix("."),
            request=request,
            provenance=provenance,
            note=(wire and wire["note"]) or "",
            any_of=any_of,
            cases=tuple(Case(*form) for form in more if form[1] != any_of),
            operation=operation,
        )


def _forms(method: Callable[..., Any]) -> list[tuple[tuple[str, ...], tuple[ScopeSet, ...]]]:
    """The arguments that each overload requires beyond the first one, and what ``self`` has to hold."""
    overloads = get_overloads(method) or [method]
    first, *_ = required = [_required(overload) for overload in overloads]
    more = [tuple(name for name in names if name not in first) for names in required]
    return list(zip(more, map(_any_of, overloads), strict=True))


def _required(function: Callable[..., Any]) -> list[str]:
    parameters = inspect.signature(function).parameters.values()
    return [parameter.name for parameter in parameters if parameter.default is parameter.empty]


def _any_of(function: Callable[..., Any]) -> tuple[ScopeSet, ...]:
    annotation = ast.parse(function.__annotations__["self"], mode="eval").body
    return annotated(annotation)


def _oauth(operation: Operation) -> Row:
    return Row(
        name=operation.name,
        summary="OAuth2: sent without a token",
        request=f"{operation.http_method} {operation.path}",
        provenance=operation.provenance,
        any_of=(operation.scopes,),
        operation=operation,
    )
