"""The commands ``stemp outbox`` and ``stemp bulk``, and their options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .commands import AsJson, Commands, ProfileOption

outbox_app: typer.Typer = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Look into the outbox of a till, and send what waits in it.",
)
bulk_app: typer.Typer = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Enrol users, or issue cards, for each row of a file.",
)

OutboxPath = Annotated[Path, typer.Argument(help="The file of the outbox.", metavar="FILE")]
RowsPath = Annotated[
    Path, typer.Argument(help="A .csv or .tsv file with a line of names first, or .jsonl.", metavar="FILE")
]
Concurrency = Annotated[int, typer.Option(min=1, max=100, help="How many are sent at once.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the job that was interrupted.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check every row, and send nothing.")]
Results = Annotated[
    Path | None, typer.Option(help="Append the result of each row to this file, as JSON Lines.", metavar="FILE")
]


@outbox_app.command("status")
def outbox_status(path: OutboxPath, *, as_json: AsJson = False) -> None:
    """Count the entries.

    With --json it prints an object: waiting, sent, dead, dismissed, oldest, and cards, the number of waiting entries of
    each.
    """
    from .outbox import show_status

    show_status(path, as_json=as_json)


@outbox_app.command("show")
def outbox_show(
    path: OutboxPath,
    *,
    status: Annotated[
        str | None, typer.Option(help="Only those that are waiting, sent, dead or dismissed.", metavar="STATUS")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the entries in their order, with the reason why the latest try failed.

    With --json it prints a list of objects: id, status, operation, pass_id, reference, points, note, sold_at, tries,
    reason, dismissed_at, dismissed_because.
    """
    from .outbox import show_entries

    show_entries(path, status, as_json=as_json)


@outbox_app.command("drain")
def outbox_drain(
    path: OutboxPath, *, concurrency: Concurrency = 4, profile: ProfileOption = None, as_json: AsJson = False
) -> None:
    """Send what waits, each entry exactly once.

    The token of --profile, STEMP_TOKEN or stemp login needs loyalty:manage and pass:read. A till that runs meanwhile
    may drain the same file. The exit status is 1 if entries still wait or are dead.

    With --json it prints an object: sent, dead, waiting, stopped_by.
    """
    from .outbox import drain

    drain(path, concurrency, profile, as_json=as_json)


@outbox_app.command("retry")
def outbox_retry(
    path: OutboxPath,
    ids: Annotated[list[int] | None, typer.Argument(help="Ids of dead entries; all of them if none is given.")] = None,
) -> None:
    """Let dead entries wait again. The next drain sends them."""
    from .outbox import retry

    retry(path, ids or [])


@outbox_app.command("dismiss")
def outbox_dismiss(
    path: OutboxPath,
    ids: Annotated[list[int], typer.Argument(help="Ids of dead entries.")],
    *,
    reason: Annotated[str | None, typer.Option(help="What was done, for those who read it later.")] = None,
    journal: Annotated[
        str | None, typer.Option(help="The file of the till's journal, if it has another one.", metavar="FILE")
    ] = None,
) -> None:
    """End dead entries that a person has dealt with. Nothing more is sent for their references.

    Correct the card first. The entries stay in the file, with the time and the reason.
    """
    from .outbox import dismiss

    dismiss(path, ids, reason, journal)


@bulk_app.command("users")
def bulk_users(
    file: RowsPath,
    *,
    resume: Resume = False,
    dry_run: DryRun = False,
    concurrency: Concurrency = 8,
    results: Results = None,
    profile: ProfileOption = None,
    as_json: AsJson = False,
) -> None:
    """Enrol a user for each row, unless there is one with its external id.

    The columns are external_id, email, name and phone; the last two may be missing. Every row is checked before the
    first request. Requests are paced by the rate limit. The job is kept in FILE.job: after an interruption, even
    kill -9, run the command again with --resume. The exit status is 1 if a row failed or its outcome is unknown.

    The token of --profile, STEMP_TOKEN or stemp login needs user:read and user:create.

    With --json it prints an object: total, done, done_before, failed, unknown, seconds, problems (the first 100).
    """
    from .bulk import Options, enrol_users

    enrol_users(
        Options(
            file=file,
            resume=resume,
            dry_run=dry_run,
            concurrency=concurrency,
            results=results,
            profile=profile,
            as_json=as_json,
        )
    )


@bulk_app.command("issue")
def bulk_issue(
    file: RowsPath,
    *,
    template: Annotated[str, typer.Option(help="The id of the template.", metavar="TPL_ID")],
    resume: Resume = False,
    dry_run: DryRun = False,
    concurrency: Concurrency = 8,
    results: Results = None,
    profile: ProfileOption = None,
    as_json: AsJson = False,
) -> None:
    """Enrol a user for each row as bulk users does, and give them a card, unless they have one of the template.

    --results FILE keeps the id and the URL of each card. The token needs pass:read and pass:create as well.

    With --resume it first waits two minutes if the outcome of a row is unknown: a card that the server still makes
    could not be found yet, and the customer would get two.
    """
    from .bulk import Options, issue_passes

    issue_passes(
        Options(
            file=file,
            resume=resume,
            dry_run=dry_run,
            concurrency=concurrency,
            results=results,
            profile=profile,
            as_json=as_json,
        ),
        template,
    )
