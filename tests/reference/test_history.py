"""What a write with a reference reads in the history of a card, and what that proves."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from stemp_sdk import (
    UnknownOutcomeError,
)
from stemp_sdk._core.journal import MemoryWriteStore

from .card_server import ADD, LOOK, NEVER, Crash, DurableMemory, Entry, Fault, server_of


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
