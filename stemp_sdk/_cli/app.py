"""The commands of ``stemp`` and their options. Each command imports the module that does its work."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .._version import __version__
from .calls.groups import CallingCommands
from .commands import AsJson, ProfileOption, ReportFormat, ScopesOption
from .machine import add_commands
from .scopes_app import scopes_app
from .tills import bulk_app, outbox_app
from .tokens_app import tokens_app

app: typer.Typer = typer.Typer(
    cls=CallingCommands, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False
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
app.add_typer(outbox_app, name="outbox")
app.add_typer(bulk_app, name="bulk")
app.add_typer(tokens_app, name="tokens")
add_commands(app)


@app.command()
def check(
    paths: Annotated[
        list[str] | None,
        typer.Argument(help="What to check: files and folders; - for the output of a type checker.", metavar="PATH"),
    ] = None,
    *,
    checker: Annotated[
        str | None,
        typer.Option(help="The type checker to run, if not the one that is configured.", metavar="NAME"),
    ] = None,
    output_format: Annotated[
        ReportFormat, typer.Option("--format", help="text, or json, sarif or github for programs.")
    ] = ReportFormat.TEXT,
) -> None:
    """Run a type checker, and say each scope error in words.

    A scope error names the operation, the scopes that are missing, those that are held, and what to write as scopes=.
    Everything else that the checker prints stays as it is.

    `stemp check src` runs the type checker that the project configures, or else the first of these that is installed:
    ty, pyright, basedpyright, mypy, zuban, pyrefly. `mypy src | stemp check` reads the output of a checker, as text or
    as JSON (mypy --output json, pyright --outputjson, ty --output-format gitlab, pyrefly --output-format json).

    The exit status is 0 without errors, 1 with errors, and 2 for wrong arguments, if there is no type checker, or if
    its output cannot be judged.

    With --format json it prints an object: version, checker, errors, scope_errors, diagnostics (a list of objects:
    path, line, column, severity, code, message, original, scope). sarif is SARIF 2.1.0, github the annotations of
    GitHub Actions.
    """
    from .check.command import run

    run(paths or [], checker=checker, output_format=output_format)


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
    seed: Annotated[int | None, typer.Option(help="Give the same ids and API tokens each time.")] = None,
    scopes: Annotated[
        list[str] | None,
        typer.Option(help="Make a token of these scopes or presets (repeatable).", metavar="POS,user:create"),
    ] = None,
    oauth_app: Annotated[
        list[str] | None,
        typer.Option("--app", help="Register an OAuth2 app (repeatable).", metavar="NAME=REDIRECT_URI"),
    ] = None,
    webhook: Annotated[
        list[str] | None,
        typer.Option(help="Send every event to this URL (repeatable).", metavar="URL"),
    ] = None,
    organization: Annotated[
        list[str] | None,
        typer.Option(help="Add an organization, which the consent screen offers too (repeatable).", metavar="NAME"),
    ] = None,
    rate_limit: Annotated[int, typer.Option(min=1, help="Requests in 30 seconds.")] = 1000,
    wire: Annotated[
        list[str] | None,
        typer.Option(help="Vary the wire format, as in lists=hal (repeatable).", metavar="NAME=VALUE|FILE"),
    ] = None,
    faults: Annotated[
        str | None,
        typer.Option(help="Let requests fail, as in lost_after=0.1,seed=4711.", metavar="NAME=VALUE,…|FILE"),
    ] = None,
    remote_control: Annotated[
        bool, typer.Option("--remote-control", help="Let other machines use /_sandbox, with a token.")
    ] = False,
    env_file: Annotated[
        Path | None,
        typer.Option(help="Write the environment for programs to this file, once it is ready.", metavar="FILE"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Serve a stemp organization in memory over HTTP.

    It has demo data, and a token for each preset, or for each --scopes. Sent emails are at /outbox, webhook deliveries
    at /webhooks, apps and what they were granted at /apps. At /_sandbox, programs control it: failures, the clock,
    deliveries and more; see docs/sandbox.md.

    Webhooks are signed with STEMP_WEBHOOK_SECRET if it is set, otherwise with a new secret for each URL.

    Programs reach it by the environment that it prints as export lines: STEMP_BASE_URL, STEMP_TOKEN and STEMP_SCOPES,
    and with --app STEMP_CLIENT_ID, STEMP_CLIENT_SECRET and STEMP_REDIRECT_URI, with --webhook STEMP_WEBHOOK_SECRET. The
    names for the second token, app or URL end in _2, and so on. Without --scopes, STEMP_TOKEN holds POS,user:create.

    --env-file writes the same as NAME=VALUE lines. A script waits for the file, which appears when the server listens:

    \b
      rm -f sandbox.env
      stemp sandbox --port 0 --env-file sandbox.env & sandbox=$!
      until [ -f sandbox.env ]; do kill -0 $sandbox || exit 1; sleep 0.1; done
      set -a; . ./sandbox.env; set +a

    --wire makes the server differ from what the SDK expects, to test a program against it: lists=hal, objects=data,
    errors=problem+json, times=epoch-millis, 'paths={"templates.update": "PUT /v1/templates/{id}"}' and more: see the
    class Wire in stemp_sdk.sandbox. FILE is a JSON file of such options; its "paths" are those of STEMP_WIRE.

    --faults makes the server lose responses, commit late and more, at random with a seed or by the rules of a TOML or
    JSON file: lost_before=0.1,lost_after=0.1,late=0.05,lags=0.2 and more: see docs/faults.md, or the class Faults in
    stemp_sdk.sandbox. Each fault is printed to stderr.

    With --json it prints one object when it is ready: base_url, tokens by the name of the preset or by --scopes,
    webhooks, a list of objects: url, secret, apps, a list of objects: name, client_id, client_secret, redirect_uri,
    env, the environment for programs, and faults_seed, which is null without --faults.
    """  # noqa: D301  # the \b keeps the lines of the script apart
    from .announcement import SandboxOptions
    from .serve import run

    run(
        SandboxOptions(
            host=host,
            port=port,
            seed=seed,
            rate_limit=rate_limit,
            scopes=scopes or [],
            apps=oauth_app or [],
            webhooks=webhook or [],
            organizations=organization or [],
            wire=wire or [],
            faults=faults,
            remote_control=remote_control,
            env_file=env_file,
            as_json=as_json,
        )
    )


@app.command()
def mcp(
    *,
    only: Annotated[
        list[str] | None,
        typer.Option(
            help="Offer these scopes, presets, operations or resources only (repeatable).", metavar="pass:read,loyalty"
        ),
    ] = None,
    profile: ProfileOption = None,
    journal: Annotated[
        str | None, typer.Option(help="The file in which writes with a reference are kept.", metavar="FILE")
    ] = None,
    lists: Annotated[bool, typer.Option("--list", help="Print the tools, and serve nothing.")] = False,
) -> None:
    """Offer what the token may do to an AI model.

    A client of the Model Context Protocol, such as an editor or an assistant, starts it, and talks to it over standard
    input and output. The tools are the operations whose scopes the token holds, and no others: the scopes have to be
    known, from STEMP_SCOPES, from `stemp login --scopes` or from the token itself. --only narrows them further. Writes
    that add something need a reference, so that a repeated call adds nothing. `api_tokens.create` is not offered, as
    its result is a secret.

    `stemp mcp --list` shows what a model would be offered. The scopes in STEMP_SCOPES are enough for it.
    """
    from .mcp.command import run

    run(profile, only or [], journal, lists=lists)


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
    scopes: ScopesOption = None,
    probe: Annotated[bool, typer.Option("--probe", help="Try each read at the server.")] = False,
    profile: ProfileOption = None,
    as_json: AsJson = False,
) -> None:
    """Show what the configured token can do. Nothing is sent, unless --probe is given.

    The token comes from --profile, STEMP_TOKEN or stemp login, as an argument would stay in the shell's history. Its
    scopes come from --scopes, else from STEMP_SCOPES or the profile, else from the token's own claim, if it has one.

    --probe sends each read (GET) to the server, with ids from its listings, and never a write. If the server allows or
    refuses otherwise than the table of scopes says, the exit status is 1.

    With --json it prints an object: has_token, token_from, token_kind, scopes, scopes_from, unknown_scopes, verified
    (whether --probe was given), and operations, a list of objects: name, scopes, allowed (true, false, or null for
    unknown), reason, and with --probe server: null for a write, or an object: allowed, detail, disagrees.
    """
    from .whoami import show

    show(scopes, profile, probe=probe, as_json=as_json)


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
