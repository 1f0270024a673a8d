"""Tills stamp through a network that loses requests and responses, and a server that fails and commits late.

``make chaos`` runs it at full size, the tests a short form of it. With the same seed, each card gets the same faults.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final

from stemp_sdk import DuplicateWriteError, StempError, presets
from tests.chaos.conftest import IS_FULL, Report
from tests.chaos.shop import EACH, HOUR, RATES, SETTLE, Shop

TILLS: Final = 20 if IS_FULL else 4
STAMPS: Final = 10_000 if IS_FULL else 160


def in_threads(shop: Shop, stamp: Callable[[str, str], object]) -> None:
    """Let each till give the stamps of its cards."""

    def work(till: int) -> None:
        for card in shop.cards[till::TILLS]:
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
    client = shop.sandbox.client(scopes=presets.POS, deadline=20 * HOUR, settle=SETTLE)
    in_threads(shop, lambda card, receipt: until_done(lambda: client.loyalty.add_stamp(card, reference=receipt)))
    assert shop.balance() == (0, 0)
    assert len(shop.sandbox.faults.log) > STAMPS / 5
    report(f"{TILLS} tills in threads, with reference=", f"{STAMPS:,} stamps; {RATES}", "0 doubled, 0 lost")


def test_tills_in_tasks_give_each_stamp_once(report: Report) -> None:
    shop = Shop.of(STAMPS)
    client = shop.sandbox.async_client(scopes=presets.POS, deadline=20 * HOUR, settle=SETTLE)

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
    assert len(shop.sandbox.faults.log) > STAMPS / 5
    report(f"{TILLS} tills in tasks, with reference=", f"{STAMPS:,} stamps; {RATES}", "0 doubled, 0 lost")


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

    in_threads(retrying, retry)
    single = once.sandbox.client(scopes=presets.POS, max_retries=0)

    def try_once(card: str, receipt: str) -> None:
        with suppress(StempError):
            single.loyalty.add_stamp(card, note=receipt)

    in_threads(once, try_once)
    doubled, lost = retrying.balance()
    assert doubled > 0
    report("the same with four plain tries", f"{STAMPS:,} stamps", f"{doubled:,} doubled, {lost:,} lost")
    doubled, lost = once.balance()
    assert lost > 0
    report("the same with one try", f"{STAMPS:,} stamps", f"{doubled:,} doubled, {lost:,} lost")
