"""Many threads, tasks and processes share one installation, and some of them are killed.

``make chaos`` runs it at full size, the tests a short form of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import attrs
import pytest

from tests.chaos.conftest import IS_FULL, Report
from tests.chaos.shared_app import Moment, SharedApp, outcomes, shared_apps


@attrs.frozen
class Size:
    processes: int
    workers: int
    """Threads or tasks in each process."""
    calls: int
    """Of all processes."""
    lifetime: int
    """Seconds for which an access token is valid."""
    refreshes: int
    """How many there are at least."""


SIZE: Final = Size(4, 64, 10_000, 1, 5) if IS_FULL else Size(2, 16, 400, 1, 1)

_SIZE: Final = f"{SIZE.processes} processes of {SIZE.workers}, {SIZE.calls:,} calls"

CASES: Final = [("sqlite", "threads"), ("redis", "tasks"), ("sqlite", "tasks"), ("redis", "threads")]
#: In the full form both deaths come in one run, in the short form the first refresh of all is the last of one worker.
DEATHS: Final[list[Mapping[int, Moment]]] = (
    [{2: Moment.BEFORE_THE_ANSWER, 4: Moment.BEFORE_IT_IS_STORED}] if IS_FULL else [{1: moment} for moment in Moment]
)
KILLS: Final = [(*case, deaths) for case in CASES for deaths in DEATHS]


@pytest.fixture
def deaths() -> Mapping[int, Moment]:
    return {}


@pytest.fixture
def shared(
    request: pytest.FixtureRequest, tmp_path: Path, store: str, deaths: Mapping[int, Moment]
) -> Iterator[SharedApp]:
    place = str(tmp_path / "db") if store == "sqlite" else f"redis:{request.getfixturevalue('redis_socket')}"
    yield from shared_apps(place, tmp_path, SIZE.lifetime, deaths)


@pytest.mark.parametrize(("store", "workers"), CASES if IS_FULL else CASES[:2])
def test_one_refresh_for_each_expiry_and_no_refusal_for_anyone(
    shared: SharedApp, report: Report, store: str, workers: str
) -> None:
    share = SIZE.calls // SIZE.processes
    processes = [shared.start(share, SIZE.workers, workers) for _ in range(SIZE.processes)]
    assert outcomes(*processes) == {"3 users": SIZE.calls}
    figures = shared.check_refreshes(SIZE.lifetime, SIZE.refreshes)
    shared.check_last()
    report(f"one installation for all, {store}, {workers}", _SIZE, figures)


@pytest.mark.parametrize(("store", "workers", "deaths"), KILLS if IS_FULL else KILLS[1:3])
def test_a_process_that_is_killed_while_it_refreshes_costs_nothing(
    shared: SharedApp, report: Report, store: str, workers: str, deaths: Mapping[int, Moment]
) -> None:
    share = SIZE.calls // SIZE.processes
    processes = [shared.start(share, SIZE.workers, workers) for _ in range(SIZE.processes)]
    survivors = len(processes) - len(deaths)
    assert outcomes(*processes) == {"3 users": share * survivors}
    assert {process.pid for process in processes if process.returncode} == shared.sandbox.killed
    assert len(shared.sandbox.killed) == len(deaths)
    figures = shared.check_refreshes(SIZE.lifetime, SIZE.refreshes)
    shared.sandbox.apps.expire_access_tokens()
    assert outcomes(shared.start(1, 1, workers)) == {"3 users": 1}  # whatever the victims left behind as the last
    shared.check_last()
    report(f"the same, and killed {' and '.join(deaths.values())}, {store}, {workers}", _SIZE, figures)
