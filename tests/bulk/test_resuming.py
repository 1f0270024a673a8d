"""A job with a journal: it continues where it was interrupted, and repeats nothing by itself."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from stemp_sdk import MemoryRateLimiter, bulk
from stemp_sdk.bulk import BulkReport, JournalError, RowResult
from stemp_sdk.bulk._journal import Journal
from stemp_sdk.sandbox import Sandbox
from stemp_sdk.testing import Clock
from tests.support.kills import Killed, kill_at

from .jobs import CUSTOMERS, Jobs


class Stop(BaseException):
    """Ends a run as an interruption from the keyboard does."""


def test_a_job_goes_on_where_it_was_interrupted(jobs: Jobs, tmp_path: Path) -> None:
    results: list[RowResult] = []

    def stop_after_ten(result: RowResult) -> None:
        results.append(result)
        if len(results) == 10:
            raise Stop

    client, journal = jobs.client(), tmp_path / "job"
    with pytest.raises((Stop, BaseExceptionGroup)):
        jobs.run(client.users.get_or_create, CUSTOMERS, journal=journal, concurrency=2, on_result=stop_after_ten)
    before = jobs.sent()
    assert 10 <= before < 30
    report = jobs.run(client.users.get_or_create, CUSTOMERS, journal=journal)
    assert report.is_complete
    assert report.before >= 10
    assert jobs.sent() == 30
    assert jobs.run(client.users.get_or_create, CUSTOMERS, journal=journal).before == 30
    assert jobs.sent() == 30


def test_rows_that_failed_are_run_again(jobs: Jobs, tmp_path: Path) -> None:
    client, rows = jobs.client(), [{"user_id": "later"}]
    assert jobs.run(client.users.get, rows, journal=tmp_path / "job").failed == 1
    jobs.sandbox.client().users.create(email="a@example.com", external_id="later")
    assert jobs.run(client.users.get, rows, journal=tmp_path / "job").done == 1


@pytest.mark.parametrize(("repeat", "done", "unknown"), [(None, 0, 1), (True, 1, 0), (False, 0, 1)])
def test_a_stamp_of_unknown_outcome_is_not_repeated_unasked(
    jobs: Jobs, tmp_path: Path, repeat: bool | None, done: int, unknown: int
) -> None:
    jobs.sandbox = Sandbox().seed_demo()
    rows = [{"pass_id": next(iter(jobs.sandbox.client().passes.list())).id}]
    jobs.sandbox.fail_next(operation="loyalty.add_stamp", connection="lost", carried_out=True)
    run = partial(jobs.run, jobs.client().loyalty.add_stamp, rows, journal=tmp_path / "job")
    assert run().unknown == 1
    report = run(repeat_unknown=repeat)
    assert (report.done, report.unknown) == (done, unknown)
    if unknown:
        assert "an earlier run ended before the outcome of this row was known" in str(report)


@pytest.mark.parametrize("repeat", [None, True])
def test_what_may_be_repeated_is_run_again(jobs: Jobs, tmp_path: Path, repeat: bool | None) -> None:
    jobs.sandbox = Sandbox().seed_demo()
    rows = [{"pass_id": next(iter(jobs.sandbox.client().passes.list())).id, "stamps": 3}]
    jobs.sandbox.fail_next(operation="loyalty.set_stamps", connection="lost", carried_out=False)
    run = partial(jobs.run, jobs.client(max_retries=0).loyalty.set_stamps, rows, journal=tmp_path / "job")
    assert run().unknown == 1
    assert run(repeat_unknown=repeat).done == 1


@pytest.mark.parametrize(("repeat", "done"), [(None, 0), (True, 1)])
def test_a_card_of_unknown_outcome_is_not_created_again_unasked(
    jobs: Jobs, tmp_path: Path, repeat: bool | None, done: int
) -> None:
    jobs.sandbox = Sandbox().seed_demo()
    user = jobs.sandbox.client().users.create(email="new@example.com")
    jobs.sandbox.fail_next(operation="passes.create", connection="lost", carried_out=False)
    rows = [{"template_id": "tpl_coffee", "user_id": user.id}]
    run = partial(jobs.run, jobs.client(max_retries=0).passes.get_or_create, rows, journal=tmp_path / "job")
    assert run().unknown == 1
    report = run(repeat_unknown=repeat)
    assert (report.done, report.unknown) == (done, 1 - done)


def test_a_journal_belongs_to_its_rows_and_its_operation(jobs: Jobs, tmp_path: Path) -> None:
    client, journal = jobs.client(), tmp_path / "customers.job"
    jobs.run(client.users.get_or_create, CUSTOMERS[:2], journal=journal)
    with pytest.raises(JournalError, match=r"the journal customers\.job has another row 1, which is done: the file"):
        jobs.run(client.users.get_or_create, CUSTOMERS[2:], journal=journal)
    with pytest.raises(JournalError, match=r"belongs to users\.get_or_create, not to users\.get: use another file"):
        jobs.run(client.users.get, [{"user_id": "usr_1"}], journal=journal)
    assert jobs.run(client.users.get_or_create, CUSTOMERS[:3], journal=journal).done == 1


def test_two_processes_cannot_run_one_job(jobs: Jobs, tmp_path: Path) -> None:
    journal = tmp_path / "job"
    refused: list[Exception] = []

    def again(_: RowResult) -> None:
        try:
            bulk.run(jobs.sandbox.client().users.get_or_create, CUSTOMERS, journal=journal)
        except JournalError as error:
            refused.append(error)

    jobs.run(jobs.client().users.get_or_create, CUSTOMERS[:1], journal=journal, on_result=again)
    assert [str(error) for error in refused] == ["the journal job is in use by another process"]


def test_a_damaged_journal_is_an_error(jobs: Jobs, tmp_path: Path) -> None:
    journal = tmp_path / "job"
    journal.write_bytes(b"not a database" * 100)
    journal.chmod(0o600)
    with pytest.raises(JournalError, match="the journal job cannot be used: file is not a database"):
        jobs.run(jobs.client().users.get_or_create, CUSTOMERS, journal=journal)


def _killed(journal: Path, seen: Any) -> None:
    def act(number: int) -> None:
        seen.put(number)
        if number == 5:
            os.kill(os.getpid(), signal.SIGKILL)

    bulk.run(act, [{"number": number} for number in range(10)], journal=journal, concurrency=1)


def test_a_killed_job_runs_no_row_twice(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    seen = spawn.SimpleQueue()
    process = spawn.Process(target=_killed, args=(tmp_path / "job", seen))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    first = [seen.get() for _ in range(6)]
    later: list[int] = []
    numbers = [{"number": number} for number in range(10)]

    def act(number: int) -> None:
        later.append(number)

    report = bulk.run(act, numbers, journal=tmp_path / "job", concurrency=1)
    assert first == [0, 1, 2, 3, 4, 5]
    assert later == [6, 7, 8, 9]
    assert (report.before, report.done, report.unknown) == (5, 4, 1)
    assert report.problems[0].number == 6


def _stamps(jobs: Jobs, clock: Clock | None = None, **options: Any) -> tuple[str, Any]:
    """A card, and a function that returns its stamps."""
    jobs.sandbox = Sandbox(clock=clock or Clock(), **options).seed_demo()
    client = jobs.sandbox.client()
    pass_id = next(iter(client.passes.list())).id
    return pass_id, lambda: client.loyalty.get_stamps(pass_id).current_stamps


def test_rows_with_a_reference_are_run_again_if_the_client_has_a_journal(jobs: Jobs, tmp_path: Path) -> None:
    pass_id, stamps = _stamps(jobs)
    before = stamps()
    rows = [{"pass_id": pass_id, "reference": "receipt 1"}]
    jobs.sandbox.fail_next(operation="loyalty.add_stamp", connection="lost", late=60)
    kept = jobs.client(journal=tmp_path / "writes", max_retries=0)
    assert jobs.run(kept.loyalty.add_stamp, rows, journal=tmp_path / "job").unknown == 1
    again = jobs.client(journal=tmp_path / "writes")
    assert jobs.run(again.loyalty.add_stamp, rows, journal=tmp_path / "job").done == 1
    jobs.sandbox.advance(600)
    assert stamps() == before + 1


@pytest.mark.parametrize(
    "journals", [(None, None), ("writes", None), (None, "writes"), ("writes", "others"), ("writes", None, "writes")]
)
def test_rows_with_a_reference_are_unknown_without_the_journal_of_every_run(
    jobs: Jobs, tmp_path: Path, journals: tuple[str | None, ...]
) -> None:
    pass_id, stamps = _stamps(jobs)
    before = stamps()
    rows = [{"pass_id": pass_id, "reference": "receipt 1"}]
    jobs.sandbox.fail_next(operation="loyalty.add_stamp", connection="lost", late=60)
    for journal in journals:  # each of another process
        client = jobs.client(journal=journal and tmp_path / journal, max_retries=0)
        assert jobs.run(client.loyalty.add_stamp, rows, journal=tmp_path / "job").unknown == 1
    jobs.sandbox.advance(600)
    assert stamps() == before + 1
    jobs.run(jobs.client().loyalty.add_stamp, rows, journal=tmp_path / "job", repeat_unknown=True)
    assert stamps() == before + 1  # it is found in the history


def test_a_new_journal_at_the_path_of_the_old_one_does_not_count_as_that_of_every_run(
    jobs: Jobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pass_id, stamps = _stamps(jobs)
    before = stamps()
    rows = [{"pass_id": pass_id, "reference": "receipt 1"}]

    def run() -> BulkReport:  # each of another process
        client = jobs.client(journal=tmp_path / "writes")
        return jobs.run(client.loyalty.add_stamp, rows, journal=tmp_path / "job")

    with monkeypatch.context() as killing:
        kill_at(killing, "/stamps/add", is_late=True)
        with pytest.raises((Killed, BaseExceptionGroup)):
            run()
    assert stamps() == before + 1
    for path in tmp_path.glob("writes*"):
        path.unlink()
    assert [run().unknown, run().unknown] == [1, 1]
    assert stamps() == before + 1


def test_a_journal_that_was_moved_is_still_that_of_every_run(
    jobs: Jobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pass_id, stamps = _stamps(jobs)
    before = stamps()
    rows = [{"pass_id": pass_id, "reference": "receipt 1"}]
    with monkeypatch.context() as killing:
        kill_at(killing, "/stamps/add", is_late=True)
        with pytest.raises((Killed, BaseExceptionGroup)):
            jobs.run(jobs.client(journal=tmp_path / "writes").loyalty.add_stamp, rows, journal=tmp_path / "job")
    for path in tmp_path.glob("writes*"):
        path.rename(tmp_path / path.name.replace("writes", "moved"))
    moved = jobs.client(journal=tmp_path / "moved")
    assert jobs.run(moved.loyalty.add_stamp, rows, journal=tmp_path / "job").done == 1
    assert stamps() == before + 1


@pytest.mark.parametrize("later", [1, 200, 400])
def test_a_row_that_was_killed_is_done_five_minutes_after_its_beginning(
    jobs: Jobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, later: float
) -> None:
    clock = Clock()
    pass_id, stamps = _stamps(jobs, clock)
    before = stamps()
    rows = [{"pass_id": pass_id, "reference": "receipt 1"}]

    def run() -> BulkReport:  # each of another process
        client = jobs.client(journal=tmp_path / "writes")
        return jobs.run(client.loyalty.add_stamp, rows, journal=tmp_path / "job")

    begun = clock.now
    with monkeypatch.context() as killing:
        kill_at(killing, "/stamps/add", is_late=False)
        with pytest.raises((Killed, BaseExceptionGroup)):
            run()
    clock.advance(later)
    assert run().done == 1
    assert (clock.now - begun).total_seconds() == max(later, 300)
    assert stamps() == before + 1


def test_a_row_that_was_killed_after_a_long_wait_for_its_turn_is_not_sent_too_early(
    jobs: Jobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    pass_id, stamps = _stamps(jobs, clock, rate_limit=20, rate_limit_window=1000)
    before = stamps()
    reads = [{"pass_id": pass_id}] * 20
    rows = [{"pass_id": pass_id, "reference": "receipt 1"}]

    def run() -> BulkReport:
        limiter = MemoryRateLimiter()
        client = jobs.client(journal=tmp_path / "writes", rate_limiter=limiter)
        jobs.run(client.loyalty.get_stamps, reads)
        return jobs.run(client.loyalty.add_stamp, rows, journal=tmp_path / "job")

    begun = clock.now
    jobs.sandbox.fail_next(operation="loyalty.add_stamp", connection="lost", late=100)
    with monkeypatch.context() as killing:
        kill_at(killing, "/stamps/add", is_late=True)
        with pytest.raises((Killed, BaseExceptionGroup)):
            run()
    assert (clock.now - begun).total_seconds() > 300
    assert stamps() == before
    assert run().done == 1
    clock.advance(600)
    assert stamps() == before + 1
    assert jobs.sent() == 1


def test_a_function_of_ones_own_is_not_repeated_for_an_argument_named_reference(jobs: Jobs, tmp_path: Path) -> None:
    tried: list[str] = []

    def act(reference: str) -> None:
        tried.append(reference)
        raise RuntimeError("lost")

    run = partial(jobs.run, jobs.operation(act), [{"reference": "r 1"}], journal=tmp_path / "job")
    assert [run().unknown, run().unknown, tried] == [1, 1, ["r 1"]]
    assert [run(repeat_unknown=True).unknown, tried] == [1, ["r 1", "r 1"]]


def test_an_interruption_in_a_row_ends_the_job(jobs: Jobs, tmp_path: Path) -> None:
    stops = True

    def act(number: int) -> None:
        if number == 1 and stops:
            raise Stop

    numbers = [{"number": number} for number in range(4)]
    run = partial(jobs.run, jobs.operation(act), numbers, journal=tmp_path / "job", concurrency=1)
    with pytest.raises((Stop, BaseExceptionGroup)):
        run()
    with pytest.raises((Stop, BaseExceptionGroup)):
        run(repeat_unknown=True)
    stops = False
    report = run()
    assert (report.before, report.unknown, report.done) == (1, 1, 2)
    assert [problem.number for problem in report.problems] == [2]


def test_a_journal_that_fails_ends_the_job(jobs: Jobs, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "job", "users.create")
    journal.close()
    with pytest.raises(JournalError, match="the journal job cannot be used: "):
        journal.note(1, {}, "begun")

    def damage(_: RowResult) -> None:
        raise JournalError("the journal job cannot be used: the disk is full")

    with pytest.raises(JournalError, match="the disk is full"):
        jobs.run(jobs.client().users.get_or_create, CUSTOMERS, journal=tmp_path / "job2", on_result=damage)


def test_a_journal_that_cannot_be_begun_is_closed(tmp_path: Path) -> None:
    Journal(tmp_path / "job", "users.create", "writes").close()
    with closing(sqlite3.connect(tmp_path / "job")) as file:
        file.execute("CREATE TRIGGER full BEFORE UPDATE ON job BEGIN SELECT RAISE(ABORT, 'the disk is full'); END")
    with pytest.raises(JournalError, match="cannot be used: the disk is full") as refused:
        Journal(tmp_path / "job", "users.create", "other writes")
    Journal(tmp_path / "job", "users.create", "writes").close()  # while the error, and so its frames, are still there
    del refused
