"""Compares the given type with the expected type, if both are about scopes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

import attrs

from ...scopes import ScopeSet, TokenKind, token_kinds
from .resources import NAMES, twin
from .types import Aliases, Type, members, sets_in

CLIENTS: Final = frozenset({"Stemp", "ClientBase"})
"""The classes that are generic in the set that they hold, without the twins."""
_HOLDERS: Final = CLIENTS | {"Needs", "OAuthApp", *NAMES}

TOKEN_SETS: Final = {
    "ApiTokenSet": frozenset({TokenKind.API}),
    "ForApiToken": frozenset({TokenKind.API}),
    "AppTokenSet": frozenset({TokenKind.APP}),
    "ForAppToken": frozenset({TokenKind.APP}),
    "ForAnyToken": frozenset(TokenKind),
}
_NO_MORE_THAN: Final = frozenset({"Within", "AtMost"})


@attrs.frozen
class Lack:
    """Scopes that are needed and not held."""

    needed: ScopeSet
    held: ScopeSet | None
    """None if it is not known."""
    choices: int = 1
    """The number of sets of which one is held. Another of them may have the scopes."""
    expected: bool = False
    """Whether the type that is wanted follows from where the value goes, and not from the function."""

    @property
    def size(self) -> int:
        """The number of missing scopes."""
        return len(self.needed - (self.held or ScopeSet()))


@attrs.frozen
class WrongKind:
    """Scopes that a token of the kind, or any single token, may not hold."""

    scopes: ScopeSet
    kind: TokenKind | None
    """None if no single token may hold all of them."""


Fault: TypeAlias = Lack | WrongKind


def compare(given: Type, wanted: Type, aliases: Aliases) -> Fault | None:
    """Why the given type does not fit, if that is because of scopes; None if it is not, or if that is not known."""
    wants = [*resolved(wanted, aliases)]
    for have in resolved(given, aliases):
        if have.name == "ScopeSet":
            fault = _set_fault(have, wants, aliases)
        elif twin(have.name) in _HOLDERS:
            fault = _holder_fault(have, wants, aliases)
        else:
            fault = _container_fault(have, wants, aliases)
        if fault is not None:
            return fault
    return None


def resolved(given: Type, aliases: Aliases) -> Iterator[Type]:
    """The members of a union. A subclass of a client that takes the set as its argument is that client."""
    for member in members(given, aliases):
        base = aliases(member.name) if member.arguments else None
        yield Type(base.name, member.arguments) if base is not None and twin(base.name) in CLIENTS else member


def missing(held: tuple[ScopeSet | None, ...], needed: tuple[ScopeSet, ...]) -> Lack | None:
    """The first of the sets that may be held which has none of those that are needed.

    Args:
        held: Sets of which one is held; None for one that is not known.
        needed: Sets of which one is enough.
    """
    for one in held:
        if one is None:
            continue
        lacks = [Lack(enough, one, len(held)) for enough in needed]
        if lacks and all(lack.size for lack in lacks):
            return min(lacks, key=lambda lack: lack.size)
    return None


def wrong_kind(scopes: ScopeSet, kinds: frozenset[TokenKind]) -> WrongKind | None:
    """Why a token of one of the kinds may not hold the scopes; None if it may."""
    if token_kinds(scopes) & kinds:
        return None
    return WrongKind(scopes, next(iter(kinds)) if len(kinds) == 1 and token_kinds(scopes) else None)


def _known(sets: tuple[ScopeSet | None, ...]) -> tuple[ScopeSet, ...]:
    return tuple(one for one in sets if one is not None)


def _set_fault(have: Type, wants: list[Type], aliases: Aliases) -> Fault | None:
    [given] = sets_in(have, aliases) or (None,)
    if given is None:
        return None
    limits = [want for want in wants if want.name in _NO_MORE_THAN and want.arguments]
    if limits:
        return missing(sets_in(limits[0].arguments[0], aliases), (given,))
    kinds = frozenset[TokenKind]().union(*(TOKEN_SETS.get(want.name, ()) for want in wants))
    if kinds:
        stated = [want.arguments[0] for want in wants if want.name in TOKEN_SETS and want.arguments]
        lack = missing((given,), _known(sets_in(stated[0], aliases))) if stated else None
        return wrong_kind(given, kinds) or (attrs.evolve(lack, expected=True) if lack else None)
    needed = [one for want in wants if want.name == "ScopeSet" for one in sets_in(want, aliases)]
    return missing((given,), _known(tuple(needed)))


def _holder_fault(have: Type, wants: list[Type], aliases: Aliases) -> Fault | None:
    """Another class is an ordinary error: the other twin, or another resource."""
    fitting = [want for want in wants if _may_be(have.name, want.name) and len(want.arguments) == 1]
    needed = _known(tuple(one for want in fitting for one in sets_in(want.arguments[0], aliases)))
    if not needed or len(have.arguments) != 1:
        return None
    held = sets_in(have.arguments[0], aliases)
    if held == (None,) and have.arguments[0].name != "Any" and "@" not in have.arguments[0].name:
        return Lack(needed[0], None)
    return missing(held, needed)


def _may_be(have: str, want: str) -> bool:
    same_twin = have.startswith("Async") == want.startswith("Async")
    return have == want or (same_twin and twin(want) == "Needs") or (want == "ClientBase" and twin(have) in CLIENTS)


def _container_fault(have: Type, wants: list[Type], aliases: Aliases) -> Fault | None:
    for want in wants:
        # A class is compared with the first of the overloads of a constructor, and another one may fit.
        if have.name == want.name != "type" and len(have.arguments) == len(want.arguments):
            for fault in _argument_faults(have, want, aliases):
                return fault
    return None


def _argument_faults(have: Type, want: Type, aliases: Aliases) -> Iterator[Fault]:
    for inner, wanted in zip(have.arguments, want.arguments, strict=True):
        # What a function takes is given by its caller.
        pair = (wanted, inner) if not inner.name and have.name == "Callable" else (inner, wanted)
        if (fault := compare(*pair, aliases)) is not None:
            yield fault
