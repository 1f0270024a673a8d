"""Failures at random, and calls that are repeated until their outcome is known."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import strategies as st

from stemp_sdk import StempError, UnknownOutcomeError
from stemp_sdk._core.journal import MemoryWriteStore, WriteStore
from stemp_sdk._core.settling import SETTLES_LATE, SETTLES_SOON

from .card_server import CardServer, DurableMemory, Fault, Kind

#: The failures after which the server may have carried out the request, with their settling times.
UNCLEAR: Final[dict[Kind, float]] = {
    "lost": SETTLES_SOON,
    "error": SETTLES_SOON,
    "timeout": SETTLES_LATE,
    "gateway": SETTLES_LATE,
    "page": SETTLES_LATE,
}
CLEAR: Final[tuple[Kind, ...]] = ("ok", "empty", "refused", "limited", "unavailable", "conflict")
DEFINITE: Final = st.sampled_from(CLEAR).map(Fault)


def unclear(longest: float) -> st.SearchStrategy[Fault]:
    """A failure; the server carries out the request never, or within so many settling times."""
    delay = st.none() | st.just(0.0) | st.floats(0, longest, exclude_max=True)
    return st.builds(_scaled, st.sampled_from([*UNCLEAR]), delay)


def _scaled(kind: Kind, times: float | None) -> Fault:
    return Fault(kind, None if times is None else times * UNCLEAR[kind])


def faults(longest: float = 1.0) -> st.SearchStrategy[list[Fault]]:
    return st.lists(unclear(longest) | DEFINITE, max_size=8)


OF_READS: Final[tuple[Kind, ...]] = ("ok", "ok", "lost", "refused", "gateway")
READS: Final = st.lists(st.sampled_from(OF_READS).map(Fault), max_size=8)
OPTIONS: Final = st.fixed_dictionaries(
    {"deadline": st.sampled_from([3.0, 30.0, 60.0, 1000.0]), "max_retries": st.sampled_from([0, 1, 2, 5])}
)
#: Deadlines with time for a second look; without, an unknown outcome, whose resolution takes the time.
LONG: Final = st.fixed_dictionaries(
    {"deadline": st.sampled_from([3.0, 3000.0]), "max_retries": st.sampled_from([0, 1, 2, 5])}
)


def journals() -> st.SearchStrategy[type[MemoryWriteStore]]:
    return st.sampled_from([MemoryWriteStore, DurableMemory])


def settled(server: CardServer, add: Any, journal: WriteStore, options: dict[str, Any]) -> StempError | None:
    """Call until there is a certain outcome. Returns the error that it is; None for a success."""
    for again in range(12):
        client = server.new_settings(journal, **options)
        try:
            add(settings=client, is_patient=again > 0)
        except UnknownOutcomeError:
            continue
        except StempError as error:
            return error
        return None
    pytest.fail("the outcome stays unknown")
