"""``stemp scopes audit``: the four formats and the exit status."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import stemp_sdk.audit._audit as implementation
from stemp_sdk import presets
from stemp_sdk._cli.audit.formats import as_sarif, github_lines
from stemp_sdk.audit import Report, Skipped, Unsure, Use
from stemp_sdk.scopes import CATALOG, USER_READ

from .programs import TILL
from .runs import Runner, in_terminal, piped


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "src"
    folder.mkdir()
    (folder / "till.py").write_text(TILL, "utf-8")
    monkeypatch.chdir(tmp_path)
    return folder


def spoil(project: Path) -> None:
    (project / "broken.py").write_text("def (\n", "utf-8")


def test_scopes_alone_is_still_the_list(run: Runner) -> None:
    assert all(f"\n  {name} " in run("scopes").out for name in CATALOG)
    assert "audit" in run("scopes", "--help").out
    refused = run("scopes", "--json", "audit", "src")
    assert refused.code == 2
    assert "is for the list alone" in refused.err
    assert run("scopes", "audits").code == 2


def test_the_report_for_people(run: Runner) -> None:
    done = run("scopes", "audit", "src")
    assert done.code == 0
    assert (
        done.out
        == """\
loyalty:manage  1 use
  src/till.py:5  loyalty.add_stamp
user:create  1 use
  src/till.py:6  users.create

unsure  not counted: the object, the method or its arguments are not known
  src/till.py:10  templates.list  template:read  the type of the object is not
                                                 known

2 uses in 1 file of 2 scopes, found by ty
preset   none covers all uses
scopes   LOYALTY_MANAGE | USER_CREATE
"""
    )


def test_what_is_missing_and_unused(run: Runner) -> None:
    done = run("scopes", "audit", "src", "--granted", "POS,template:read")
    lines = done.out.splitlines()
    assert done.code == 0
    assert "user:create  MISSING  1 use" in lines
    assert "pass:read  UNUSED  0 uses" in lines
    assert lines[lines.index("template:read  UNUSED  0 uses") + 1] == "  An unsure place may use it."
    assert "missing  user:create" in lines
    assert "unused   pass:create pass:read template:read user:read" in lines


def test_the_smallest_preset(run: Runner, project: Path) -> None:
    (project / "till.py").write_text(
        "from stemp_sdk import Stemp\nStemp().users.list()\nStemp().passes.list()\n", "utf-8"
    )
    out = " ".join(run("scopes", "audit", "src").out.split())
    assert "preset POS the smallest that covers all uses; more than they need: loyalty:manage pass:create" in out
    everything = "".join(
        f"Stemp().{call}\n" for call in ("users.list()", "loyalty.add_stamp('x')", "passes.list()", "passes.create()")
    )
    (project / "till.py").write_text(f"from stemp_sdk import Stemp\n{everything}", "utf-8")
    assert "preset   POS  exactly what the uses need\n" in run("scopes", "audit", "src").out


def test_nothing_is_used(run: Runner, project: Path) -> None:
    (project / "till.py").write_text("x = 1\n", "utf-8")
    assert run("scopes", "audit", "src").out == (
        "No use of an operation was found.\n\n0 uses in 0 files of 0 scopes, found by ty\n"
    )


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--preset", "POS"), 0),
        (("--preset", "pos", "--fail-on", "missing"), 1),
        (("--preset", "POS", "--fail-on", "unused"), 1),
        (("--preset", "POS", "--fail-on", "missing,unused"), 1),
        (("--granted", "loyalty:manage user:create", "--fail-on", "missing,unused"), 0),
        (("--granted", "POS | user:create", "--fail-on", "missing"), 0),
        (("--granted", "POS | user:create", "--fail-on", "unused"), 1),
    ],
)
@pytest.mark.parametrize("partial", [False, True])
def test_the_exit_status(run: Runner, project: Path, options: tuple[str, ...], code: int, partial: bool) -> None:
    if partial:
        spoil(project)
    assert run("scopes", "audit", "src", *options).code == code + 4 * partial


def test_a_partial_answer_says_what_is_left_out(run: Runner, project: Path) -> None:
    spoil(project)
    done = run("scopes", "audit", "src", "gone")
    assert done.code == 4
    out = " ".join(done.out.split())
    assert "partial what could not be audited: gone there is no such file or folder src/broken.py syntax error" in out


def test_without_a_checker(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(implementation, "CHECKERS", ())
    done = run("scopes", "audit", "src")
    assert done.code == 4
    assert 'type checker  none is installed: pip install "stemp-sdk[audit]"' in done.out
    assert "0 uses in 0 files of 0 scopes\n" in done.out
    assert json.loads(run("scopes", "audit", "src", "--format", "json").out)["checker"] is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--preset", "PO"), "there is no 'PO'; did you mean POS?"),
        (("--preset", "xyz"), "there is no 'xyz'; choose one of POS,"),
        (("--preset", "POS", "--granted", "POS"), "give either --preset or --granted, not both"),
        (("--granted", "users:read"), "did you mean user:read?"),
        (("--granted", '["a:b", 1]'), "a scope name must be a str, not int"),
        (("--fail-on", "missing"), "needs --preset or --granted, to compare with"),
        (("--preset", "POS", "--fail-on", "mising"), "there is no 'mising'; did you mean missing?"),
        (("--python", "nowhere"), "nowhere is not a folder"),
        (("--format", "yaml"), "is not one of"),
    ],
)
def test_wrong_options_are_named(run: Runner, options: tuple[str, ...], message: str) -> None:
    refused = run("scopes", "audit", "src", *options)
    assert refused.code == 2
    assert message in " ".join(refused.err.split())


def test_an_environment_can_be_named(run: Runner) -> None:
    assert run("scopes", "audit", "src", "--python", sys.prefix).code == 0


def test_json(run: Runner, project: Path) -> None:
    spoil(project)
    done = run("scopes", "audit", "src", "--preset", "POS", "--format", "json")
    assert done.code == 4
    found = json.loads(done.out)
    (skipped,) = found.pop("skipped")
    assert skipped["path"] == "src/broken.py"
    assert skipped["reason"].startswith("syntax error in line 1")
    assert found == {
        "version": 1,
        "checker": "ty",
        "granted": ["loyalty:manage", "pass:create", "pass:read", "user:read"],
        "used": ["loyalty:manage", "user:create"],
        "missing": ["user:create"],
        "unused": ["pass:create", "pass:read", "user:read"],
        "perhaps_used": ["template:read"],
        "preset": None,
        "expression": "LOYALTY_MANAGE | USER_CREATE",
        "partial": True,
        "scopes": [
            {"name": "pass:read", "status": "unused", "uses": []},
            {"name": "pass:create", "status": "unused", "uses": []},
            {
                "name": "loyalty:manage",
                "status": "used",
                "uses": [{"path": "src/till.py", "line": 5, "column": 20, "operation": "loyalty.add_stamp"}],
            },
            {"name": "user:read", "status": "unused", "uses": []},
            {
                "name": "user:create",
                "status": "missing",
                "uses": [{"path": "src/till.py", "line": 6, "column": 18, "operation": "users.create"}],
            },
        ],
        "unsure": [
            {
                "path": "src/till.py",
                "line": 10,
                "column": 22,
                "operation": "templates.list",
                "scopes": ["template:read"],
                "reason": "the type of the object is not known",
            }
        ],
    }


def test_json_has_null_for_what_is_not_known(run: Runner, project: Path) -> None:
    (project / "till.py").write_text("from stemp_sdk import Stemp\ngetattr(Stemp(), name)\n", "utf-8")
    found = json.loads(run("scopes", "audit", "src", "--format", "json").out)
    assert [found[name] for name in ("granted", "missing", "unused", "preset")] == [None] * 4
    assert found["unsure"][0]["operation"] is found["unsure"][0]["scopes"] is None


def test_sarif(run: Runner, project: Path) -> None:
    spoil(project)
    log = json.loads(run("scopes", "audit", "src", "--preset", "POS", "--format", "sarif").out)
    assert log["version"] == "2.1.0"
    (done,) = log["runs"]
    assert done["columnKind"] == "unicodeCodePoints"
    rules = done["tool"]["driver"]["rules"]
    assert [(result["level"], result["message"]["text"]) for result in done["results"]] == [
        ("error", "users.create needs user:create, which is not granted"),
        ("note", "this may be templates.list, which needs template:read: the type of the object is not known"),
    ]
    for result in done["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert done["results"][0]["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "src/till.py", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 6, "startColumn": 18},
            }
        }
    ]
    (invocation,) = done["invocations"]
    assert invocation["executionSuccessful"] is False
    declared = {item["id"] for item in done["tool"]["driver"]["notifications"]}
    configuration = invocation["toolConfigurationNotifications"]
    assert [item["message"]["text"] for item in configuration] == [
        f"{name} is granted, and no operation in the code needs it"
        for name in ("pass:create", "pass:read", "user:read")
    ]
    (execution,) = invocation["toolExecutionNotifications"]
    assert execution["message"]["text"].startswith("src/broken.py: syntax error")
    assert {item["descriptor"]["id"] for item in (*configuration, execution)} <= declared


def odd(path: str) -> Report:
    use = Use(path, 1, 1, "users.get", (USER_READ,))
    unsure = Unsure(path, 2, 1, None, None, "why")
    return Report(
        uses=(use,), unsure=(unsure,), skipped=(Skipped("a\nb", "100 %"),), granted=presets.CARD_DESIGN, checker="ty"
    )


@pytest.mark.parametrize(
    ("path", "artifact"),
    [
        ("a b/ü.py", {"uri": "a%20b/%C3%BC.py", "uriBaseId": "%SRCROOT%"}),
        ("/srv/a.py", {"uri": "file:///srv/a.py"}),
        ("C:/srv/a.py", {"uri": "file:///C:/srv/a.py"}),
    ],
)
def test_sarif_has_uris(path: str, artifact: dict[str, Any]) -> None:
    results = as_sarif(odd(path))["runs"][0]["results"]
    assert results[0]["locations"][0]["physicalLocation"]["artifactLocation"] == artifact
    assert results[1]["message"]["text"] == "this may be an operation: why"


def test_annotations_of_github(run: Runner) -> None:
    done = run("scopes", "audit", "src", "--granted", "POS template:read", "--format", "github")
    place = "file=src/till.py,line=6,col=18"
    unsure = "this may be templates.list, which needs template:read: the type of the object is not known"
    assert done.out.splitlines() == [
        f"::error {place},title=Missing scope::users.create needs user:create, which is not granted",
        *(
            f"::warning title=Unused scope::{name} is granted, and no operation in the code needs it{more}"
            for name, more in (
                ("pass:create", ""),
                ("pass:read", ""),
                ("template:read", "; an unsure place may use it"),
                ("user:read", ""),
            )
        ),
        f"::notice {place.replace('6,col=18', '10,col=22')},title=Unsure::{unsure}",
        "::notice title=What the code needs::scopes=LOYALTY_MANAGE | USER_CREATE",
    ]
    assert run("scopes", "audit", "src/till.py", "--format", "github").out.count("\n") == 1


def test_annotations_are_escaped() -> None:
    lines = [*github_lines(odd("a,b:c%.py"))]
    assert lines[0].startswith("::error file=a%2Cb%3Ac%25.py,line=1,col=1,title=Missing scope::users.get needs")
    assert "::warning title=Not audited::a%0Ab: 100 %25" in lines


def test_it_is_coloured_on_a_terminal_and_plain_in_a_pipe() -> None:
    arguments = ("scopes", "audit", "src", "--preset", "POS")
    shown = in_terminal(*arguments)
    assert shown.is_coloured
    assert shown.width <= 80
    assert not piped(*arguments).is_coloured


def test_the_command_runs_where_the_code_is_not_importable(project: Path) -> None:
    (project / "till.py").write_text(f"raise SystemExit('imported')\n{TILL}", "utf-8")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "stemp_sdk", "scopes", "audit", "."],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "imported" not in done.stdout + done.stderr
    assert done.returncode == 0
