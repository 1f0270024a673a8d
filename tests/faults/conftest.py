"""The fault server, and calls of every operation that adds something."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeVar

import pytest

from stemp_sdk import Stemp
from tests.faults.fault_server import FaultServer, running
from tests.resources.table import BY_NAME, Row
from tests.support.twins import API, Twin

T = TypeVar("T")

IS_FULL: Final = os.environ.get("STEMP_FAULTS") == "full"
ADDING: Final[Sequence[Row]] = tuple(BY_NAME[name] for name, one in API.items() if one.adds)

every_adding = pytest.mark.parametrize("row", ADDING, ids=lambda row: row.operation)


@pytest.fixture(scope="module")
def server() -> Iterator[FaultServer]:
    with running() as server:
        yield server


def sample(of: Sequence[T], row: Row, twin: Twin, every: int) -> Sequence[T]:
    """All of it in the full form; else every so many, beginning elsewhere for each operation and twin."""
    first = 2 * ADDING.index(row) + (twin.kind == "async")
    return of if IS_FULL else of[first % every :: every]


def outcome_of(twin: Twin, call: Callable[[Stemp], Any], client: Stemp) -> object:
    """What a call gives, or the error that it raises."""
    try:
        return twin.run(call(client))
    except Exception as error:  # noqa: BLE001  (whatever reaches the caller is judged)
        return error
