"""``stemp sandbox``: the sandbox over HTTP, for a client in any language."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import typer

from ..sandbox import Endpoint, Faults, Sandbox
from ..scopes import TokenKind, token_kinds
from ..scopes.presets import PRESETS
from .faults import faults_from
from .screen import Screen
from .variant import wire_from

_EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  (the user asked for it)


def run(
    host: str,
    port: int,
    *,
    seed: int | None,
    webhooks: Sequence[str],
    wire: Sequence[str],
    faults: str | None,
    as_json: bool,
) -> None:
    """Serve a sandbox until the process is interrupted.

    Raises:
        typer.Exit: the server's extra is missing, the port is not available, or a webhook's URL, a wire option or the
            faults are invalid; the reason was printed.
    """
    try:
        from ..sandbox._server import serve
    except ImportError as error:
        typer.echo(f"stemp: {error}", err=True)
        raise typer.Exit(1) from None
    try:
        port = _free_port(host, port)
    except OSError as error:
        reason = str(error.strerror).partition(" (while")[0]  # Python adds the address, which is in the message already
        typer.echo(f"stemp: cannot listen on {host} port {port}: {reason}", err=True)
        raise typer.Exit(1) from None

    try:
        failing = None if faults is None else faults_from(faults)
    except (TypeError, ValueError) as error:
        typer.echo(f"stemp: --faults: {error}", err=True)
        raise typer.Exit(2) from None
    try:
        sandbox = Sandbox(seed=seed, wire=wire_from(wire), faults=failing).seed_demo()
    except (TypeError, ValueError) as error:
        typer.echo(f"stemp: --wire: {error}", err=True)
        raise typer.Exit(2) from None
    try:
        endpoints = [
            sandbox.webhooks.add(url, secret=os.environ.get("STEMP_WEBHOOK_SECRET") or None) for url in webhooks
        ]
    except ValueError as error:
        typer.echo(f"stemp: --webhook: {error}", err=True)
        raise typer.Exit(2) from None
    tokens = {
        preset.name: sandbox.issue_token(
            preset.scopes,
            kind=TokenKind.API if TokenKind.API in token_kinds(preset.scopes) else TokenKind.APP,
            name=preset.name,
        )
        for preset in PRESETS.values()
    }
    _announce(_base_url(host, port), tokens, endpoints, wire, failing, as_json=as_json, is_open=host in _EVERYWHERE)
    with suppress(KeyboardInterrupt):  # Ctrl-C ends it; some versions of uvicorn raise this
        serve(sandbox, host, port)


def _free_port(host: str, port: int) -> int:
    """The port, after a check that it is free; for 0, any free port."""
    with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        free: int = probe.getsockname()[1]
        return free


def _base_url(host: str, port: int) -> str:
    name = _EVERYWHERE.get(host, host)
    return f"http://[{name}]:{port}/api" if ":" in name else f"http://{name}:{port}/api"


def _announce(
    base_url: str,
    tokens: dict[str, str],
    endpoints: Sequence[Endpoint],
    wire: Sequence[str],
    faults: Faults | None,
    *,
    as_json: bool,
    is_open: bool,
) -> None:
    screen = Screen()
    if as_json:
        webhooks = [{"url": endpoint.url, "secret": endpoint.secret} for endpoint in endpoints]
        seed = {} if faults is None else {"faults_seed": faults.seed}
        screen.json({"base_url": base_url, "tokens": tokens, "webhooks": webhooks, **seed})
        return
    home = base_url.removesuffix("/api")
    screen.line(("A stemp organization in memory, with demo data", "bold"))
    screen.blank()
    screen.line("base URL  ", (base_url, "bold green"))
    screen.line("outbox    ", (f"{home}/outbox", "bold green"))
    screen.line("webhooks  ", (f"{home}/webhooks", "bold green"))
    for option in wire:
        screen.verbatim(f"wire      {option}")
    if faults is not None:
        screen.verbatim(f"faults    {faults}")
    if is_open:
        screen.line("From another machine, these two pages need a token below as the password.")
    screen.blank()
    if endpoints:
        screen.line(("Webhooks go to", "bold"))
        for endpoint in endpoints:
            screen.verbatim(f"  {endpoint.url}\n    signed with {endpoint.secret}")
        screen.blank()
    screen.line(("A token for each preset", "bold"), " (stemp presets lists their scopes)")
    for name, token in tokens.items():
        screen.verbatim(f"  {name:12}  {token}")
    screen.blank()
    screen.line(("Try it", "bold"))
    screen.verbatim(f"  curl {base_url}/v1/users \\\n    -H 'Authorization: Bearer {tokens['POS']}'")
    screen.blank()
    screen.line("Ctrl-C stops it. Its data is then gone.")
