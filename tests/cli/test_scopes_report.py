"""``stemp scopes report``: the audit of code joined with recordings of its runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stemp_sdk import presets
from stemp_sdk.audit import combine
from stemp_sdk.sandbox import Sandbox
from stemp_sdk.testing import record_scopes

from .programs import TILL
from .runs import Runner


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "till.py").write_text(TILL, "utf-8")
    (tmp_path / "runs.json").write_text(
        json.dumps(
            {
                "version": 1,
                "granted": None,
                "uses": [
                    use("passes.list", "pass:read", calls=3),
                    use("users.get", "user:read", calls=1, refused=2),
                    use("users.delete", "user:update", refused=1),
                ],
            }
        ),
        "utf-8",
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def use(operation: str, scope: str, *, calls: int = 0, refused: int = 0) -> dict[str, Any]:
    return {"operation": operation, "scopes": [scope], "held": [*presets.POS], "calls": calls, "refused": refused}


ARGUMENTS = ("scopes", "report", "src", "--recording", "runs.json")


def test_the_joined_report_for_people(run: Runner) -> None:
    done = run(*ARGUMENTS, "--granted", "POS template:read org:read")
    assert done.code == 0
    assert (
        done.out
        == """\
template:read  UNSURE  0 uses, 0 calls
  An unsure place may use it.
pass:read  0 uses, 3 calls
  3 calls  passes.list
pass:create  UNUSED  0 uses, 0 calls
loyalty:manage  1 use, 0 calls
  src/till.py:5  loyalty.add_stamp
user:read  0 uses, 1 call, 2 refused
  1 call, 2 refused  users.get
user:create  MISSING  1 use, 0 calls
  src/till.py:6  users.create
user:update  UNSURE  0 uses, 0 calls, 1 refused
  1 refused  users.delete
org:read  UNUSED  0 uses, 0 calls

unsure  not counted: the object, the method or its arguments are not known
  src/till.py:10  templates.list  template:read  the type of the object is not
                                                 known

2 uses in 1 file of 2 scopes, found by ty
4 recorded calls of 2 scopes
missing  user:create
unused   org:read pass:create
preset   none covers all uses
scopes   LOYALTY_MANAGE | PASS_READ | USER_CREATE | USER_READ
"""
    )


def test_the_joined_report_as_json(run: Runner) -> None:
    found = json.loads(run(*ARGUMENTS, "--json").out)
    assert {name: found[name] for name in found if name not in {"scopes", "unsure"}} == {
        "version": 1,
        "checker": "ty",
        "granted": [*presets.POS],
        "used": ["loyalty:manage", "pass:read", "user:create", "user:read"],
        "used_in_code": ["loyalty:manage", "user:create"],
        "used_in_runs": ["pass:read", "user:read"],
        "missing": ["user:create"],
        "unused": ["pass:create"],
        "perhaps_used": ["template:read", "user:update"],
        "preset": None,
        "expression": "LOYALTY_MANAGE | PASS_READ | USER_CREATE | USER_READ",
        "partial": False,
        "skipped": [],
    }
    assert len(found["unsure"]) == 1
    scopes = {scope.pop("name"): scope for scope in found["scopes"]}
    assert scopes["user:read"] == {
        "status": "used",
        "granted": True,
        "used_in_code": False,
        "used_in_runs": True,
        "uses": [],
        "runs": [{"operation": "users.get", "calls": 1, "refused": 2}],
    }
    assert scopes["user:create"]["status"] == "missing"
    assert scopes["user:create"]["uses"] == [
        {"path": "src/till.py", "line": 6, "column": 18, "operation": "users.create"}
    ]


def test_what_is_granted_may_be_unknown_in_the_joined_report(run: Runner, project: Path) -> None:
    (project / "runs.json").write_text('{"version": 1, "uses": []}', "utf-8")
    found = json.loads(run(*ARGUMENTS, "--json").out)
    assert found["granted"] is found["missing"] is found["unused"] is found["scopes"][0]["granted"] is None
    refused = run(*ARGUMENTS, "--fail-on", "missing")
    assert refused.code == 2
    text = " ".join(refused.err.replace("│", " ").split())
    assert "needs --preset or --granted: no recording says what the clients hold" in text


def test_no_use_at_all(run: Runner, project: Path) -> None:
    (project / "src" / "till.py").write_text("x = 1\n", "utf-8")
    (project / "runs.json").write_text('{"version": 1, "uses": []}', "utf-8")
    assert run(*ARGUMENTS).out == (
        "No use of an operation was found, and none was recorded.\n\n"
        "0 uses in 0 files of 0 scopes, found by ty\n"
        "0 recorded calls of 0 scopes\n"
    )


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--fail-on", "missing"), 1),
        (("--fail-on", "unused"), 1),
        (("--preset", "pos", "--fail-on", "missing,unused"), 1),
        (("--granted", "loyalty:manage user:create user:read pass:read", "--fail-on", "missing,unused"), 0),
        (("--granted", "POS template:read user:create", "--fail-on", "missing"), 0),
    ],
)
def test_the_exit_status_of_the_joined_report(run: Runner, options: tuple[str, ...], code: int) -> None:
    assert run(*ARGUMENTS, *options).code == code


def test_a_partial_audit_shows_in_the_exit_status(run: Runner, project: Path) -> None:
    (project / "src" / "broken.py").write_text("def (\n", "utf-8")
    assert run(*ARGUMENTS, "--fail-on", "missing").code == 5


def test_a_recording_that_cannot_be_read_is_named(run: Runner, project: Path) -> None:
    (project / "bad.json").write_text("{}", "utf-8")
    for name, message in (("bad.json", "bad.json is not a recording of scopes: version"), ("gone.json", "No such")):
        refused = run("scopes", "report", "src", "--recording", name)
        assert refused.code == 2
        assert "--recording" in refused.err
        assert message in " ".join(refused.err.replace("│", " ").split())


def test_the_file_of_the_pytest_plugin_is_a_recording(run: Runner, pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(stemp_client):\n    assert stemp_client.users.list().total == 0\n")
    pytester.runpytest_subprocess("--stemp-scopes-file=scopes.json").assert_outcomes(passed=1)
    pytester.makepyfile(code="from stemp_sdk import Stemp\nStemp().users.list()\n")
    done = run("scopes", "report", "code.py", "--recording", "scopes.json", "--json")
    found = json.loads(done.out)
    assert found["used_in_code"] == found["used_in_runs"] == ["user:read"]


def test_a_recording_in_memory_and_the_command_agree(run: Runner, project: Path) -> None:
    from stemp_sdk.audit import audit

    with record_scopes() as recording:
        Sandbox().seed_demo().client(scopes=presets.POS).users.list()
    recording.write(project / "runs.json")
    assert json.loads(run(*ARGUMENTS, "--json").out)["used"] == [*combine(audit("src"), [recording.to_json()]).used]
