"""Questions about scopes that need no code to read: who needs one, what to ask for, what a change does."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

import attrs

from ..scopes import CATALOG, ScopeInfo, ScopeSet, TokenKind, token_kinds
from ..scopes.presets import PRESETS, Preset
from ._methods import data_of, explanations, requirement_of
from ._report import Report, Use


@attrs.frozen
class Dependents:
    """The operations, events and presets that depend on a scope."""

    scope: str
    info: ScopeInfo
    """The vendor's description of it."""
    operations: tuple[str, ...]
    """The methods that need it."""
    calls: tuple[str, ...]
    """The calls that need it only with a parameter, such as ``"loyalty.add_stamp(reference)"``."""
    events: tuple[str, ...]
    """The types of events whose ``fetch`` needs it, such as ``"user.created"``."""
    presets: tuple[Preset, ...]
    """The presets that hold it."""


@attrs.frozen
class Suggestion:
    """The scopes that a token has to hold for some operations."""

    needed: ScopeSet
    """Exactly what they need. Where one of several sets suffices, the one that adds least."""
    preset: Preset | None
    """The smallest preset that covers it; None if none does, or nothing is needed."""
    more: ScopeSet
    """The scopes that the preset holds beyond that."""
    expression: str
    """Exactly what they need, as the Python expression to pass as ``scopes``."""
    kinds: frozenset[TokenKind]
    """The kinds of token that may hold it; empty if no single token may."""


@attrs.frozen
class ScopeChange:
    """The difference between two sets of scopes."""

    added: ScopeSet
    removed: ScopeSet
    possible: tuple[str, ...]
    """The calls that become possible, such as ``"users.create"`` or ``"loyalty.add_stamp(reference)"``."""
    impossible: tuple[str, ...]
    """The calls that become impossible."""


def who_needs(scope: str | ScopeSet) -> Dependents:
    """Find what depends on a scope: operations, events and presets.

    Args:
        scope: Its name, or its constant, such as ``USER_READ``.

    Raises:
        TypeError: it is neither.
        ValueError: this version does not know the scope, or there are several; the message names the nearest.
    """
    name = _name(scope)
    if name not in CATALOG:
        near = difflib.get_close_matches(name, CATALOG, n=1)
        hint = f": did you mean {near[0]}?" if near else "; `stemp scopes` lists them all"
        raise ValueError(f"{name[:80]!r} is not a known scope{hint}")
    needing = [
        requirement
        for explanation in explanations().values()
        for requirement in explanation.requirements
        if any(name in scopes for scopes in requirement.any_of)
    ]
    operations = [each.method for each in needing if not each.parameters]
    return Dependents(
        scope=name,
        info=CATALOG[name],
        operations=tuple(operations),
        calls=tuple(each.call for each in needing if each.method not in operations),
        events=tuple(_events(operations)),
        presets=tuple(preset for preset in PRESETS.values() if name in preset.scopes),
    )


def suggest(*operations: str) -> Suggestion:
    """Suggest what a token has to hold for some operations: the smallest preset, and the exact expression.

    ::

        suggest("users.find", "loyalty.add_stamp(reference)").expression

    Args:
        *operations: Resource and method; in parentheses, parameters that need more.

    Raises:
        TypeError: one is not a string.
        ValueError: there is none, or one is not an operation; the message names the nearest.
    """
    if not operations:
        raise ValueError("operations is empty: name at least one")
    requirements = [requirement_of(each) for each in operations]
    uses = tuple(Use("", 0, 0, each.method, each.any_of) for each in requirements)
    report = Report(uses, unsure=(), skipped=(), granted=None, checker=None)
    preset = report.preset
    more = ScopeSet() if preset is None else preset.scopes - report.used
    return Suggestion(report.used, preset, more, report.expression, token_kinds(report.used))


def diff(before: ScopeSet, after: ScopeSet) -> ScopeChange:
    """Compare two sets of scopes: what is added and removed, and which calls become possible or impossible.

    ::

        diff(presets.POS, from_file("stemp-scopes.toml", part="till"))

    Raises:
        TypeError: an argument is not a ``ScopeSet``.
    """
    for name, scopes in (("before", before), ("after", after)):
        if not isinstance(scopes, ScopeSet):
            raise TypeError(f"{name} must be a ScopeSet, not {type(scopes).__name__}")
    return ScopeChange(
        added=after - before,
        removed=before - after,
        possible=_calls(before, after),
        impossible=_calls(after, before),
    )


def unlocked_by(new: ScopeSet) -> Mapping[str, tuple[str, ...]]:
    """The calls that need each of some scopes; none for a scope that this version does not know."""
    dependents = {name: who_needs(name) if name in CATALOG else None for name in new}
    return {name: (*each.operations, *each.calls) if each else () for name, each in dependents.items()}


def _calls(before: ScopeSet, after: ScopeSet) -> tuple[str, ...]:
    """The calls that need what only ``after`` has."""
    return tuple(
        requirement.call
        for explanation in explanations().values()
        for requirement in explanation.requirements
        if requirement.is_met_by(after) and not requirement.is_met_by(before)
    )


def _events(operations: list[str]) -> list[str]:
    from ..webhooks._events import CLASSES

    return [
        name
        for name, event in CLASSES.items()
        if any(f"{data.__name__}.fetch" in operations for data in data_of(event))
    ]


def _name(scope: str | ScopeSet) -> str:
    if isinstance(scope, str):
        return scope
    if not isinstance(scope, ScopeSet):
        raise TypeError(f"scope must be a str or a ScopeSet, not {type(scope).__name__}")
    names: list[str] = [*scope]
    if len(names) != 1:
        raise ValueError(f"scope must be one scope, not {len(names)}")
    return names[0]
