"""Writes with a reference that the server carries out late, and so twice."""

from __future__ import annotations

from typing import Any

import pytest

from stemp_sdk import (
    ConflictError,
    DuplicateWriteError,
    UnknownOutcomeError,
)
from stemp_sdk._core.journal import Intent, MemoryWriteStore, Surplus
from stemp_sdk._core.settling import SETTLES_LATE, SETTLES_SOON

from .card_server import ADD, LOOK, NEVER, Fault, server_of


def test_a_stamp_that_comes_late_is_taken_back() -> None:
    server = server_of(Fault("lost", SETTLES_SOON + 1))
    server.add()
    assert server.kinds == ["add", "add", "remove"]
    assert server.log == [LOOK, ADD, LOOK, ADD, LOOK, "POST stamps remove"]
    server.add()
    assert server.balance == 1


def test_a_stamp_that_comes_late_is_reported_if_that_was_chosen() -> None:
    server = server_of(Fault("lost", SETTLES_SOON + 1))
    with pytest.raises(DuplicateWriteError) as caught:
        server.add(settings=server.new_settings(on_duplicate="raise"))
    assert (caught.value.count, caught.value.undone, caught.value.outcome_unknown) == (2, 0, False)
    assert str(caught.value) == "loyalty.add_stamp: carried out 2 times for 'No. 4711', and 0 taken back"
    assert server.kinds == ["add", "add"]


def test_a_removal_whose_response_is_lost_is_reported_and_not_repeated() -> None:
    server = server_of(Fault("lost", SETTLES_SOON + 1), Fault(), Fault("lost"))
    with pytest.raises(DuplicateWriteError) as caught:
        server.add()
    assert caught.value.outcome_unknown
    with pytest.raises(DuplicateWriteError) as again:
        server.add()
    assert str(again.value) == str(caught.value)
    assert server.kinds == ["add", "add", "remove"]


@pytest.mark.parametrize("kind", ["stamp", "points"])
def test_what_is_too_many_is_taken_back_by_a_later_call_if_no_time_is_left(kind: str) -> None:
    # It waits for 15 s until both requests are settled, which leaves 1 s.
    server = server_of(Fault("lost", SETTLES_SOON + 1), Fault("lost"))
    settings = server.new_settings(deadline=16)

    def write() -> object:
        return server.add(settings=settings) if kind == "stamp" else server.points("add", settings=settings)

    with pytest.raises(UnknownOutcomeError, match="it was, 2 times, and no time is left to take one back"):
        write()
    assert server.kinds == ["add", "add"]
    write()
    assert server.kinds == ["add", "add", "remove"]
    write()
    assert server.balance == (1 if kind == "stamp" else 10)


def test_a_slow_journal_does_not_prevent_a_removal() -> None:
    server = server_of(Fault("lost", SETTLES_SOON + 1), Fault("lost"))

    class Slow(MemoryWriteStore):
        def change(self, intent: Intent, known: Surplus, new: Surplus, settles: float, now: float) -> bool:
            if new.sent:
                server.still.sleep(10)
            return super().change(intent, known, new, settles, now)

    server.add(settings=server.new_settings(Slow(), deadline=20))  # of which 5 s are left
    assert server.kinds == ["add", "add", "remove"]


def test_a_correction_of_points_without_a_connection_is_left_to_a_later_call() -> None:
    server = server_of(Fault("lost", SETTLES_SOON + 1), Fault("lost"), *[Fault("refused")] * 9)
    settings = server.new_settings(max_retries=1)
    with pytest.raises(UnknownOutcomeError):
        server.points("add", settings=settings)
    assert server.balance == 20
    server.writes = iter(())
    server.points("add", settings=settings)
    assert server.balance == 10


def test_a_correction_of_points_that_is_refused_is_reported() -> None:
    server = server_of(Fault("lost", SETTLES_SOON + 1), Fault(), Fault("conflict"))
    with pytest.raises(DuplicateWriteError) as caught:
        server.points("add")
    assert (caught.value.operation, caught.value.undone) == ("loyalty.add_points", 0)
    assert isinstance(caught.value.__cause__, ConflictError)
    assert server.balance == 20


def test_a_correction_of_points_with_an_unknown_outcome_is_resolved() -> None:
    server = server_of(Fault("lost", SETTLES_SOON + 1), Fault(), Fault("timeout", NEVER))
    settings = server.new_settings(max_retries=1, deadline=23)
    with pytest.raises(UnknownOutcomeError, match="ReadTimeout") as caught:
        server.points("add", settings=settings)
    assert (caught.value.operation, caught.value.reference) == ("loyalty.add_points", "No. 4711")
    server.points("add", settings=settings, is_patient=True)
    assert server.kinds == ["add", "add", "remove"]


def test_a_correction_of_points_that_was_carried_out_twice_is_reported() -> None:
    late = Fault("lost", SETTLES_SOON + 1)
    server = server_of(late, Fault(), late, Fault(), Fault("conflict"))
    with pytest.raises(DuplicateWriteError) as caught:
        server.points("add")
    assert (caught.value.operation, caught.value.reference) == ("loyalty.remove_points", "undo 1 of No. 4711")
    assert server.kinds == ["add", "add", "remove", "remove"]


def test_two_entries_of_one_write_are_not_two_writes() -> None:
    """A server may note a request and its effect as entries of two types."""

    def wrap(items: list[Any], *_: int) -> Any:
        return {"content": [*items, *({**item, "id": "r", "type": "requested"} for item in items)], "last": True}

    server = server_of(Fault("lost", NEVER), wrap=wrap)
    server.add()
    assert server.kinds == ["add"]


def test_an_entry_that_a_page_shift_repeats_is_one() -> None:
    def wrap(items: list[Any], *_: int) -> Any:
        return {"content": items * 2, "last": True}

    server = server_of(Fault("lost", NEVER), wrap=wrap)
    server.add()
    assert server.kinds == ["add"]


def test_a_second_look_that_fails_leaves_the_outcome_unknown() -> None:
    """It was carried out at least once. Whether it was carried out twice is found out by the next call."""
    server = server_of(Fault("lost", NEVER), reads=iter([Fault(), Fault(), *[Fault("refused")] * 3]))
    with pytest.raises(UnknownOutcomeError, match=r"it is not known whether 'No\. 4711' was carried out"):
        server.add()
    server.add()
    assert server.balance == 1


def test_a_refusal_after_a_late_stamp_is_a_success() -> None:
    """The card is full because the first request was carried out after it had been looked for."""
    server = server_of(Fault("lost", SETTLES_SOON + 1), Fault("conflict"))
    server.add()
    assert server.kinds == ["add"]


def test_a_refusal_while_an_earlier_request_may_take_effect_is_an_unknown_outcome() -> None:
    server = server_of(Fault("lost", 9.0), Fault("conflict"))
    settings = server.new_settings(deadline=SETTLES_SOON + 1)
    with pytest.raises(UnknownOutcomeError, match="409"):
        server.add(settings=settings)
    server.add(settings=settings, is_patient=True)
    assert server.kinds == ["add"]


def test_a_refusal_long_after_an_unclear_request_is_certain() -> None:
    server = server_of(Fault("lost", NEVER), Fault("conflict"))
    with pytest.raises(ConflictError) as caught:
        server.add()
    assert server.still.slept == [SETTLES_SOON, SETTLES_SOON]
    assert not caught.value.outcome_unknown
    assert server.settings.journal.pending() == []


def test_stamps_of_earlier_calls_that_both_came_late_are_one_in_the_end() -> None:
    late = Fault("lost", 300.0)
    server = server_of(late, late)
    settings = server.new_settings(max_retries=0)
    for _ in range(2):
        with pytest.raises(UnknownOutcomeError):
            server.add(settings=settings)
        server.still.sleep(SETTLES_LATE)
    server.still.sleep(1000)
    server.add(settings=settings)
    assert server.kinds == ["add", "add", "remove"]


def test_a_history_that_lags_is_waited_for() -> None:
    server = server_of(Fault("lost"), lag=SETTLES_SOON - 1)
    server.add()
    assert server.kinds == ["add"]


def test_a_history_that_lags_for_longer_than_the_settling_time_is_not_believed() -> None:
    server = server_of(Fault("lost"), lag=30)
    with pytest.raises(UnknownOutcomeError, match="does not show the reference of a confirmed request"):
        server.add()
    server.still.sleep(30)
    server.add(is_patient=True)
    assert server.kinds == ["add", "add", "remove"]


def test_one_of_two_requests_that_is_found_does_not_hide_the_other() -> None:
    server = server_of(Fault("lost", SETTLES_SOON + 2.5), Fault("timeout", SETTLES_LATE))
    settings = server.new_settings(deadline=30)
    with pytest.raises(UnknownOutcomeError, match="it was, and another request for it may still be"):
        server.add(settings=settings)
    server.add(settings=settings, is_patient=True)
    assert server.balance == 1
