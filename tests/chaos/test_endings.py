"""Calls that are cancelled, timed out, interrupted and killed at random: the client stays whole.

``make chaos`` runs it at full size, the tests a short form of it. To repeat a run, set STEMP_CHAOS_SEED.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Final

import anyio
import pytest

from tests.chaos import kills, ledger
from tests.chaos.conftest import IS_FULL, SEED, Report
from tests.chaos.endings import TOKEN, HastyAsync, HastySync, check, hold, plans, storm
from tests.chaos.ledger import AT_ONCE, Ledger
from tests.support.paths import ROOT

CALLS: Final = 10_000 if IS_FULL else 400
CHILDREN: Final = 500 if IS_FULL else 16
WORKERS: Final = 150  # more than there are connections

# An exception between two steps of the interpreter may leave a new socket to the garbage collector, which closes it.
torn = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")

_ENDINGS: Final = ("whole", "kill", "scope", "timeout", "deadline")


@pytest.fixture
def server() -> Iterator[Ledger]:
    with ledger.running() as server:
        yield server


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_cancelled_tasks_leave_the_client_whole(server: Ledger, report: Report, backend: str) -> None:
    async def run() -> dict[str, str]:
        client = HastyAsync(TOKEN, base_url=server.base_url)
        outcomes = await storm(client, plans(CALLS, SEED, endings=_ENDINGS), WORKERS)
        assert (await client.users.get("usr_1")).id == "usr_1"
        await hold(client)
        await client.aclose()
        assert server.state(0).open == 0, "connections are left behind"  # while the loop stands still
        return dict(outcomes)

    outcomes = anyio.run(run, backend=backend)
    assert len(outcomes) == CALLS
    report(f"tasks cancelled and timed out, {backend}", _size(outcomes), check(server, outcomes, bool))


def _size(outcomes: Mapping[str, str]) -> str:
    return f"{len(outcomes):,} calls, at most {WORKERS} at once"


def _checked(server: Ledger, client: HastySync, outcomes: Mapping[str, str]) -> str:
    """See that a sync client is whole, and close it."""
    assert len(outcomes) == CALLS
    assert client.users.get("usr_1").id == "usr_1"
    held: list[str] = []
    kills.at_once(lambda: held.append(client.users.get("hold").id), AT_ONCE)
    assert held == ["hold"] * AT_ONCE
    return check(server, outcomes, client.close)


@torn
def test_killed_threads_leave_the_client_whole(server: Ledger, report: Report) -> None:
    client = HastySync(TOKEN, base_url=server.base_url)
    planned = plans(CALLS, SEED, endings=("whole", "kill", "timeout", "deadline"))
    outcomes = kills.in_threads(client, planned, WORKERS)
    report("exceptions set in threads", _size(outcomes), _checked(server, client, outcomes))


@torn
def test_exceptions_of_signal_handlers_leave_the_client_whole(server: Ledger, report: Report) -> None:
    client = HastySync(TOKEN, base_url=server.base_url)
    planned = plans(CALLS, SEED, endings=("whole", "kill", "kill", "kill"))
    outcomes = kills.by_signals(client, planned)
    report("a signal's handler raises", f"{CALLS:,} calls", _checked(server, client, outcomes))


def test_killed_children_leave_the_parents_client_whole(server: Ledger, report: Report) -> None:
    # The forks are beside threads, of which Python 3.12 and later warn.
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-m", "tests.chaos.forks"]
    done = subprocess.run(
        [*command, server.base_url, SEED, str(CHILDREN)],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert (done.returncode, done.stderr) == (0, "")
    outcomes: dict[str, str] = json.loads(done.stdout)
    assert len(outcomes) >= CHILDREN * 20
    size = f"{CHILDREN} children, {len(outcomes):,} calls"
    report("forked children are killed", size, check(server, outcomes, bool))
