"""Jobs: checked before the first request, carried out row by row, paced, and gone on with after an interruption."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from stemp_sdk import (
    AsyncStemp,
    MissingScopeError,
    NotFoundError,
    PermissionDeniedError,
    Stemp,
    StempError,
    TokenKindError,
    bulk,
    presets,
)
from stemp_sdk.bulk import RowResult, RowsError, RowStatus
from stemp_sdk.sandbox import Sandbox
from stemp_sdk.scopes import USER_CREATE
from stemp_sdk.testing import Clock
from tests.support.errors import errors_of_the_client

from .jobs import CUSTOMERS, Jobs, act_that_works


def test_each_row_is_carried_out_and_given_as_a_result(jobs: Jobs) -> None:
    results: list[RowResult] = []
    report = jobs.run(jobs.client().users.get_or_create, CUSTOMERS, on_result=results.append)
    assert (report.total, report.done, report.is_complete) == (30, 30, True)
    assert sorted(result.number for result in results) == [*range(1, 31)]
    assert all(result.value.external_id == result.row["external_id"] for result in results)
    assert jobs.sent() == 30
    assert str(report) == "30 rows: 30 done"


UNUSABLE: Final[list[tuple[Any, str]]] = [
    (
        [{"email": "a@example.com"}, {"email": 3}, {"email": "c@example.com", "mail": "x"}, ["email"]],
        (
            "3 of 4 rows cannot be used, so nothing was sent: row 2: email: Input should be a valid string, not "
            "int; row 3: got an unexpected keyword argument 'mail'; row 4: it must be a mapping, not list"
        ),
    ),
    ([{}] * 12, "12 of 12 rows cannot be used, .*; and 2 more$"),
    (iter([{"email": "a@example.com"}]), "rows must be iterable twice"),
]


@pytest.mark.parametrize(("rows", "message"), UNUSABLE)
def test_all_rows_are_checked_before_the_first_request(jobs: Jobs, rows: Any, message: str) -> None:
    good = [{"email": "good@example.com"}]
    with pytest.raises(RowsError, match=message):
        jobs.run(jobs.client().users.create, rows)
    assert jobs.run(jobs.client().users.create, good).done == 1
    assert jobs.sent() == 1


def test_a_missing_scope_is_found_before_the_first_request(jobs: Jobs) -> None:
    with pytest.raises(MissingScopeError, match=r"users\.create needs user:create"):
        jobs.run(jobs.client(scopes=presets.POS).users.create, CUSTOMERS)
    with pytest.raises(MissingScopeError, match=r"users\.get_or_create needs user:create"):
        jobs.run(jobs.client(scopes=presets.POS).users.get_or_create, CUSTOMERS)
    assert list(jobs.sandbox.requests) == []


def test_a_method_of_several_requests_is_checked_too(jobs: Jobs) -> None:
    assert jobs.run(jobs.client(scopes=presets.POS).journal.resume, [{}]).done == 1
    with pytest.raises(MissingScopeError, match=r"journal\.resume needs loyalty:manage"):
        jobs.run(jobs.client(scopes=presets.READ_ONLY).journal.resume, [{}])


def test_a_token_of_the_wrong_kind_is_found_before_the_first_request(jobs: Jobs) -> None:
    client = (Stemp if jobs.kind == "sync" else AsyncStemp)("sk_live_any")
    with pytest.raises(TokenKindError):
        jobs.run(client.emails.send, [{"to": "usr_1", "subject": "Hi", "html_body": "Hi", "category": "TRANSACTIONAL"}])


def test_a_row_that_fails_does_not_end_the_job(jobs: Jobs) -> None:
    client = jobs.client()
    created = jobs.run(client.users.create, [{"email": "a@example.com", "external_id": "known"}], concurrency=1)
    assert created.done == 1
    rows = [{"user_id": "known"}, {"user_id": "usr_none"}, {"user_id": "known"}]
    report = jobs.run(client.users.get, rows, concurrency=1)
    assert (report.done, report.failed, report.unknown, report.is_complete) == (2, 1, 0, False)
    (problem,) = report.problems
    assert (problem.number, problem.status) == (2, RowStatus.FAILED)
    assert isinstance(problem.error, NotFoundError)
    assert str(report).splitlines()[0] == "3 rows: 2 done, 1 failed"
    assert str(report).splitlines()[1].startswith("row 2: failed: users.get: ")


def test_an_error_that_all_rows_would_meet_ends_the_job(jobs: Jobs) -> None:
    client = jobs.client(scopes=presets.POS | USER_CREATE).with_options(check_scopes="off")
    with pytest.raises(MissingScopeError) as caught:
        jobs.run(client.templates.create, [{"name": f"Card {number}"} for number in range(40)], concurrency=2)
    assert caught.value.source == "server"
    assert jobs.sent() <= 4
    (note,) = caught.value.__notes__
    assert note.startswith("The job was stopped, as every other row would end like this one. 40 rows: ")


def test_a_forbidden_row_does_not_end_the_job(jobs: Jobs) -> None:
    jobs.sandbox.fail_next(operation="users.create", nth=2, status=403, shape="stemp")
    report = jobs.run(jobs.client().users.create, [{"email": f"{n}@example.com"} for n in range(4)], concurrency=1)
    assert (report.done, report.failed) == (3, 1)
    assert isinstance(report.problems[0].error, PermissionDeniedError)


@errors_of_the_client
def test_an_error_of_the_client_ends_the_job(jobs: Jobs, error: StempError) -> None:
    tried: list[int] = []

    def act(number: int) -> None:
        tried.append(number)
        raise error

    with pytest.raises(type(error)) as caught:
        jobs.run(jobs.operation(act), [{"number": n} for n in range(9)], concurrency=1)
    assert caught.value is error
    assert tried == [0]


def test_a_lost_response_makes_a_row_unknown(jobs: Jobs) -> None:
    sandbox = jobs.sandbox.seed_demo()
    pass_id = next(iter(sandbox.client().passes.list())).id
    sandbox.fail_next(operation="loyalty.add_stamp", connection="lost", carried_out=True)
    report = jobs.run(jobs.client().loyalty.add_stamp, [{"pass_id": pass_id}] * 3, concurrency=1)
    assert (report.done, report.unknown) == (2, 1)
    assert report.problems[0].error is not None
    assert str(report).startswith("3 rows: 2 done, 1 of unknown outcome\nrow 1: unknown: ")


def test_the_report_keeps_the_first_hundred_problems(jobs: Jobs) -> None:
    report = jobs.run(jobs.client().users.get, [{"user_id": "usr_none"}] * 130)
    assert (report.failed, len(report.problems)) == (130, 100)
    assert str(report).endswith("\nand 30 more")


def test_a_job_uses_the_rate_limit_and_does_not_exceed_it(jobs: Jobs) -> None:
    jobs.sandbox = Sandbox(rate_limit=20)
    assert jobs.run(jobs.client().users.get_or_create, CUSTOMERS).done == 30
    assert [request.status for request in jobs.sandbox.requests].count(429) == 0


def test_a_row_waits_longer_for_its_turn_than_its_deadline(jobs: Jobs) -> None:
    jobs.sandbox = Sandbox(clock=Clock(), rate_limit=20, rate_limit_window=1000)
    client = jobs.client(deadline=5)
    assert jobs.run(client.users.get_or_create, CUSTOMERS, concurrency=3).done == 30
    assert [request.status for request in jobs.sandbox.requests].count(429) == 0


def test_a_row_that_is_refused_for_the_rate_limit_waits_longer_than_its_deadline(jobs: Jobs) -> None:
    jobs.sandbox = Sandbox(clock=Clock())
    jobs.sandbox.fail_next(operation="users.create", status=429, shape="stemp", retry_after=200)
    assert jobs.run(jobs.client(deadline=5).users.create, CUSTOMERS[:1]).done == 1
    assert jobs.sent() == 2


def test_a_row_waits_no_longer_than_its_deadline_for_a_server_that_does_not_respond(jobs: Jobs) -> None:
    clock = Clock()
    jobs.sandbox = Sandbox(clock=clock)
    jobs.sandbox.fail_next(status=503, retry_after=200)
    begun = clock.now
    assert jobs.run(jobs.client(deadline=5).users.get, [{"user_id": "usr_1"}]).failed == 1
    assert (clock.now - begun).total_seconds() < 5
    assert len(jobs.sandbox.requests) == 1


def test_a_function_of_ones_own_is_carried_out_for_each_row(jobs: Jobs) -> None:
    seen: list[int] = []

    def act(number: int) -> int:
        seen.append(number)
        return number

    report = jobs.run(jobs.operation(act), [{"number": 1}, {"number": 2}])
    assert (report.done, sorted(seen)) == (2, [1, 2])
    with pytest.raises(RowsError, match="row 1: missing a required argument: 'number'"):
        jobs.run(jobs.operation(act), [{}])


def test_an_error_of_ones_own_function_is_of_unknown_outcome(jobs: Jobs) -> None:
    def act() -> None:
        raise RuntimeError("half done")

    report = jobs.run(jobs.operation(act), [{}])
    assert (report.unknown, str(report.problems[0].error)) == (1, "half done")


@pytest.mark.parametrize("concurrency", [1, 3])
def test_at_most_so_many_rows_are_carried_out_at_once(concurrency: int) -> None:
    under_way = most = 0
    acted: list[int] = []
    barrier = asyncio.Barrier(concurrency)

    async def act(number: int) -> None:
        nonlocal under_way, most
        acted.append(number)
        under_way += 1
        most = max(most, under_way)
        await barrier.wait()
        under_way -= 1

    asyncio.run(bulk.arun(act, [{"number": number} for number in range(21)], concurrency=concurrency))
    assert most == concurrency
    assert sorted(acted) == list(range(21))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"concurrency": 0}, ValueError, "concurrency must be at least 1, not 0"),
        ({"concurrency": "8"}, TypeError, "concurrency must be an int, not str"),
        ({"operation": "users.create"}, TypeError, "operation must be a method of a client or a function, not str"),
    ],
)
def test_wrong_arguments_are_named(jobs: Jobs, options: dict[str, Any], error: type[Exception], message: str) -> None:
    arguments = {"operation": jobs.client().users.get_or_create, "rows": CUSTOMERS} | options
    with pytest.raises(error, match=message):
        jobs.run(**arguments)


def test_a_method_of_the_other_client_is_refused() -> None:
    create: Any = Sandbox().client().users.create
    with pytest.raises(TypeError, match="operation is async: use arun"):
        bulk.run(Sandbox().async_client().users.create, CUSTOMERS)
    with pytest.raises(TypeError, match="operation is not async: use run"):
        asyncio.run(bulk.arun(create, CUSTOMERS))


def test_a_function_of_the_other_kind_ends_the_job_with_a_clear_error(jobs: Jobs, tmp_path: Path) -> None:
    tried: list[int] = []

    async def act_async(number: int) -> None:
        tried.append(number)

    def returns_a_coroutine(number: int) -> Any:
        return act_async(number)

    def act(number: int) -> None:
        tried.append(number)

    results: list[RowResult] = []
    wrong = returns_a_coroutine if jobs.kind == "sync" else act
    numbers = [{"number": number} for number in range(40)]
    message = "operation is async: use arun" if jobs.kind == "sync" else "operation is not async: use run"
    with pytest.raises(TypeError, match=message):
        jobs.run(wrong, numbers, journal=tmp_path / "job", concurrency=2, on_result=results.append)
    assert 1 <= len(results) <= 4
    if jobs.kind == "sync":
        assert tried == []
        assert {result.status for result in results} == {RowStatus.FAILED}
    else:
        assert tried == [result.number - 1 for result in results]
        assert {result.status for result in results} == {RowStatus.UNKNOWN}


def test_a_future_that_a_function_returns_to_a_job_in_threads_is_of_unknown_outcome() -> None:
    results: list[RowResult] = []

    class Begun:
        def __await__(self) -> Iterator[None]:
            raise NotImplementedError

    with pytest.raises(TypeError, match="use arun"):
        bulk.run(Begun, [{}], on_result=results.append)
    assert [result.status for result in results] == [RowStatus.UNKNOWN]


def test_the_listing_of_a_row_is_its_value() -> None:
    results: list[RowResult] = []
    bulk.run(Sandbox().seed_demo().client().users.list, [{"size": 5}], on_result=results.append)
    assert results[0].value.items


def test_memory_does_not_grow_with_the_rows() -> None:
    class Rows:
        def __init__(self, count: int) -> None:
            self.count = count

        def __iter__(self) -> Iterator[dict[str, int]]:
            return ({"number": number} for number in range(self.count))

    def peak(count: int) -> int:
        tracemalloc.start()
        bulk.run(act_that_works, Rows(count))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(100)
    assert peak(8_000) < peak(400) + 50_000
