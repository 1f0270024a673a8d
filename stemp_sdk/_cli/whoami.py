"""``stemp whoami``: the known permissions of the configured token, and with ``--probe`` what the server says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs
import typer
from rich.text import Text

from .._core.arguments import scopes_for
from .._core.operation import Operation
from ..scopes import CATALOG, ScopeSet, TokenKind, token_kinds
from ..scopes.presets import smallest_covering
from .listings import operations_by_scope
from .probe import Finding
from .probe import probe as probe_reads
from .profiles.connection import Connection, NoTokenError, connection_for, scopes_of, scopes_of_environment
from .profiles.store import ConfigurationError
from .screen import Screen


@attrs.frozen(kw_only=True)
class Identity:
    """Information about the configured token, without the token itself."""

    connection: Connection | None
    """The connection that it is from; None if no token is configured."""
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


def show(scopes: str | None, profile: str | None, *, probe: bool, as_json: bool) -> None:
    """Print what the configured token can do.

    Args:
        scopes: The option ``--scopes``; None to take the scopes from the environment, the profile or the token.
        profile: The option ``--profile``.
        probe: Try each read at the server.
        as_json: Print JSON.

    Raises:
        StempError: the configuration is wrong, or the server cannot be asked.
        typer.Exit: the server disagrees with the table of scopes.
    """
    identity = identify(scopes, profile)
    verdicts = {
        operation: _judge(operation, identity) for operation in operations_by_scope() if not operation.anonymous
    }
    findings = _probe(identity, verdicts) if probe else {}
    unknown = [name for name in identity.held or () if name not in CATALOG]
    screen = Screen()
    if as_json:
        screen.json(
            {
                "has_token": identity.connection is not None,
                "token_from": None if identity.connection is None else identity.connection.source,
                "token_kind": identity.kind,
                "scopes": None if identity.held is None else list(identity.held),
                "scopes_from": identity.source,
                "unknown_scopes": unknown,
                "verified": probe,
                "operations": [
                    {
                        "name": operation.name,
                        "scopes": list(operation.scopes),
                        "allowed": verdict.allowed,
                        "reason": verdict.reason,
                        **_fields(findings.get(operation), probed=probe),
                    }
                    for operation, verdict in verdicts.items()
                ],
            }
        )
    else:
        _introduce(screen, identity, unknown, probed=probe)
        _print_matrix(screen, verdicts)
        if probe:
            _print_findings(screen, findings)
    if any(finding.disagrees for finding in findings.values()):
        raise typer.Exit(1)


def _probe(identity: Identity, verdicts: Mapping[Operation, Verdict]) -> dict[Operation, Finding]:
    if identity.connection is None:
        raise ConfigurationError("--probe needs a token: set STEMP_TOKEN, or run stemp login")
    with identity.connection.client(check_scopes="off") as client:
        return probe_reads(client, {operation: verdict.allowed for operation, verdict in verdicts.items()})


def _fields(finding: Finding | None, *, probed: bool) -> dict[str, object]:
    """A finding as a field of ``--json``: None for an operation that is not a read."""
    return {"server": finding and attrs.asdict(finding)} if probed else {}


def identify(option: str | None, profile: str | None) -> Identity:
    """Identify the configured token; what is not known is None.

    Args:
        option: The option ``--scopes``; None to take the scopes from the environment, the profile or the token.
        profile: The option ``--profile``.

    Raises:
        StempError: the configuration is wrong.
    """
    try:
        connection = connection_for(profile, option)
    except NoTokenError as error:
        return _without_token(option, error)
    with connection.client() as client:
        held, kind = client.scopes, client.token_kind
    source = "the token's claim" if connection.scopes is None else connection.scopes_from
    return Identity(connection=connection, kind=kind, held=held, source=None if held is None else source)


def _without_token(option: str | None, error: NoTokenError) -> Identity:
    """Identify a token that only its stated scopes are known of."""
    source = "STEMP_SCOPES" if option is None else "--scopes"
    declared = scopes_of_environment() if option is None else scopes_of(option, source)
    if declared is None:
        raise ConfigurationError(f"{error}; or give the scopes of a token with --scopes")
    kinds = token_kinds(scopes_for(None, declared))
    kind = next(iter(kinds)) if len(kinds) == 1 else None
    return Identity(connection=None, kind=kind, held=declared, source=source)


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


def _introduce(screen: Screen, identity: Identity, unknown: list[str], *, probed: bool) -> None:
    kind = _KINDS[identity.kind]
    screen.line(
        ("Token   ", "bold"),
        f"{kind}, from {identity.connection.source}" if identity.connection else "none is configured",
    )
    if identity.held is None:
        screen.line(("Scopes  ", "bold"), "unknown: give the scopes of the token in STEMP_SCOPES or with --scopes")
    else:
        held = identity.held.join(", ") or "none"
        screen.line(("Scopes  ", "bold"), (held, "green"), f" (from {identity.source})")
    if unknown:
        screen.line(("Unknown to this version: ", "yellow"), ", ".join(unknown))
    if not probed:
        screen.line(("Not verified: only the server knows what a token can really do.", "dim"))
    screen.blank()


def _marks(screen: Screen) -> dict[bool | None, tuple[str, str]]:
    return {
        True: ("yes" if screen.is_plain else screen.glyph("✓", "yes"), "green"),
        False: ("no" if screen.is_plain else screen.glyph("✗", "no"), "red"),
        None: ("?", "yellow"),
    }


def _print_matrix(screen: Screen, verdicts: Mapping[Operation, Verdict]) -> None:
    marks = _marks(screen)
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


def _print_findings(screen: Screen, findings: Mapping[Operation, Finding]) -> None:
    marks = _marks(screen)
    table = screen.table("", "read", "what the server says")
    for operation, finding in findings.items():
        mark, style = marks[finding.allowed]
        table.add_row(Text(mark, style), operation.name, Text(finding.detail, "red" if finding.disagrees else "dim"))
    screen.blank()
    screen.show(table)
    screen.blank()
    known = [finding for finding in findings.values() if finding.allowed is not None]
    wrong = [finding for finding in known if finding.disagrees]
    screen.line(
        f"The server answered {len(known)} of {len(findings)} reads clearly, and ",
        (f"disagrees with the table in {len(wrong)}.", "red") if wrong else "agrees with the table in all of them.",
    )
