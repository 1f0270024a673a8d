"""``docs/reliability.md`` says what the code does: its tables are made from the code."""

from __future__ import annotations

import pytest

from stemp_sdk import OPERATIONS, Operation, Replay
from stemp_sdk._core.judge import RULES, Came, Next
from stemp_sdk._core.reference import LONGEST_NOTE, LONGEST_REFERENCE, digits_of
from stemp_sdk._core.settling import SETTLES_LATE, SETTLES_SOON
from tests.support.paths import ROOT

PAGE = (ROOT / "docs" / "reliability.md").read_text("utf-8")
API = [operation for operation in OPERATIONS.values() if not operation.anonymous]


def failure_row(came: Came) -> str:
    rule = RULES[came]
    looked_up = rule.adds is Next.FAIL and not rule.proves_undone
    with_reference = "looked up in the history, then done or sent again" if looked_up else rule.adds.value
    return f"| {came.value} | {rule.idempotent.value} | {rule.adds.value} | {with_reference} |"


def operation_row(operation: Operation) -> str:
    scopes = "" if operation.reference_scopes is None else operation.reference_scopes.join(", ")
    return f"| {operation.name} | {operation.replay} | {operation.scopes.join(', ')} | {scopes} |"


@pytest.mark.parametrize("came", Came)
def test_the_page_says_what_happens_at_each_failure(came: Came) -> None:
    assert failure_row(came) in PAGE


@pytest.mark.parametrize("operation", API, ids=lambda one: one.name)
def test_the_page_says_what_may_be_repeated_of_each_operation(operation: Operation) -> None:
    assert operation_row(operation) in PAGE


def test_the_page_has_no_other_rows() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("|") and line[2:3] not in {"-", ""}]
    known = {failure_row(came) for came in Came} | {operation_row(operation) for operation in API}
    headings = {row for row in rows if "operation |" in row or row.startswith("| response |") or "replay |" in row}
    others = [row for row in rows if row not in known | headings]
    assert [row.split("|")[1].strip() for row in others] == [f"`{replay}`" for replay in Replay]


def test_the_page_has_the_numbers_of_the_code() -> None:
    assert f"{SETTLES_SOON:.0f} s after" in PAGE
    assert f"{SETTLES_LATE:.0f} s after" in PAGE
    assert f"{LONGEST_REFERENCE} characters" in PAGE
    assert f"{LONGEST_NOTE} characters" in PAGE
    assert f"[No. 4711 ~{digits_of('loyalty.add_stamp', 'No. 4711')}] Main St" in PAGE
