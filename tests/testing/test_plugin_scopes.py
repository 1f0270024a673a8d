"""The pytest plugin: the scopes that tests use, reported and held against those that are granted."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from stemp_sdk import presets

USES = """
@pytest.mark.stemp_scopes(presets.POS)
def test_reads(stemp_client, stemp_admin):
    stemp_admin.templates.create(name="not recorded")
    stemp_client.users.list()
    stemp_client.passes.list()

@pytest.mark.stemp_scopes(presets.POS)
def test_is_refused(stemp_client):
    with pytest.raises(MissingScopeError):
        stemp_client.templates.delete("tpl_1")

def test_uses_nothing():
    pass
"""
OFF = """
@pytest.mark.stemp_scopes(USER_READ)
def test_off(stemp_sandbox):
    options = {"base_url": stemp_sandbox.base_url, "http_client": stemp_sandbox.http_client()}
    till = Stemp(stemp_sandbox.issue_token(presets.POS), scopes=USER_READ, check_scopes="off", **options)
    till.passes.list()
"""


def test_the_report_says_what_was_used(run: Callable[..., pytest.RunResult]) -> None:
    result = run(USES, "--stemp-scopes")
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(
        [
            "*= stemp scopes =*",
            "used        pass:read, user:read (2 operations, 2 calls)",
            "granted     loyalty:manage, pass:create, pass:read, user:read",
            "never used  loyalty:manage, pass:create (by these tests; code that they do not run may need it)",
            "refused by a client:",
            "  templates.delete: template:delete",
        ],
        consecutive=True,
    )
    result.stdout.no_fnmatch_line("*test_it.py::*")


def test_the_report_of_each_test(run: Callable[..., pytest.RunResult]) -> None:
    result = run(USES, "--stemp-scopes-per-test")
    result.stdout.fnmatch_lines(
        [
            "test_it.py::test_is_refused",
            "  used: none",
            "  never used: loyalty:manage, pass:create, pass:read, user:read",
            "test_it.py::test_reads",
            "  used: pass:read, user:read",
            "  never used: loyalty:manage, pass:create",
            "used        pass:read, user:read*",
        ],
        consecutive=True,
    )
    result.stdout.no_fnmatch_line("*test_uses_nothing*")


def test_without_the_options_there_is_no_report(run: Callable[..., pytest.RunResult]) -> None:
    run(USES).stdout.no_fnmatch_line("*stemp scopes*")


def test_strict_fails_what_is_used_and_not_granted(run: Callable[..., pytest.RunResult]) -> None:
    result = run(USES + OFF, "--stemp-scopes-strict")
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(["used, and not granted:", "  passes.list: pass:read", "*= stemp scopes =*"])
    run(USES + OFF, "--stemp-scopes").assert_outcomes(passed=4)


def test_strict_knows_what_is_granted_by_the_ini_option(run: Callable[..., pytest.RunResult]) -> None:
    tests = """
def test_an_app_that_does_not_know_its_scopes(stemp_sandbox):
    client = stemp_sandbox.client()
    assert client.scopes is None
    client.users.list()
    client.passes.list()
"""
    result = run(tests, "--stemp-scopes-strict", ini="stemp_scopes = user:read")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["used, and not granted:", "  passes.list: pass:read"], consecutive=True)
    run(tests, "--stemp-scopes-strict").assert_outcomes(passed=1)


def test_a_mark_that_cannot_be_read_is_an_error_of_its_test_alone(run: Callable[..., pytest.RunResult]) -> None:
    result = run(USES + '@pytest.mark.stemp_scopes("pass:read")\ndef test_odd():\n    pass\n', "--stemp-scopes")
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines("*TypeError: a ScopeSet is joined with a constant*parse('pass:read')*")


def test_a_test_that_fails_keeps_its_own_error_in_strict_mode(run: Callable[..., pytest.RunResult]) -> None:
    result = run(OFF + "    assert 1 == 2\n", "--stemp-scopes-strict")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines("E*assert 1 == 2")


def test_the_file_has_the_documented_form(run: Callable[..., pytest.RunResult], pytester: pytest.Pytester) -> None:
    run(USES, "--stemp-scopes-file=scopes.json")
    recorded: dict[str, Any] = json.loads((pytester.path / "scopes.json").read_text("utf-8"))
    assert (recorded["version"], recorded["granted"]) == (1, [*presets.POS])
    assert recorded["uses"] == [
        {"operation": name, "scopes": [scope], "held": [*presets.POS], "calls": calls, "refused": 1 - calls}
        for name, scope, calls in (
            ("passes.list", "pass:read", 1),
            ("templates.delete", "template:delete", 0),
            ("users.list", "user:read", 1),
        )
    ]


def test_workers_of_xdist_send_what_they_recorded(
    run: Callable[..., pytest.RunResult], pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # each worker would load them all
    plugins = ("-p", "xdist", "-p", "stemp_sdk.testing._plugin")
    result = run(USES, *plugins, "-n1", "--stemp-scopes", "--stemp-scopes-file=scopes.json", asyncio=False)
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines("used        pass:read, user:read (2 operations, 2 calls)")
    assert len(json.loads((pytester.path / "scopes.json").read_text("utf-8"))["uses"]) == 3
