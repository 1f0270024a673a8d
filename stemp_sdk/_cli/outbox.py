"""``stemp outbox``: look into the file of a till's outbox, and send what waits in it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, Final

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from .._core.errors import StempError
from .._core.journal_file import SQLiteWriteStore
from .._outbox._dismissing import dismiss_entry
from .._outbox._entry import OutboxEntry, OutboxStatus
from .._outbox._file import OutboxFile
from .._outbox._sync import Outbox
from .commands import unknown_value
from .databases import require_journal, require_table
from .profiles.connection import connection_for
from .screen import Screen

_GLANCE: Final = 0.2  # seconds between two looks at the file


def show_status(path: Path, *, as_json: bool) -> None:
    """Print how many entries there are, and for which cards some wait."""
    file = _opened(path)
    counts = file.counts()
    waiting = Counter(entry.pass_id for entry in file.entries(OutboxStatus.WAITING))
    screen = Screen()
    if as_json:
        screen.json(
            {
                "waiting": counts.waiting,
                "sent": counts.sent,
                "dead": counts.dead,
                "dismissed": counts.dismissed,
                "oldest": None if counts.oldest is None else counts.oldest.isoformat(),
                "cards": dict(waiting),
            }
        )
        return
    dismissed = f", {counts.dismissed} dismissed" if counts.dismissed else ""
    screen.line(f"{counts.waiting} waiting, {counts.sent} sent, {counts.dead} dead{dismissed}")
    if counts.oldest is not None:
        screen.line(f"The oldest sale that waits is of {counts.oldest:%Y-%m-%d %H:%M:%S} UTC.")
    for card, count in waiting.most_common():
        screen.line(f"{card}  {count}", indent=2)


def show_entries(path: Path, status: str | None, *, as_json: bool) -> None:
    """Print the entries in their order.

    Raises:
        StempError: there is no such file.
        typer.BadParameter: there is no such status.
    """
    if status is not None and status not in set(OutboxStatus):
        raise unknown_value(status, OutboxStatus, "--status")
    entries = _opened(path).entries(None if status is None else OutboxStatus(status))
    screen = Screen()
    if as_json:
        screen.json([_as_json(entry) for entry in entries])
        return
    if not entries:
        screen.line("No entries.")
        return
    table = screen.table("ID", "STATUS", "SOLD (UTC)", "OPERATION", "CARD", "REFERENCE", "TRIES", "REASON")
    for entry in entries:
        amount = "" if entry.points is None else f" {entry.points}"
        table.add_row(
            str(entry.id),
            entry.status.value,
            f"{entry.sold_at:%Y-%m-%d %H:%M:%S}",
            entry.operation + amount,
            entry.pass_id,
            entry.reference,
            str(entry.tries),
            _why(entry),
        )
    screen.show(table)


def drain(path: Path, concurrency: int, profile: str | None, *, as_json: bool) -> None:
    """Send what waits, with a progress bar on a terminal.

    Raises:
        StempError: there is no such file, or the configuration is wrong.
        typer.Exit: entries wait or are dead.
    """
    _opened(path)
    screen = Screen()
    connection = connection_for(profile)
    connection.check_route()
    with connection.client() as client:
        outbox = Outbox(client, path)
        # The main thread drains, as it is the one that Ctrl-C interrupts.
        with nullcontext() if screen.is_plain or as_json else _progress(screen, outbox):
            report = outbox.drain(concurrency=concurrency)
    dead = outbox.counts().dead
    if as_json:
        stopped_by = None if report.stopped_by is None else str(report.stopped_by)
        screen.json({"sent": report.sent, "dead": report.dead, "waiting": report.waiting, "stopped_by": stopped_by})
    else:
        screen.line(f"{report.sent} sent, {report.dead} refused by the server, {report.waiting} waiting")
        if report.stopped_by is not None:
            screen.line(f"Stopped by: {report.stopped_by}")
        if dead:
            screen.line(f"{dead} dead: see stemp outbox show --status dead, and stemp outbox retry or dismiss")
    if report.waiting or dead:
        raise typer.Exit(1)


def retry(path: Path, ids: list[int]) -> None:
    """Let dead entries wait again.

    Raises:
        StempError: there is no such file, or no dead entry with one of the ids.
    """
    file = _opened(path)
    _check_dead(file, ids)
    count = sum(file.retry(entry) for entry in ids) if ids else file.retry(None)
    Screen().line(f"{count} waiting again")


def dismiss(path: Path, ids: list[int], reason: str | None, journal: str | None) -> None:
    """End dead entries that a person has dealt with.

    Raises:
        StempError: there is no such file, or no dead entry with one of the ids; or a request of one may be under way.
        typer.BadParameter: the reason is blank or too long.
    """
    file = _opened(path)
    if journal is not None:
        require_journal(Path(journal))
    _check_dead(file, ids)
    store = SQLiteWriteStore(path if journal is None else journal)
    for entry in dict.fromkeys(ids):
        try:
            dismiss_entry(file, store, entry, reason, time.time())
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="--reason") from None
        Screen().line(f"{entry} dismissed")


def _check_dead(file: OutboxFile, ids: list[int]) -> None:
    dead = {entry.id for entry in file.entries(OutboxStatus.DEAD)}
    if unknown := sorted({*ids} - dead):
        raise StempError(f"no dead entry has the id {', '.join(map(str, unknown))}")


def _why(entry: OutboxEntry) -> str:
    """Why an entry was not sent, and when and why it was dismissed."""
    if entry.dismissed_at is None:
        return entry.reason or ""
    because = "" if entry.dismissed_because is None else f": {entry.dismissed_because}"
    return f"{entry.reason} (dismissed {entry.dismissed_at:%Y-%m-%d %H:%M:%S} UTC{because})"


@contextmanager
def _progress(screen: Screen, outbox: Outbox) -> Generator[None]:
    """Show a progress bar while the block runs, from a thread."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    total = outbox.counts().waiting
    with Progress(*columns, console=screen.console) as progress:
        task = progress.add_task("Sending", total=total)
        ended = threading.Event()

        def look() -> None:
            progress.update(task, completed=max(0, total - outbox.counts().waiting))

        def watch() -> None:
            with suppress(StempError):  # the drain meets it as well, and reports it
                while not ended.wait(_GLANCE):
                    look()

        thread = threading.Thread(target=watch, name="stemp-progress", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
        look()


def _opened(path: Path) -> OutboxFile:
    # To open another database as an outbox would make tables in it.
    require_table(path, "an outbox", "entries", ("operation", "pass_id", "reference", "sold_at", "not_before"))
    return OutboxFile(path)


def _as_json(entry: OutboxEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "status": entry.status.value,
        "operation": entry.operation,
        "pass_id": entry.pass_id,
        "reference": entry.reference,
        "points": None if entry.points is None else str(entry.points),
        "note": entry.note,
        "sold_at": entry.sold_at.isoformat(),
        "tries": entry.tries,
        "reason": entry.reason,
        "dismissed_at": None if entry.dismissed_at is None else entry.dismissed_at.isoformat(),
        "dismissed_because": entry.dismissed_because,
    }
