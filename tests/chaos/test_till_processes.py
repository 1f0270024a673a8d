"""Tills in processes of their own stamp over sockets, and are killed: each stamp is given once.

Network, server and processes fail at once. ``make chaos`` runs it at full size, the tests a short form of it. With the
same seed, each card gets the same faults; when a process dies also depends on how fast the machine is.
"""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Final

from stemp_sdk import Outbox, OutboxStatus, presets
from stemp_sdk.sandbox import serving
from tests.chaos.conftest import IS_FULL, Report
from tests.chaos.processes import KillingSandbox, Processes
from tests.chaos.shop import EACH, RATES, Shop
from tests.chaos.till import REPORTS, Work

TILLS: Final = 20 if IS_FULL else 4
STAMPS: Final = 10_000 if IS_FULL else 32
DEATHS: Final = 5 if IS_FULL else 2
QUEUED: Final = 5_000 if IS_FULL else 40
DRAINS: Final = 2
_KINDS: Final = {"lost_before", "lost_after", "late", "server_errors", "gateway_errors", "rate_limits", "storms"}


def served(shop: Shop, processes: Processes, files: list[Path], cards: list[list[str]] | None) -> None:
    """Serve the sandbox of a shop while processes work, one for each file."""
    assert isinstance(shop.sandbox, KillingSandbox)
    shop.sandbox.processes = processes
    token = shop.sandbox.issue_token(presets.POS)
    with serving(shop.sandbox) as base_url:
        works = [
            Work(base_url, token, str(file), None if cards is None else cards[number])
            for number, file in enumerate(files)
        ]
        processes.run(works)


def check_faults(shop: Shop, stamps: int) -> None:
    """See that there were faults: of every kind in the full form, and many of those that are frequent in each."""
    log = Counter(fault.name for fault in shop.sandbox.faults.log)
    assert log.total() > stamps / 8, log
    assert not IS_FULL or log.keys() == _KINDS, log


def test_tills_in_processes_that_are_killed_give_each_stamp_once(report: Report, tmp_path: Path) -> None:
    shop = Shop.of(STAMPS, KillingSandbox, time.time)
    processes = Processes.with_deaths(DEATHS, STAMPS // 10, STAMPS * 6 // 10)
    files = [tmp_path / f"journal-{till}" for till in range(TILLS)]
    served(shop, processes, files, [shop.cards[till::TILLS] for till in range(TILLS)])
    assert processes.killed == DEATHS
    check_faults(shop, STAMPS)
    lines = {line for file in tmp_path.glob(f"*{REPORTS}") for line in file.read_text("utf-8").splitlines()}
    reported = Counter(line.partition(" ")[0] for line in lines)  # a till that is started again reports it again
    for card, notes in shop.notes().items():
        check_stamps(sorted(notes), too_many=reported[card])
    report(
        f"{TILLS} tills in processes over sockets, with reference= and journal=, {DEATHS} times kill -9",
        f"{STAMPS:,} stamps; {RATES}",
        f"0 doubled, 0 lost{said(reported)}",
    )


def check_stamps(notes: list[str], *, too_many: int) -> None:
    """A card has each of its stamps once, in order; and at most so many twice, which an error reported."""
    given = [note.partition(" ~")[0] for note in notes]
    assert list(dict.fromkeys(given)) == [f"[receipt {number}" for number in range(EACH)]
    assert len(given) <= EACH + too_many


def said(reported: Counter[str]) -> str:
    """How many stamps may be doubled, as a process was killed while it took one back, and an error says so."""
    return f"; {reported.total()} reported as maybe doubled" if reported else ""


def test_two_processes_drain_an_outbox_in_order_though_one_is_killed(report: Report, tmp_path: Path) -> None:
    shop, file = Shop.of(QUEUED, KillingSandbox, time.time), tmp_path / "till.outbox"
    outbox = Outbox(shop.sandbox.client(scopes=presets.POS), file)
    for number in range(EACH):
        for card in shop.cards:
            outbox.add_stamp(card, reference=f"receipt {number}")
    assert outbox.counts().waiting == QUEUED
    assert len(shop.sandbox.faults.log) == 0  # nothing was sent
    processes = Processes.with_deaths(1, QUEUED // 5, QUEUED // 2)
    served(shop, processes, [file] * DRAINS, None)
    assert processes.killed == 1
    check_faults(shop, QUEUED)
    counts = outbox.counts()
    assert (counts.waiting, counts.sent + counts.dead) == (0, QUEUED)
    dead = list(outbox.entries(OutboxStatus.DEAD))
    assert all("times" in str(entry.reason) for entry in dead), dead
    reported = Counter(entry.pass_id for entry in dead)
    for card, notes in shop.notes().items():
        check_stamps(notes, too_many=reported[card])
    report(
        f"an outbox that was filled offline, drained by {DRAINS} processes over sockets, one killed with -9",
        f"{QUEUED:,} stamps of {len(shop.cards):,} cards; {RATES}",
        f"all once, in order{said(reported)}",
    )
