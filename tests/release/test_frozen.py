"""Programs that PyInstaller makes of what uses the SDK. `make bundles` makes and runs one."""

from __future__ import annotations

import runpy
import shutil
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from stemp_sdk.audit._audit import environment_of
from stemp_sdk.audit._checkers import interpreter
from tests.support.paths import ROOT

PACKAGE = ROOT / "stemp_sdk"


def test_pyinstaller_finds_the_hook() -> None:
    entries = {entry.value: entry for entry in entry_points(group="pyinstaller40", name="hook-dirs")}
    (folder,) = entries["stemp_sdk._pyinstaller:hook_dirs"].load()()
    assert Path(folder, "hook-stemp_sdk.py").is_file()


def test_the_hook_adds_every_file_of_the_package_in_its_folder() -> None:
    hook = PACKAGE / "_pyinstaller" / "hook-stemp_sdk.py"
    found = runpy.run_path(str(hook), run_name="stemp_sdk._pyinstaller.hook")["datas"]
    files = {path for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert {Path(source): folder for source, folder in found} == {
        path: path.parent.relative_to(ROOT).as_posix() for path in files
    }


def test_an_audit_runs_the_interpreter_of_the_sdk() -> None:
    assert interpreter() == Path(sys.executable)


def test_an_audit_in_a_program_without_interpreter_takes_the_one_on_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "environment" / "bin" / "python3"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\n", "utf-8")
    python.chmod(0o700)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setenv("PATH", str(python.parent))
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.chdir(tmp_path)
    assert interpreter() == python
    assert environment_of(tmp_path) == tmp_path / "environment"
    python.unlink()
    assert shutil.which("python3") is None
    assert interpreter() == Path(sys.executable)
