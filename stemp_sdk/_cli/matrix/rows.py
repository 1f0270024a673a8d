"""The rows of the matrix: each method of the resources, with its needs as ``stemp scopes explain`` has them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import reduce
from typing import Final

import attrs

from ..._core.operation import REGISTERED, Operation, Provenance
from ..._openapi._json import prose
from ..._resources._declare import Declared
from ..._resources.operations import OPERATIONS, resources
from ...audit._methods import requirements_in
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
    found = [row for cls in resources() for row in rows_of(cls)]
    # "org" before "org.settings", whose class is defined first.
    order = list(dict.fromkeys(row.name.partition(".")[0] for row in found))
    found.sort(key=lambda row: (order.index(row.name.partition(".")[0]), row.resource.count(".")))
    found += [_oauth(operation) for operation in OPERATIONS.values() if operation.anonymous]
    return tuple(found)


def rows_of(cls: type[Declared]) -> Iterator[Row]:
    """The rows of a resource: a row for each method that needs scopes."""
    for name, (plain, *more) in requirements_in(cls._name, cls, "self").items():  # pyright: ignore[reportPrivateUsage]
        doc = getattr(cls, name.rpartition(".")[2]).__doc__
        ((request, provenance, note),) = _WIRE.findall(doc)
        yield Row(
            name=name,
            summary=prose(doc).partition(". ")[0].removesuffix("."),
            request=request,
            provenance=Provenance(provenance),
            note=note,
            any_of=plain.any_of,
            cases=tuple(Case(each.parameters, each.any_of) for each in more),
            operation=REGISTERED.get(name),
        )


def _oauth(operation: Operation) -> Row:
    return Row(
        name=operation.name,
        summary="OAuth2: sent without a token",
        request=f"{operation.http_method} {operation.path}",
        provenance=operation.provenance,
        any_of=(operation.scopes,),
        operation=operation,
    )
