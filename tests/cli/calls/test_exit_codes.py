"""Each kind of failure of a generated command has its exit code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from stemp_sdk._cli.calls.exits import Exit, exit_of, sentence
from stemp_sdk._core.errors import DuplicateWriteError
from tests.cli.runs import Runner

from .conftest import Served


@pytest.mark.parametrize("arguments", [("users", "find", "nobody"), ("users", "get", "nobody")])
def test_what_is_not_found_is_exit_code_4(run: Runner, served: Served, arguments: Sequence[str]) -> None:
    del served
    missing = run(*arguments)
    assert (missing.code, missing.out) == (Exit.NOT_FOUND, "")
    assert missing.err.startswith(f"stemp: users.{arguments[1]}: ")


@pytest.mark.parametrize(
    ("failure", "arguments", "status", "advice"),
    [
        ({"status": 401}, ["users", "list"], Exit.TOKEN, "stemp doctor"),
        ({"status": 409}, ["users", "list"], Exit.REFUSED, ""),
        ({"status": 503, "times": 9}, ["users", "list"], Exit.SERVER, ""),
        ({"status": 429, "retry_after": 900}, ["users", "list"], Exit.RATE_LIMIT, "run the command again"),
        (
            {"connection": "lost"},
            ["users", "create", "--email", "x@example.com"],
            Exit.UNKNOWN,
            "may have been carried",
        ),
        ({"status": 200, "body": b"<html>"}, ["users", "get", "cust_123"], Exit.SERVER, "cannot be read"),
    ],
)
def test_each_kind_of_failure_has_its_exit_code(
    run: Runner, served: Served, failure: Any, arguments: list[str], status: Exit, advice: str
) -> None:
    served.sandbox.fail_next(**failure)
    failed = run(*arguments)
    assert failed.code == status
    assert failed.err.startswith("stemp: ")
    assert failed.err.count("\n") == 1
    assert advice in failed.err
    assert served.everything not in failed.err


def test_no_connection_is_exit_code_7(run: Runner, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEMP_BASE_URL", "http://127.0.0.1:9/api")
    failed = run("users", "list")
    assert failed.code == Exit.CONNECTION
    assert failed.err.endswith("stemp doctor checks the connection.\n")
    del served


def test_another_error_is_exit_code_1() -> None:
    error = DuplicateWriteError("loyalty.add_stamp", "r1", 2)
    assert exit_of(error) == Exit.FAILED
    assert sentence(error) == str(error)
