"""A write with a reference whose turn in the rate limit comes after its deadline, as that of a job's row may."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import attrs
import pytest
from typing_extensions import override

from stemp_sdk import MemoryRateLimiter, StoreError, UnknownOutcomeError
from stemp_sdk._core.call import Flow, Send, Sleep, Work
from stemp_sdk._core.journal import WriteStore
from stemp_sdk._core.journal_file import SQLiteWriteStore
from stemp_sdk._core.rate_limiter import Report, Turn

from .card_server import CardServer, DurableMemory, Fault, call_of

TURN: Final = 500.0
"""Seconds until each turn: the deadline of 60 s and the settling time of 120 s are over by then."""


class LateTurns(MemoryRateLimiter):
    """Gives each turn after a wait."""

    def __init__(self) -> None:
        super().__init__()
        self.used: list[bool] = []
        self._is_asked = False

    @override
    def take(self, now: float) -> Turn:
        self._is_asked = not self._is_asked
        return Turn(TURN if self._is_asked else 0.0, 0)

    @override
    def give(self, now: float, window: int, report: Report | None, *, used: bool) -> None:
        self.used.append(used)


@attrs.define
class Caller:
    """A process that is to add a stamp, with a file that others have too."""

    server: CardServer
    journal: WriteStore
    limiter: LateTurns = attrs.field(factory=LateTurns)

    def steps(self) -> Flow[Any]:
        settings = self.server.new_settings(self.journal)
        settings = attrs.evolve(settings, rate_limiter=self.limiter, patience=3600.0)
        return call_of("loyalty.add_stamp", "No. 4711").flow(settings)

    def until_turn(self) -> Flow[Any]:
        """Begin to add a stamp: it waits for its turn."""
        steps = self.steps()
        step = next(steps)
        while isinstance(step, Work):
            step = steps.send(step.function())
        assert isinstance(step, Sleep)
        assert step.seconds == TURN
        return steps

    def until_sent(self) -> None:
        """Begin to add a stamp, and die when it has left."""
        steps = self.until_turn()
        self.server.still.sleep(TURN)
        step = next(steps)
        while isinstance(step, Work):
            step = steps.send(step.function())
        assert isinstance(step, Send)
        self.server.attend(step)

    def go_on(self, steps: Flow[Any]) -> Any:
        self.server.still.sleep(TURN)
        return self.server.drive(steps)


@pytest.fixture(params=["memory", "file"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> WriteStore:
    return DurableMemory() if request.param == "memory" else SQLiteWriteStore(tmp_path / "till.db")


def test_a_write_whose_turn_is_late_is_carried_out_once(journal: WriteStore) -> None:
    server = CardServer()
    caller = Caller(server, journal)
    caller.go_on(caller.until_turn())
    assert server.log == ["POST stamps add"]
    assert journal.pending() == []


def test_a_write_that_another_call_has_sent_meanwhile_is_not_sent(journal: WriteStore) -> None:
    server = CardServer()
    late = Caller(server, journal)
    steps = late.until_turn()
    server.still.sleep(200)  # by the journal, it is settled
    server.run(call_of("loyalty.add_stamp", "No. 4711"), server.new_settings(journal))
    with pytest.raises(UnknownOutcomeError, match="another call with this reference has begun since"):
        late.go_on(steps)
    assert server.log.count("POST stamps add") == 1
    assert server.balance == 1
    assert late.limiter.used == [False]
    assert journal.pending() == []


def test_a_write_that_another_call_is_to_send_is_not_forgotten(journal: WriteStore) -> None:
    server = CardServer(iter([Fault("lost", None)]))
    late = Caller(server, journal)
    steps = late.until_turn()
    server.still.sleep(200)
    with pytest.raises(UnknownOutcomeError):
        server.run(call_of("loyalty.add_stamp", "No. 4711"), server.new_settings(journal, max_retries=0))
    with pytest.raises(UnknownOutcomeError, match="another call with this reference has begun since"):
        late.go_on(steps)
    [pending] = journal.pending()
    assert (pending.reference, pending.requests) == ("No. 4711", 2)


def test_a_request_that_left_late_is_settled_late(journal: WriteStore) -> None:
    server = CardServer(iter([Fault("lost", 100)]))
    Caller(server, journal).until_sent()
    with pytest.raises(UnknownOutcomeError):
        server.run(call_of("loyalty.add_stamp", "No. 4711"), server.new_settings(journal))
    server.still.sleep(200)
    server.run(call_of("loyalty.add_stamp", "No. 4711"), server.new_settings(journal))
    assert server.log.count("POST stamps add") == 1
    assert server.balance == 1


def test_a_removal_does_not_wait_longer_than_its_deadline(journal: WriteStore) -> None:
    server = CardServer(iter([Fault("lost", 300), Fault("lost", 1)]))
    Caller(server, journal).until_sent()
    server.still.sleep(200)
    with pytest.raises(UnknownOutcomeError):
        server.run(call_of("loyalty.add_stamp", "No. 4711"), server.new_settings(journal, max_retries=0))
    server.still.sleep(400)
    assert server.balance == 2
    with pytest.raises(
        UnknownOutcomeError, match=r"2 times, and one could not be taken back: .* turn .* after the deadline"
    ):
        server.drive(Caller(server, journal).steps())
    assert "POST stamps remove" not in server.log
    server.run(call_of("loyalty.add_stamp", "No. 4711"), server.new_settings(journal))
    assert server.balance == 1


def test_a_journal_that_fails_before_a_late_request_stops_it(
    journal: WriteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> bool:
        raise StoreError("the disk is full")

    server = CardServer()
    caller = Caller(server, journal)
    steps = caller.until_turn()
    monkeypatch.setattr(type(journal), "postpone", fail)
    with pytest.raises(UnknownOutcomeError, match="the disk is full"):
        caller.go_on(steps)
    assert server.log == []
    assert caller.limiter.used == [False]
    assert len(journal.pending()) == 1
