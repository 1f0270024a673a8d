"""Every store keeps the same promises."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import fakeredis
import pytest

from stemp_sdk.webhooks import Claim, MemorySeenStore, RedisSeenStore, SeenStore, SQLiteSeenStore
from tests.support.clocks import StillClock

IDS = ("event:evt_1", "delivery:dlv_1")
LEASE, KEEP = 45.0, 1000.0


@pytest.fixture
def clock() -> StillClock:
    return StillClock(now=1_700_000_000.0)


@pytest.fixture(params=["memory", "sqlite", "redis", "redis with text"])
def store(
    request: pytest.FixtureRequest, clock: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> SeenStore:
    match request.param:
        case "memory":
            return MemorySeenStore(keep=KEEP, clock=clock)
        case "sqlite":
            return SQLiteSeenStore(tmp_path / "seen.db", keep=KEEP, clock=clock)
        case name:
            monkeypatch.setattr("time.time", clock)
            return RedisSeenStore(fakeredis.FakeRedis(decode_responses="text" in name), keep=KEEP)


def test_a_claim_is_granted_once(store: SeenStore) -> None:
    assert store.claim(IDS, "a", LEASE) is Claim.GRANTED
    assert store.claim(IDS, "b", LEASE) is Claim.BUSY
    assert store.claim(["delivery:dlv_1"], "b", LEASE) is Claim.BUSY
    assert store.claim(["event:evt_1", "delivery:dlv_2"], "b", LEASE) is Claim.BUSY


def test_a_finished_event_is_seen_under_each_of_its_ids(store: SeenStore) -> None:
    store.claim(IDS, "a", LEASE)
    store.finish(IDS)
    assert store.claim(IDS, "b", LEASE) is Claim.SEEN
    assert store.claim(["event:evt_1", "delivery:dlv_2"], "b", LEASE) is Claim.SEEN
    assert store.claim(["event:evt_2", "delivery:dlv_1"], "b", LEASE) is Claim.SEEN


@pytest.mark.parametrize("key", ["event:a\0b", "event:\0", "event:a\nb", "event:%_'*?[a]", "event:\U0001f600"])
def test_an_id_may_have_any_character(store: SeenStore, key: str) -> None:
    assert store.claim([key], "a", LEASE) is Claim.GRANTED
    assert store.claim([key], "b", LEASE) is Claim.BUSY
    store.release([key], "a")
    assert store.claim([key], "b", LEASE) is Claim.GRANTED
    store.finish([key])
    assert store.claim([key], "c", LEASE) is Claim.SEEN
    assert store.claim([key.partition("\0")[0] + "-"], "c", LEASE) is Claim.GRANTED


def test_a_refused_claim_claims_nothing(store: SeenStore) -> None:
    store.claim(IDS, "a", LEASE)
    store.claim(["event:evt_2", "delivery:dlv_1"], "b", LEASE)
    assert store.claim(["event:evt_2", "delivery:dlv_2"], "c", LEASE) is Claim.GRANTED


def test_a_released_claim_is_free(store: SeenStore) -> None:
    store.claim(IDS, "a", LEASE)
    store.release(IDS, "b")
    assert store.claim(IDS, "c", LEASE) is Claim.BUSY, "b had claimed nothing"
    store.release(IDS, "a")
    assert store.claim(IDS, "c", LEASE) is Claim.GRANTED
    store.finish(IDS)
    store.release(IDS, "c")
    assert store.claim(IDS, "d", LEASE) is Claim.SEEN, "what was handled stays so"


def test_a_claim_ends_with_its_lease(store: SeenStore, clock: StillClock) -> None:
    store.claim(IDS, "a", LEASE)
    clock.now += LEASE - 1
    assert store.claim(IDS, "b", LEASE) is Claim.BUSY
    clock.now += 1.5
    assert store.claim(IDS, "b", LEASE) is Claim.GRANTED
    store.release(IDS, "a")
    assert store.claim(IDS, "c", LEASE) is Claim.BUSY, "it is b's now"
    store.finish(IDS)
    assert store.claim(IDS, "c", LEASE) is Claim.SEEN


def test_a_seen_event_is_forgotten_in_time(store: SeenStore, clock: StillClock) -> None:
    store.claim(["event:old"], "a", LEASE)
    store.finish(["event:old"])
    clock.now += KEEP - 1
    store.claim(["event:new"], "b", LEASE)
    store.finish(["event:new"])
    assert store.claim(["event:old"], "c", LEASE) is Claim.SEEN
    clock.now += 1.5
    assert store.claim(["event:old"], "c", LEASE) is Claim.GRANTED
    assert store.claim(["event:new"], "c", LEASE) is Claim.SEEN


def test_one_of_many_threads_gets_the_claim(store: SeenStore) -> None:
    def claim(holder: str) -> Claim:
        return store.claim(IDS, holder, LEASE)

    with ThreadPoolExecutor(8) as threads:
        claims = [*threads.map(claim, map(str, range(24)))]
    assert sorted(claim.value for claim in claims) == ["busy"] * 23 + ["granted"]


# --- SQLite; what goes wrong with its file is in tests/oauth/test_sqlite_store.py


def rows(path: Path) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT id, holder FROM seen ORDER BY id").fetchall()
    connection.close()
    return found


def test_a_forgotten_event_is_deleted_from_the_file(tmp_path: Path, clock: StillClock) -> None:
    path = tmp_path / "seen.db"
    store = SQLiteSeenStore(path, keep=KEEP, clock=clock)
    store.finish(IDS)
    store.claim(["event:evt_2"], "died", LEASE)
    assert rows(path) == [("delivery:dlv_1", None), ("event:evt_1", None), ("event:evt_2", "died")]
    clock.now += KEEP
    store.finish(["event:evt_3"])
    assert rows(path) == [("event:evt_3", None)]


_RACE = """
import sys
from stemp_sdk.webhooks import Claim, SQLiteSeenStore
from tests.support.clocks import StillClock

store = SQLiteSeenStore(sys.argv[1])
print("ready", flush=True)
sys.stdin.read()
print(sum(store.claim([f"event:{number}"], sys.argv[2], 60) is Claim.GRANTED for number in range(50)))
"""


def test_one_of_many_processes_gets_each_claim(tmp_path: Path) -> None:
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", _RACE, tmp_path / "seen.db", str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(3)
    ]
    with racers[0], racers[1], racers[2]:
        pipes = [(racer.stdin, racer.stdout) for racer in racers if racer.stdin and racer.stdout]
        for _, output in pipes:
            assert output.readline() == "ready\n"
        for start, _ in pipes:
            start.close()
        granted = [int(output.read()) for _, output in pipes]
    assert sum(granted) == 50


# --- memory


def test_the_memory_store_is_bounded_and_forgets_the_oldest_first(clock: StillClock) -> None:
    store = MemorySeenStore(max_entries=3, clock=clock)
    assert store.claim(["event:busy"], "a", LEASE) is Claim.GRANTED
    for number in range(5):
        store.claim([f"event:{number}"], "a", LEASE)
        store.finish([f"event:{number}"])
    store.finish(["event:2"])  # which makes it the newest
    store.finish(["event:5"])
    answers = {number: store.claim([f"event:{number}"], "b", LEASE) for number in range(6)}
    assert [number for number, claim in answers.items() if claim is Claim.SEEN] == [2, 4, 5]
    assert store.claim(["event:busy"], "b", LEASE) is Claim.BUSY, "what is being handled is never forgotten"


def test_expired_claims_take_no_memory(clock: StillClock) -> None:
    store = MemorySeenStore(clock=clock)
    for number in range(100):
        store.claim([f"event:{number}"], "died", LEASE)
        clock.now += 1
    assert len(vars(store)["_claims"]) == LEASE


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"keep": 0}, ValueError, "keep must be a finite number of seconds above 0"),
        ({"keep": "a"}, TypeError, "keep must be a number of seconds, not str"),
        ({"max_entries": 0}, ValueError, "max_entries must be at least 1, not 0"),
        ({"max_entries": 1.5}, TypeError, "max_entries must be an int, not float"),
    ],
)
def test_options_of_the_memory_store_that_make_no_sense_are_refused(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        MemorySeenStore(**options)


def test_a_factory_of_a_seen_store_may_be_a_class() -> None:
    makers: list[Callable[[], SeenStore]] = [MemorySeenStore]
    assert makers[0]().claim(IDS, "a", LEASE) is Claim.GRANTED
