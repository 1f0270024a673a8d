"""The commands of ``stemp`` and their options. Each command imports the module that does its work."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .._version import __version__
from .commands import AsJson, Commands
from .scopes_app import scopes_app

app: typer.Typer = typer.Typer(
    cls=Commands, add_completion=False, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False
)


def _print_version(wanted: bool) -> None:  # noqa: FBT001  (the signature of every option's callback)
    if wanted:
        typer.echo(f"stemp-sdk {__version__}")
        raise typer.Exit


@app.callback()
def stemp(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """The stemp SDK: which operation needs which scope, what a token can do, and a sandbox."""


app.add_typer(scopes_app, name="scopes")


@app.command()
def demo() -> None:
    """Show a till at work, and what happens beyond its scopes."""
    from .demo import play

    play()


@app.command()
def sandbox(
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0 for any free one.")] = 8787,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    seed: Annotated[int | None, typer.Option(help="Give the same ids and tokens each time.")] = None,
    webhook: Annotated[
        list[str] | None,
        typer.Option(help="Send every event to this URL (repeatable).", metavar="URL"),
    ] = None,
    wire: Annotated[
        list[str] | None,
        typer.Option(help="Vary the wire format, as in lists=hal (repeatable).", metavar="NAME=VALUE|FILE"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Serve a stemp organization in memory over HTTP.

    It has demo data, and a token for each preset. Sent emails are at /outbox, webhook deliveries at /webhooks.
    Webhooks are signed with STEMP_WEBHOOK_SECRET if it is set, otherwise with a new secret for each URL.

    --wire makes the server differ from what the SDK expects, to test a program against it: lists=hal, objects=data,
    errors=problem+json, times=epoch-millis, 'paths={"templates.update": "PUT /v1/templates/{id}"}' and more: see the
    class Wire in stemp_sdk.sandbox. FILE is a JSON file of such options; its "paths" are those of STEMP_WIRE.

    With --json it prints one object when it is ready: base_url, tokens by the name of the preset, and webhooks, a list
    of objects: url, secret.
    """
    from .serve import run

    run(host, port, seed=seed, webhooks=webhook or [], wire=wire or [], as_json=as_json)


@app.command()
def operations(
    *,
    scope: Annotated[str | None, typer.Option(help="Only those that need this scope.")] = None,
    resource: Annotated[str | None, typer.Option(help="Only those of this resource, such as users or org.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the operations, grouped by the scope that each needs.

    With --json it prints a list of objects: name, http_method, path, scopes, provenance, replay,
    reference_scopes (what reference= needs, or null).
    """
    from .listings import list_operations

    list_operations(scope, resource, as_json=as_json)


@app.command()
def openapi(
    *,
    output: Annotated[
        Path | None, typer.Option(help="Write to this file instead of the standard output.", metavar="FILE")
    ] = None,
) -> None:
    """Print the OpenAPI 3.1 document of the whole API, as JSON.

    It has each operation with its parameters, body, responses and scopes, and each webhook event, and marks what is
    documented and what is inferred.
    """
    from .openapi import write

    write(output)


@app.command()
def presets(*, as_json: AsJson = False) -> None:
    """List the presets, and the reason for each scope in them.

    With --json it prints a list of objects: name, purpose, contexts, scopes, reasons (by scope).
    """
    from .listings import list_presets

    list_presets(as_json=as_json)


@app.command()
def whoami(
    *,
    scopes: Annotated[
        str | None,
        typer.Option(help="The scopes of the token: scopes or presets, separated by commas.", metavar="SCOPES"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what the configured token can do. Nothing is sent.

    The token comes from STEMP_TOKEN, as an argument would stay in the shell's history. Its scopes come from --scopes,
    else from STEMP_SCOPES, else from the token's own claim, if it has one.

    With --json it prints an object: has_token, token_kind, scopes, scopes_from, unknown_scopes, verified (always
    false), and operations, a list of objects: name, scopes, allowed (true, false, or null for unknown), reason.
    """
    from .whoami import show

    show(scopes, as_json=as_json)


@app.command()
def wire(
    file: Annotated[Path, typer.Argument(help="An OpenAPI 3 document, or a Postman collection.", metavar="FILE")],
    *,
    check: Annotated[bool, typer.Option("--check", help="Exit with 1 if anything differs.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compare an API description with what the SDK knows.

    For each operation it prints confirmed, other verb, other path, or not there, and the differences in fields, query
    parameters and scopes. Nothing is sent, and no file is changed. FILE is JSON or YAML: OpenAPI 3, or a Postman
    collection of format 2.0 or 2.1. It is compared with what this version of the SDK states, without STEMP_WIRE.

    With --json it prints the content of a file for STEMP_WIRE: the corrections that are certain, as the document itself
    names the endpoint and no other is as plausible. All other output goes to standard error.
    """
    from .wire.report import show

    show(file, as_json=as_json, check=check)
