"""The outbox: nothing lost, nothing doubled, the order of each card kept, whatever the network does."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from stemp_sdk import (
    APIConnectionError,
    AsyncOutbox,
    AsyncStemp,
    AuthenticationError,
    DrainReport,
    MissingScopeError,
    Outbox,
    OutboxChange,
    OutboxEntry,
    OutboxStatus,
    Stemp,
    StempError,
    StoreError,
    presets,
)
from stemp_sdk._outbox._drain import Drain
from stemp_sdk.sandbox import Sandbox
from stemp_sdk.scopes import LOYALTY_MANAGE
from tests.support.errors import errors_of_the_client
from tests.support.kills import Killed, kill_at

from .tills import Till


def test_what_is_added_waits_in_the_file_and_is_sent_once(till: Till) -> None:
    outbox = till.outbox()
    first = till.run(outbox.add_stamp(till.card, reference="receipt 1", note="Main St"))
    assert (first.status, first.tries, first.reason) == (OutboxStatus.WAITING, 0, None)
    assert first.sold_at == datetime(2027, 1, 15, 9, 30, tzinfo=UTC)
    till.run(outbox.add_stamp(till.card, reference="receipt 2"))
    assert till.stamps() == 0
    assert till.run(outbox.expected(till.card)) == OutboxChange(2, 0)

    till.clock.advance(86_400)
    report = till.run(till.outbox().drain())  # another process, a day later
    assert (report.sent, report.dead, report.waiting, report.stopped_by) == (2, 0, 0, None)
    assert till.stamps() == 2
    assert [note and note.rpartition("] ")[2] for note in till.notes()] == [
        "Main St, sold at 2027-01-15T09:30:00Z",
        "sold at 2027-01-15T09:30:00Z",
    ]
    assert till.run(outbox.expected(till.card)) == OutboxChange(0, 0)
    assert till.run(outbox.drain()).sent == 0
    assert [entry.status for entry in till.run(outbox.entries())] == [OutboxStatus.SENT] * 2


def test_a_reference_is_one_entry(till: Till) -> None:
    outbox = till.outbox()
    first = till.run(outbox.add_stamp(till.card, reference="receipt 1"))
    assert till.run(outbox.add_stamp(till.card, reference="receipt 1", note="again")) == first
    till.run(outbox.drain())
    assert till.run(outbox.add_stamp(till.card, reference="receipt 1")).status is OutboxStatus.SENT
    till.run(outbox.drain())
    assert till.stamps() == 1


def test_points_are_added_and_taken(till: Till) -> None:
    outbox, card = till.outbox(), till.points_card
    till.run(outbox.add_points(card, points=30, reference="sale 1"))
    till.run(outbox.redeem_points(card, points=20, reference="sale 2"))
    till.run(outbox.remove_points(card, points=5, reference="sale 3"))
    assert till.run(outbox.expected(card)) == OutboxChange(0, 5)
    with pytest.raises(ValueError, match="reference 'sale 1' was used for 30 points on this card, and not for 31"):
        till.run(outbox.add_points(card, points=31, reference="sale 1"))
    assert till.run(outbox.drain()).sent == 3
    assert till.sandbox.client().loyalty.get_points(card).balance == 5


def test_a_lost_response_doubles_nothing(till: Till) -> None:
    outbox = till.outbox()
    for number in range(3):
        till.run(outbox.add_stamp(till.card, reference=f"receipt {number}"))
    till.sandbox.fail_next(operation="loyalty.add_stamp", connection="lost", carried_out=True)
    for _ in range(4):
        till.run(till.outbox().drain())
        till.clock.advance(300)
    assert till.stamps() == 3
    assert [entry.status for entry in till.run(outbox.entries())] == [OutboxStatus.SENT] * 3


def test_an_entry_of_unknown_outcome_keeps_the_later_ones_of_its_card_waiting(till: Till) -> None:
    outbox = till.outbox(till.client(deadline=2, settle=60))
    for number in range(3):
        till.run(outbox.add_stamp(till.card, reference=f"receipt {number}"))
    till.run(outbox.add_points(till.points_card, points=1, reference="other card"))
    till.sandbox.fail_next(operation="loyalty.add_stamp", connection="lost", carried_out=False)
    report = till.run(outbox.drain())
    assert (report.sent, report.waiting, report.stopped_by) == (1, 3, None)
    first, *_ = till.run(outbox.entries(OutboxStatus.WAITING))
    assert first.tries == 1
    assert "loyalty.add_stamp" in first.reason
    till.clock.advance(600)
    till.run(outbox.drain())
    assert till.stamps() == 3
    assert ["receipt 0" in str(note) for note in till.notes()] == [True, False, False]


def test_without_a_network_all_entries_wait(till: Till) -> None:
    outbox = till.outbox()
    for number in range(5):
        till.run(outbox.add_stamp(till.card, reference=f"receipt {number}"))
    till.sandbox.fail_next(times=20, connection="refused")
    report = till.run(outbox.drain())
    assert (report.sent, report.dead, report.waiting) == (0, 0, 5)
    assert isinstance(report.stopped_by, APIConnectionError)


def test_what_the_server_refuses_is_dead_and_can_be_tried_again(till: Till, caplog: pytest.LogCaptureFixture) -> None:
    outbox = till.outbox()
    till.run(outbox.redeem_points(till.points_card, points=10, reference="too early"))
    till.run(outbox.add_points(till.points_card, points=10, reference="sale 1"))
    report = till.run(outbox.drain())
    assert (report.sent, report.dead, report.waiting) == (1, 1, 0)
    (dead,) = till.run(outbox.entries(OutboxStatus.DEAD))
    assert dead.reference == "too early"
    assert dead.reason.startswith("loyalty.redeem_points: ")
    assert "with reference 'too early' is dead: ConflictError" in caplog.text
    counts = till.run(outbox.counts())
    assert (counts.waiting, counts.sent, counts.dead, counts.oldest) == (0, 1, 1, None)

    assert till.run(outbox.retry(dead.id + 100)) == 0
    assert till.run(outbox.retry(dead.id)) == 1
    assert till.run(outbox.counts()).oldest == datetime(2027, 1, 15, 9, 30, tzinfo=UTC)
    assert till.run(outbox.drain()).sent == 1
    assert till.sandbox.client().loyalty.get_points(till.points_card).balance == 0


def test_a_forbidden_card_does_not_block_the_other_cards(till: Till) -> None:
    outbox = till.outbox()
    till.run(outbox.add_stamp(till.card, reference="receipt 1"))
    till.run(outbox.add_points(till.points_card, points=1, reference="sale 1"))
    till.sandbox.fail_next(pass_id=till.card, status=403, shape="stemp")
    report = till.run(outbox.drain(concurrency=1))
    assert (report.sent, report.dead, report.waiting, report.stopped_by) == (1, 1, 0, None)
    (dead,) = till.run(outbox.entries(OutboxStatus.DEAD))
    assert dead.pass_id == till.card
    assert dead.reason.startswith("loyalty.add_stamp: 403 ")


def test_a_reference_that_was_used_for_other_points_is_dead(till: Till) -> None:
    journal = till.path.with_suffix(".journal")
    direct = till.sandbox.client(journal=journal)
    direct.loyalty.add_points(till.points_card, points=5, reference="sale 1")
    outbox = till.outbox(till.client(journal=journal))
    till.run(outbox.add_points(till.points_card, points=6, reference="sale 1"))
    assert till.run(outbox.drain()).dead == 1
    (dead,) = till.run(outbox.entries(OutboxStatus.DEAD))
    assert dead.reason == "reference 'sale 1' was used for 5 points on this card, and not for 6"


def test_a_refused_token_kills_no_entry(till: Till) -> None:
    outbox = till.outbox()
    till.run(outbox.add_stamp(till.card, reference="receipt 1"))
    kind: Any = Stemp if till.kind == "sync" else AsyncStemp
    http: Any = till.sandbox.http_client() if till.kind == "sync" else till.sandbox.async_http_client()
    stranger = kind("sk_live_unknown", scopes=presets.POS, base_url=till.sandbox.base_url, http_client=http)
    report = till.run(till.outbox(stranger).drain())
    assert isinstance(report.stopped_by, AuthenticationError)
    assert (report.dead, report.waiting) == (0, 1)


def test_a_journal_that_cannot_be_used_stops_the_drain_and_kills_no_entry(till: Till) -> None:
    journal = till.path.with_suffix(".journal")
    outbox = till.outbox(till.client(journal=journal))
    for number in range(3):
        till.run(outbox.add_stamp(till.card, reference=f"receipt {number}"))
    moved = journal.rename(journal.with_suffix(".moved"))
    report = till.run(outbox.drain(concurrency=1))
    assert isinstance(report.stopped_by, StoreError)
    assert (report.sent, report.dead, report.waiting) == (0, 0, 3)
    first, *rest = till.run(outbox.entries())
    assert (first.status, first.tries) == (OutboxStatus.WAITING, 1)
    assert first.reason.endswith(".journal is gone")
    assert [entry.tries for entry in rest] == [0, 0]
    moved.rename(journal)
    assert till.run(outbox.drain()).sent == 3
    assert till.stamps() == 3


@errors_of_the_client
def test_an_error_of_the_client_stops_the_drain_and_kills_no_entry(till: Till, error: StempError) -> None:
    outbox = till.outbox()
    till.run(outbox.add_stamp(till.card, reference="receipt 1"))
    till.run(outbox.add_points(till.points_card, points=1, reference="sale 1"))

    class Fails(Drain):
        @override
        def call(self, entry: OutboxEntry) -> Any:
            raise error

    drain, outbox._drain = outbox._drain, Fails(till.client(), outbox._drain._file)
    report = till.run(outbox.drain(concurrency=1))
    assert report.stopped_by is error
    assert (report.sent, report.dead, report.waiting) == (0, 0, 2)
    outbox._drain = drain
    assert till.run(outbox.drain()).sent == 2


def test_an_error_of_the_server_is_tried_again_later(till: Till) -> None:
    outbox = till.outbox()
    till.run(outbox.add_points(till.points_card, points=1, reference="sale 1"))
    till.sandbox.fail_next(operation="loyalty.add_points", status=500, shape="stemp")
    outbox = till.outbox(till.client(deadline=2))
    report = till.run(outbox.drain())
    assert (report.sent, report.dead, report.waiting, report.stopped_by) == (0, 0, 1, None)
    till.clock.advance(600)
    assert till.run(outbox.drain()).sent == 1


def test_the_outbox_needs_the_scopes_of_references(till: Till) -> None:
    make: Any = till.sandbox.client if till.kind == "sync" else till.sandbox.async_client
    with pytest.raises(MissingScopeError, match="pass:read"):
        till.outbox(make(scopes=LOYALTY_MANAGE))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"reference": ""}, ValueError, "reference must be a name for this one write"),
        ({"reference": None}, TypeError, "reference must be a str"),
        ({"reference": "r", "note": 3}, TypeError, "note must be a str, not int"),
        ({"reference": "r", "note": "x" * 500}, ValueError, "note is too long"),
        ({"reference": "r", "pass_id": ""}, ValueError, "pass_id"),
        (
            {"reference": "r", "sold_at": datetime.fromisoformat("2027-01-01")},
            ValueError,
            "sold_at must be a datetime with a time",
        ),
        ({"reference": "r", "sold_at": 1.5}, ValueError, "sold_at must be a datetime with a time zone"),
    ],
)
def test_bad_arguments_are_refused_at_once(
    till: Till, arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    outbox = till.outbox()
    with pytest.raises(error, match=message):
        till.run(outbox.add_stamp(**({"pass_id": till.card} | arguments)))
    assert till.run(outbox.entries()) == []


@pytest.mark.parametrize(("status", "shown"), [("ded", "'ded'"), ("", "''"), (3, "int")])
def test_a_wrong_status_is_named(till: Till, status: Any, shown: str) -> None:
    with pytest.raises(ValueError, match=f"status must be one of waiting, sent, dead, dismissed, not {shown}"):
        till.run(till.outbox().entries(status))
    assert till.run(till.outbox().entries("dead")) == []


@pytest.mark.parametrize(("entry_id", "error"), [("1", TypeError), (True, TypeError), (0, ValueError)])
def test_a_wrong_id_of_an_entry_is_named(till: Till, entry_id: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="entry_id must be"):
        till.run(till.outbox().retry(entry_id))


def test_a_wrong_concurrency_changes_no_entry(till: Till) -> None:
    outbox = till.outbox(till.client(deadline=2))
    till.run(outbox.add_points(till.points_card, points=1, reference="sale 1"))
    till.sandbox.fail_next(operation="loyalty.add_points", status=500, shape="stemp")
    till.run(outbox.drain())  # the entry is due later now
    assert outbox._drain.claim() is None
    with pytest.raises(ValueError, match="concurrency must be at least 1"):
        till.run(outbox.drain(concurrency=0))
    assert outbox._drain.claim() is None


def test_the_time_of_a_sale_can_be_given(till: Till) -> None:
    sold = datetime(2027, 1, 2, 3, 4, tzinfo=UTC)
    entry = till.run(till.outbox().add_stamp(till.card, reference="r", sold_at=sold))
    assert entry.sold_at == sold


@pytest.mark.parametrize(
    ("given", "message"), [("a token", "client must be a"), (None, "client must be a"), (Sandbox(), "client must be a")]
)
def test_what_is_not_a_client_is_refused(tmp_path: Path, given: Any, message: str) -> None:
    for kind in (Outbox, AsyncOutbox):
        with pytest.raises(TypeError, match=message):
            kind(given, tmp_path / "till.outbox")
    client: Any = Sandbox().client()
    asynchronous: Any = Sandbox().async_client()
    with pytest.raises(TypeError, match="client must be a Stemp, not AsyncStemp"):
        Outbox(asynchronous, tmp_path / "till.outbox")
    with pytest.raises(TypeError, match="client must be an AsyncStemp, not Stemp"):
        AsyncOutbox(client, tmp_path / "till.outbox")


def test_a_file_that_is_gone_is_an_error(till: Till) -> None:
    outbox = till.outbox()
    till.path.unlink()
    with pytest.raises(StoreError, match=r"the outbox till\.outbox is gone"):
        till.run(outbox.drain())
    assert repr(outbox).endswith("Outbox till.outbox>")


def test_a_card_that_another_process_works_on_is_left_to_it(till: Till) -> None:
    outbox = till.outbox()
    till.run(outbox.add_stamp(till.card, reference="receipt 1"))
    with closing(sqlite3.connect(till.path, isolation_level=None)) as connection:
        connection.execute("INSERT INTO claims VALUES (?, 'other', ?)", (till.card, till.clock() + 50))
    assert till.run(outbox.drain()).sent == 0
    till.clock.advance(51)  # it was killed
    assert till.run(outbox.drain()).sent == 1


@pytest.mark.parametrize("is_late", [False, True], ids=["before", "after"])
def test_a_drain_that_was_killed_as_it_took_a_stamp_back_leaves_a_dead_entry(
    till: Till, monkeypatch: pytest.MonkeyPatch, *, is_late: bool
) -> None:
    outbox = till.outbox(till.client().with_options(max_retries=2))
    till.run(outbox.add_stamp(till.card, reference="receipt 1"))
    till.sandbox.fail_next(operation="loyalty.add_stamp", connection="lost", late=6)
    with monkeypatch.context() as killed:
        kill_at(killed, "/remove", is_late=is_late)
        with pytest.raises((Killed, BaseExceptionGroup)):
            till.run(outbox.drain(concurrency=1))
    till.clock.advance(100)  # the lease of the card is over, and the removal may still be under way
    report = till.run(till.outbox().drain())
    assert (report.sent, report.dead, report.waiting) == (0, 0, 1)
    till.clock.advance(300)
    for _ in range(2):
        assert till.run(till.outbox().drain()).dead == 1
        [entry] = till.run(outbox.entries())
        assert entry.status is OutboxStatus.DEAD
        assert entry.reason is not None
        assert "carried out 2 times for 'receipt 1', and 0 taken back. It is not known" in entry.reason
        till.run(outbox.retry())
    assert till.stamps() == 2 - is_late


def test_a_claim_that_was_lost_ends_the_work_on_a_card(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    outbox = till.outbox()
    for number in range(2):
        till.run(outbox.add_stamp(till.card, reference=f"receipt {number}"))

    class Stalls(Drain):
        def sent(self, entry: OutboxEntry, report: DrainReport) -> None:
            super().sent(entry, report)
            with closing(sqlite3.connect(till.path, isolation_level=None)) as connection:
                connection.execute("UPDATE claims SET holder = 'other'")

    monkeypatch.setattr(outbox, "_drain", Stalls(till.client(), outbox._drain._file))
    report = till.run(outbox.drain(concurrency=1))
    assert (report.sent, report.waiting) == (1, 1)
