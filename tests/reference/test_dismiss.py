"""A person has dealt with a write: it counts as done, and nothing more is sent for it."""

from __future__ import annotations

import asyncio
import pickle
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import attrs
import pytest

from stemp_sdk import AsyncStemp, DismissError, DuplicateWriteError, PendingWrite, ScopeSet, Stemp, UnknownOutcomeError
from stemp_sdk._core.call import Send
from stemp_sdk._core.journal import Begun, Intent, Known, MemoryWriteStore, Surplus, WriteStore, known_of
from stemp_sdk._core.journal_file import SQLiteWriteStore
from stemp_sdk._core.settling import NEVER, SETTLES_SOON
from stemp_sdk._resources._dismissing import dismiss
from stemp_sdk._resources._references import intent_of
from stemp_sdk.testing import autospec

from .card_server import CardServer, DurableMemory, Fault, call_of, server_of
from .conftest import Shop
from .test_owed import LATE, finish, steps_of, until, write

STORES: Final = pytest.mark.parametrize("is_file", [False, True], ids=["memory", "file"])
TAKEN: Final = Surplus(2, 1, 1, is_final=True)


def options_of(tmp_path: Path, *, is_file: bool) -> dict[str, Any]:
    return {"journal": tmp_path / "till.db"} if is_file else {}


def duplicate(shop: Shop, client: Any, name: str = "add_stamp") -> PendingWrite:
    """A write that was carried out twice, and reported."""
    shop.fail(name, connection="lost", late=SETTLES_SOON + 1)
    with pytest.raises(DuplicateWriteError):
        shop.write(client.with_options(on_duplicate="raise"), name, note="Main St")
    pending: list[PendingWrite] = shop.run(client.journal.pending())
    return pending[0]


def pending_in(store: WriteStore, intent: Intent) -> Known:
    [known] = [known_of(each) for each in store.pending() if each.reference == intent.reference]
    return known


# --- On the wire


@STORES
@pytest.mark.parametrize("name", ["add_stamp", "add_points"])
def test_a_duplicate_that_was_dismissed_is_done(shop: Shop, tmp_path: Path, name: str, *, is_file: bool) -> None:
    client = shop.client(**options_of(tmp_path, is_file=is_file))
    pending = duplicate(shop, client, name)
    sent = shop.sent()
    assert shop.run(client.journal.dismiss(pending)) is None
    if is_file:
        client = shop.client(journal=tmp_path / "till.db")  # another process
    assert shop.run(client.journal.pending()) == []
    assert shop.run(client.journal.resume()) == []
    for _ in range(2):
        assert shop.write(client, name).wallet_pass_id == shop.pass_id
        shop.sandbox.advance(10_000)
        shop.write(client, name, reference=f"other {len(shop.sent())}")  # when old writes are forgotten
        sent = shop.sent()
    assert shop.write(client, name).wallet_pass_id == shop.pass_id
    assert shop.sent() == sent


@STORES
def test_a_write_whose_card_is_gone_can_be_dismissed(shop: Shop, tmp_path: Path, *, is_file: bool) -> None:
    client = shop.client(max_retries=0, **options_of(tmp_path, is_file=is_file))
    shop.fail(connection="timeout")
    with pytest.raises(UnknownOutcomeError):
        shop.write(client)
    shop.sandbox.client().passes.delete(shop.pass_id)
    shop.sandbox.advance(500)
    [resumed] = shop.run(client.journal.resume())
    assert resumed.error is not None
    [pending] = shop.run(client.journal.pending())
    sent = shop.sent()
    shop.run(client.journal.dismiss(pending))
    shop.write(client)
    assert (shop.run(client.journal.pending()), shop.sent()) == ([], sent)


def test_without_a_file_another_client_looks_at_the_history(shop: Shop) -> None:
    client = shop.client(max_retries=0)
    shop.fail(connection="timeout")
    with pytest.raises(UnknownOutcomeError):
        shop.write(client)
    shop.sandbox.advance(500)
    [pending] = shop.run(client.journal.pending())
    shop.run(client.journal.dismiss(pending))
    assert shop.write(client.with_options(timeout=5)).current_stamps is None
    assert shop.notes == []
    assert shop.write(shop.client()).current_stamps == 1


def test_it_needs_no_scope(shop: Shop, tmp_path: Path) -> None:
    pending = duplicate(shop, shop.client(journal=tmp_path / "till.db"))
    shop.run(shop.client(ScopeSet(), journal=tmp_path / "till.db").journal.dismiss(pending))
    assert SQLiteWriteStore(tmp_path / "till.db").pending() == []
    autospec(Stemp, scopes=ScopeSet()).journal.dismiss(pending)
    asyncio.run(autospec(AsyncStemp, scopes=ScopeSet()).journal.dismiss(pending))


# --- Refusals


def test_a_write_that_is_under_way_is_not_dismissed(shop: Shop, tmp_path: Path) -> None:
    client = shop.client(journal=tmp_path / "till.db", max_retries=0)
    shop.fail(connection="timeout")
    with pytest.raises(UnknownOutcomeError):
        shop.write(client)
    [pending] = shop.run(client.journal.pending())
    with pytest.raises(DismissError) as caught:
        shop.run(client.journal.dismiss(pending))
    assert caught.value.until is not None
    assert str(caught.value) == (
        "loyalty.add_stamp: a request for 'No. 4711' may be carried out until "
        f"{caught.value.until:%Y-%m-%dT%H:%M:%SZ}. Nothing was changed: look at the card after that time, "
        "then dismiss it"
    )
    assert shop.run(client.journal.pending()) == [pending]
    shop.sandbox.advance((caught.value.until - shop.sandbox.now).total_seconds())
    shop.run(client.journal.dismiss(pending))


@STORES
def test_a_write_that_has_changed_is_not_dismissed(shop: Shop, tmp_path: Path, *, is_file: bool) -> None:
    client = shop.client(max_retries=0, **options_of(tmp_path, is_file=is_file))
    shop.fail(connection="timeout")
    with pytest.raises(UnknownOutcomeError):
        shop.write(client)
    [stale] = shop.run(client.journal.pending())
    shop.sandbox.advance(500)
    shop.fail(connection="timeout")
    with pytest.raises(UnknownOutcomeError):
        shop.write(client)
    shop.sandbox.advance(500)
    changed = (
        "loyalty.add_stamp: the write for 'No. 4711' has changed since it was listed, or is done or forgotten. Nothing "
        "was changed: call pending() again, and look at the card if it is still there"
    )
    [pending] = shop.run(client.journal.pending())
    assert (stale.requests, pending.requests) == (1, 2)
    with pytest.raises(DismissError) as caught:
        shop.run(client.journal.dismiss(stale))
    assert (str(caught.value), caught.value.until) == (changed, None)
    assert shop.run(client.journal.pending()) == [pending]
    shop.run(client.journal.dismiss(pickle.loads(pickle.dumps(pending))))
    with pytest.raises(DismissError, match="has changed since it was listed, or is done"):
        shop.run(client.journal.dismiss(pending))


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ("No. 4711", TypeError, "write must be a PendingWrite, not str"),
        (
            PendingWrite("loyalty.add_stamp", "wp_1", "r7", None, None, datetime(2027, 1, 1, tzinfo=UTC), 1),
            ValueError,
            r"write must be one that pending\(\) returned",
        ),
    ],
)
def test_a_wrong_write_is_named(shop: Shop, given: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        shop.run(shop.client().journal.dismiss(given))


# --- Races


def owing(kind: str) -> tuple[CardServer, DurableMemory]:
    """A write that was carried out twice, and its call had no time to take one back."""
    server, journal = server_of(LATE, Fault("lost")), DurableMemory()
    with pytest.raises(UnknownOutcomeError, match="no time is left to take one back"):
        write(server, kind, journal, deadline=16)
    server.still.sleep(1000)
    return server, journal


@pytest.mark.parametrize("kind", ["stamp", "points"])
def test_a_call_takes_nothing_back_after_a_dismissal_that_it_has_not_noticed(kind: str) -> None:
    """A person puts the card right after the call has counted, and before it notes what it takes back."""
    server, journal = owing(kind)
    kinds = list(server.kinds)

    class Raced(DurableMemory):
        def change(self, intent: Intent, known: Surplus, new: Surplus, settles: float, now: float) -> bool:
            if settles > now:
                dismiss(pending_in(self, intent), self, now)
            return super().change(intent, known, new, settles, now)

    raced = Raced()
    raced._begun, raced._intents = journal._begun, journal._intents  # type: ignore[misc]
    with pytest.raises(UnknownOutcomeError, match="another call with this reference has begun since"):
        write(server, kind, raced)
    assert server.kinds == kinds
    write(server, kind, journal)
    assert (server.kinds, journal.pending()) == (kinds, [])


def test_a_call_that_looks_takes_nothing_back_after_a_dismissal() -> None:
    """The dismissal is of a write of which no look had shown two; a look that began before it does."""
    server, journal = server_of(LATE), MemoryWriteStore()
    steps = steps_of(server, "loyalty.add_stamp", journal)
    step: Any = next(steps)
    while not (isinstance(step, Send) and server.kinds == ["add", "add"]):  # the look after both requests
        if isinstance(step, Send):
            step = steps.send(server.attend(step))
        else:
            server.still.sleep(step.seconds)
            step = next(steps)
    page = server.attend(step)
    server.still.sleep(1000)
    dismiss(known_of(journal.pending()[0]), journal, server.new_settings(journal).clock.now())
    kinds = list(server.kinds)
    with pytest.raises(UnknownOutcomeError, match="another call with this reference has begun since"):
        finish(server, steps, page)
    assert server.kinds == kinds == ["add", "add"]


def test_points_that_are_being_taken_back_are_under_way() -> None:
    server, journal = owing("points")
    call = call_of("loyalty.add_points", "No. 4711", points=1)
    until(server, call.flow(server.new_settings(journal)), "/remove")
    known = [known_of(each) for each in journal.pending()]
    assert len(known) == 2
    for each in known:
        with pytest.raises(DismissError, match="may be carried out until"):
            dismiss(each, journal, server.new_settings(journal).clock.now())
    assert [known_of(each) for each in journal.pending()] == known


def test_what_would_take_points_back_is_dismissed_with_its_write() -> None:
    """Also if that came twice, and is to be taken back itself."""
    server, journal = server_of(LATE, Fault(), LATE, Fault(), Fault("conflict")), DurableMemory()
    with pytest.raises(DuplicateWriteError):
        write(server, "points", journal)
    write_, undo = journal.pending()
    assert undo.reference == "undo 1 of No. 4711"
    server.still.sleep(1000)
    dismiss(known_of(write_), journal, server.new_settings(journal).clock.now())
    assert journal.pending() == []
    kinds = list(server.kinds)
    write(server, "points", journal)
    assert server.kinds == kinds


# --- The stores


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    return MemoryWriteStore() if request.param == "memory" else SQLiteWriteStore(tmp_path / "till.db")


INTENT = intent_of("loyalty.add_stamp", "wp_1", "No. 4711", None, "Main St")


def test_no_method_of_a_store_undoes_a_dismissal(store: Any) -> None:
    assert store.begin(INTENT, 10.0, 1.0) is None
    assert store.dismiss([pending_in(store, INTENT)], 20.0)
    done = Begun(done=True, sends=1, settles=10.0, points=None, surplus=Surplus(is_final=True))
    assert store.begin(INTENT, 30.0, 21.0) == done
    assert not store.send_again(INTENT.key, 10.0, 40.0)
    assert not store.postpone(INTENT.key, 10.0, 40.0)
    assert not store.change(INTENT, Surplus(), Surplus(2), 40.0, 22.0)
    store.done(INTENT.key)
    store.forget(INTENT.key)
    other = intent_of("loyalty.add_stamp", "wp_1", "No. 4712", None, None)
    store.begin(other, 10_000.0, 9_000.0)  # when old writes are forgotten
    assert store.begin(INTENT, 10_000.0, 9_000.0) == done
    assert not store.dismiss([(INTENT, attrs.evolve(done, done=False))], 9_000.0)


def test_a_surplus_that_was_dismissed_owes_nothing_and_is_clear(store: Any) -> None:
    store.begin(INTENT, 10.0, 1.0)
    assert store.change(INTENT, Surplus(), Surplus(2, 1, 0, is_final=True), 20.0, 2.0)
    assert store.dismiss([pending_in(store, INTENT)], 30.0)
    begun = store.begin(INTENT, 40.0, 31.0)
    assert (begun.done, begun.surplus) == (True, TAKEN)
    assert (TAKEN.owed, TAKEN.is_unclear) == (0, False)


def test_of_several_writes_all_are_dismissed_or_none(store: Any) -> None:
    other = intent_of("loyalty.add_points", "wp_1", "No. 4711", 5, None)
    for intent in (INTENT, other):
        store.begin(intent, 10.0, 1.0)
    known = [pending_in_operation(store, intent) for intent in (INTENT, other)]
    assert store.send_again(other.key, 10.0, 20.0)
    assert not store.dismiss(known, 30.0)
    assert len(store.pending()) == 2


def pending_in_operation(store: WriteStore, intent: Intent) -> Known:
    return next(known_of(each) for each in store.pending() if each.operation == intent.operation)


def test_a_write_that_was_forgotten_is_noted_as_done(store: Any) -> None:
    assert store.dismiss([(INTENT, None)], 5.0)
    assert store.dismiss([(INTENT, None)], 6.0)
    assert store.pending() == []
    assert store.begin(INTENT, 40.0, 31.0).done
    other = intent_of("loyalty.add_stamp", "wp_1", "No. 4712", None, None)
    store.begin(other, 10.0, 1.0)
    assert not store.dismiss([(other, None)], 30.0)


def test_a_confirmed_write_that_the_history_never_shows_can_be_dismissed(store: Any) -> None:
    store.begin(INTENT, 10.0, 1.0)
    store.settle(INTENT.key, NEVER, 0)
    dismiss(pending_in(store, INTENT), store, 2.0)
    assert store.pending() == []


def test_a_write_of_another_version_can_be_dismissed(store: Any) -> None:
    intent = intent_of("loyalty.new", "wp_1", "No. 4711", None, None)
    store.begin(intent, 10.0, 1.0)
    dismiss(pending_in(store, intent), store, 20.0)
    assert store.pending() == []
