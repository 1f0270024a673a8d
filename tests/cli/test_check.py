"""``stemp check``: what it runs or reads, the four formats, and the exit status."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs
import pytest
from typer.testing import CliRunner

from stemp_sdk._cli.app import app
from stemp_sdk._cli.check import running
from stemp_sdk._cli.check.formats import as_json, as_sarif, github_lines
from stemp_sdk._cli.check.reading import read
from stemp_sdk.audit._checkers import find_checker
from tests.check.outputs import PROGRAM, expected, in_words, recorded

from .runs import Runner, command, in_terminal, piped

SENTENCE = "templates.delete needs template:delete, which the token lacks. It holds loyalty:manage, pass:create, "
CLEAN = "from stemp_sdk import Stemp\n\nStemp('t').templates.delete('tpl_1')\n"
ORDINARY = "count: int = 'seven'\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "till.py").write_text(PROGRAM, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read_from(data: bytes, *arguments: str) -> tuple[int, bytes, str]:
    """The command with something in its pipe: the status, the output, the errors."""
    done = CliRunner().invoke(app, ["check", *arguments], input=data, prog_name="stemp", catch_exceptions=False)
    return done.exit_code, done.stdout_bytes, done.stderr


def fake(folder: Path, body: str) -> running.Checker:
    """A type checker that prints what it is told to."""
    path = folder / "fake-checker"
    path.write_text(f"#!{sys.executable}\nimport sys\n{body}", "utf-8")
    path.chmod(0o700)
    return running.Checker(path.name, ["--python={python}"], unconfigured=["--preset"])


@pytest.fixture
def checker(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes the only type checker that is installed."""
    folder = tmp_path_factory.mktemp("bin")

    def make(body: str) -> running.Checker:
        made = fake(folder, body)
        monkeypatch.setattr(running, "CHECKERS", (made,))
        monkeypatch.setenv("PATH", str(folder))
        return made

    return make


# --- running a type checker


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("name", [each.name for each in running.CHECKERS if find_checker(each.name)])
def test_each_checker_is_run_with_the_packages_of_the_project(run: Runner, name: str) -> None:
    done = run("check", "src", "--checker", name, "--format", "json")
    assert done.code == 1
    report = json.loads(done.out)
    assert report["checker"] == name
    lines = {each["line"] for each in report["diagnostics"] if each["scope"]}
    assert lines == set(expected())


def test_the_output_for_people_is_the_checkers_own(project: Path, run: Runner) -> None:
    done = run("check", "src")
    assert done.code == 1
    assert f"error[invalid-argument-type]: {SENTENCE}" in done.out
    assert 'error[invalid-assignment]: Object of type `Literal["seven"]` is not assignable to `int`' in done.out
    (project / "src" / "till.py").write_text(ORDINARY, "utf-8")
    alone = subprocess.run(
        [Path(sys.executable).with_name("ty"), "check", "--no-progress", "src"], capture_output=True, check=False
    )
    assert run("check", "src").out == alone.stdout.decode()


def test_the_configured_checker_goes_before_the_first(project: Path) -> None:
    assert running.find(None, project)[0].name == "ty"
    (project / "pyproject.toml").write_text("[tool.mypy]\nstrict = true\n", "utf-8")
    assert running.find(None, project)[0].name == "mypy"
    (project / "pyrefly.toml").write_text("", "utf-8")
    (project / "pyproject.toml").write_text("tool = 1\n", "utf-8")
    assert running.find(None, project)[0].name == "pyrefly"
    (project / "pyrefly.toml").unlink()
    (project / "pyproject.toml").write_text("[", "utf-8")
    assert running.find(None, project)[0].name == "ty"


def test_the_checker_of_the_projects_environment_goes_before_others(project: Path) -> None:
    scripts = project / ".venv" / "bin"
    scripts.mkdir(parents=True)
    (project / ".venv" / "pyvenv.cfg").write_text("", "utf-8")
    own = fake(scripts, "print(sys.argv)")
    (scripts / own.name).rename(scripts / "ty")
    (scripts / "python").write_text("", "utf-8")
    ty, path = running.find("ty", project)
    assert path == scripts / "ty"
    assert f"--python={scripts / 'python'}" in running.run(ty, path, ["src"], project).out.decode()


def test_arguments_for_a_project_that_configures_nothing(project: Path, checker: Any) -> None:
    made = attrs.evolve(checker("print(sys.argv)"), files=["fake.toml"])
    _, path = running.find(made.name, project)
    assert "'--preset'" in running.run(made, path, ["src"], project).out.decode()
    (project / "fake.toml").write_text("", "utf-8")
    assert "'--preset'" not in running.run(made, path, ["src"], project).out.decode()


def test_without_a_checker(project: Path, run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(_name: str) -> None: ...

    def empty(_folder: Path) -> Path:
        return project

    monkeypatch.setattr(running, "find_checker", nothing)
    monkeypatch.setattr(running, "environment_of", empty)
    done = run("check", "src")
    assert (done.code, done.out) == (2, "")
    assert (
        'no type checker is installed (ty, pyright, basedpyright, mypy, zuban, pyrefly): pip install "stemp-sdk[audit]"'
        in (" ".join(done.err.split()))
    )
    done = run("check", "src", "--checker", "mypy")
    assert done.code == 2
    assert "mypy is not installed: pip install mypy" in done.err


@pytest.mark.usefixtures("project")
def test_wrong_arguments(run: Runner) -> None:
    for arguments, message in (
        (["nowhere.py"], "nowhere.py does not exist"),
        (["src", "--checker", "pytype"], "there is no 'pytype'; choose from ty, pyright,"),
        (["-", "src"], "- is the output of a type checker: give it alone"),
        (["-", "--checker", "ty"], "- is the output of a type checker: give it alone"),
        (["src", "--format", "xml"], "'xml' is not one of 'text', 'json', 'sarif', 'github'"),
    ):
        done = run("check", *arguments)
        assert (done.code, done.out) == (2, "")
        assert message in done.err


@pytest.mark.usefixtures("project")
def test_a_checker_that_fails_is_no_success(run: Runner, checker: Any) -> None:
    checker("sys.stderr.write('out of memory\\n'); sys.exit(3)")
    done = run("check", "src")
    assert (done.code, done.out) == (2, "")
    assert done.err == "out of memory\nstemp: fake-checker ended with 3, so it is not known whether there are errors\n"
    checker("print('Traceback'); sys.exit(1)")
    done = run("check", "src", "--format", "json")
    assert done.code == 2
    assert json.loads(done.out)["diagnostics"] == []
    assert done.err.startswith("Traceback\nstemp: fake-checker ended with 1")
    checker("print('Found 1 diagnostic'); sys.exit(1)")  # a warning that counts
    assert run("check", "src").code == 1
    checker("sys.stdout.buffer.write(bytes([255, 254, 0]))")
    done = run("check", "src")
    assert done.code == 2
    assert "the output of fake-checker cannot be read and is passed through" in done.err
    made = checker("")
    broken = Path(os.environ["PATH"]) / made.name
    broken.write_text("#!/no/such/interpreter\n", "utf-8")
    done = run("check", "src")
    assert done.code == 2
    assert "fake-checker cannot be run: No such file or directory" in done.err


@pytest.mark.usefixtures("project")
def test_a_checker_without_a_path_checks_the_folder(run: Runner, checker: Any) -> None:
    made = checker("print('Success: no issues found in', sys.argv[-1])")
    assert run("check", "--checker", made.name).out == "Success: no issues found in .\n"


def test_on_a_terminal_it_checks_the_folder(project: Path) -> None:
    done = in_terminal("check")
    assert done.code == 1
    assert SENTENCE in done.text
    (project / "src" / "till.py").write_text(CLEAN, "utf-8")
    assert in_terminal("check").code == 0


def test_pre_commit_passes_files_and_no_terminal(project: Path) -> None:
    assert piped("check", "src/till.py").code == 1
    (project / "src" / "till.py").write_text(CLEAN, "utf-8")
    assert piped("check", "src/till.py").code == 0


# --- reading a pipe


@pytest.mark.usefixtures("project")
def test_a_pipe_is_read() -> None:
    data = recorded("mypy.txt").encode()
    done = subprocess.run(command("check"), input=data, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr.decode()) == read_from(data, "-")
    for arguments in ([], ["-"]):
        status, out, err = read_from(data, *arguments)
        assert (status, err) == (1, "")
        assert f"src/till.py:11: error: {SENTENCE}" in out.decode()
        assert out.endswith(data.splitlines(keepends=True)[-1])


@pytest.mark.parametrize("name", ["ty.txt", "pyrefly-min-text.txt", "pyright.txt", "mypy-pretty.txt"])
def test_the_rest_is_passed_through_byte_by_byte(name: str) -> None:
    for text in (recorded(name), recorded(name).replace("\n", "\r\n")):
        ordinary = "".join(
            piece.raw for piece in in_words(text).pieces if not (piece.diagnostic and piece.diagnostic.sentence)
        ).encode()
        assert read_from(ordinary)[:2] == (1, ordinary)


def test_the_status_without_errors() -> None:
    for text in (
        "Success: no issues found in 3 source files\n",
        "0 errors, 0 warnings, 0 informations\n",
        "All checks passed!\n",
        " INFO 0 errors (1 suppressed)\n",
        '{"version": "1", "generalDiagnostics": []}',
        "[]",
        '{"errors": []}',
        "\n",  # mypy --output json
        "src/a.py:1: note: Revealed type is 'int'\n",
        "  /src/a.py:1:1 - warning: Import cycle (reportImportCycles)\n",
    ):
        status, out, err = read_from(text.encode())
        assert (status, err) == (0, ""), text
        if not text.startswith(("{", "[")):
            assert out.decode() == text


def test_nothing_in_the_pipe() -> None:
    status, out, err = read_from(b"")
    assert (status, out) == (2, b"")
    assert err.startswith("stemp: nothing came through the pipe, so it is not known whether there are errors: pipe the")


@pytest.mark.parametrize(
    "data",
    [
        b"bash: mypyy: command not found\n",
        b"mypy: error: Cannot find config file 'x'\n",
        b'{"name": "package"}\n',
        b'[{"check_name": "x"}]',
        b'{"generalDiagnostics": [{"file": 1}]}',
        b'{"errors": 3}',
        b"{not json\n",
        b"[1, 2]\n",
        b'"a string"\n',
        b"{}\n",
    ],
)
def test_what_is_not_the_output_of_a_checker_is_passed_through_and_named(data: bytes) -> None:
    status, out, err = read_from(data)
    assert (status, out) == (2, data)
    assert err.startswith("stemp: the input is not the output of a type checker that this command knows (ty, ")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (bytes(range(256)), "it is not UTF-8, at byte 128"),
        (b"\x7fELF\0\0\0", "it has null characters in it, so it is not text"),
        (b"\xff\xfea", "it is not UTF-16, at byte 2"),
    ],
)
def test_what_is_not_text_is_passed_through_and_named(data: bytes, reason: str) -> None:
    status, out, err = read_from(data)
    assert (status, out) == (2, data)
    assert err == f"stemp: the input cannot be read and is passed through: {reason}\n"


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_the_pipe_of_powershell(encoding: str) -> None:
    status, out, _ = read_from(recorded("zuban.txt").encode(encoding))
    assert status == 1
    assert f"src/till.py:11: error: {SENTENCE}" in out.decode()


@pytest.mark.usefixtures("project")
def test_lines_around_json_stay() -> None:
    before, after = "No configuration file found.\n", "\n INFO 8 errors\n"
    status, out, _ = read_from(f"{before}{recorded('pyrefly.json')}{after}".encode())
    lines = out.decode().splitlines()
    assert (status, lines[0], lines[-1]) == (1, before.strip(), after.strip("\n"))
    assert f"src/till.py:11:22: error: {SENTENCE}" in out.decode()


def test_a_file_that_cannot_be_read_adds_nothing(project: Path) -> None:
    (project / "src" / "till.py").write_bytes(b"# coding: no-such-encoding\n")
    status, out, err = read_from(recorded("ty-concise.txt").encode())
    assert (status, err) == (1, "")
    assert "No overload of bound method `Stemp.from_api_token` matches arguments" in out.decode()
    assert SENTENCE in out.decode()


# --- the formats for programs


@pytest.mark.usefixtures("project")
def test_json() -> None:
    status, out, err = read_from(recorded("pyright.json").encode(), "--format", "json")
    assert (status, err) == (1, "")
    report = json.loads(out)
    assert report == as_json(in_words(recorded("pyright.json")))
    assert {name: report[name] for name in ("version", "checker", "errors", "scope_errors")} == {
        "version": 1,
        "checker": "pyright",
        "errors": len(report["diagnostics"]),
        "scope_errors": len(expected()),
    }
    first = report["diagnostics"][0]
    assert first.pop("message").startswith(SENTENCE)
    assert first.pop("original").startswith(
        'Cannot access attribute "delete" for class "Templates[ScopeSet[PosNames]]"'
    )
    assert first == {
        "path": "/project/src/till.py",
        "line": 11,
        "column": 16,
        "severity": "error",
        "code": "reportAttributeAccessIssue",
        "scope": {
            "operation": "templates.delete",
            "needed": ["template:delete"],
            "held": ["loyalty:manage", "pass:create", "pass:read", "user:read"],
            "missing": ["template:delete"],
            "suggestion": "presets.POS | TEMPLATE_DELETE",
            "token_kind": None,
        },
    }
    kind = next(each["scope"] for each in report["diagnostics"] if each["scope"] and not each["scope"]["operation"])
    assert kind["token_kind"] == "API"
    ordinary = next(each for each in report["diagnostics"][1:] if "seven" in each["original"])
    assert (ordinary["scope"], ordinary["original"]) == (None, ordinary["message"])


def test_what_json_does_not_know_is_null() -> None:
    output = read("src/a.py: error: Cannot read file\n")
    (found,) = as_json(output)["diagnostics"]
    assert (found["line"], found["column"], found["code"]) == (None, None, None)
    (result,) = as_sarif(output)["runs"][0]["results"]
    assert "region" not in result["locations"][0]["physicalLocation"]
    assert [*github_lines(output)] == ["::error file=src/a.py,title=mypy::Cannot read file"]
    output = read('{"generalDiagnostics": [{"file": "a.py", "severity": "information", "message": "m"}]}')
    (found,) = as_json(output)["diagnostics"]
    assert (found["line"], found["column"], found["severity"]) == (None, None, "note")


@pytest.mark.usefixtures("project")
def test_sarif() -> None:
    status, out, _ = read_from(recorded("mypy.txt").encode(), "--format", "sarif")
    assert status == 1
    log = json.loads(out)
    (made,) = log["runs"]
    assert made["tool"]["driver"]["name"] == "stemp check"
    rules = {result["ruleId"] for result in made["results"]}
    assert rules == {"missing-scope", "token-kind", "other"}
    for result in made["results"]:
        assert made["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"] == {"uri": "src/till.py", "uriBaseId": "%SRCROOT%"}
    windows = as_sarif(in_words(r"C:\shop\till.py:1: error: wrong  [misc]"))["runs"][0]["results"][0]
    uri = windows["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "file:///C:/shop/till.py"


@pytest.mark.usefixtures("project")
def test_github() -> None:
    status, out, _ = read_from(recorded("ty-gitlab.json").encode(), "--format", "github")
    assert status == 1
    lines = out.decode().splitlines()
    assert lines[0].startswith(f"::error file=src/till.py,line=11,col=1,title=Missing scope::{SENTENCE}")
    assert "title=Token kind::scopes: an API token may not hold platform:email:send" in out.decode()
    assert "title=invalid-assignment::" in out.decode()


@pytest.mark.usefixtures("project")
def test_annotations_in_are_annotations_out() -> None:
    _, out, _ = read_from(recorded("pyrefly-github.txt").encode())
    first = out.decode().splitlines()[0]
    assert first.startswith("::error file=/project/src/till.py,line=11,col=22,")
    assert f"::{SENTENCE}" in first


def test_the_notes_of_mypy_on_a_scope_error_go_with_its_message() -> None:
    text = recorded("mypy.txt")
    revealed = "src/till.py:21: note: Revealed type is 'int'\n"
    lines = text.splitlines(keepends=True)
    at = max(number for number, line in enumerate(lines) if ":21: note:" in line) + 1
    output = in_words("".join([*lines[:at], revealed, *lines[at:]]))
    notes = [each.message for each in output.diagnostics if each.severity == "note" and each.line == 21]
    assert notes == ["Revealed type is 'int'"]


def test_help_and_stdin_is_no_pipe_of_the_tests(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "mypy src | stemp check" in run("check", "--help").out
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert run("check").code == 2
