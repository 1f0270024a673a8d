"""Finds the smallest tokens for the parts of a program."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Sequence
from itertools import count
from pathlib import Path
from typing import Final, Literal, TypeAlias

import attrs

from ...audit import Report, Use
from ...scopes import ScopeSet, TokenKind, token_kinds
from ...scopes._expression import expression
from ...scopes.presets import smallest_covering

VERSION: Final = 1
"""The version of the JSON of a plan: raised when a field changes its meaning or goes."""

By: TypeAlias = Literal["file", "package"]

_TOP: Final = frozenset({"ScopeSet", "presets"})
"""The names in an expression of scopes that are not constants of ``stemp_sdk.scopes``."""


@attrs.frozen
class PlannedToken:
    """A token that some parts of a program need."""

    name: str
    kind: TokenKind
    groups: tuple[str, ...]
    """The packages or files that use it."""
    scopes: ScopeSet
    uses: int
    """The number of places in the code."""
    variable: str
    """The environment variable for it, which no other token of the plan has."""

    @property
    def preset(self) -> str | None:
        """The smallest preset that covers the scopes; None if none does."""
        preset = smallest_covering(self.scopes)
        return None if preset is None else preset.name

    @property
    def expression(self) -> str:
        """The scopes as a Python expression."""
        return expression(self.scopes)


def plan(report: Report, paths: Sequence[Path], by: By) -> list[PlannedToken]:
    """The tokens that the uses in a report need, in the order of their groups.

    Uses of scopes that only an installed app may hold are for an app token, all others for an API token. Groups with
    equal needs share a token.
    """
    groups: dict[tuple[str, TokenKind], list[Use]] = {}
    for use in report.uses:
        group = use.path if by == "file" else _package(Path(use.path), paths)
        groups.setdefault((group, _kind(report, use)), []).append(use)
    shared: dict[tuple[TokenKind, ScopeSet], list[str]] = {}
    counts: dict[tuple[TokenKind, ScopeSet], int] = {}
    for (group, kind), uses in sorted(groups.items()):
        needs = attrs.evolve(report, uses=tuple(uses)).used
        if needs:
            shared.setdefault((kind, needs), []).append(group)
            counts[kind, needs] = counts.get((kind, needs), 0) + len(uses)
    both = {group for group, _ in groups if len({other for name, other in groups if name == group}) > 1}
    names = _distinct((_name(sharing, kind, both) for (kind, _), sharing in shared.items()), "-")
    variables = _distinct(map(_variable, names), "_")
    return [
        PlannedToken(name, kind, tuple(sharing), needs, counts[kind, needs], variable)
        for ((kind, needs), sharing), name, variable in zip(shared.items(), names, variables, strict=True)
    ]


def ring(tokens: Iterable[PlannedToken]) -> str:
    """The Python code of a client over these tokens."""
    planned = list(tokens)
    together = ScopeSet()
    for token in planned:
        together |= token.scopes
    terms = [*(token.expression for token in planned), expression(together)]
    used = {node.id for term in terms for node in ast.walk(ast.parse(term)) if isinstance(node, ast.Name)}
    top = sorted({"Stemp"} | (used & _TOP))
    lines = ["import os", "", f"from stemp_sdk import {', '.join(top)}"]
    if constants := sorted(used - _TOP):
        lines.append(f"from stemp_sdk.scopes import {', '.join(constants)}")
    entries = [
        f'        {json.dumps(token.name)}: (os.environ["{token.variable}"], {token.expression}),' for token in planned
    ]
    return "\n".join([*lines, "", "client = Stemp.ring(", "    {", *entries, "    },", f"    scopes={terms[-1]},", ")"])


def _kind(report: Report, use: Use) -> TokenKind:
    needs = attrs.evolve(report, uses=(use,)).used
    return TokenKind.API if TokenKind.API in token_kinds(needs) else TokenKind.APP


def _name(groups: Sequence[str], kind: TokenKind, both: Iterable[str]) -> str:
    """The groups that share it; with ``-app``, where an API token would have the same name."""
    name = "+".join(groups)
    return f"{name}-app" if kind is TokenKind.APP and any(group in both for group in groups) else name


def _variable(name: str) -> str:
    """The environment variable for a token with that name."""
    return f"STEMP_TOKEN_{re.sub(r'[^A-Z0-9]+', '_', name.upper()).strip('_') or 'OTHER'}"


def _distinct(names: Iterable[str], joint: str) -> list[str]:
    """The names, with a number after each that an earlier one has."""
    found: list[str] = []
    for name in names:
        numbered = (name if number == 1 else f"{name}{joint}{number}" for number in count(1))
        found.append(next(each for each in numbered if each not in found))
    return found


def _package(use: Path, paths: Sequence[Path]) -> str:
    """The top-level package, folder or module that a file is in, seen from the path that it was found below."""
    use = use.resolve()
    for path in map(Path.resolve, paths):
        if path == use:
            return use.stem
        if use.is_relative_to(path):
            if (path / "__init__.py").exists():
                return path.name
            return Path(use.relative_to(path).parts[0]).stem
    return use.stem
