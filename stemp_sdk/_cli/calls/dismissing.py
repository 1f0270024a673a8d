"""``stemp journal dismiss``: its method takes a write, which the command finds by card and reference."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer


def dismiss(
    pass_id: Annotated[str, typer.Argument(help="The pass's id (wp_…).", metavar="PASS-ID")],
    *,
    reference: Annotated[str, typer.Option(help="The reference of the write.", metavar="TEXT")],
    operation: Annotated[
        str | None,
        typer.Option(help="Such as loyalty.add_stamp, if several writes have the reference.", metavar="NAME"),
    ] = None,
    journal: Annotated[Path, typer.Option(help="The file in which writes with a reference are kept.", metavar="FILE")],
) -> None:
    """Dismiss a pending write. It needs no token, and sends nothing."""
    from ..._core.errors import DismissError
    from ..._core.journal import known_of
    from ..._core.journal_file import SQLiteWriteStore
    from ..._resources import _dismissing
    from ..databases import require_journal
    from ..screen import Screen
    from .exits import Exit, exit_of
    from .running import fail

    require_journal(journal)
    store = SQLiteWriteStore(journal)
    found = {
        write.operation: known_of(write)
        for write in store.pending()
        if (write.pass_id, write.reference) == (pass_id, reference) and operation in {None, write.operation}
    }
    if not found:
        fail(Exit.NOT_FOUND, f"no write of {pass_id} with the reference {reference!r} is pending in {journal}")
    if len(found) > 1:
        raise typer.BadParameter(f"must be one of {', '.join(found)}", param_hint="--operation")
    [known] = found.values()
    try:
        _dismissing.dismiss(known, store, time.time())
    except DismissError as error:
        fail(exit_of(error), str(error))
    Screen().line("Done.")
