"""What stemp does to an endpoint on a bad day: duplicates, forgeries, and retries of whatever was not answered 200."""

from __future__ import annotations

import base64
import heapq
import itertools
import json
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Literal, TypeAlias

import attrs

from tests.support.paths import ROOT
from tests.webhooks.deliveries import USER, body_of, headers_of
from tests.webhooks.storm_worker import SECRET

RETRIES: Final = (60.0, 300.0, 1800.0, 7200.0, 86400.0)  # seconds after the failure
DEATHS: Final = (
    "before the claim",
    "before the handler",
    "between handler and mark",
    "after the mark",
    "before the answer",
)
_LEASE: Final = 45.0  # seconds, the receiver's own


Handler: TypeAlias = Literal["sync", "async"]
CASES: Final[tuple[tuple[str, Handler], ...]] = (
    ("sqlite", "sync"),
    ("redis", "async"),
    ("redis", "sync"),
    ("sqlite", "async"),
)


@attrs.define(order=True)
class Delivery:
    """One delivery, and when it is due."""

    due: float
    number: int
    event: str
    body: bytes
    headers: dict[str, str]
    forged: bool
    attempts: int = 0


@attrs.define
class Outcome:
    """The results of all deliveries."""

    events: set[str]
    """Every genuine event."""
    handled: Counter[str] = attrs.field(factory=Counter[str])
    """How often each event was handled, by the journal."""
    forged: set[str] = attrs.field(factory=set[str])
    """The users of forged events that were handled."""
    cut_off: list[str] = attrs.field(factory=list[str])
    """The events whose worker died between handler and mark."""
    statuses: Counter[tuple[bool, int]] = attrs.field(factory=Counter[tuple[bool, int]])
    """How often each answer was given, to genuine and forged deliveries."""
    deaths: int = 0

    def note(self, delivery: Delivery, status: int | None) -> None:
        """Take down an answer; None if the worker died over it."""
        if status is not None:
            self.statuses[delivery.forged, status] += 1
            return
        if DEATHS[self.deaths] == "between handler and mark":
            self.cut_off.append(delivery.event)
        self.deaths += 1

    def read(self, journal: Path) -> None:
        """Take down what was handled."""
        for line in journal.read_text().splitlines():
            event, user = line.split()
            self.handled[event] += 1
            if user != USER["id"]:
                self.forged.add(user)


class Store:
    """Where the workers remember what was seen: an SQLite file that uses the time of the deliveries."""

    def __init__(self, folder: Path) -> None:
        self.name: str = str(folder / "seen.db")

    def let_leases_end(self) -> None:
        """Nothing to do: by the time of the next try they have."""


class RedisStore(Store):
    """A Redis, which uses its own time.

    Args:
        folder: Of this storm alone: its name keeps storms apart.
        socket: Where Redis listens.
    """

    def __init__(self, folder: Path, socket: Path) -> None:
        from redis import Redis

        self._redis: Any = Redis(unix_socket_path=str(socket))
        self._prefix = f"{folder.name}/"
        self.name: str = f"redis:{self._prefix}:{socket}"

    def let_leases_end(self) -> None:
        """Have the claims run out, as they would have by the time of the next try; what is seen stays."""
        for key in self._redis.scan_iter(match=f"{self._prefix}*", count=10_000):
            if self._redis.pttl(key) <= _LEASE * 1000:
                self._redis.delete(key)


def opened(folder: Path, socket: Path | None) -> Store:
    """The store in Redis, if there is a socket; else that in SQLite."""
    return Store(folder) if socket is None else RedisStore(folder, socket)


class _Process:
    """A worker."""

    def __init__(self, store: Store, handler: Handler, journal: Path, name: str) -> None:
        worker = [sys.executable, "-m", "tests.webhooks.storm_worker"]
        self._arguments = [*worker, store.name, handler, str(journal), name]
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=ROOT,
        )

    def send(self, delivery: Delivery, die_at: str | None) -> None:
        assert self._process.stdin
        body = base64.b64encode(delivery.body).decode()
        order = {"now": delivery.due, "die_at": die_at, "body": body, "headers": delivery.headers}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()

    def answer(self) -> int | None:
        """The status; None if the worker died over it."""
        assert self._process.stdout
        line = self._process.stdout.readline()
        return int(line) if line else None

    def restart(self) -> None:
        """Start it again, after it was killed."""
        assert self.stop() == -signal.SIGKILL
        self.start()

    def stop(self) -> int:
        self._process.communicate()
        return self._process.returncode


@contextmanager
def folder() -> Generator[Path]:
    """Where workers keep their files: in memory where that can be, as killing a process takes nothing from a disk."""
    memory = Path("/dev/shm")  # noqa: S108
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as path:
        yield Path(path)


def rage(store: Store, folder: Path, *, handler: Handler = "sync", deliveries: int, seed: int) -> Outcome:
    """Deliver it all to two workers at once, and kill one five times.

    Args:
        store: Where they remember what was seen.
        folder: For the workers' files.
        handler: An async one is called in an event loop, a sync one without.
        deliveries: How many, without retries: 20 % are duplicates and 5 % forged.
        seed: Decides everything but the timing of the workers.
    """
    chance = random.Random(seed)
    due = _deliveries(deliveries, chance)
    outcome = Outcome({delivery.event for delivery in due if not delivery.forged})
    death_rounds = sorted(chance.sample(range(deliveries // 3), len(DEATHS)))
    (folder / "journal").touch()
    workers = [_Process(store, handler, folder / "journal", f"{seed}-{number}") for number in range(2)]
    for round_number in itertools.count():
        batch = [heapq.heappop(due) for _ in workers[: len(due)]]
        if not batch:
            break
        # A death that was not reached, as the handler failed or had nothing to do, is for the next delivery.
        die = outcome.deaths < len(DEATHS) and round_number >= death_rounds[outcome.deaths]
        orders = [DEATHS[outcome.deaths] if die else None, None]
        for worker, delivery, die_at in zip(workers, batch, orders, strict=False):
            worker.send(delivery, die_at)
        died: list[_Process] = []
        for worker, delivery in zip(workers, batch, strict=False):
            status = worker.answer()
            outcome.note(delivery, status)
            if status is None:
                died.append(worker)
            if status != 200 and not delivery.forged and delivery.attempts < len(RETRIES):
                again = delivery.due + RETRIES[delivery.attempts]
                heapq.heappush(due, attrs.evolve(delivery, due=again, attempts=delivery.attempts + 1))
        for worker in died:
            worker.restart()
            store.let_leases_end()
    for worker in workers:
        assert worker.stop() == 0
    outcome.read(folder / "journal")
    return outcome


def _deliveries(count: int, chance: random.Random) -> list[Delivery]:
    made: list[Delivery] = []
    for number in range(count):
        due, kind = number * 0.01, chance.random()
        earlier = made[-chance.randint(1, min(len(made), 50))] if made else None
        if kind < 0.20 and earlier is not None and not earlier.forged:
            # Half of them bear a new delivery id; some come at the very same moment.
            body, delivery = earlier.body, chance.choice([f"dlv_{number}", earlier.headers["X-Stemp-Delivery"]])
            due = chance.choice([earlier.due, due, due + 600])
            made.append(
                Delivery(due, number, earlier.event, body, headers_of(body, secret=SECRET, delivery=delivery), False)
            )
            continue
        event = f"evt_{number}"
        body = body_of(id=event)
        headers = headers_of(body, secret=SECRET, delivery=f"dlv_{number}")
        forged = kind > 0.95
        if forged:
            body = body.replace(b"usr_1", b"usr_evil")
        made.append(Delivery(due, number, event, body, headers, forged))
    heapq.heapify(made)
    return made


def check(outcome: Outcome) -> None:
    """Each promise of the receiver."""
    assert outcome.deaths == len(DEATHS)
    assert outcome.events - outcome.handled.keys() == set(), "none is lost"
    assert outcome.forged == set(), "no forged one is handled"
    assert outcome.handled.keys() - outcome.events == set()
    again = sorted(event for event, times in outcome.handled.items() if times > 1)
    assert again == sorted(outcome.cut_off), "twice only where a crash fell between handler and mark"
    assert len(again) == 1
    assert {status for (forged, status) in outcome.statuses if forged} == {401}
    assert {status for (forged, status) in outcome.statuses if not forged} <= {200, 409, 500}
