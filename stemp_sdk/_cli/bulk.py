"""``stemp bulk``: one operation for each row of a file."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import attrs
import typer
from pydantic import BaseModel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from .._client import Stemp
from .._core.counted import counted
from .._core.errors import StempError
from .._core.settling import SETTLES_LATE
from .._rate_limiters._memory import MemoryRateLimiter
from .._resources._dry_run import dry_run_of
from ..bulk import BulkReport, RowResult, RowsError, read, run
from ..bulk._checking import Row, checked_rows
from ..bulk._journal import Journal
from .commands import for_terminal
from .profiles.connection import connection_for
from .screen import Screen

Operation = Callable[..., Any]

_PATIENT: Final = 3600.0
"""Seconds for a row: it waits for its turn in the rate limit, and until a lost request is settled."""


@attrs.frozen(kw_only=True)
class Options:
    """The options that all bulk commands have."""

    file: Path
    resume: bool
    dry_run: bool
    concurrency: int
    results: Path | None
    profile: str | None
    as_json: bool

    @property
    def journal(self) -> Path:
        """The file of the job, beside the rows."""
        return self.file.with_name(self.file.name + ".job")


def enrol_users(options: Options) -> None:
    """Enrol a user for each row, if there is none with its external id."""
    _run(options, lambda client: client.users.get_or_create)


def issue_passes(options: Options, template: str) -> None:
    """Give each customer of the file a card, if they have none of the template."""

    def issue(client: Stemp[Any]) -> Operation:
        try:
            dry_run_of(client.passes.get_or_create)({"template_id": template, "user_id": "usr_1"})
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="--template") from None

        def issue_pass(external_id: str, email: str, name: str | None = None, phone: str | None = None) -> Any:
            user = client.users.get_or_create(external_id, email=email, name=name, phone=phone)
            return client.passes.get_or_create(template_id=template, user_id=user.id)

        # The name of the job, so that its journal refuses another template.
        issue_pass.__name__ = f"issue_pass({template})"
        return issue_pass

    _run(options, issue, is_unique=False)


def _settle(path: Path, name: str) -> None:
    """Wait until the server has certainly stopped working on the requests of an earlier run.

    A card of a late request would not be found yet, so that the row would get a second one. When a killed process sent
    its last request is unknown, so the time begins now.
    """
    if not path.exists():
        return
    journal = Journal(path, name)
    try:
        count = journal.unclear()
    finally:
        journal.close()
    if count:
        wait = f"waiting {SETTLES_LATE:.0f} s until the server has certainly stopped working on them"
        typer.echo(f"stemp: {counted(count, 'row')} of unknown outcome: {wait}", err=True)
        time.sleep(SETTLES_LATE)


def _run(options: Options, operation_of: Callable[[Stemp[Any]], Operation], *, is_unique: bool = True) -> None:
    """Run a job.

    Args:
        options: The options of the command.
        operation_of: Makes what is carried out for each row.
        is_unique: Whether the server itself refuses to make twice what a row makes, as it does with an external id.
    """
    screen = Screen()
    limiter = MemoryRateLimiter().background(reserve=0.0)
    try:
        rows = read(options.file)
        connection = connection_for(options.profile)
        with connection.client(deadline=_PATIENT, rate_limiter=limiter) as client:
            operation = operation_of(client)
            total = checked_rows(client.users.get_or_create, rows)
            if options.dry_run:
                screen.line(f"{counted(total, 'row')} can be used. Nothing was sent.")
                return
            if options.journal.exists() and not options.resume:
                raise StempError(
                    f"{options.journal} exists: add --resume to go on with that job, or delete the file to begin again"
                )
            connection.check_route()
            if options.resume and not is_unique:
                _settle(options.journal, operation.__name__)
            report = _carried_out(options, operation, rows, screen, total)
    except RowsError as error:
        raise StempError(str(error)) from None
    if options.as_json:
        screen.json(_as_json(report))
    else:
        screen.verbatim(str(report))
        if report.unknown:
            screen.line(
                "Run it again with --resume: it looks for what those rows made, and makes only what is missing."
            )
        screen.line(f"{report.seconds:.1f} s. The job is in {options.journal}.")
    if not report.is_complete:
        raise typer.Exit(1)


def _carried_out(options: Options, operation: Operation, rows: Iterable[Row], screen: Screen, total: int) -> BulkReport:
    with _written(options.results) as write, _progress(options, screen, total) as advance:

        def take(result: RowResult) -> None:
            write(result)
            advance()

        report = run(
            operation,
            rows,
            journal=options.journal,
            concurrency=options.concurrency,
            repeat_unknown=True,  # a row looks for what it makes, and what it looks for is settled: see _settle
            on_result=take,
        )
    report.problems = [attrs.evolve(each, error=for_terminal(each.error)) for each in report.problems]
    return report


@contextmanager
def _written(path: Path | None) -> Generator[Callable[[RowResult], None]]:
    """Write each result as a line of JSON, which is in the file at once: a process that is killed loses none.

    Raises:
        StempError: the file cannot be written.
    """
    if path is None:
        yield lambda _: None
        return
    with _writing(path):
        lines = path.open("a", encoding="utf-8", buffering=1)

    def write(result: RowResult) -> None:
        value = result.value.model_dump(mode="json") if isinstance(result.value, BaseModel) else None
        error = None if result.error is None else str(for_terminal(result.error))
        row = {"row": result.number, "status": result.status.value, "value": value, "error": error}
        with _writing(path):
            lines.write(json.dumps(row) + "\n")

    try:
        yield write
    finally:
        with suppress(OSError):  # of a line whose error was raised when it was written
            lines.close()


@contextmanager
def _writing(path: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise StempError(f"--results: {path} cannot be written: {error.strerror}") from None


@contextmanager
def _progress(options: Options, screen: Screen, total: int) -> Generator[Callable[[], None]]:
    if screen.is_plain or options.as_json:
        yield lambda: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=screen.console) as progress:
        task = progress.add_task("Rows", total=total)
        yield lambda: progress.advance(task)


def _as_json(report: BulkReport) -> dict[str, Any]:
    return {
        "total": report.total,
        "done": report.done,
        "done_before": report.before,
        "failed": report.failed,
        "unknown": report.unknown,
        "seconds": round(report.seconds, 3),
        "problems": [
            {"row": each.number, "status": each.status.value, "error": str(each.error)} for each in report.problems
        ],
    }
