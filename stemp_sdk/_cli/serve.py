"""``stemp sandbox``: the sandbox over HTTP, for a client in any language."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable
from typing import Any, Final, NoReturn, TypeVar

import typer

from .._core.errors import StempError
from ..sandbox import Faults, RegisteredApp, Sandbox
from ..scopes import ScopeSet
from ..scopes._configured import configured_scopes
from ..scopes.presets import PRESETS
from .announcement import Announcement, SandboxOptions
from .exports import IssuedToken, environment, write_env_file
from .faults import faults_from
from .screen import Screen
from .variant import wire_from

_OF_THE_TILL: Final = "POS,user:create"
"""The scopes of STEMP_TOKEN without ``--scopes``: those of the till in the README."""

T = TypeVar("T")


def run(options: SandboxOptions) -> None:
    """Serve a sandbox until the process is interrupted.

    Raises:
        typer.Exit: the server's extra is missing, the port is not available, an option is invalid, or the file for the
            environment cannot be written; the reason was printed.
    """
    try:
        from ..sandbox._server import listen, serve_on
    except ImportError as error:
        _fail(1, str(error))
    faults = None if options.faults is None else _for_option("--faults", faults_from, options.faults)
    sandbox = _for_option("--wire", _sandbox, options, faults)
    for name in options.organizations:
        _for_option("--organization", _add_organization, sandbox, name)
    if len(set(options.scopes)) < len(options.scopes):
        _fail(2, "--scopes: the same is given twice")
    asked = [_for_option("--scopes", _token, sandbox, text) for text in options.scopes]
    tokens = asked or [_issued(sandbox, name, preset.scopes) for name, preset in PRESETS.items()]
    apps = [_for_option("--app", _app, sandbox, text) for text in options.apps]
    secret = os.environ.get("STEMP_WEBHOOK_SECRET") or None
    endpoints = [_for_option("--webhook", sandbox.webhooks.add, url, secret=secret) for url in options.webhooks]
    exported = asked or [_token(sandbox, _OF_THE_TILL)]
    try:
        listener = listen(options.host, options.port)
    except OSError as error:
        reason = str(error.strerror).partition(" (while")[0]  # Python adds the address, which is in the message already
        _fail(1, f"cannot listen on {options.host} port {options.port}: {reason}")
    with listener:
        address, port = listener.getsockname()[:2]
        bound = ipaddress.ip_address(address)  # "0" and "localhost" are addresses by now
        base_url = _base_url(options.host, bound, port)
        variables = environment(base_url, exported, apps, endpoints)
        if options.env_file is not None:
            try:
                write_env_file(options.env_file, variables)
            except OSError as error:
                _fail(1, f"cannot write {options.env_file}: {error.strerror}")
        announcement = Announcement(
            options, base_url, not bound.is_loopback, tokens, apps, endpoints, faults, variables
        )
        screen = Screen()
        if options.as_json:
            screen.json(announcement.values())
        else:
            announcement.show(screen)
        serve_on(sandbox, listener)


def _fail(status: int, message: str) -> NoReturn:
    typer.echo(f"stemp: {message}", err=True)
    raise typer.Exit(status) from None


def _for_option(option: str, make: Callable[..., T], *arguments: Any, **named: Any) -> T:
    """Make the object of an option.

    Raises:
        typer.Exit: it cannot be made; the reason was printed.
    """
    try:
        return make(*arguments, **named)
    except (TypeError, ValueError, ImportError, StempError) as error:
        _fail(2, f"{option}: {error}")


def _sandbox(options: SandboxOptions, faults: Faults | None) -> Sandbox:
    return Sandbox(
        seed=options.seed,
        wire=wire_from(options.wire),
        rate_limit=options.rate_limit,
        faults=faults,
        remote_control=options.remote_control,
    ).seed_demo()


def _add_organization(sandbox: Sandbox, name: str) -> None:
    sandbox.seed_demo(sandbox.add_organization(name).id)


def _issued(sandbox: Sandbox, name: str, scopes: ScopeSet) -> IssuedToken:
    return IssuedToken(name, sandbox.issue_token(scopes, name=name), scopes)


def _token(sandbox: Sandbox, text: str) -> IssuedToken:
    return _issued(sandbox, text, configured_scopes(text))


def _app(sandbox: Sandbox, text: str) -> RegisteredApp:
    name, equals, redirect_uri = text.partition("=")
    if not equals:
        raise ValueError(f"must be NAME=REDIRECT_URI, not {text!r}")
    return sandbox.apps.register(name=name, redirect_uri=redirect_uri)


def _base_url(host: str, bound: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int) -> str:
    """The base URL for programs on this machine, which cannot connect to the address of all interfaces."""
    name = host
    if bound.is_unspecified:
        name = "127.0.0.1" if bound.version == 4 else "::1"
    return f"http://[{name}]:{port}/api" if ":" in name else f"http://{name}:{port}/api"
