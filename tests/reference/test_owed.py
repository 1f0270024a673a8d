"""A process that is killed while it takes a second stamp back: the card has one, or an error says that it may have two.

Silence with two stamps is what must never be.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import override

from stemp_sdk import DuplicateWriteError, Stemp, StempError, StoreError, UnknownOutcomeError
from stemp_sdk._core.call import Flow, Send, Sleep, Step, Work
from stemp_sdk._core.journal import Intent, MemoryWriteStore, Surplus, WriteStore
from stemp_sdk._core.journal_file import SQLiteWriteStore
from stemp_sdk._core.settings import OnDuplicate
from stemp_sdk._core.settling import SETTLES_SOON
from tests.support.kills import Killed, kill_at

from .card_server import CardServer, Crash, DurableMemory, Fault, Kind, call_of, server_of
from .conftest import Shop
from .strategies import LONG, faults, settled

LATE: Final = Fault("lost", SETTLES_SOON + 1)
"""The server carries it out after the look that does not show it."""
TWO_LATE: Final = (Fault("lost", 2 * SETTLES_SOON + 0.5), Fault("lost", 2 * SETTLES_SOON - 1))
"""Both are carried out after the third request has left, and before the next look."""
NOT_SENT: Final = 60  # more steps than any call takes


def write(server: CardServer, kind: str, journal: WriteStore, **options: Any) -> object:
    client = server.new_settings(journal, **options)
    return server.add(settings=client) if kind == "stamp" else server.points("add", 1, settings=client)


def steps_of(server: CardServer, name: str, journal: WriteStore, **options: Any) -> Any:
    """The steps of a call, to be run one by one."""
    return call_of(name, "No. 4711").flow(server.new_settings(journal, **options))


def until(server: CardServer, steps: Any, target: str) -> Send:
    """Run the steps of a call until it is to send this request, which is returned and not sent."""
    step: Step = next(steps)
    while not (isinstance(step, Send) and step.target.endswith(target)):
        if isinstance(step, Send):
            step = steps.send(server.attend(step))
        elif isinstance(step, Work):
            step = steps.send(step.function())
        else:
            assert isinstance(step, Sleep)
            server.still.sleep(step.seconds)
            step = next(steps)
    return step


def rest(steps: Any, result: object) -> Flow[Any]:
    """The rest of the steps of a call, from the result of its latest step on."""
    try:
        step = steps.send(result)
        while True:
            step = steps.send((yield step))
    except StopIteration as end:
        return end.value


def finish(server: CardServer, steps: Any, result: object) -> Any:
    """Run the rest of a call."""
    return server.drive(rest(steps, result))


@pytest.mark.parametrize("on_duplicate", ["compensate", "raise"])
@pytest.mark.parametrize("kind", ["stamp", "points"])
@pytest.mark.parametrize("is_late", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("late", [(LATE,), TWO_LATE], ids=["one", "two"])
def test_a_process_may_be_killed_at_any_step(
    tmp_path: Path, kind: str, on_duplicate: OnDuplicate, late: tuple[Fault, ...], *, is_late: bool
) -> None:
    ends: set[str] = set()
    for steps in range(NOT_SENT):
        server = server_of(*late)
        server.crash_after, server.is_crash_late = steps, is_late
        path = tmp_path / f"{steps}.db"
        options: dict[str, Any] = {"on_duplicate": on_duplicate, "deadline": 1000.0}
        try:
            write(server, kind, SQLiteWriteStore(path), **options)
        except Crash:
            pass
        except DuplicateWriteError:  # as all steps were made
            assert on_duplicate == "raise"
            break
        else:
            break
        pending = SQLiteWriteStore(path).pending()
        if server.balance > 1:
            assert pending, (steps, server.log)
        add = server.add if kind == "stamp" else partial(server.points, "add", 1)
        error = settled(server, add, SQLiteWriteStore(path), options)
        kinds = list(server.kinds)
        if error is None:
            assert server.balance == 1, (steps, server.log)
            assert SQLiteWriteStore(path).pending() == []
        else:
            assert isinstance(error, DuplicateWriteError)
            assert on_duplicate == "raise" or (kind == "stamp" and error.outcome_unknown)
            assert error.outcome_unknown or server.balance == error.count - error.undone
            [owed] = SQLiteWriteStore(path).pending()
            assert owed.surplus == error.count - error.undone - 1 > 0
            # It is said again and again, and nothing more is taken back.
            again = settled(server, add, SQLiteWriteStore(path), {"deadline": 100.0})
            assert str(again) == str(error)
        assert server.kinds == kinds
        ends.add("one" if error is None else "unknown" if error.outcome_unknown else "reported")
    else:
        pytest.fail("the call never ended")
    other = "reported" if on_duplicate == "raise" else "unknown"
    assert ends == ({"one", other} if kind == "stamp" or on_duplicate == "raise" else {"one"})


@settings(max_examples=400, deadline=None)
@given(
    faults(longest=2.0),
    LONG,
    st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=4),
    st.sampled_from(["stamp", "points"]),
)
def test_no_kill_hides_a_second_write(
    writes: list[Fault], options: dict[str, Any], crashes: list[tuple[int, bool]], kind: str
) -> None:
    server, journal = CardServer(iter(writes)), DurableMemory()
    for steps, is_late in crashes:
        server.crash_after, server.is_crash_late = steps, is_late
        with suppress(Crash, StempError):
            write(server, kind, journal, **options)
    server.crash_after = None
    error = settled(server, server.add if kind == "stamp" else partial(server.points, "add", 1), journal, options)
    if isinstance(error, DuplicateWriteError):
        if error.operation == "loyalty.add_points" or kind == "stamp":
            assert error.outcome_unknown or server.balance == error.count - error.undone
    else:
        assert server.balance == (error is None), (server.log, server.entries)


# --- What is known after a kill


def test_a_removal_that_was_never_sent_is_sent_by_a_later_call() -> None:
    class Killed(DurableMemory):
        is_killed = True

        @override
        def change(self, intent: Intent, known: Surplus, new: Surplus, settles: float, now: float) -> bool:
            if new.sent and self.is_killed:
                raise Crash
            return super().change(intent, known, new, settles, now)

    server, journal = server_of(LATE), Killed()
    with pytest.raises(Crash):
        server.add(settings=server.new_settings(journal))
    journal.is_killed = False
    [owed] = journal.pending()
    assert (owed.requests, owed.surplus) == (2, 1)
    assert server.kinds == ["add", "add"]
    server.add(settings=server.new_settings(journal))
    assert server.kinds == ["add", "add", "remove"]
    assert journal.pending() == []


@pytest.mark.parametrize("is_carried_out", [False, True])
def test_a_removal_that_may_have_been_sent_is_never_sent_again(*, is_carried_out: bool) -> None:
    server, journal = server_of(LATE), DurableMemory()
    steps = steps_of(server, "loyalty.add_stamp", journal)
    removal = until(server, steps, "/remove")
    if is_carried_out:
        server.attend(removal)
    kinds = list(server.kinds)
    with pytest.raises(UnknownOutcomeError, match="it was, 2 times, and one is being taken back"):
        server.add(settings=server.new_settings(journal))  # the call that sends it may be under way
    for _ in range(2):
        with pytest.raises(DuplicateWriteError) as caught:
            server.add(settings=server.new_settings(journal), is_patient=True)
        assert (caught.value.count, caught.value.undone, caught.value.outcome_unknown) == (2, 0, True)
        assert "It is not known whether one more was taken back" in str(caught.value)
    assert server.kinds == kinds
    [owed] = journal.pending()
    assert owed.surplus == 1


def test_a_call_that_waits_for_a_removal_sees_that_it_is_done() -> None:
    server, journal = server_of(LATE), DurableMemory()
    first = steps_of(server, "loyalty.add_stamp", journal)
    removal = until(server, first, "/remove")
    second = call_of("loyalty.add_stamp", "No. 4711").flow(server.new_settings(journal), is_patient=True)
    step: Any = next(second)
    step = second.send(step.function())
    assert step.reason == "settle"
    finish(server, first, server.attend(removal))
    assert finish(server, second, None).wallet_pass_id == "wp_1"
    assert server.kinds == ["add", "add", "remove"]


def test_a_removal_that_never_left_is_taken_over_by_the_call_that_waited() -> None:
    server, journal = server_of(LATE), DurableMemory()
    first = steps_of(server, "loyalty.add_stamp", journal)
    removal = until(server, first, "/remove")
    second = call_of("loyalty.add_stamp", "No. 4711").flow(server.new_settings(journal), is_patient=True)
    step = next(second)
    assert isinstance(step, Work)
    second.send(step.function())
    server.writes = repeat(Fault("refused"))
    lost = server.attend(removal)
    with pytest.raises(UnknownOutcomeError, match=r"it was, 2 times, and one could not be taken back: .*refused"):
        finish(server, first, lost)
    server.writes = iter(())
    finish(server, second, None)
    assert server.kinds == ["add", "add", "remove"]


def test_of_two_calls_that_find_a_second_stamp_one_takes_it_back() -> None:
    for journal in (DurableMemory(), MemoryWriteStore()):
        server = server_of(LATE, Fault("lost"))
        with pytest.raises(UnknownOutcomeError, match="no time is left to take one back"):
            server.add(settings=server.new_settings(journal, deadline=16))
        first, second = (steps_of(server, "loyalty.add_stamp", journal) for _ in range(2))
        looks = [until(server, steps, "size=100") for steps in (first, second)]
        pages = [server.attend(look) for look in looks]
        finish(server, first, pages[0])
        with pytest.raises(UnknownOutcomeError, match="another call with this reference has begun since"):
            finish(server, second, pages[1])
        assert server.add(settings=server.new_settings(journal)).wallet_pass_id == "wp_1"
        assert server.kinds == ["add", "add", "remove"]
        assert journal.pending() == []


@pytest.mark.parametrize("kind", [MemoryWriteStore, DurableMemory])
def test_a_second_stamp_is_owed_although_another_call_believed_that_all_was_done(
    kind: type[MemoryWriteStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, journal = server_of(LATE), kind()
    change = journal.change

    def raced(intent: Intent, known: Surplus, new: Surplus, settles: float, now: float) -> bool:
        journal.done(intent.key)
        return change(intent, known, new, settles, now)

    monkeypatch.setattr(journal, "change", raced)
    write(server, "stamp", journal)
    assert server.kinds == ["add", "add", "remove"]


@pytest.mark.parametrize("kind", ["refused", "limited", "unavailable"])
@pytest.mark.parametrize("name", ["stamp", "points"])
def test_what_could_not_be_taken_back_for_a_while_is_taken_back_later(name: str, kind: Kind) -> None:
    server, journal = server_of(LATE, Fault(), *[Fault(kind)] * 9), DurableMemory()
    with pytest.raises(UnknownOutcomeError, match="it was, 2 times, and one could not be taken back") as caught:
        write(server, name, journal)
    assert isinstance(caught.value.__cause__, StempError)
    assert server.balance == 2
    server.writes = iter(())
    write(server, name, journal)
    assert server.balance == 1


def test_each_of_several_is_taken_back_once() -> None:
    server, journal = server_of(*TWO_LATE, Fault(), Fault(), Fault("lost")), DurableMemory()
    with pytest.raises(DuplicateWriteError) as caught:
        write(server, "stamp", journal)
    assert (caught.value.count, caught.value.undone, caught.value.outcome_unknown) == (3, 1, True)
    assert server.kinds == ["add", "add", "add", "remove", "remove"]
    [owed] = journal.pending()
    assert owed.surplus == 1


def test_a_stamp_that_was_reported_is_taken_back_by_no_later_call() -> None:
    """A person may have corrected the card."""
    server, journal = server_of(LATE), DurableMemory()
    with pytest.raises(DuplicateWriteError):
        write(server, "stamp", journal, on_duplicate="raise")
    with pytest.raises(DuplicateWriteError):
        write(server, "stamp", journal, on_duplicate="compensate")
    assert server.kinds == ["add", "add"]


def test_a_correction_of_points_that_came_twice_is_reported_again() -> None:
    server, journal = server_of(LATE, Fault(), LATE, Fault(), Fault("conflict")), DurableMemory()
    for _ in range(2):
        with pytest.raises(DuplicateWriteError) as caught:
            write(server, "points", journal)
        assert (caught.value.operation, caught.value.reference) == ("loyalty.remove_points", "undo 1 of No. 4711")
    assert {write.reference for write in journal.pending()} == {"No. 4711", "undo 1 of No. 4711"}


def test_a_client_forgets_in_time_what_was_taken_back() -> None:
    server, journal = server_of(LATE), MemoryWriteStore()
    write(server, "stamp", journal)
    assert journal.pending() == []
    server.still.sleep(600)
    server.add("4712", settings=server.new_settings(journal))
    looks = server.log.count("GET stamps history")
    server.add(settings=server.new_settings(journal))  # the history has it
    assert server.log.count("GET stamps history") == looks + 1


# --- The file


def test_the_file_has_the_same_journal_as_the_memory(tmp_path: Path) -> None:
    intent, owed = call_of("loyalty.add_stamp", "No. 4711").intent, Surplus(2)
    for journal in (MemoryWriteStore(), SQLiteWriteStore(tmp_path / "till.db")):
        assert journal.begin(intent, 10.0, 1.0) is None
        assert not journal.change(intent, owed, Surplus(2, 1), 20.0, 2.0)
        assert journal.change(intent, Surplus(), owed, 20.0, 2.0)
        journal.done(intent.key)
        begun = journal.begin(intent, 30.0, 3.0)
        assert begun is not None
        assert (begun.done, begun.surplus, begun.settles) == (False, owed, 20.0)
        assert [write.surplus for write in journal.pending()] == [1]
        assert journal.change(intent, owed, Surplus(2, 1, 1), 20.0, 3.0)
        journal.done(intent.key)
        assert journal.pending() == []
        other = call_of("loyalty.add_stamp", "No. 4712").intent
        assert journal.change(other, Surplus(), Surplus(2, 1, 0, is_final=True), 40.0, 4.0)  # forgotten by another call
        begun = journal.begin(other, 50.0, 5.0)
        assert begun is not None
        assert begun.surplus == Surplus(2, 1, 0, is_final=True)


def test_the_file_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "till.db"
    SQLiteWriteStore(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("ALTER TABLE writes DROP COLUMN is_final")
    with pytest.raises(StoreError) as caught:
        Stemp("t", journal=path)
    assert str(caught.value) == (
        "the journal till.db was made by another version of stemp_sdk: use another file once its writes are done"
    )


# --- Both clients


@pytest.mark.parametrize("is_late", [False, True], ids=["before", "after"])
def test_a_killed_client_says_that_there_may_be_two_stamps(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_late: bool
) -> None:
    path = tmp_path / "till.db"
    shop.fail(connection="lost", late=SETTLES_SOON + 1)
    with monkeypatch.context() as killed:
        kill_at(killed, "/remove", is_late=is_late)
        with pytest.raises(Killed):
            shop.write(shop.client(journal=path))
    client = shop.client(journal=path)
    [pending] = shop.run(client.journal.pending())
    assert (pending.reference, pending.surplus) == ("No. 4711", 1)
    for _ in range(2):
        [resumed] = shop.run(client.journal.resume())
        assert isinstance(resumed.error, DuplicateWriteError)
        assert (resumed.error.count, resumed.error.outcome_unknown) == (2, True)
        with pytest.raises(DuplicateWriteError, match=r"\. It is not known whether one more was taken back"):
            shop.write(client)
    assert shop.sent().count("loyalty.remove_stamp") == is_late


def test_a_client_that_is_killed_before_the_removal_sends_it_once(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, change = tmp_path / "till.db", SQLiteWriteStore.change
    shop.fail(connection="lost", late=SETTLES_SOON + 1)

    def killed_change(self: SQLiteWriteStore, intent: Intent, known: Surplus, new: Surplus, *more: float) -> bool:
        if new.sent:
            raise Killed
        return change(self, intent, known, new, *more)

    with monkeypatch.context() as killed:
        killed.setattr(SQLiteWriteStore, "change", killed_change)
        with pytest.raises(Killed):
            shop.write(shop.client(journal=path))
    client = shop.client(journal=path)
    [resumed] = shop.run(client.journal.resume())
    assert (resumed.write.surplus, resumed.error) == (1, None)
    assert shop.run(client.journal.pending()) == []
    assert shop.run(client.loyalty.get_stamps(shop.pass_id)).current_stamps == 1
