"""Each kind of failure of a generated command has its exit code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from stemp_sdk import ScopeSet, presets
from stemp_sdk._cli.calls.exits import ADVICE, Exit, exit_of, sentence
from stemp_sdk._core.errors import DuplicateWriteError
from stemp_sdk._core.scope_errors import MissingScopeError
from stemp_sdk.scopes import LOYALTY_MANAGE, ORG_READ, PASS_READ, PLATFORM_EMAIL_SEND, TEMPLATE_DELETE, USER_CREATE
from tests.cli.runs import Runner

from .conftest import Served


@pytest.mark.parametrize("arguments", [("users", "find", "nobody"), ("users", "get", "nobody")])
def test_what_is_not_found_is_exit_code_4(run: Runner, served: Served, arguments: Sequence[str]) -> None:
    del served
    missing = run(*arguments)
    assert (missing.code, missing.out) == (Exit.NOT_FOUND, "")
    assert missing.err.startswith(f"stemp: users.{arguments[1]}: ")
    assert missing.err.endswith(f"{ADVICE[Exit.NOT_FOUND]}\n")
    assert "stemp whoami" in missing.err


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


def test_a_missing_scope_is_stated_as_in_a_shell(run: Runner, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEMP_SCOPES", "POS,user:create")
    refused = run("templates", "delete", "tpl_coffee", "--yes")
    assert refused.code == Exit.SCOPE
    assert refused.err == (
        "stemp: templates.delete needs template:delete, which the token lacks. It holds loyalty:manage, pass:create, "
        "pass:read, user:create, user:read. No request was sent. Use a token that has template:delete, and state "
        "its scopes: STEMP_SCOPES=POS,template:delete,user:create, or stemp login --scopes "
        "POS,template:delete,user:create.\n"
    )
    assert served.requests == []
    monkeypatch.setenv("STEMP_SCOPES", "POS,user:create,template:delete")
    assert run("templates", "delete", "tpl_coffee", "--dry-run").code == 0


def test_a_scope_that_the_server_misses_is_stated_as_in_a_shell(
    run: Runner, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEMP_TOKEN", served.till)
    refused = run("templates", "delete", "tpl_coffee", "--yes")
    assert refused.code == Exit.SCOPE
    assert refused.err == (
        "stemp: templates.delete: the server says that the token lacks template:delete. Use a token that has "
        "template:delete, and state its scopes: STEMP_SCOPES=template:delete, or stemp login --scopes "
        "template:delete.\n"
    )


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (
            MissingScopeError("emails.send", PLATFORM_EMAIL_SEND, ScopeSet("api_token:manage")),
            "STEMP_SCOPES=platform:email:send, or",  # no single token may hold both
        ),
        (MissingScopeError("x.y", PASS_READ | LOYALTY_MANAGE, PASS_READ), "the token lacks loyalty:manage."),
        (MissingScopeError("x.y", PASS_READ, ScopeSet()), "It holds no scopes. No request was sent."),
        (MissingScopeError("x.y", PASS_READ, ScopeSet(), outcome_unknown=True), "It holds no scopes. Use a token"),
        (MissingScopeError("x.y", ORG_READ | PASS_READ, None, "server", any_of=True), "lacks org:read or pass:read."),
    ],
)
def test_advice_on_scopes_names_no_python(error: MissingScopeError, says: str) -> None:
    assert says in sentence(error)
    assert " scopes=" not in sentence(error)
    assert "presets." not in sentence(error)


@pytest.mark.parametrize(
    "error",
    [
        MissingScopeError("x.y", TEMPLATE_DELETE, presets.POS, granted=presets.POS | USER_CREATE, confined=True),
        MissingScopeError("x.y", TEMPLATE_DELETE, None),
    ],
)
def test_a_refusal_that_no_variable_mends_keeps_its_message(error: MissingScopeError) -> None:
    assert sentence(error) == str(error)


def test_another_error_is_exit_code_1() -> None:
    error = DuplicateWriteError("loyalty.add_stamp", "r1", 2)
    assert exit_of(error) == Exit.FAILED
    assert sentence(error) == str(error)
