"""``stemp whoami``: the known permissions of the configured token, without a request."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

import attrs
from rich.text import Text

from .._client import Stemp
from .._core.arguments import scopes_for
from .._core.errors import StempError
from .._core.operation import Operation
from ..scopes import CATALOG, ScopeSet, TokenKind, token_kinds
from ..scopes._configured import configured_scopes
from ..scopes.presets import smallest_covering
from .listings import operations_by_scope
from .screen import Screen


@attrs.frozen(kw_only=True)
class Identity:
    """Information about the configured token, without the token itself."""

    has_token: bool
    kind: TokenKind | None
    """The kind of token; None if unknown."""
    held: ScopeSet | None
    """The scopes; None if unknown."""
    source: str | None
    """The source of the scopes; None if they are unknown."""


@attrs.frozen
class Verdict:
    """Whether an operation is allowed, and why."""

    reason: str
    allowed: bool | None = attrs.field(kw_only=True)
    """Whether it is allowed; None if only the server knows."""


def show(scopes: str | None, *, as_json: bool) -> None:
    """Print what the configured token can do.

    Args:
        scopes: The option ``--scopes``; None to take the scopes from the environment or the token.
        as_json: Print JSON.

    Raises:
        StempError: the configuration is wrong.
    """
    try:
        identity = _identify(scopes)
    except (TypeError, ValueError) as error:
        raise StempError(str(error)) from None
    verdicts = {
        operation: _judge(operation, identity) for operation in operations_by_scope() if not operation.anonymous
    }
    unknown = [name for name in identity.held or () if name not in CATALOG]
    screen = Screen()
    if as_json:
        screen.json(
            {
                "has_token": identity.has_token,
                "token_kind": identity.kind,
                "scopes": None if identity.held is None else list(identity.held),
                "scopes_from": identity.source,
                "unknown_scopes": unknown,
                "verified": False,
                "operations": [
                    {
                        "name": operation.name,
                        "scopes": list(operation.scopes),
                        "allowed": verdict.allowed,
                        "reason": verdict.reason,
                    }
                    for operation, verdict in verdicts.items()
                ],
            }
        )
        return
    _introduce(screen, identity, unknown)
    _print_matrix(screen, verdicts)


def _identify(option: str | None) -> Identity:
    source = "STEMP_SCOPES" if option is None else "--scopes"
    text = os.environ.get("STEMP_SCOPES") if option is None else option
    try:
        declared = None if text is None else configured_scopes(text)
    except (TypeError, ValueError) as error:
        raise StempError(f"{source}: {error}") from None
    if "STEMP_TOKEN" in os.environ:
        client = Stemp(scopes=declared)
        if declared is None:
            source = "the token's claim"
        return Identity(
            has_token=True,
            kind=client.token_kind,
            held=client.scopes,
            source=None if client.scopes is None else source,
        )
    if declared is None:
        raise StempError("no token is configured: set STEMP_TOKEN, or give the scopes of a token with --scopes")
    kinds = token_kinds(scopes_for(None, declared))
    kind = next(iter(kinds)) if len(kinds) == 1 else None
    return Identity(has_token=False, kind=kind, held=declared, source=source)


def _judge(operation: Operation, identity: Identity) -> Verdict:
    needed = operation.scopes
    kinds = token_kinds(needed)
    if identity.kind is not None and identity.kind not in kinds:
        other = "API" if TokenKind.API in kinds else "app"
        return Verdict(f"for {other} tokens only", allowed=False)
    if identity.held is None:
        return Verdict("unknown: the server decides", allowed=None)
    if needed <= identity.held:
        return Verdict("held", allowed=True)
    preset = smallest_covering(needed)
    return Verdict(f"not held; {preset.name} has it" if preset else "not held", allowed=False)


_KINDS: Final = {TokenKind.API: "API token", TokenKind.APP: "app token", None: "of unknown kind"}


def _introduce(screen: Screen, identity: Identity, unknown: list[str]) -> None:
    kind = _KINDS[identity.kind]
    screen.line(("Token   ", "bold"), f"{kind}, from STEMP_TOKEN" if identity.has_token else "none is configured")
    if identity.held is None:
        screen.line(("Scopes  ", "bold"), "unknown: give the scopes of the token in STEMP_SCOPES or with --scopes")
    else:
        held = identity.held.join(", ") or "none"
        screen.line(("Scopes  ", "bold"), (held, "green"), f" (from {identity.source})")
    if unknown:
        screen.line(("Unknown to this version: ", "yellow"), ", ".join(unknown))
    screen.line(("Not verified: only the server knows what a token can really do.", "dim"))
    screen.blank()


def _print_matrix(screen: Screen, verdicts: Mapping[Operation, Verdict]) -> None:
    marks = {
        True: ("yes" if screen.is_plain else screen.glyph("✓", "yes"), "green"),
        False: ("no" if screen.is_plain else screen.glyph("✗", "no"), "red"),
        None: ("?", "yellow"),
    }
    table = screen.table("", "operation", "needs", "why")
    for operation, verdict in verdicts.items():
        mark, style = marks[verdict.allowed]
        table.add_row(Text(mark, style), operation.name, operation.scopes.join(" + "), Text(verdict.reason, "dim"))
    screen.show(table)
    screen.blank()
    known = [verdict.allowed for verdict in verdicts.values() if verdict.allowed is not None]
    unknown = len(verdicts) - len(known)
    rest = f"; for {unknown}, only the server knows" if unknown else ""
    screen.line(f"{sum(known)} of {len(verdicts)} operations are allowed{rest}.")
