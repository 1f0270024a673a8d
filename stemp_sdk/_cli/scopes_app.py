"""The commands of ``stemp scopes`` and their options. Each command imports the module that does its work."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from .commands import CODE_PATHS, AsJson, CodePaths, Commands, PythonOption, ReportFormat


class MatrixFormat(StrEnum):
    """Output formats of ``stemp scopes matrix``."""

    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"
    JSON = "json"


PresetOption = Annotated[str | None, typer.Option(help="What the token holds: a preset.", metavar="POS")]
GrantedOption = Annotated[
    str | None, typer.Option(help="What the token holds: scopes or presets, separated by commas.", metavar="SCOPES")
]
FailOn = Annotated[str, typer.Option(help="Exit with 1 for these: missing, unused or missing,unused.", metavar="WHAT")]

scopes_app: typer.Typer = typer.Typer(cls=Commands, rich_markup_mode=None)


@scopes_app.callback(invoke_without_command=True)
def scopes(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List the scopes, with the tokens and presets that can hold each.

    With --json it prints a list of objects: name, group, description, contexts, presets.

    `stemp scopes audit` finds the scopes that Python code needs, and `stemp scopes report` joins that with recorded
    runs. explain, who-needs, suggest, diff and plan answer questions about operations, scopes and releases, and matrix
    shows all operations beside the presets.
    """
    if context.invoked_subcommand is not None:
        if as_json:
            raise typer.BadParameter(f"is for the list alone; see stemp scopes {context.invoked_subcommand} --help")
        return
    from .listings import list_scopes

    list_scopes(as_json=as_json)


@scopes_app.command()
def audit(
    paths: Annotated[list[Path] | None, CODE_PATHS] = None,
    *,
    file: Annotated[
        Path | None,
        typer.Option(help="A scopes file: compare each part with the code at its paths.", metavar="FILE"),
    ] = None,
    part: Annotated[str | None, typer.Option(help="Only this part of the scopes file.", metavar="NAME")] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write what the code needs to the scopes file, stemp-scopes.toml or FILE.")
    ] = False,
    preset: PresetOption = None,
    granted: GrantedOption = None,
    fail_on: FailOn = "",
    output_format: Annotated[
        ReportFormat, typer.Option("--format", help="text, or json, sarif or github for programs.")
    ] = ReportFormat.TEXT,
    python: PythonOption = None,
) -> None:
    """Find the scopes that Python code needs, by reading it. Nothing is imported or run.

    It lists the uses of each scope, the scopes that are missing or unused in what the token holds, the smallest preset
    that covers all uses, and the expression to pass as scopes=. Where the type of an object is not known, or a method
    is named by a string, the place is listed as unsure and does not count.

    A type checker finds the uses: pip install "stemp-sdk[audit]".

    A scopes file says what each part of a system declares: paths, scopes and reasons. `--write PATH --part NAME` adds a
    part, and --write alone updates all parts; comments and reasons stay. If something could not be audited, nothing is
    written. `--file FILE --fail-on missing,unused` checks it, and from_file of stemp_sdk.scopes reads it.

    The exit status is 0, or the sum of 1 if something of --fail-on was found, and 4 if something could not be audited,
    so that the answer is partial. It is 2 for wrong arguments.

    With --format json it prints an object: version, checker, granted, used, missing, unused, perhaps_used, preset,
    expression, partial, scopes (a list of objects: name, status, uses), unsure and skipped (lists of objects). sarif is
    SARIF 2.1.0, github the annotations of GitHub Actions. With --file, json is an object: version, file, and parts, a
    list of such objects with part, paths and reasons; sarif has a run for each part.
    """
    from .audit.command import run

    run(
        paths or [],
        file=file,
        part=part,
        write=write,
        preset=preset,
        granted=granted,
        fail_on=fail_on,
        output_format=output_format,
        python=python,
    )


@scopes_app.command()
def report(
    paths: CodePaths,
    *,
    recording: Annotated[
        list[Path], typer.Option(help="What was recorded of a run, in JSON (repeatable).", metavar="FILE")
    ],
    preset: PresetOption = None,
    granted: GrantedOption = None,
    fail_on: FailOn = "",
    python: PythonOption = None,
    as_json: AsJson = False,
) -> None:
    """Join the audit of Python code with recordings of its runs.

    `pytest --stemp-scopes-file=FILE` records a run of the tests, and `ScopeRecording.write` of stemp_sdk.testing any
    other. A scope is unused only if neither the audit nor a recording has seen it. If only an unsure place or a refused
    call would need it, it is unsure, and not counted as unused.

    If neither --preset nor --granted says what the token holds, it is what the clients of the recorded runs held.

    The exit status is that of `stemp scopes audit`.

    With --json it prints what `stemp scopes audit` prints with --format json, and besides: used_in_code, used_in_runs,
    and for each of the scopes granted, used_in_code, used_in_runs and runs (a list of objects: operation, calls,
    refused).
    """
    from .audit.combined import run

    run(paths, recording, preset=preset, granted=granted, fail_on=fail_on, as_json=as_json, python=python)


@scopes_app.command()
def matrix(
    *,
    preset: PresetOption = None,
    granted: GrantedOption = None,
    output_format: Annotated[
        MatrixFormat, typer.Option("--format", help="text, markdown, html, or json for programs.")
    ] = MatrixFormat.TEXT,
    output: Annotated[
        Path | None, typer.Option(help="Write to this file instead of the standard output.", metavar="FILE")
    ] = None,
) -> None:
    """Show which scopes and presets allow each operation.

    With --granted or --preset it shows what such a token is allowed to do, what it lacks for the rest, and the smallest
    preset that would do. Nothing is sent.

    With --format html it is one page with filters, in which you can enter the scopes of a token. The page loads nothing
    and sends nothing; --granted and --preset are what it starts with.

    With --format json it prints an object: version, granted, operations, scopes and presets (lists of objects). With
    --granted or --preset, each operation has allowed, missing, and preset, the name of the smallest, or null.
    """
    from .matrix.command import run

    run(preset=preset, granted=granted, output_format=output_format, output=output)


Operation = Annotated[str, typer.Argument(help="Such as users.find or loyalty.add_stamp.", metavar="OPERATION")]


@scopes_app.command()
def explain(operation: Operation, *, as_json: AsJson = False) -> None:
    """Say which scopes an operation needs.

    It lists the presets and kinds of token that hold them. Where a parameter needs more, or one of several sets is
    enough, each is listed.

    With --json it prints an object: name, http_method, path, provenance (null for a method that makes other calls), and
    requirements, a list of objects: call, parameters, any_of (a list of lists of scopes), presets, contexts.
    """
    from .scopes.questions import show_explanation

    show_explanation(operation, as_json=as_json)


@scopes_app.command("who-needs")
def who_needs(
    scope: Annotated[str, typer.Argument(help="Such as user:read.", metavar="SCOPE")], *, as_json: AsJson = False
) -> None:
    """List what depends on a scope.

    These are operations, events whose data can be fetched with it, and presets.

    With --json it prints an object: scope, group, description, contexts, operations, calls (those that need it only
    with a parameter), events, presets.
    """
    from .scopes.questions import show_dependents

    show_dependents(scope, as_json=as_json)


@scopes_app.command()
def suggest(
    operations: Annotated[
        list[str],
        typer.Argument(
            help="Such as users.find, or with a parameter 'loyalty.add_stamp(reference)'.", metavar="OPERATION"
        ),
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Say what a token has to hold for some operations.

    It prints the smallest preset, and the exact expression.

    With --json it prints an object: needed, preset, more (what the preset has besides), expression, contexts (the kinds
    of token that may hold it).
    """
    from .scopes.questions import show_suggestion

    show_suggestion(operations, as_json=as_json)


_SET: Final = "A preset, scopes, a scopes file as in FILE.toml or FILE.toml#PART, or the word token."


@scopes_app.command()
def diff(
    before: Annotated[str, typer.Argument(help=_SET, metavar="BEFORE")],
    after: Annotated[str, typer.Argument(help="The same.", metavar="AFTER")],
    *,
    as_json: AsJson = False,
) -> None:
    """Compare two sets of scopes.

    It lists what is added and removed, and the calls that become possible or impossible. `token` is the configured
    token, of STEMP_TOKEN or stemp login: its scopes come from there, else from its claim.

    With --json it prints an object: added, removed, possible, impossible.
    """
    from .scopes.changes import show_diff

    show_diff(before, after, as_json=as_json)


@scopes_app.command()
def plan(
    after: Annotated[str, typer.Argument(help=f"What the new release asks for. {_SET}", metavar="AFTER")],
    *,
    old: Annotated[
        str | None, typer.Option(help="What the old release asked for, in the same form.", metavar="BEFORE")
    ] = None,
    store: Annotated[Path | None, typer.Option(help="The file of an SQLiteTokenStore.", metavar="FILE")] = None,
    installations: Annotated[
        Path | None,
        typer.Option(help="A JSON object: installation to list of granted scopes, or null.", metavar="FILE"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say which installations have to consent again to a release.

    It says why, and which could be narrowed. An installation has to consent if the release asks for a scope that it did
    not grant and was never asked for. What the old release asked for is not new. Nothing is sent. For another store,
    use plan of stemp_sdk.audit.

    The exit status is 4 if an installation of the store is damaged, so that the plan is partial.

    With --json it prints an object: before, after, installations (a list of objects: id, granted, needs_consent, new,
    lacking, superfluous), unlocks (each new scope to the calls that need it), damaged.
    """
    from .scopes.changes import show_plan

    show_plan(after, old=old, store=store, installations=installations, as_json=as_json)
