"""Whatever responses get lost, fail, or are late: the card has one stamp for each reference, or the error says more."""

from __future__ import annotations

from functools import partial
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from stemp_sdk import DuplicateWriteError, StempError, UnknownOutcomeError
from stemp_sdk._core.journal import MemoryWriteStore

from .card_server import CardServer, Crash, DurableMemory, Fault
from .strategies import LONG, OPTIONS, READS, faults, journals, settled


@settings(max_examples=400, deadline=None)
@given(faults(), READS, OPTIONS, journals())
def test_one_reference_is_one_stamp(
    writes: list[Fault], reads: list[Fault], options: dict[str, Any], journal: type[MemoryWriteStore]
) -> None:
    server = CardServer(iter(writes), iter(reads))
    error = settled(server, server.add, journal(), options)
    assert error is None or not error.outcome_unknown
    assert server.balance == (error is None), server.log


@settings(max_examples=200, deadline=None)
@given(faults(), READS, OPTIONS, journals(), st.lists(st.sampled_from(["a", "b"]), min_size=1, max_size=5))
def test_the_stamps_are_as_many_as_the_references(
    writes: list[Fault], reads: list[Fault], options: Any, journal: type[MemoryWriteStore], references: list[str]
) -> None:
    server, kept = CardServer(iter(writes), iter(reads)), journal()
    given_for: set[str] = set()
    for reference in references:
        error = settled(server, partial(server.add, reference), kept, options)
        if error is None:
            given_for.add(reference)
    assert server.balance == len(given_for)


@settings(max_examples=400, deadline=None)
@given(faults(longest=2.0), LONG, journals(), st.sampled_from(["compensate", "raise"]))
def test_a_late_stamp_is_taken_back_or_reported(
    writes: list[Fault], options: dict[str, Any], journal: type[MemoryWriteStore], on_duplicate: str
) -> None:
    server = CardServer(iter(writes))
    error = settled(server, server.add, journal(), {**options, "on_duplicate": on_duplicate})
    if isinstance(error, DuplicateWriteError):
        assert error.count == server.kinds.count("add") > 1
        if not error.outcome_unknown:
            assert server.balance == error.count - error.undone
    elif error is None:
        assert server.balance == 1, (server.log, server.entries)
    else:
        assert server.balance == 0, (server.log, server.entries)


@settings(max_examples=300, deadline=None)
@given(faults(longest=2.0), LONG, journals(), st.sampled_from(["add", "remove", "redeem"]))
def test_late_points_are_taken_back_exactly_once(
    writes: list[Fault], options: dict[str, Any], journal: type[MemoryWriteStore], name: str
) -> None:
    server = CardServer(iter(writes))
    error = settled(server, partial(server.points, name), journal(), options)
    sign = 1 if name == "add" else -1
    if isinstance(error, DuplicateWriteError) and error.operation == f"loyalty.{name}_points":
        assert server.balance == sign * 10 * (error.count - error.undone)  # the correction was refused
    elif isinstance(error, DuplicateWriteError):  # the correction was late and carried out twice as well, and so on
        assert error.reference.startswith("undo 1 of ")
    else:
        assert server.balance == (sign * 10 if error is None else 0), (server.log, server.entries)


@settings(max_examples=300, deadline=None)
@given(faults(), OPTIONS, st.lists(st.integers(0, 12), max_size=4))
def test_a_killed_process_resumes(writes: list[Fault], options: dict[str, Any], crashes: list[int]) -> None:
    server, journal = CardServer(iter(writes)), DurableMemory()
    for steps in crashes:
        server.crash_after = steps
        try:
            server.add(settings=server.new_settings(journal, **options))
        except Crash:
            continue
        except UnknownOutcomeError:
            continue
        except StempError:
            assert server.balance == 0
            return
        finally:
            server.crash_after = None
    error = settled(server, server.add, journal, options)
    assert server.balance == (error is None)
