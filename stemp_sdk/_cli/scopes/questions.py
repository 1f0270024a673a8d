"""``stemp scopes explain``, ``who-needs`` and ``suggest``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Final, TypeVar

import typer

from ...audit import Dependents, Explanation, Requirement, Suggestion, explain, suggest, who_needs
from ...scopes import CATALOG, TokenKind
from ..screen import Screen, columns

T = TypeVar("T")

_KINDS: Final = {TokenKind.API: "API tokens", TokenKind.APP: "apps"}


def show_explanation(operation: str, *, as_json: bool) -> None:
    """Print what an operation needs.

    Raises:
        typer.BadParameter: there is no such operation.
    """
    explanation = _answered(lambda: explain(operation), "OPERATION")
    screen = Screen()
    if as_json:
        screen.json(_explanation_json(explanation))
    else:
        _print_explanation(screen, explanation)


def show_dependents(scope: str, *, as_json: bool) -> None:
    """Print what depends on a scope.

    Raises:
        typer.BadParameter: there is no such scope.
    """
    dependents = _answered(lambda: who_needs(scope), "SCOPE")
    screen = Screen()
    if as_json:
        screen.json(
            {
                "scope": dependents.scope,
                "group": dependents.info.group,
                "description": dependents.info.description,
                "contexts": sorted(dependents.info.contexts),
                "operations": [*dependents.operations],
                "calls": [*dependents.calls],
                "events": [*dependents.events],
                "presets": [preset.name for preset in dependents.presets],
            }
        )
    else:
        _print_dependents(screen, dependents)


def show_suggestion(operations: Sequence[str], *, as_json: bool) -> None:
    """Print what a token has to hold for some operations.

    Raises:
        typer.BadParameter: one is not an operation.
    """
    suggestion = _answered(lambda: suggest(*operations), "OPERATION")
    screen = Screen()
    if as_json:
        screen.json(
            {
                "needed": [*suggestion.needed],
                "preset": suggestion.preset and suggestion.preset.name,
                "more": [*suggestion.more],
                "expression": suggestion.expression,
                "contexts": sorted(suggestion.kinds),
            }
        )
    else:
        _print_suggestion(screen, suggestion)


def _answered(question: Callable[[], T], argument: str) -> T:
    """The answer to a question, whose errors are those of an argument."""
    try:
        return question()
    except (TypeError, ValueError) as error:
        raise typer.BadParameter(str(error), param_hint=argument) from None


def _explanation_json(explanation: Explanation) -> dict[str, Any]:
    operation = explanation.operation
    return {
        "name": explanation.method,
        "http_method": operation and operation.http_method,
        "path": operation and operation.path,
        "provenance": operation and operation.provenance,
        "requirements": [
            {
                "call": each.call,
                "parameters": [*each.parameters],
                "any_of": [[*scopes] for scopes in each.any_of],
                "presets": [preset.name for preset in each.presets],
                "contexts": sorted(each.kinds),
            }
            for each in explanation.requirements
        ],
    }


def _print_explanation(screen: Screen, explanation: Explanation) -> None:
    operation = explanation.operation
    if operation is None:
        sent = "makes other calls"
    else:
        sent = f"{operation.http_method} {operation.path} ({operation.provenance})"
    screen.line((explanation.method, "bold"), f"  {sent}")
    if operation is not None and operation.anonymous:
        screen.line("It needs no scope: its request has no token.", indent=2)
        return
    for each in explanation.requirements:
        needs = " or ".join(scopes.join(" + ") for scopes in each.any_of)
        screen.line(_condition(each), (needs, "bold green"), indent=2)
        names = {name: None for scopes in each.any_of for name in scopes}
        screen.show(columns([(name, CATALOG[name].description) for name in names], "green", ""), indent=4)
        screen.line("presets: ", (_listed(preset.name for preset in each.presets), "cyan"), indent=4)
        screen.line(f"tokens: {_kinds_of(each.kinds)}", indent=4)


def _condition(requirement: Requirement) -> str:
    if not requirement.parameters:
        return "needs "
    return f"with {', '.join(f'{name}=' for name in requirement.parameters)} needs "


def _print_dependents(screen: Screen, dependents: Dependents) -> None:
    info = dependents.info
    screen.line((info.name, "bold green"), f"  {info.description} ({_kinds_of(info.contexts)})")
    for title, names in (
        ("operations", dependents.operations),
        ("parameters", dependents.calls),
        ("events", dependents.events),
        ("presets", [preset.name for preset in dependents.presets]),
    ):
        screen.show(columns([(f"{title:10}", _listed(names))], "bold", ""), indent=2)


def _print_suggestion(screen: Screen, suggestion: Suggestion) -> None:
    screen.line("needed   ", (str(suggestion.needed) or "none", "green"))
    if not suggestion.needed:
        return
    if not suggestion.kinds:
        screen.line(("No single token may hold all of these: use two.", "bold red"))
    elif len(suggestion.kinds) == 1:
        screen.line(f"tokens   {_kinds_of(suggestion.kinds)}")
    if suggestion.preset is None:
        screen.line("preset   none covers all of these")
    else:
        more = f"more than they need: {suggestion.more}" if suggestion.more else "exactly what they need"
        screen.line("preset   ", (suggestion.preset.name, "bold cyan"), f"  {more}")
    screen.verbatim(f"scopes   {suggestion.expression}")


def _kinds_of(kinds: Collection[TokenKind]) -> str:
    """The kinds of token in words."""
    named = [name for kind, name in _KINDS.items() if kind in kinds]
    return " and ".join(named) + (" only" if len(named) == 1 else "")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
