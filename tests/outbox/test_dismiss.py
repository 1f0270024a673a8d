"""A dead entry that a person has dealt with."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest

from stemp_sdk import DismissError, OutboxChange, OutboxStatus, StoreError
from stemp_sdk._core.journal_file import SQLiteWriteStore
from stemp_sdk._outbox import _dismissing
from stemp_sdk._outbox._file import OutboxFile
from stemp_sdk._resources._dismissing import dismiss
from stemp_sdk._resources._references import intent_of

from .tills import Till


def refused(till: Till) -> Any:
    """An outbox with a dead entry, which the server refused, and one behind it."""
    outbox = till.outbox()
    till.run(outbox.redeem_points(till.points_card, points=10, reference="too early"))
    till.run(outbox.drain())
    return outbox


def dead(till: Till, outbox: Any) -> Any:
    [entry] = till.run(outbox.entries(OutboxStatus.DEAD))
    return entry


def test_an_entry_that_was_dismissed_stays_in_the_file_and_is_not_dead(till: Till) -> None:
    outbox = refused(till)
    entry = dead(till, outbox)
    till.clock.advance(3600)
    assert till.run(outbox.dismiss(entry.id, reason="paid in cash")) is None
    outbox = till.outbox()  # another process
    [dismissed] = till.run(outbox.entries())
    assert dismissed.status is OutboxStatus.DISMISSED
    assert dismissed.dismissed_at == datetime(2027, 1, 15, 10, 30, tzinfo=UTC)
    assert dismissed.dismissed_because == "paid in cash"
    assert (dismissed.reason, dismissed.tries) == (entry.reason, 1)
    assert (entry.dismissed_at, entry.dismissed_because) == (None, None)
    counts = till.run(outbox.counts())
    assert (counts.waiting, counts.sent, counts.dead, counts.dismissed) == (0, 0, 0, 1)
    assert till.run(outbox.expected(till.points_card)) == OutboxChange(0, 0)
    assert till.run(outbox.entries("dismissed")) == [dismissed]
    assert till.run(outbox.retry()) == till.run(outbox.retry(entry.id)) == 0


def test_nothing_more_is_sent_for_its_reference(till: Till) -> None:
    outbox = refused(till)
    till.run(outbox.dismiss(dead(till, outbox).id))
    till.run(outbox.add_points(till.points_card, points=30, reference="later"))
    assert till.run(outbox.drain()).sent == 1
    again = till.run(outbox.redeem_points(till.points_card, points=10, reference="too early"))
    assert again.status is OutboxStatus.DISMISSED
    till.run(outbox.drain())
    client = till.client(journal=till.path)
    till.run(client.loyalty.redeem_points(till.points_card, points=10, reference="too early"))
    assert [entry.operation for entry in till.sandbox.requests].count("loyalty.redeem_points") == 1
    assert till.sandbox.client().loyalty.get_points(till.points_card).balance == 30


def test_the_write_of_a_duplicate_is_dismissed_in_the_journal_of_the_client(till: Till) -> None:
    journal = till.path.with_suffix(".journal")
    client = till.client(journal=journal).with_options(max_retries=2, on_duplicate="raise")
    outbox = till.outbox(client)
    till.run(outbox.add_stamp(till.card, reference="receipt 1"))
    till.sandbox.fail_next(operation="loyalty.add_stamp", connection="lost", late=6)
    assert till.run(outbox.drain()).dead == 1
    [pending] = till.run(client.journal.pending())
    assert pending.surplus == 1
    till.sandbox.client().loyalty.remove_stamp(till.card)
    till.clock.advance(300)
    till.run(outbox.dismiss(dead(till, outbox).id))
    assert till.run(client.journal.pending()) == []
    assert SQLiteWriteStore(till.path).pending() == []
    sent = len(till.sandbox.requests)
    till.run(client.loyalty.add_stamp(till.card, reference="receipt 1"))
    assert len(till.sandbox.requests) == sent
    assert till.stamps() == 1


def test_an_entry_that_may_still_be_carried_out_is_not_dismissed(till: Till) -> None:
    outbox = refused(till)
    entry, store = dead(till, outbox), SQLiteWriteStore(till.path)
    intent = intent_of(entry.operation, entry.pass_id, entry.reference, entry.points, None)
    store.begin(intent, till.clock() + 60, till.clock())
    with pytest.raises(DismissError, match="may be carried out until 2027-01-15T09:31:00Z") as caught:
        till.run(outbox.dismiss(entry.id))
    assert caught.value.until == datetime(2027, 1, 15, 9, 31, tzinfo=UTC)
    assert till.run(outbox.entries()) == [entry]
    till.clock.advance(60)
    till.run(outbox.dismiss(entry.id))
    assert store.pending() == []


def test_a_pending_write_of_another_number_of_points_is_left_alone(till: Till) -> None:
    outbox = refused(till)
    entry, store = dead(till, outbox), SQLiteWriteStore(till.path)
    intent = intent_of(entry.operation, entry.pass_id, entry.reference, 7, None)
    store.begin(intent, till.clock(), till.clock())
    till.run(outbox.dismiss(entry.id))
    assert len(store.pending()) == 1
    assert till.run(outbox.counts()).dismissed == 1


def test_only_a_dead_entry_is_dismissed(till: Till) -> None:
    outbox = refused(till)
    entry = dead(till, outbox)
    till.run(outbox.dismiss(entry.id))
    till.run(outbox.add_stamp(till.card, reference="receipt 1"))
    for entry_id, message in (
        (entry.id, f"entry {entry.id} is dismissed: only dead entries can be dismissed"),
        (entry.id + 1, f"entry {entry.id + 1} is waiting: only dead entries can be dismissed"),
        (99, "there is no entry 99 in the outbox"),
    ):
        with pytest.raises(DismissError) as caught:
            till.run(outbox.dismiss(entry_id))
        assert (str(caught.value), caught.value.until) == (message, None)
    till.run(outbox.drain())
    with pytest.raises(DismissError, match="is sent: only dead entries"):
        till.run(outbox.dismiss(entry.id + 1))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"entry_id": "1"}, TypeError, "entry_id must be an int"),
        ({"entry_id": 0}, ValueError, "entry_id must be at least 1"),
        ({"reason": 3}, TypeError, "reason must be a str"),
        ({"reason": " "}, ValueError, "reason is empty: leave it out"),
        ({"reason": "x" * 1001}, ValueError, "reason has 1001 characters: at most 1000 are allowed"),
    ],
)
def test_wrong_arguments_are_named(till: Till, arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    outbox = refused(till)
    with pytest.raises(error, match=message):
        till.run(outbox.dismiss(**{"entry_id": dead(till, outbox).id} | arguments))
    assert till.run(outbox.counts()).dead == 1


def test_an_entry_that_waits_again_meanwhile_is_not_dismissed(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    outbox = refused(till)
    entry = dead(till, outbox)

    def raced(*arguments: Any) -> None:
        dismiss(*arguments)
        OutboxFile(till.path).retry(None)

    monkeypatch.setattr(_dismissing, "dismiss", raced)
    with pytest.raises(DismissError, match="is waiting: only dead entries"):
        till.run(outbox.dismiss(entry.id))


def test_the_late_outcome_of_another_process_does_not_undo_a_dismissal(till: Till) -> None:
    """Its claim of the card had run out, and the entry was tried, found dead and dismissed meanwhile."""
    outbox = refused(till)
    entry = dead(till, outbox)
    till.run(outbox.dismiss(entry.id))
    OutboxFile(till.path).note(entry.id, OutboxStatus.WAITING, "no network", 0.0)
    assert till.run(outbox.counts()).dismissed == 1


def test_the_file_of_another_version_is_refused(till: Till) -> None:
    till.outbox()
    with closing(sqlite3.connect(till.path, isolation_level=None)) as connection:
        connection.execute("ALTER TABLE entries DROP COLUMN dismissed_at")
    with pytest.raises(StoreError) as caught:
        till.outbox()
    assert str(caught.value) == (
        "the outbox till.outbox was made by another version of stemp_sdk: use another file once its entries are sent"
    )
