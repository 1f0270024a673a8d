"""Type checkers: which one is used, and what is said where none works."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import stemp_sdk.audit._audit as implementation
import stemp_sdk.audit._checkers as checkers
from stemp_sdk.audit import audit
from stemp_sdk.audit._needs import Need
from stemp_sdk.scopes import USER_READ

from .conftest import Audited

USE = "from stemp_sdk import Stemp\nStemp().users.list()\n"
TY, PYRIGHT, MYPY = checkers.CHECKERS


def script(folder: Path, body: str) -> Path:
    path = folder / "fake-checker"
    path.write_text(f"#!{sys.executable}\n{body}", "utf-8")
    path.chmod(0o700)
    return path


def use_only(monkeypatch: pytest.MonkeyPatch, **commands: Path | None) -> None:
    def find(name: str) -> Path | None:
        return commands.get(name)

    monkeypatch.setattr(implementation, "find_checker", find)


def test_the_order() -> None:
    assert [checker.name for checker in checkers.CHECKERS] == ["ty", "pyright", "mypy"]


def test_without_a_checker_every_use_is_unsure_and_the_report_is_partial(
    monkeypatch: pytest.MonkeyPatch, audited: Audited
) -> None:
    use_only(monkeypatch)
    report = audited(a=USE)
    assert report.uses == ()
    assert [at.operation for at in report.unsure] == ["users.list"]
    assert report.checker is None
    assert report.is_partial
    (reason,) = (item.reason for item in report.skipped)
    assert reason == 'none is installed: pip install "stemp-sdk[audit]"'


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("print('[]')", "ty does not report a known use, so it may miss others"),
        ("print('nonsense')", "ty printed unexpected output: JSONDecodeError"),
        ("print('[{}]')", "ty printed unexpected output: KeyError"),
        ("print('[1]')", "ty printed unexpected output: TypeError"),
        ("import sys; sys.exit('no such option\\nmore')", "ty ended with status 1: no such option"),
        ("", "ty ended with status 0: no output"),
    ],
)
def test_a_checker_that_does_not_work_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, body: str, reason: str
) -> None:
    use_only(monkeypatch, ty=script(tmp_path, body))
    (tmp_path / "a.py").write_text(USE, "utf-8")
    report = audit(tmp_path, base=tmp_path)
    assert [(item.path, item.reason) for item in report.skipped] == [("type checker", reason)]
    assert report.uses == ()


def test_a_command_that_cannot_be_run_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(USE, "utf-8")
    use_only(monkeypatch, ty=tmp_path / "gone")
    (item,) = audit(tmp_path, base=tmp_path).skipped
    assert item.reason == "ty cannot be run: No such file or directory"


def test_a_checker_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch, audited: Audited) -> None:
    def run(command: list[str], **_: object) -> None:
        raise subprocess.TimeoutExpired(command, 600)

    monkeypatch.setattr(subprocess, "run", run)
    (item,) = audited(a=USE).skipped
    assert item.reason.startswith("ty did not finish within 600 s; pyright did not finish within 600 s; ")


def test_a_checker_is_found_beside_the_sdk_then_on_the_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    scripts = Path(sysconfig.get_path("scripts"))
    assert checkers.find_checker("ty") == scripts / "ty"
    fake = script(tmp_path, "")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert checkers.find_checker(fake.name) == fake
    assert checkers.find_checker("no-such-checker") is None


def test_settings_of_the_environment_do_not_reach_the_checker(
    monkeypatch: pytest.MonkeyPatch, audited: Audited
) -> None:
    monkeypatch.setenv("TY_OUTPUT_FORMAT", "concise")
    monkeypatch.setenv("TY_CONFIG_FILE", "/nowhere/ty.toml")
    assert len(audited(a=USE).uses) == 1


def test_pyright_and_mypy_may_print_other_things() -> None:
    assert [*PYRIGHT.read('{"generalDiagnostics": [{"message": "no range"}]}')] == []
    assert [*MYPY.read("Success: no issues\n")] == []


def test_a_report_on_a_file_that_was_not_asked_for_does_not_count(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, audited: Audited
) -> None:
    def sights(*_: object) -> list[checkers.Sight]:
        return [checkers.Sight(tmp_path / name, 2, 18, Need("users.list", (USER_READ,))) for name in ("a.py", "b.py")]

    monkeypatch.setattr(implementation, "sights", sights)
    assert [use.path for use in audited(a=USE).uses] == ["a.py"]
