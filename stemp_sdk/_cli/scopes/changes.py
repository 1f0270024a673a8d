"""``stemp scopes diff`` and ``stemp scopes plan``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import typer

from ..._core.errors import StempError
from ...audit import InstallationPlan, Plan, diff, plan
from ...oauth import DamagedInstallationError, Installation, SQLiteTokenStore
from ...oauth._stores import CheckedStore
from ...scopes import ScopeSet, parse
from ..audit.options import PARTIAL
from ..databases import require_table
from ..screen import Screen, columns
from .operands import scopes_of


def show_diff(before: str, after: str, *, as_json: bool) -> None:
    """Print what changes from one set of scopes to another.

    Raises:
        typer.BadParameter: an argument means no set.
    """
    change = diff(scopes_of(before, "BEFORE"), scopes_of(after, "AFTER"))
    screen = Screen()
    if as_json:
        screen.json(
            {
                "added": [*change.added],
                "removed": [*change.removed],
                "possible": [*change.possible],
                "impossible": [*change.impossible],
            }
        )
        return
    for sign, style, scopes, calls in (
        ("+", "green", change.added, change.possible),
        ("-", "red", change.removed, change.impossible),
    ):
        for name in scopes:
            screen.line((f"{sign} {name}", f"bold {style}"))
        for call in calls:
            screen.line((f"{sign} {call}", style), indent=4)
    if not change.added and not change.removed:
        screen.line("Both are the same.")


def show_plan(after: str, *, old: str | None, store: Path | None, installations: Path | None, as_json: bool) -> None:
    """Print which installations have to consent again for a release.

    Raises:
        typer.BadParameter: an argument is wrong, or the installations cannot be read.
        typer.Exit: an installation of the store is damaged, so the plan is partial.
    """
    asked = scopes_of(after, "AFTER")
    before = None if old is None else scopes_of(old, "--old")
    damaged: list[str] = []
    if (store is None) == (installations is None):
        raise typer.BadParameter("give either --store or --installations", param_hint="--store")
    if store is not None:
        result = plan(asked, _stored(store, damaged), before=before)
    else:
        result = plan(asked, _granted(cast("Path", installations)), before=before)
    screen = Screen()
    if as_json:
        screen.json(_plan_json(result, damaged))
    else:
        _print_plan(screen, result, damaged)
    if damaged:
        raise typer.Exit(PARTIAL)


def _stored(path: Path, damaged: list[str]) -> list[Installation]:
    try:
        # To open another database as a store would make a table in it, and a folder beside it.
        require_table(path, "the file of an SQLiteTokenStore", "installations", ("key", "value"))
        store = CheckedStore(SQLiteTokenStore(path))
        found = [_installation(store, key, damaged) for key in store.installation_ids()]
    except (ImportError, StempError) as error:
        raise typer.BadParameter(str(error), param_hint="--store") from None
    return [each for each in found if each is not None]


def _installation(store: CheckedStore, key: str, damaged: list[str]) -> Installation | None:
    try:
        return store.installation(key)
    except DamagedInstallationError:
        damaged.append(key)
        return None


def _granted(path: Path) -> Mapping[str, ScopeSet | None]:
    """Read from a JSON file which scopes each installation granted."""
    try:
        content = cast("object", json.loads(path.read_bytes()))
    except OSError as error:
        raise _bad(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise _bad(f"{path} is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise _bad(f"{path} must have an object: the id of each installation, and the list of what it granted or null")
    grants: dict[str, ScopeSet | None] = {}
    for key, names in cast("dict[str, Any]", content).items():
        try:
            grants[key] = None if names is None else parse(names)
        except (TypeError, ValueError) as error:
            raise _bad(f"{path}: {json.dumps(key)}: {error}") from None
    return grants


def _bad(message: str) -> typer.BadParameter:
    return typer.BadParameter(message, param_hint="--installations")


def _plan_json(result: Plan, damaged: list[str]) -> dict[str, Any]:
    return {
        "before": None if result.before is None else [*result.before],
        "after": [*result.after],
        "installations": [
            {
                "id": each.installation_id,
                "granted": None if each.granted is None else [*each.granted],
                "needs_consent": each.needs_consent,
                "new": [*each.new],
                "lacking": [*each.lacking],
                "superfluous": [*each.superfluous],
            }
            for each in result.installations
        ],
        "unlocks": {name: [*calls] for name, calls in result.unlocks.items()},
        "damaged": damaged,
    }


def _print_plan(screen: Screen, result: Plan, damaged: list[str]) -> None:
    for each in result.installations:
        screen.line((each.installation_id, "bold"), f"  {_verdict(each)}")
        rows = [
            (title, str(scopes))
            for title, scopes in (
                ("new", each.new),
                ("not granted, as before", each.lacking),
                ("could be narrowed by", each.superfluous),
            )
            if scopes
        ]
        if rows:
            screen.show(columns(rows, "", "green"), indent=2)
    if damaged:
        screen.line(("damaged, and left out: ", "bold red"), ", ".join(damaged))
    if result.unlocks:
        screen.blank()
        screen.line("What the new scopes are for:")
        rows = [(name, ", ".join(calls) or "not known to this version") for name, calls in result.unlocks.items()]
        screen.show(columns(rows, "green", ""), indent=2)
    if result.installations:
        screen.blank()
    total, unknown = len(result.installations), len(result.unknown)
    screen.line(
        f"{len(result.consenting)} of {total} installations must consent again"
        f"{f', of {unknown} it is not known' if unknown else ''}; {len(result.narrowable)} could be narrowed."
    )


def _verdict(each: InstallationPlan) -> str:
    if each.needs_consent is None:
        return "not known, as it is not known what it granted"
    return "must consent again" if each.needs_consent else "needs no consent"
