"""The listings: ``stemp scopes``, ``stemp operations`` and ``stemp presets``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import groupby
from typing import Final

from rich.text import Text

from .._core.operation import Operation, Provenance, Replay
from ..scopes import CATALOG, TokenKind, token_kinds
from ..scopes.presets import PRESETS
from .commands import unknown_value
from .screen import Screen, columns


def list_scopes(*, as_json: bool) -> None:
    """Print every scope."""
    screen = Screen()
    holders = {name: [preset.name for preset in PRESETS.values() if name in preset.scopes] for name in CATALOG}
    if as_json:
        screen.json(
            [
                {
                    "name": info.name,
                    "group": info.group,
                    "description": info.description,
                    "contexts": sorted(info.contexts),
                    "presets": holders[info.name],
                }
                for info in CATALOG.values()
            ]
        )
        return
    table = screen.table("scope", "tokens", "what it allows", "presets")
    for group, infos in groupby(CATALOG.values(), lambda info: info.group):
        table.add_row()
        table.add_row(Text(group, "bold"))
        for info in infos:
            presets = Text(" ".join(holders[info.name]), "cyan")
            table.add_row(Text(f"  {info.name}", "green"), _names(info.contexts), info.description, presets)
    screen.show(table)


_MARKS: Final[Mapping[Replay, str]] = {Replay.NEVER: "*", Replay.REFERENCE: "+"}


def list_operations(scope: str | None, resource: str | None, *, as_json: bool) -> None:
    """Print the operations that match both filters.

    Raises:
        typer.BadParameter: there is no such scope or resource.
    """
    screen = Screen()
    chosen = _chosen(scope, resource)
    if as_json:
        screen.json(
            [
                {
                    "name": operation.name,
                    "http_method": operation.http_method,
                    "path": operation.path,
                    "scopes": list(operation.scopes),
                    "provenance": operation.provenance,
                    "replay": operation.replay,
                    "reference_scopes": None if operation.reference_scopes is None else [*operation.reference_scopes],
                }
                for operation in chosen
            ]
        )
        return
    if not chosen:
        screen.line("No such operation is known.")
        return
    name_width = max(len(operation.name) for operation in chosen)
    path_width = max(len(operation.path) for operation in chosen)
    for needed, group in groupby(chosen, lambda operation: operation.scopes):
        allows = ", ".join(CATALOG[name].description for name in needed) or "OAuth2: requests without a token"
        screen.show(columns([(needed.join(" + ") or "none", allows)], "bold green", "dim"))
        for operation in group:
            method = operation.http_method + (_MARKS.get(operation.replay, ""))
            screen.line(
                f"{operation.name:{name_width}} ",
                (f"{method:6} ", "cyan"),
                f"{operation.path:{path_width}} ",
                (operation.provenance, "" if operation.provenance is Provenance.DOCUMENTED else "dim italic"),
                indent=2,
            )
        screen.blank()
    screen.line("documented: stated by the vendor. inferred: not stated; the most conventional reading.")
    screen.line("*: not idempotent, so not sent again if the response is lost.")
    screen.line("+: the same, but with reference= it is carried out once; that needs pass:read as well.")


def list_presets(*, as_json: bool) -> None:
    """Print every preset."""
    screen = Screen()
    if as_json:
        screen.json(
            [
                {
                    "name": preset.name,
                    "purpose": preset.purpose,
                    "contexts": sorted(token_kinds(preset.scopes)),
                    "scopes": list(preset.scopes),
                    "reasons": {name: preset.reasons[name] for name in preset.scopes},
                }
                for preset in PRESETS.values()
            ]
        )
        return
    widest = max(map(len, CATALOG))
    for number, preset in enumerate(PRESETS.values()):
        if number:
            screen.blank()
        kinds = token_kinds(preset.scopes)
        screen.line(
            (preset.name, "bold cyan"),
            f"  {preset.purpose}",
            f" ({_names(kinds)} tokens only)" if len(kinds) == 1 else "",
        )
        rows = ((f"{name:{widest}}", reason) for name, reason in preset.reasons.items())
        screen.show(columns(rows, "green", ""), indent=2)


def operations_by_scope() -> list[Operation]:
    """All operations, in the vendor's order of their scopes."""
    # Here, as this loads every resource, and httpx.
    from .._resources.operations import OPERATIONS, RESOURCES

    scopes = [*CATALOG]
    resources = [*(module.__name__.rpartition(".")[2] for module in RESOURCES), "oauth"]

    def place(operation: Operation) -> tuple[list[int], int]:
        return [scopes.index(name) for name in operation.scopes], resources.index(operation.name.partition(".")[0])

    return sorted(OPERATIONS.values(), key=place)


def _chosen(scope: str | None, resource: str | None) -> list[Operation]:
    """The operations that need ``scope`` and belong to ``resource``; ``org`` includes ``org.members``."""
    operations = operations_by_scope()
    if scope is not None:
        _check("--scope", scope, CATALOG)
        operations = [operation for operation in operations if scope in operation.scopes]
    if resource is not None:
        prefixes = {operation.name.rpartition(".")[0] for operation in operations_by_scope()}
        _check("--resource", resource, prefixes)
        operations = [operation for operation in operations if operation.name.startswith(f"{resource}.")]
    return operations


def _check(option: str, value: str, known: Collection[str]) -> None:
    if value not in known:
        raise unknown_value(value, sorted(known), option)


def _names(kinds: Iterable[TokenKind]) -> str:
    return " ".join(sorted(kinds))
