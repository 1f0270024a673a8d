"""Many threads, tasks and processes share one installation, and some of them are killed.

``make chaos`` runs it at full size, the tests a short form of it.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs
import pytest

from tests.chaos.arena import Arena, arenas, outcomes


@attrs.frozen
class Size:
    processes: int
    workers: int
    """Threads or tasks in each process."""
    calls: int
    """Of all processes."""
    uses: int
    """After how many calls an access token is at its end."""


IS_FULL: Final = os.environ.get("STEMP_CHAOS") == "full"
SIZE: Final = Size(processes=4, workers=64, calls=10_000, uses=20) if IS_FULL else Size(2, 16, 200, 10)

CASES: Final = [("sqlite", "threads"), ("redis", "tasks"), ("sqlite", "tasks"), ("redis", "threads")]
MOMENTS: Final = ["before the answer", "before it is stored"]
KILLS: Final = [(*case, moment) for case in CASES for moment in MOMENTS]


@pytest.fixture
def arena(request: pytest.FixtureRequest, tmp_path: Path, store: str) -> Iterator[Arena]:
    place = str(tmp_path / "db") if store == "sqlite" else f"redis:{request.getfixturevalue('redis_socket')}"
    yield from arenas(place, SIZE.uses)


@pytest.mark.parametrize(("store", "workers"), CASES if IS_FULL else CASES[:2])
def test_one_refresh_for_each_expiry_and_no_refusal_for_anyone(arena: Arena, workers: str) -> None:
    share = SIZE.calls // SIZE.processes
    processes = [arena.start(share, SIZE.workers, workers) for _ in range(SIZE.processes)]
    assert outcomes(*processes) == {"3 users": SIZE.calls}
    arena.check_refreshes(SIZE.uses)
    arena.check_last()


@pytest.mark.parametrize(("store", "workers", "moment"), KILLS if IS_FULL else KILLS[1:5:3])
def test_a_process_that_is_killed_while_it_refreshes_costs_nothing(arena: Arena, workers: str, moment: str) -> None:
    share = SIZE.calls // SIZE.processes
    dies_at_save = 2 if moment == "before it is stored" else 0
    victim = arena.start(share, SIZE.workers, workers, dies_at_save)

    def kill(process: int) -> None:
        if process == victim.pid and not dies_at_save:
            victim.kill()

    arena.sandbox.before_answer = kill
    others = [arena.start(share, SIZE.workers, workers) for _ in range(SIZE.processes - 1)]
    assert outcomes(*others) == {"3 users": share * (SIZE.processes - 1)}
    assert outcomes(victim) == {}
    assert victim.returncode == -signal.SIGKILL
    arena.check_refreshes(SIZE.uses, lost=1)
    arena.sandbox.expire_access_tokens()
    assert outcomes(arena.start(1, 1, workers)) == {"3 users": 1}  # whatever the victim left behind as the last
    arena.check_last()
