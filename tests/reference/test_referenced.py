"""What a write with a reference does, case by case, without I/O."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from stemp_sdk import (
    APIConnectionError,
    ConflictError,
    DuplicateWriteError,
    StempError,
    StoreError,
    UnknownOutcomeError,
)
from stemp_sdk._core.call import Abandoned
from stemp_sdk._core.journal import Intent, MemoryWriteStore, Surplus
from stemp_sdk._core.referenced import referenced_flow
from stemp_sdk._core.settling import SETTLES_LATE, SETTLES_SOON

from .card_server import CardServer, Crash, DurableMemory, Entry, Fault, Kind, call_of

LOOK, ADD = "GET stamps history", "POST stamps add"
NEVER = None


def server_of(*writes: Fault, **more: Any) -> CardServer:
    return CardServer(iter(writes), **more)


def test_a_reference_that_is_not_there_is_sent_once() -> None:
    server = server_of()
    assert server.add().current_stamps == 1
    assert server.log == [LOOK, ADD]
    assert server.settings.journal.pending() == []


@pytest.mark.parametrize("kind", ["lost", "error"])
def test_a_broken_connection_is_looked_up_soon(kind: Kind) -> None:
    server = server_of(Fault(kind))
    server.add()
    assert server.log == [LOOK, ADD, LOOK]
    assert server.still.slept == [SETTLES_SOON]


@pytest.mark.parametrize("kind", ["timeout", "gateway", "page"])
def test_a_slow_server_is_given_time_before_the_write_is_sent_again(kind: Kind) -> None:
    server = server_of(Fault(kind, NEVER))
    settings = server.new_settings(deadline=1000)
    server.add(settings=settings)
    # Found at any time, it is done; missing, it is only once the server has certainly stopped.
    assert server.log == [LOOK, ADD, LOOK, LOOK, ADD, LOOK]
    assert server.still.slept == [SETTLES_SOON, SETTLES_LATE - SETTLES_SOON, SETTLES_LATE]
    assert server.balance == 1


@pytest.mark.parametrize("kind", ["timeout", "gateway"])
def test_a_slow_server_that_was_done_early_is_found_early(kind: Kind) -> None:
    server = server_of(Fault(kind))
    server.add()
    assert server.still.slept == [SETTLES_SOON]
    assert server.balance == 1


def test_the_settling_time_may_be_chosen() -> None:
    server = server_of(Fault("timeout", NEVER))
    server.add(settings=server.new_settings(settle=2))
    assert server.still.slept == [2, 2]


def test_a_deadline_before_the_settling_time_raises_after_one_look() -> None:
    server = server_of(Fault("timeout", NEVER))
    with pytest.raises(UnknownOutcomeError, match="ReadTimeout") as caught:
        server.add()
    assert server.log == [LOOK, ADD, LOOK]
    assert (caught.value.operation, caught.value.reference, caught.value.attempts) == (
        "loyalty.add_stamp",
        "No. 4711",
        1,
    )


def test_without_retries_nothing_waits() -> None:
    server = server_of(Fault("lost", NEVER))
    with pytest.raises(UnknownOutcomeError):
        server.add(settings=server.new_settings(max_retries=0))
    assert server.log == [LOOK, ADD, LOOK]
    assert server.still.slept == []


def test_retries_end() -> None:
    server = server_of(*[Fault("lost", NEVER)] * 9)
    with pytest.raises(UnknownOutcomeError, match=r"\(3 attempts\)"):
        server.add()
    assert server.log.count(ADD) == 3


def test_the_error_has_the_response_of_the_gateway() -> None:
    server = server_of(Fault("gateway", NEVER))
    with pytest.raises(UnknownOutcomeError, match="502") as caught:
        server.add()
    assert caught.value.response is not None
    assert caught.value.response.status == 502
    assert isinstance(caught.value.__cause__, StempError)


def test_a_look_that_fails_after_the_request_leaves_the_outcome_unknown() -> None:
    server = server_of(Fault("lost"), reads=iter([Fault(), *[Fault("refused")] * 9]))
    with pytest.raises(UnknownOutcomeError) as caught:
        server.add()
    assert isinstance(caught.value.__cause__, APIConnectionError)


def test_an_error_of_a_token_provider_leaves_the_outcome_unknown() -> None:
    server = server_of(Fault("lost", NEVER), vault=iter([True, False]))
    with pytest.raises(UnknownOutcomeError, match=r"no new token could be had \(KeyError\)"):
        server.add(settings=server.new_settings(deadline=8))


@pytest.mark.parametrize("looks", [1, 2, 3])
def test_an_error_of_a_token_provider_at_a_look_leaves_the_outcome_unknown(looks: int) -> None:
    server = server_of(Fault("timeout", NEVER), vault_of_reads=iter([*[True] * looks, False]))
    with pytest.raises(UnknownOutcomeError) as caught:
        server.add(settings=server.new_settings(deadline=1000))
    assert isinstance(caught.value.__cause__, KeyError)
    assert caught.value.reference == "No. 4711"
    server.add(is_patient=True)
    assert server.balance == 1


@pytest.mark.parametrize("name", ["stamp", "points"])
def test_an_error_of_a_token_provider_at_a_correction_is_a_duplicate_write(name: str) -> None:
    server = server_of(Fault("lost", SETTLES_SOON + 1), vault=iter([True, True, False]))
    with pytest.raises(DuplicateWriteError) as caught:
        server.points("add") if name == "points" else server.add()
    assert (caught.value.count, caught.value.undone, caught.value.outcome_unknown) == (2, 0, False)
    assert isinstance(caught.value.__cause__, KeyError)


class Full(DurableMemory):
    """A journal on a disk that is full from one method on."""

    def __init__(self, method: str) -> None:
        super().__init__()
        setattr(self, method, self._fail)

    def _fail(self, *_: Any) -> None:
        raise StoreError("the journal till.db cannot be used: disk is full")


@pytest.mark.parametrize(
    ("method", "writes", "stamps"),
    [
        ("settle", [Fault("lost", NEVER)], 0),
        ("send_again", [Fault("lost", NEVER)], 0),
        ("done", [], 1),
        ("done", [Fault("lost")], 1),
        ("change", [Fault("lost", SETTLES_SOON + 1)], 2),
    ],
)
def test_a_journal_that_fails_after_a_request_leaves_the_outcome_unknown(
    method: str, writes: list[Fault], stamps: int
) -> None:
    server = server_of(*writes)
    with pytest.raises(UnknownOutcomeError, match=r"'No\. 4711' was carried out, .*disk is full") as caught:
        server.add(settings=server.new_settings(Full(method), on_duplicate="raise"))
    assert isinstance(caught.value.__cause__, StoreError)
    assert caught.value.outcome_unknown
    assert server.balance == stamps


@pytest.mark.parametrize("method", ["begin", "forget"])
def test_a_journal_that_fails_where_nothing_was_carried_out_is_a_store_error(method: str) -> None:
    server = server_of(Fault("conflict"))
    with pytest.raises(StoreError) as caught:
        server.add(settings=server.new_settings(Full(method)))
    assert not caught.value.outcome_unknown
    assert server.balance == 0


def test_an_error_of_a_token_provider_before_the_request_is_raised_as_it_is() -> None:
    server = server_of(vault=iter([False]))
    with pytest.raises(KeyError):
        server.add()
    assert server.settings.journal.pending() == []


# --- What is recognized as the reference


def test_a_reference_is_not_mistaken_for_one_that_contains_it() -> None:
    server = server_of()
    for reference in ("11", "1", "11 ~", "[1", "1]", "No. 1"):
        server.add(reference)
        server.add(reference)
    assert server.balance == 6


def test_what_a_person_wrote_is_not_a_reference() -> None:
    server = server_of()
    for note in ("No. 4711", "[No. 4711] Main St", "[No. 4711 ~] Main St", "No. 4711 ~0901cdb48db09b4"):
        server.entries.append(Entry(server.still.now, "add", note, 1, len(server.entries)))
    server.add()
    assert server.balance == 5


def test_a_refund_of_the_same_receipt_is_another_write() -> None:
    server = server_of()
    server.points("add")
    server.points("remove")
    server.points("redeem", 3)
    assert server.balance == -3
    server.points("remove")
    assert server.balance == -3


def rendered(shape: str, entry: Entry) -> dict[str, Any]:
    """An entry of a history that nobody has documented."""
    note = str(entry.note)
    shapes: dict[str, dict[str, Any]] = {
        "note": {"id": "x", "note": note},
        "remark": {"id": "x", "remark": note},
        "nested": {"id": "x", "note": {"text": note.upper()}},
        "deep": {"id": "x", "note": None, "data": [{"details": note}]},
        "unreadable": {"entry": {"note": note}} if entry.number == 130 else {"id": "x", "type": "add"},
    }
    return shapes[shape]


@pytest.mark.parametrize("shape", ["note", "remark", "nested", "deep", "unreadable"])
@pytest.mark.parametrize("backwards", [True, False])
@pytest.mark.parametrize("envelope", ["content", "results"])
@pytest.mark.filterwarnings("ignore::stemp_sdk.UnreadItemWarning")
def test_the_reference_is_found_however_the_history_is_shaped(shape: str, envelope: str, *, backwards: bool) -> None:
    def wrap(items: list[Any], page: int, size: int) -> Any:
        listed = items[::-1] if backwards else items
        return {envelope: listed[page * size : (page + 1) * size], "totalElements": len(items)}

    server = server_of(Fault("lost"), render=partial(rendered, shape), wrap=wrap)
    for number in range(130):
        server.entries.append(Entry(float(number), "add", f"note {number}", 1, number))
    server.add()
    server.add()
    assert server.log.count(ADD) == 1


def test_a_bare_array_without_totals_is_read_to_its_end() -> None:
    def wrap(items: list[Any], page: int, size: int) -> Any:
        return items[page * size : (page + 1) * size]

    server = server_of(wrap=wrap)
    for number in range(100):
        server.entries.append(Entry(float(number), "add", "by hand", 1, number))
    server.entries[0].note = None
    server.add()
    assert server.log == [LOOK, LOOK, ADD]


def test_a_list_without_pages_is_read_once() -> None:
    def wrap(items: list[Any], *_: int) -> Any:
        return items

    server = server_of(wrap=wrap)
    for number in range(3):
        server.entries.append(Entry(float(number), "add", "by hand", 1, number))
    server.add()
    assert server.log == [LOOK, LOOK, ADD]


def test_the_reference_was_used_for_other_points() -> None:
    server = server_of()
    server.points("add", 10)
    with pytest.raises(ValueError, match=r"reference 'No\. 4711' was used for 10 points on this card, and not for 20"):
        server.points("add", 20)
    server = server_of(Fault("timeout"))
    settings = server.new_settings(max_retries=0, deadline=5)
    with pytest.raises(UnknownOutcomeError):
        server.points("add", 10, settings=settings)
    with pytest.raises(ValueError, match="was used for 10 points"):
        server.points("add", 20, settings=settings)
    assert server.balance == 10


@pytest.mark.parametrize("journal", [MemoryWriteStore, DurableMemory])
def test_a_wrong_number_of_points_is_not_kept(journal: type[MemoryWriteStore]) -> None:
    server = server_of()
    server.points("add", 5)  # by another program, without this journal
    settings = server.new_settings(journal())
    for _ in range(2):
        with pytest.raises(ValueError, match=r"was used for 5 points on this card, and not for 7"):
            server.points("add", 7, settings=settings)
    assert settings.journal.pending() == []
    server.points("add", 5, settings=settings)
    assert server.balance == 5


# --- Absence that proves nothing


def without_note(entry: Entry) -> dict[str, Any]:
    return {"id": f"he_{entry.number}", "type": entry.type}


def test_a_history_that_keeps_no_notes_of_points_proves_nothing() -> None:
    server = server_of(Fault("lost"), render=without_note)
    with pytest.raises(UnknownOutcomeError):
        server.points("add")
    with pytest.raises(UnknownOutcomeError):
        server.points("add", is_patient=True)
    assert server.balance == 10


def test_no_wait_makes_a_history_without_notes_prove_anything() -> None:
    server = server_of(Fault("timeout"), render=without_note)
    with pytest.raises(UnknownOutcomeError):
        server.points("add", settings=server.new_settings(deadline=1000))
    assert server.balance == 10


def test_a_history_without_new_entries_proves_that_nothing_was_added() -> None:
    server = server_of(Fault("lost", NEVER), render=without_note)
    server.entries.append(Entry(0.0, "add", None, 1, 0))
    with pytest.raises(UnknownOutcomeError, match="does not show the reference of a confirmed request") as caught:
        server.points("add")
    assert caught.value.reference == "No. 4711"
    assert server.balance == 11
    for _ in range(3):  # it is certain that it was carried out, so it is never sent again
        with pytest.raises(UnknownOutcomeError):
            server.points("add", is_patient=True)
    assert server.balance == 11


@pytest.mark.parametrize(("journal", "steps"), [(MemoryWriteStore, None), (DurableMemory, None), (DurableMemory, 5)])
def test_old_entries_without_notes_do_not_hide_that_nothing_was_added(
    journal: type[MemoryWriteStore], steps: int | None
) -> None:
    server = server_of(Fault("timeout", NEVER), crash_after=steps)
    for number in range(3):
        server.entries.append(Entry(0.0, "add", None, 1, number))
    settings = server.new_settings(journal(), max_retries=0)
    with pytest.raises((UnknownOutcomeError, Crash)):
        server.points("add", settings=settings)
    [pending] = settings.journal.pending()
    assert pending.requests == 1
    server.points("add", settings=settings, is_patient=True)
    assert server.balance == 13


def test_with_a_durable_journal_only_points_are_looked_up_first() -> None:
    server = server_of()
    settings = server.new_settings(DurableMemory())
    server.add(settings=settings)
    server.points("add", settings=settings)
    assert server.log == [ADD, "GET points history", "POST points add"]


# --- Late commits


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


# --- Interruptions


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, GeneratorExit, Abandoned])
@pytest.mark.parametrize("durable", [False, True])
def test_a_write_that_is_interrupted_before_its_request_is_forgotten(
    interruption: type[BaseException], *, durable: bool
) -> None:
    """A journal on disk keeps it, to be resumed."""
    server = server_of()
    settings = server.new_settings(DurableMemory() if durable else None)
    steps: Any = referenced_flow(call_of("loyalty.add_points", "No. 4711", points=5), settings)
    step = next(steps)
    if durable:
        step = steps.send(step.function())
    assert step.method == "GET"
    with pytest.raises(interruption):
        steps.throw(interruption())
    assert len(settings.journal.pending()) == durable


def test_a_write_that_is_interrupted_at_its_request_is_pending() -> None:
    server = server_of()
    steps: Any = referenced_flow(call_of("loyalty.add_stamp", "No. 4711"), server.settings)
    assert steps.send(server.attend(next(steps))).method == "POST"
    with pytest.raises(KeyboardInterrupt):
        steps.throw(KeyboardInterrupt())
    assert len(server.settings.journal.pending()) == 1


# --- Several callers


def test_a_second_call_meanwhile_waits_for_the_first() -> None:
    """A double tap: the second call begins while the first one is under way."""
    server = server_of()
    first = referenced_flow(call_of("loyalty.add_stamp", "No. 4711"), server.settings)
    post: Any = first.send(server.attend(next(first)))  # type: ignore[arg-type]
    server.attend(post)
    server.add()
    assert server.kinds == ["add"]


def test_of_two_callers_that_resolve_one_sends() -> None:
    server = server_of(Fault("lost", NEVER))
    store = MemoryWriteStore()
    with pytest.raises(UnknownOutcomeError):
        server.add(settings=server.new_settings(store, max_retries=0))
    one, two = (
        referenced_flow(call_of("loyalty.add_stamp", "No. 4711"), server.new_settings(store), is_patient=True)
        for _ in range(2)
    )
    server.still.sleep(SETTLES_LATE)
    looks: list[Any] = [next(one), next(two)]
    posts = [one.send(server.attend(looks[0]))]
    with pytest.raises(UnknownOutcomeError, match="another call with this reference has begun since"):
        two.send(server.attend(looks[1]))
    assert getattr(posts[0], "method", None) == "POST"


def test_a_store_forgets_what_is_settled() -> None:
    store = MemoryWriteStore()
    server = server_of(*[Fault("timeout", NEVER)] * 3)
    for number in range(3):
        with pytest.raises(UnknownOutcomeError):
            server.add(str(number), settings=server.new_settings(store, max_retries=0))
    server.still.sleep(SETTLES_LATE)
    server.add("3", settings=server.new_settings(store))
    assert len(store.pending()) == 3  # a server may be later than it should
    server.still.sleep(600)
    server.add("4", settings=server.new_settings(store))
    assert store.pending() == []
    store.settle("unknown", 0.0, 0)
    assert not store.send_again("unknown", 0.0, 1.0)
