"""Formats a scope set as a Python expression of presets and constants."""

from __future__ import annotations

from itertools import chain, combinations

from ._catalog import CATALOG
from ._set import ScopeSet
from .presets import PRESETS, Preset


def expression(scopes: ScopeSet) -> str:
    """The shortest expression that is exactly ``scopes``: presets, constants, and ``ScopeSet(...)`` for other names.

    ``"presets.POS | USER_CREATE"``, for example. No preset in it holds more than ``scopes``.
    """
    chosen, rest = shortest(scopes)
    terms = [f"presets.{preset.name}" for preset in chosen]
    terms += [name.upper().replace(":", "_") for name in rest if name in CATALOG]
    others = ", ".join(f'"{name}"' for name in rest if name not in CATALOG)
    if others or not terms:
        terms.append(f"ScopeSet({others})")
    return " | ".join(terms)


def shortest(scopes: ScopeSet) -> tuple[tuple[Preset, ...], ScopeSet]:
    """The presets and the further scopes that are exactly ``scopes``, as few as possible."""
    inside = [preset for preset in PRESETS.values() if preset.scopes <= scopes]
    choices = chain.from_iterable(combinations(inside, size) for size in range(len(inside) + 1))
    # Of the shortest, the first has the fewest presets: a constant is clearer than a preset for one scope.
    chosen = min(choices, key=lambda some: len(some) + len(_without(scopes, *(preset.scopes for preset in some))))
    return chosen, _without(scopes, *(preset.scopes for preset in chosen))


def _without(scopes: ScopeSet, *others: ScopeSet) -> ScopeSet:
    for other in others:
        scopes -= other
    return scopes
