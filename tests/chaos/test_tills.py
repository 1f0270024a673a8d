"""Tills stamp through a network that loses requests and responses, and a server that fails and commits late.

``make chaos`` runs it at full size, the tests a short form of it. With the same seed, each card gets the same faults.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import attrs

from stemp_sdk import DuplicateWriteError, Outbox, StempError, presets
from stemp_sdk.sandbox import Faults, Sandbox
from stemp_sdk.testing import Clock
from tests.chaos.conftest import IS_FULL, SEED, Report

TILLS: Final = 20 if IS_FULL else 4
STAMPS: Final = 10_000 if IS_FULL else 160
QUEUED: Final = 5_000 if IS_FULL else 80
#: Seconds after which a request is treated as settled. Late commits come up to 30 s later, so some come after the look,
#: and have to be taken back.
SETTLE: Final = 20.0
#: Stamps for one card, which has room for ten.
EACH: Final = 8
FAULTS: Final[dict[str, Any]] = {
    "lost_before": 0.1,
    "lost_after": 0.1,
    "late": 0.05,
    "server_errors": 0.025,
    "gateway_errors": 0.025,
    "rate_limits": 0.02,
    "storms": 0.005,
}
#: Without remove_stamp, as it has no reference: if it is lost, the result is a DuplicateWriteError.
_FAULTY: Final = ("loyalty.add_stamp", "loyalty.stamp_history")
_RATES: Final = "10 % of requests and 10 % of responses lost, 5 % late commits, 5 % 5xx, 429 and storms"
_HOUR: Final = 3600.0


@attrs.define
class Shop:
    """A sandbox whose stamps meet faults, and the cards of its customers."""

    sandbox: Sandbox
    cards: list[str]

    @classmethod
    def of(cls, stamps: int) -> Shop:
        """A shop with as many cards as the stamps need."""
        faults = Faults(seed=int(SEED), operations=frozenset(_FAULTY), **FAULTS)
        sandbox = Sandbox(clock=Clock(), rate_limit=10**9, faults=faults)
        owner = sandbox.client()
        template = owner.templates.create(name="Coffee").id
        users = [owner.users.create(email=f"{number}@example.com").id for number in range(stamps // EACH)]
        return cls(sandbox, [owner.passes.create(template_id=template, user_id=user).id for user in users])

    def notes(self) -> dict[str, list[str]]:
        """The notes of the stamps on each card, once the server has carried out everything late."""
        self.sandbox.faults.stop()
        self.sandbox.advance(_HOUR)
        history = self.sandbox.client().loyalty.stamp_history
        notes: dict[str, list[str]] = {}
        for card in self.cards:
            notes[card] = []
            for entry in reversed(history(card).to_list()):
                if entry.type == "add":
                    notes[card].append(str(entry.note))
                else:  # a late one was taken back
                    notes[card].remove(next(note for note in notes[card] if notes[card].count(note) > 1))
        return notes

    def balance(self) -> tuple[int, int]:
        """How many stamps are doubled, and how many are lost."""
        counts = [len(notes) for notes in self.notes().values()]
        return sum(max(0, count - EACH) for count in counts), sum(max(0, EACH - count) for count in counts)

    def in_threads(self, stamp: Callable[[str, str], object]) -> None:
        """Let each till give the stamps of its cards."""

        def work(till: int) -> None:
            for card in self.cards[till::TILLS]:
                for number in range(EACH):
                    stamp(card, f"receipt {number}")

        with ThreadPoolExecutor(TILLS) as threads:
            for till in [threads.submit(work, till) for till in range(TILLS)]:
                till.result()


def until_done(call: Callable[[], object]) -> None:
    """Repeat a call until it is carried out, as a till does."""
    while True:
        try:
            call()
        except DuplicateWriteError:
            raise
        except StempError:
            continue
        return


def test_tills_in_threads_give_each_stamp_once(report: Report) -> None:
    shop = Shop.of(STAMPS)
    client = shop.sandbox.client(scopes=presets.POS, deadline=20 * _HOUR, settle=SETTLE)
    shop.in_threads(lambda card, receipt: until_done(lambda: client.loyalty.add_stamp(card, reference=receipt)))
    assert shop.balance() == (0, 0)
    assert len(shop.sandbox.faults.log) > STAMPS / 5
    report(f"{TILLS} tills in threads, with reference=", f"{STAMPS:,} stamps; {_RATES}", "0 doubled, 0 lost")


def test_tills_in_tasks_give_each_stamp_once(report: Report) -> None:
    shop = Shop.of(STAMPS)
    client = shop.sandbox.async_client(scopes=presets.POS, deadline=20 * _HOUR, settle=SETTLE)

    async def work(till: int) -> None:
        for card in shop.cards[till::TILLS]:
            for number in range(EACH):
                while True:
                    try:
                        await client.loyalty.add_stamp(card, reference=f"receipt {number}")
                    except DuplicateWriteError:
                        raise
                    except StempError:
                        continue
                    break

    async def run() -> None:
        await asyncio.gather(*map(work, range(TILLS)))

    asyncio.run(run())
    assert shop.balance() == (0, 0)
    report(f"{TILLS} tills in tasks, with reference=", f"{STAMPS:,} stamps; {_RATES}", "0 doubled, 0 lost")


def test_without_references_stamps_are_doubled_or_lost(report: Report) -> None:
    retrying, once = Shop.of(STAMPS), Shop.of(STAMPS)
    client = retrying.sandbox.client(scopes=presets.POS, max_retries=0)

    def retry(card: str, receipt: str) -> None:
        for _ in range(4):
            try:
                client.loyalty.add_stamp(card, note=receipt)
            except StempError:
                continue
            return

    retrying.in_threads(retry)
    single = once.sandbox.client(scopes=presets.POS, max_retries=0)

    def try_once(card: str, receipt: str) -> None:
        with suppress(StempError):
            single.loyalty.add_stamp(card, note=receipt)

    once.in_threads(try_once)
    doubled, lost = retrying.balance()
    assert doubled > 0
    report("the same with four plain tries", f"{STAMPS:,} stamps", f"{doubled:,} doubled, {lost:,} lost")
    doubled, lost = once.balance()
    assert lost > 0
    report("the same with one try", f"{STAMPS:,} stamps", f"{doubled:,} doubled, {lost:,} lost")


def test_two_processes_drain_an_outbox_in_order(report: Report, tmp_path: Path) -> None:
    shop = Shop.of(QUEUED)
    clients = [shop.sandbox.client(scopes=presets.POS, deadline=20 * _HOUR, settle=SETTLE) for _ in range(2)]
    boxes = [Outbox(client, tmp_path / "till.outbox") for client in clients]
    for number in range(EACH):
        for card in shop.cards:
            boxes[0].add_stamp(card, reference=f"receipt {number}")
    while boxes[0].counts().waiting:
        with ThreadPoolExecutor(2) as threads:
            for drained in [threads.submit(box.drain) for box in boxes]:
                drained.result()
    assert boxes[0].counts().dead == 0
    for notes in shop.notes().values():
        assert [note.partition(" ~")[0] for note in notes] == [f"[receipt {number}" for number in range(EACH)]
    report("two drains of one outbox", f"{QUEUED:,} stamps of {len(shop.cards):,} cards; {_RATES}", "all, in order")
