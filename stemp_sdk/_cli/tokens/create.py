"""Runs ``stemp tokens create``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import attrs
import typer

from ..._core.arguments import scopes_for
from ..._core.scope_errors import TokenKindError
from ...scopes import ScopeSet, TokenKind, parse
from ...scopes._configured import configured_scopes
from ..commands import confirm
from ..profiles.connection import connection_for
from ..screen import Screen
from .planning import VERSION


@attrs.frozen
class _Wanted:
    """A token to create."""

    name: str
    scopes: ScopeSet


def run(
    name: str | None, scopes: str | None, plan: Path | None, profile: str | None, *, yes: bool, as_json: bool
) -> None:
    """Create the tokens and print each secret once.

    Raises:
        typer.BadParameter: an option has a wrong value.
        typer.Abort: the answer to the question was no.
        StempError: a token could not be created; those before it were printed.
    """
    wanted = _wanted(name, scopes, plan)
    with connection_for(profile).client() as client:
        if not yes:
            listed = "\n".join(f"{token.name}: {token.scopes}" for token in wanted)
            confirm(f"{listed}\nCreate these API tokens and print their secrets?")
        screen, created = Screen(), list[dict[str, Any]]()
        try:
            for token in wanted:
                answer = client.api_tokens.create(name=token.name, scopes=token.scopes)
                secret = answer.token.get_secret_value()
                created.append(
                    {"name": token.name, "id": answer.api_token.id, "scopes": list(token.scopes), "token": secret}
                )
                if not as_json:
                    screen.verbatim(f"{token.name}  {secret}")
        finally:  # a secret that was created and not printed would be lost
            if as_json:
                screen.json(created)


def _wanted(name: str | None, scopes: str | None, plan: Path | None) -> list[_Wanted]:
    if plan is not None:
        if name is not None or scopes is not None:
            raise typer.BadParameter("leave out --name and --scopes, which the plan has", param_hint="--from-plan")
        return _planned(plan)
    if name is None or not name.strip() or scopes is None:
        raise typer.BadParameter("give --name and --scopes, or else --from-plan", param_hint="--name")
    try:
        return [_Wanted(name, scopes_for(TokenKind.API, configured_scopes(scopes)))]
    except (TypeError, ValueError, TokenKindError) as error:
        raise typer.BadParameter(str(error), param_hint="--scopes") from None


def _planned(plan: Path) -> list[_Wanted]:
    try:
        content = cast("dict[str, Any]", json.loads(plan.read_text("utf-8")))
        version, is_partial = content["version"], content["partial"]
        tokens = cast("list[dict[str, Any]]", content["tokens"])
        wanted = [
            _Wanted(str(token["name"]), parse(token["scopes"])) for token in tokens if token["kind"] != TokenKind.APP
        ]
        left_out = [str(token["name"]) for token in tokens if token["kind"] == TokenKind.APP]
        for token in wanted:
            scopes_for(TokenKind.API, token.scopes)
    except (OSError, TypeError, ValueError, KeyError, TokenKindError) as error:
        reason = f"{plan} is not the output of stemp tokens plan --json: {type(error).__name__}: {error}"
        raise typer.BadParameter(reason, param_hint="--from-plan") from None
    if version != VERSION:
        reason = f"{plan} is of version {version!r}, and this stemp reads version {VERSION}: plan again"
        raise typer.BadParameter(reason, param_hint="--from-plan")
    if is_partial is not False:
        reason = f"{plan} is partial, so that a token could lack scopes: mend what could not be audited, and plan again"
        raise typer.BadParameter(reason, param_hint="--from-plan")
    for name in left_out:
        typer.echo(f"stemp: {name} needs an installed app's token, which its installation gives: left out", err=True)
    if not wanted:
        raise typer.BadParameter(f"{plan} has no API token to create", param_hint="--from-plan")
    return wanted
