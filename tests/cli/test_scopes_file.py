"""``stemp scopes audit`` with a scopes file: written, updated, and compared with the code of each part."""

from __future__ import annotations

import errno
import json
import os
import stat
from pathlib import Path

import pytest

from stemp_sdk.scopes import LOYALTY_MANAGE, USER_CREATE, from_file

from .runs import Runner

TILL = """\
from stemp_sdk import Stemp


def sell(client: Stemp, card: str) -> None:
    client.loyalty.add_stamp(card)
    client.users.create(email="a@example.com")
"""
CRM = "from stemp_sdk import Stemp\nStemp().users.list()\nStemp().passes.list()\n"
UNSURE = "\n\ndef later(client):\n    client.templates.list()\n"
NAMELESS = "\n\ndef later(client: Stemp, name: str) -> None:\n    getattr(client, name)\n"

FILE = """\
# Scopes of the shop.

[parts.crm]
paths = ["src/crm.py"]
scopes = ["user:read", "pass:read"]

[parts.till]  # the counter
paths = ["src/till.py"]
scopes = [
    # for the counter
    "loyalty:manage",  # stamps
    "org:read",
    "template:read",
]

[parts.till.reasons]
"loyalty:manage" = "a stamp for each coffee"  # keep this
"org:read" = "the name on the receipt"
"""


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "till.py").write_text(TILL, "utf-8")
    (tmp_path / "src" / "crm.py").write_text(CRM, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def file(project: Path) -> Path:
    path = project / "stemp-scopes.toml"
    path.write_text(FILE, "utf-8")
    return path


def message(text: str) -> str:
    return " ".join(text.replace("│", " ").split())


# --- Writing


def test_a_new_file_declares_what_the_code_needs_with_the_operations_as_reasons(run: Runner, project: Path) -> None:
    done = run("scopes", "audit", "src/till.py", "--write")
    assert (done.code, done.out) == (
        0,
        "[app]  added loyalty:manage user:create\nstemp-scopes.toml is written.\n",
    )
    path = project / "stemp-scopes.toml"
    assert (
        path.read_text("utf-8")
        == """\
# What each part of this system may do at stemp, and why.
# `stemp scopes audit --write` keeps the scopes equal to what the code needs.

[parts.app]
paths = ["src/till.py"]
scopes = ["loyalty:manage", "user:create"]

[parts.app.reasons]
"loyalty:manage" = "loyalty.add_stamp"
"user:create" = "users.create"
"""
    )
    assert from_file(path) == LOYALTY_MANAGE | USER_CREATE
    assert run("scopes", "audit", "--write").out == "[app]  unchanged\nstemp-scopes.toml is up to date.\n"
    assert run("scopes", "audit", "--file", "stemp-scopes.toml", "--fail-on", "missing,unused").code == 0


def test_a_new_part_is_declared_by_presets_where_that_is_shorter(run: Runner, project: Path) -> None:
    (project / "src" / "till.py").write_text(
        f"{TILL}\n\ndef more(client: Stemp) -> None:\n    client.users.list()\n    client.passes.list()\n"
        "    client.passes.create(template_id='t', user_id='u')\n",
        "utf-8",
    )
    (project / "deploy").mkdir()
    arguments = ("scopes", "audit", "src/till.py", "--write", "--part", "till", "--file", "deploy/scopes.toml")
    assert run(*arguments).out.endswith("deploy/scopes.toml is written.\n")
    text = (project / "deploy" / "scopes.toml").read_text("utf-8")
    assert 'paths = ["../src/till.py"]\nscopes = ["POS", "user:create"]\n' in text
    assert '[parts.till.reasons]\n"user:create" = "users.create"\n' in text


def test_an_update_keeps_comments_order_and_reasons(run: Runner, file: Path) -> None:
    done = run("scopes", "audit", "--write")
    assert (
        done.out
        == """\
[crm]  unchanged
[till]  added user:create; removed org:read template:read
stemp-scopes.toml is written.
"""
    )
    assert (
        file.read_text("utf-8")
        == """\
# Scopes of the shop.

[parts.crm]
paths = ["src/crm.py"]
scopes = ["user:read", "pass:read"]

[parts.till]  # the counter
paths = ["src/till.py"]
scopes = [
    # for the counter
    "loyalty:manage",  # stamps
    "user:create",
]

[parts.till.reasons]
"loyalty:manage" = "a stamp for each coffee"  # keep this
"user:create" = "users.create"
"""
    )


def test_only_one_part_can_be_updated_and_another_be_added(run: Runner, file: Path, project: Path) -> None:
    run("scopes", "audit", "--write", "--part", "crm")
    assert file.read_text("utf-8") == FILE
    (project / "src" / "report.py").write_text("from stemp_sdk import Stemp\nStemp().org.get()\n", "utf-8")
    run("scopes", "audit", "src/report.py", "--write", "--part", "report")
    assert file.read_text("utf-8") == (
        FILE
        + '\n[parts.report]\npaths = ["src/report.py"]\nscopes = ["org:read"]\n'
        + '\n[parts.report.reasons]\n"org:read" = "org.get"\n'
    )
    run("scopes", "audit", "src/report.py", "src/crm.py", "--write", "--part", "report")
    assert 'paths = ["src/report.py", "src/crm.py"]' in file.read_text("utf-8")


def test_a_preset_of_which_a_scope_is_not_needed_becomes_scopes(run: Runner, file: Path) -> None:
    file.write_text('[parts.crm]\npaths = ["src/crm.py"]\nscopes = ["CRM_SYNC"]\nreasons = {CRM_SYNC = "x"}\n', "utf-8")
    assert run("scopes", "audit", "--write").out.startswith("[crm]  removed user:create user:update\n")
    text = file.read_text("utf-8")
    assert 'scopes = ["pass:read", "user:read"]' in text
    assert "CRM_SYNC" not in text
    assert text.endswith('reasons = {"pass:read" = "passes.list","user:read" = "users.list"}\n')


def test_a_declared_scope_that_an_unsure_place_may_use_is_kept(run: Runner, file: Path, project: Path) -> None:
    (project / "src" / "till.py").write_text(TILL + UNSURE, "utf-8")
    done = run("scopes", "audit", "--write", "--part", "till")
    assert message(done.out).startswith(
        "[till] added user:create; removed org:read; kept template:read, which an unsure place may use"
    )
    assert '"template:read"' in file.read_text("utf-8")
    assert "templates.list" not in file.read_text("utf-8")  # it is not known to be the reason


@pytest.mark.usefixtures("file")
def test_nothing_is_removed_where_a_place_may_use_anything(run: Runner, project: Path) -> None:
    (project / "src" / "till.py").write_text(TILL + NAMELESS, "utf-8")
    done = run("scopes", "audit", "--write", "--part", "till")
    assert "added user:create; kept org:read template:read," in message(done.out)


def test_nothing_is_written_where_something_cannot_be_audited(run: Runner, file: Path, project: Path) -> None:
    (project / "src" / "crm.py").write_text("def (\n", "utf-8")
    done = run("scopes", "audit", "--write")
    assert done.code == 4
    out = message(done.out)
    assert "partial what could not be audited: src/crm.py syntax error in line 1" in out
    assert out.endswith("Nothing was written to stemp-scopes.toml, as it could lose a scope that is needed.")
    assert file.read_text("utf-8") == FILE


def test_a_file_that_cannot_be_written_is_named(run: Runner, project: Path) -> None:
    failed = run("scopes", "audit", "src/till.py", "--write", "--file", "gone/stemp-scopes.toml")
    assert failed.code == 2
    assert "gone/stemp-scopes.toml cannot be written: No such file or directory" in message(failed.err)
    assert not (project / "gone").exists()


def test_a_write_that_fails_leaves_the_file_as_it_was(
    run: Runner, file: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "replace", full)
    failed = run("scopes", "audit", "--write")
    monkeypatch.undo()
    assert failed.code == 2
    assert "stemp-scopes.toml cannot be written: No space left on device" in message(failed.err)
    assert file.read_text("utf-8") == FILE
    assert {each.name for each in project.iterdir()} == {"src", "stemp-scopes.toml"}


def test_a_written_file_keeps_its_mode_and_the_link_to_it(run: Runner, file: Path, project: Path) -> None:
    shared = project / "shared.toml"
    file.rename(shared)
    shared.chmod(0o640)
    file.symlink_to(shared)
    assert run("scopes", "audit", "--write").code == 0
    assert file.is_symlink()
    assert stat.S_IMODE(shared.stat().st_mode) == 0o640
    assert shared.read_text("utf-8") != FILE


# --- Comparing


def test_each_part_is_compared_with_its_code(run: Runner, file: Path) -> None:
    done = run("scopes", "audit", "--file", file.name)
    assert done.code == 0
    assert (
        done.out
        == """\
[crm]  src/crm.py
pass:read  1 use
  src/crm.py:3  passes.list
user:read  1 use
  src/crm.py:2  users.list

2 uses in 1 file of 2 scopes, found by ty
preset   POS  the smallest that covers all uses; more than they need:
loyalty:manage pass:create
scopes   PASS_READ | USER_READ

[till]  src/till.py
template:read  UNUSED  0 uses
loyalty:manage  1 use
  src/till.py:5  loyalty.add_stamp
user:create  MISSING  1 use
  src/till.py:6  users.create
org:read  UNUSED  0 uses

2 uses in 1 file of 2 scopes, found by ty
missing  user:create
unused   org:read template:read
preset   none covers all uses
scopes   LOYALTY_MANAGE | USER_CREATE
"""
    )


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--fail-on", "missing"), 1),
        (("--fail-on", "unused"), 1),
        (("--fail-on", "missing,unused", "--part", "crm"), 0),
        (("--part", "till"), 0),
    ],
)
def test_the_exit_status_for_a_file_is_that_of_its_parts(
    run: Runner, file: Path, options: tuple[str, ...], code: int
) -> None:
    assert run("scopes", "audit", "--file", file.name, *options).code == code


def test_a_partial_part_adds_four_to_the_exit_status(run: Runner, file: Path, project: Path) -> None:
    (project / "src" / "crm.py").write_text("def (\n", "utf-8")
    assert run("scopes", "audit", "--file", file.name, "--fail-on", "missing").code == 5


def test_paths_start_at_the_folder_of_the_file(
    run: Runner, file: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert run("scopes", "audit", "--file", str(file), "--part", "crm", "--fail-on", "missing,unused").code == 0


def test_parts_as_json_sarif_and_annotations(run: Runner, file: Path) -> None:
    found = json.loads(run("scopes", "audit", "--file", file.name, "--format", "json").out)
    assert (found["version"], found["file"]) == (1, "stemp-scopes.toml")
    crm, till = found["parts"]
    assert (crm["part"], crm["paths"], crm["reasons"], crm["missing"]) == ("crm", ["src/crm.py"], {}, [])
    assert till["reasons"]["loyalty:manage"] == "a stamp for each coffee"
    assert (till["missing"], till["unused"]) == (["user:create"], ["org:read", "template:read"])
    log = json.loads(run("scopes", "audit", "--file", file.name, "--format", "sarif").out)
    assert [each["automationDetails"]["id"] for each in log["runs"]] == ["stemp-scopes/crm/", "stemp-scopes/till/"]
    assert [len(each["results"]) for each in log["runs"]] == [0, 1]
    lines = run("scopes", "audit", "--file", file.name, "--format", "github").out.splitlines()
    assert lines[0].endswith("title=Missing scope::till: users.create needs user:create, which is not granted")
    assert lines[1] == (
        "::warning title=Unused scope::till: org:read is granted, and no operation in the code needs it"
    )


# --- Arguments


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), "Invalid value for PATH: is needed, or a scopes file with --file"),
        (("src", "--part", "till"), "--part: is a part of a scopes file: name that with --file"),
        (("src", "--file", "stemp-scopes.toml"), "--file: has the paths: leave out PATH, or add it to the file by"),
        (("--file", "stemp-scopes.toml", "--preset", "POS"), "says what is granted: leave out --preset and --granted"),
        (("--write", "--granted", "POS"), "says what is granted: leave out --preset and --granted"),
        (("--write", "--fail-on", "missing"), "--write: prints what it changes: leave out --fail-on and --format"),
        (("--write", "--format", "json"), "--write: prints what it changes: leave out --fail-on and --format"),
        (("src", "--write"), "--part: is needed: which part of stemp-scopes.toml has these paths?"),
        (("--write", "--part", "til"), "--part: stemp-scopes.toml has no part 'til': did you mean till?"),
        (("--file", "stemp-scopes.toml", "--part", "x"), "stemp-scopes.toml has no part 'x'; known: crm, till"),
        (("--file", "gone.toml"), "--file: gone.toml cannot be read: No such file or directory"),
        (("--file", "gone.toml", "--write"), "gone.toml cannot be read: No such file or directory"),
        (("--file", "latin.toml"), "latin.toml is not UTF-8"),
        (("--file", "bad.toml"), "bad.toml: parts.app.scopes[0]: 'POSS' is neither a preset nor a scope"),
        (("--file", "empty.toml"), "empty.toml: parts.app has no paths: say where its code is"),
        (("--file", "stemp-scopes.toml", "--python", "nowhere"), "nowhere is not a folder"),
    ],
)
def test_wrong_arguments_for_a_scopes_file_are_named(
    run: Runner, file: Path, project: Path, arguments: tuple[str, ...], expected: str
) -> None:
    (project / "latin.toml").write_bytes(b"# \xe4")
    (project / "bad.toml").write_text("[parts.app]\nscopes = ['POSS']\n", "utf-8")
    (project / "empty.toml").write_text("[parts.app]\nscopes = ['POS']\n", "utf-8")
    refused = run("scopes", "audit", *arguments)
    assert refused.code == 2
    assert expected in message(refused.err)
    assert file.read_text("utf-8") == FILE
