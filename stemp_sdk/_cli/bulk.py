"""``stemp bulk``: one operation for each row of a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import attrs
import typer
from pydantic import BaseModel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from .._client import Stemp
from .._core.errors import StempError
from ..bulk import BulkReport, RowResult, RowsError, read, run
from ..bulk._checking import Row, checked_rows
from .screen import Screen, counted

Operation = Callable[..., Any]


@attrs.frozen(kw_only=True)
class Options:
    """The options that all bulk commands have."""

    file: Path
    resume: bool
    dry_run: bool
    concurrency: int
    results: Path | None
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
        def issue_pass(external_id: str, email: str, name: str | None = None, phone: str | None = None) -> Any:
            user = client.users.get_or_create(external_id, email=email, name=name, phone=phone)
            return client.passes.get_or_create(template_id=template, user_id=user.id)

        # The name of the job, so that its journal refuses another template.
        issue_pass.__name__ = f"issue_pass({template})"
        return issue_pass

    _run(options, issue)


def _run(options: Options, operation: Callable[[Stemp[Any]], Operation]) -> None:
    screen = Screen()
    try:
        rows = read(options.file)
        if options.dry_run:
            with _client() as client:
                total = checked_rows(operation(client), rows)
            screen.line(f"{counted(total, 'row')} can be used. Nothing was sent.")
            return
        if options.journal.exists() and not options.resume:
            raise StempError(
                f"{options.journal} exists: add --resume to go on with that job, or delete the file to begin again"
            )
        with _client() as client:
            report = _carried_out(options, operation(client), rows, screen)
    except RowsError as error:
        raise StempError(str(error)) from None
    if options.as_json:
        screen.json(_as_json(report))
    else:
        screen.verbatim(str(report))
        screen.line(f"{report.seconds:.1f} s. The job is in {options.journal}.")
    if not report.is_complete:
        raise typer.Exit(1)


def _carried_out(options: Options, operation: Operation, rows: Iterable[Row], screen: Screen) -> BulkReport:
    with _written(options.results) as write, _progress(options, screen, rows) as advance:

        def take(result: RowResult) -> None:
            write(result)
            advance()

        return run(
            operation,
            rows,
            journal=options.journal,
            concurrency=options.concurrency,
            repeat_unknown=True,
            on_result=take,
        )


@contextmanager
def _client() -> Generator[Stemp[Any]]:
    try:
        client = Stemp()
    except (TypeError, ValueError) as error:
        raise StempError(str(error)) from None
    with client:
        yield client


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
        error = None if result.error is None else str(result.error)
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
def _progress(options: Options, screen: Screen, rows: Iterable[Row]) -> Generator[Callable[[], None]]:
    if screen.is_plain or options.as_json:
        yield lambda: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=screen.console) as progress:
        task = progress.add_task("Rows", total=sum(1 for _ in rows))
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
