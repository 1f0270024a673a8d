"""The table that judges an attempt: whole, consistent, and the same in the documentation."""

from __future__ import annotations

import pytest

from stemp_sdk import OPERATIONS, Replay
from stemp_sdk._core.call import NoResponse, RawResponse
from stemp_sdk._core.judge import RULES, Before, Came, Next, judge, what_came
from stemp_sdk._core.problems import read_problem
from tests.support.paths import ROOT

from .driving import NEVER, RESET, answer, call_of, said

GUIDE = ROOT / "docs" / "guide" / "calls.md"
ADD = call_of("POST", replay=Replay.NEVER).operation
DELETE = call_of("DELETE").operation
READ = call_of("GET").operation
PAGE = b"<html>Bad gateway</html>"


def row(came: Came) -> str:
    rule = RULES[came]
    unknown = "no" if rule.proves_undone else "yes" if Next.DONE in {rule.idempotent, rule.adds} else "unknown"
    return f"| {came.value} | {rule.idempotent.value} | {rule.adds.value} | {unknown} |"


def test_every_case_has_one_rule() -> None:
    assert RULES.keys() == {*Came}


def test_the_page_about_calls_has_the_same_table() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    assert [line for line in map(row, Came) if line not in text] == []


@pytest.mark.parametrize("came", Came)
def test_a_write_that_adds_goes_out_again_only_where_it_was_not_carried_out(came: Came) -> None:
    rule = RULES[came]
    if rule.adds in {Next.AGAIN, Next.RENEW}:
        assert rule.proves_undone


@pytest.mark.parametrize(
    ("outcome", "came"),
    [
        (answer(200, b"not JSON"), Came.UNREADABLE),
        (NoResponse("certificate", sent=False, timed_out=False, permanent=True), Came.UNREACHABLE),
        (NEVER, Came.NO_CONNECTION),
        (RESET, Came.NO_RESPONSE),
        (said(429), Came.LIMITED),
        (said(503), Came.LIMITED),
        (answer(200, {"error": {"code": "rate_limit_exceeded", "message": "Rate limit exceeded."}}), Came.LIMITED),
        (said(401), Came.REFUSED_401),
        (answer(401, www_authenticate="Bearer"), Came.REFUSED_401),
        (said(404), Came.ALREADY_DELETED),
        (said(400), Came.REFUSED),
        (said(200, "resource_not_found"), Came.REFUSED),
        (answer(422, {"STANDARD_VALIDATION": {"name": "must not be blank"}}), Came.REFUSED),
        (answer(400, {"CUSTOM_VALIDATION": {"email_already_exists": []}}), Came.REFUSED),
        (answer(400, {"error": "invalid_grant"}), Came.REFUSED),
        (answer(401, {"code": "access_denied", "message": "Insufficient scope: requires pass:read"}), Came.REFUSED),
        (answer(401), Came.OTHER_401),
        (answer(401, www_authenticate="Basic"), Came.OTHER_401),
        (answer(408), Came.FAILED),
        (answer(429, PAGE), Came.FAILED),
        (answer(503, PAGE), Came.FAILED),
        (answer(503, {"error": {"code": 503, "message": "The service is unavailable."}}), Came.FAILED),
        (answer(503, {"error": {"code": "ServiceUnavailable", "message": "Try later."}}), Came.FAILED),
        (answer(503, {"error": "Service Unavailable", "status": 503}), Came.FAILED),
        (answer(503, {"error": "timeout"}), Came.FAILED),
        (answer(503, {"code": "service_unavailable", "message": "Upstream timed out."}), Came.FAILED),
        (answer(429, {"error": {"code": "too_many_requests", "message": "Slow down."}}), Came.FAILED),
        (answer(200, {"code": "ok", "message": "Done."}), Came.UNREADABLE),
        (answer(200, {"error": "none"}), Came.UNREADABLE),
        (answer(503, {"code": "rate_limit_exceeded", "message": "Retry after 1 second."}), Came.LIMITED),
        (answer(529), Came.FAILED),
        (said(500), Came.FAILED),
        (said(408), Came.FAILED),
        (said(301), Came.OTHER),
        (answer(101), Came.OTHER),
        (answer(303), Came.OTHER),
        (answer(404, PAGE), Came.OTHER),
    ],
)
def test_each_outcome_of_a_request_is_recognised(outcome: RawResponse | NoResponse, came: Came) -> None:
    failed = outcome if isinstance(outcome, NoResponse) else read_problem(outcome)
    assert what_came(DELETE, failed, Before(unclear=True)) is came


def test_a_result_is_a_success() -> None:
    assert judge(ADD, None, Before()).next is Next.DONE


def test_a_read_leaves_nothing_unclear() -> None:
    assert not judge(READ, RESET, Before(retries_left=1)).unclear
    assert judge(ADD, RESET, Before(retries_left=1)).unclear


def test_an_outcome_that_was_unclear_stays_unclear() -> None:
    assert judge(DELETE, NEVER, Before(unclear=True, retries_left=1)).unclear


def test_without_retries_and_renewals_left_the_error_is_raised() -> None:
    assert judge(READ, NEVER, Before(retries_left=1)).next is Next.AGAIN
    assert judge(READ, NEVER, Before()).next is Next.FAIL
    assert judge(READ, read_problem(said(401)), Before(renewals_left=1)).next is Next.RENEW
    assert judge(READ, read_problem(said(401)), Before()).next is Next.FAIL


def test_every_write_that_adds_is_a_post() -> None:
    assert {operation.http_method for operation in OPERATIONS.values() if operation.adds} == {"POST"}
