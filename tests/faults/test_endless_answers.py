"""Endless responses: a call ends nevertheless, in time, and without filling the memory."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Final

import pytest

from stemp_sdk import APITimeoutError, AsyncStemp, Stemp, StempError
from tests.faults.conftest import ADDING, IS_FULL, outcome_of
from tests.faults.fault_server import FaultServer, Play
from tests.faults.rule import NOT_DONE, UNCLEAR, breaches
from tests.faults.streams import BOMBS, DRIPPING, ENDLESS, ENOUGH, UNPACKED
from tests.resources.table import BY_NAME, Row
from tests.support.twins import TOKEN, Twin

_MIB: Final = 1024 * 1024
_DEADLINE: Final = 0.1  # seconds
_AT_MOST: Final = 5.0  # seconds for a call of that deadline, on a machine that is busy
_READ: Final = BY_NAME["users.get"]

rows = pytest.mark.parametrize(
    "row", ADDING if IS_FULL else (BY_NAME["loyalty.add_stamp"],), ids=lambda row: row.operation
)


@contextmanager
def _in_real_time(twin: Twin, server: FaultServer, **options: Any) -> Generator[Stemp]:
    """A client whose clock runs."""
    kind: Any = Stemp if twin.kind == "sync" else AsyncStemp
    client: Stemp = kind(TOKEN, base_url=server.base_url, **options)
    try:
        yield client
    finally:
        twin.close(client)


@rows
@pytest.mark.parametrize("what", DRIPPING)
def test_a_write_ends_at_its_deadline_however_the_answer_drips(
    twin: Twin, server: FaultServer, row: Row, what: str
) -> None:
    act = server.perform(Play(DRIPPING[what], carries_out=True, pause=0.005))
    with _in_real_time(twin, server, timeout=10, deadline=_DEADLINE) as client:
        started = time.monotonic()
        outcome = outcome_of(twin, row.call, client)
        assert time.monotonic() - started < _AT_MOST
    # A machine that is very busy may need all of the time to connect.
    assert not breaches(UNCLEAR if act.requests else NOT_DONE, act, outcome)


@pytest.mark.parametrize("what", ["the head", "a body in chunks", "interim answers"])
def test_a_read_ends_at_its_deadline_with_all_its_tries(twin: Twin, server: FaultServer, what: str) -> None:
    server.perform(Play(DRIPPING[what], carries_out=False, pause=0.005))
    with _in_real_time(twin, server, timeout=10, deadline=_DEADLINE, max_retries=5) as client:
        started = time.monotonic()
        outcome = outcome_of(twin, _READ.call, client)
        assert time.monotonic() - started < _AT_MOST
    assert isinstance(outcome, APITimeoutError)


@rows
def test_a_write_ends_at_its_deadline_without_any_answer(twin: Twin, server: FaultServer, row: Row) -> None:
    act = server.perform(Play(lambda: [b"never"], carries_out=True, pause=3600))
    with _in_real_time(twin, server, timeout=10, deadline=_DEADLINE) as client:
        started = time.monotonic()
        outcome = outcome_of(twin, row.call, client)
        assert time.monotonic() - started < _AT_MOST
    # A machine that is very busy may need all of the time to connect.
    assert not breaches(UNCLEAR if act.requests else NOT_DONE, act, outcome)


@rows
@pytest.mark.parametrize("what", ENDLESS)
def test_no_more_of_an_endless_response_than_a_bound_is_read(
    twin: Twin, server: FaultServer, row: Row, what: str
) -> None:
    act = server.perform(Play(ENDLESS[what], carries_out=True))
    client = twin.client(TOKEN, base_url=server.base_url)
    outcome, peak = _watched(lambda: outcome_of(twin, row.call, client))
    assert not breaches(UNCLEAR, act, outcome)
    assert act.over.wait(10), "the connection is still open"
    assert act.sent < ENOUGH / 1.5
    assert peak < 80 * _MIB


@rows
@pytest.mark.parametrize("what", BOMBS)
def test_a_bomb_is_not_unpacked(twin: Twin, server: FaultServer, row: Row, what: str) -> None:
    act = server.perform(Play(BOMBS[what](), carries_out=True))
    client = twin.client(TOKEN, base_url=server.base_url)
    outcome, peak = _watched(lambda: outcome_of(twin, row.call, client))
    assert not breaches(UNCLEAR, act, outcome)
    assert peak < UNPACKED / 2


@pytest.mark.parametrize("what", ["an error", "an error in two layers"])
def test_of_an_errors_body_only_the_beginning_is_unpacked(twin: Twin, server: FaultServer, what: str) -> None:
    server.perform(Play(BOMBS[what](), carries_out=True))
    client = twin.client(TOKEN, base_url=server.base_url, max_retries=0)
    outcome, peak = _watched(lambda: outcome_of(twin, BY_NAME["loyalty.add_stamp"].call, client))
    assert isinstance(outcome, StempError)
    assert peak < 16 * _MIB


def _watched(work: Callable[[], object]) -> tuple[object, int]:
    """What it gives, and the most memory that was in use for it."""
    tracemalloc.start()
    try:
        return work(), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
