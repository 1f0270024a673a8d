"""A till in a process of its own, which may be killed and started again: ``python -m tests.chaos.till``.

It reads what to do from stdin. It either gives its stamps with a journal, from the first one on however often it is
started, or drains an outbox until nothing waits.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from pathlib import Path
from typing import Any, Final

import attrs

from stemp_sdk import (
    APIConnectionError,
    DuplicateWriteError,
    Outbox,
    RateLimitError,
    ServerError,
    Stemp,
    UnknownOutcomeError,
    presets,
)
from tests.chaos.shop import EACH, REAL_SETTLE

REPORTS: Final = ".reports"
"""The end of the name of the file, beside the journal, with the stamps that may have been given twice."""
_DEADLINE: Final = 3.0
_PAUSE: Final = 0.05  # seconds, while other processes work on all cards that are left


@attrs.frozen
class Work:
    """The work of a till."""

    base_url: str
    token: str
    file: str
    """Its journal, or the outbox."""
    cards: list[str] | None
    """The cards that it gives stamps to; None if it drains the outbox."""


def run(work: Work) -> None:
    """Do it all."""
    options: dict[str, Any] = {} if work.cards is None else {"journal": work.file}
    with Stemp(
        work.token,
        scopes=presets.POS,
        base_url=work.base_url,
        timeout=_DEADLINE / 2,
        deadline=_DEADLINE,
        settle=REAL_SETTLE,
        **options,
    ) as plain:
        client = plain.with_options(headers={"x-process": str(os.getpid())})  # so that the server knows whom to kill
        if work.cards is None:
            _drain(Outbox(client, work.file))
            return
        for card in work.cards:
            for number in range(EACH):
                if not _is_done(client, card, f"receipt {number}"):
                    with Path(f"{work.file}{REPORTS}").open("a", encoding="utf-8") as reports:
                        reports.write(f"{card} {number}\n")


def _is_done(client: Stemp[Any], card: str, receipt: str) -> bool:
    """Give a stamp. False if a removal was under way at a kill: the error reports that there may be one too many."""
    while True:
        try:
            client.loyalty.add_stamp(card, reference=receipt)
        except DuplicateWriteError as error:
            if not error.outcome_unknown:
                raise
            return False
        except (APIConnectionError, RateLimitError, ServerError, UnknownOutcomeError):
            continue
        return True


def _drain(outbox: Outbox) -> None:
    # A card of a process that was killed is free sooner than usual, once a call of that process would be over.
    steps: Any = outbox
    steps._drain._lease = _DEADLINE + 1
    while outbox.counts().waiting:
        if not outbox.drain(concurrency=8).sent:
            time.sleep(_PAUSE)


if __name__ == "__main__":
    logging.disable(logging.WARNING)  # each stamp that is taken back is one
    run(Work(**json.load(sys.stdin)))
