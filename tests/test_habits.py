"""The scripts of ``.ci``, each broken on purpose, and what a release contains."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from tests.support.paths import ROOT


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"ci_{name}", ROOT / ".ci" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


# --- The record of the API


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, with a record and a changelog of its own."""
    module = script("api")
    for name in ("RECORD", "CHANGELOG"):
        monkeypatch.setattr(module, name, tmp_path / name)
    monkeypatch.setattr(module, "ROOT", tmp_path)  # which has no tags
    (tmp_path / "RECORD").write_bytes((ROOT / ".ci" / "api.json").read_bytes())
    (tmp_path / "CHANGELOG").write_text("# Changelog\n\n## [Unreleased]\n\n### Added\n\n- x\n\n## [0.1.0]\n", "utf-8")
    return module


def test_the_record_of_the_api_is_up_to_date(api: ModuleType) -> None:
    assert api.main([]) == 0


@pytest.mark.parametrize(
    ("kind", "name", "before", "heading"),
    [
        ("methods", "users.get", [], "Scopes"),
        ("methods", "users.vanished", ["user:read"], "Removed"),
        ("presets", "POS", ["pass:read"], "Scopes"),
        ("presets", "VANISHED", ["pass:read"], "Removed"),
        ("names", "stemp_sdk", ["Stemp", "Vanished"], "Removed"),
    ],
)
def test_a_change_of_the_api_needs_its_entry_in_the_changelog(
    api: ModuleType, capsys: pytest.CaptureFixture[str], kind: str, name: str, before: list[str], heading: str
) -> None:
    entry = "Vanished" if kind == "names" else name
    record = json.loads(api.RECORD.read_text("utf-8"))
    record[kind][name] = before
    api.RECORD.write_text(json.dumps(record), "utf-8")
    assert api.main(["--write"]) == 1
    assert f"`{entry}`" in (problem := capsys.readouterr().err)
    assert f"CHANGELOG.md under ### {heading}\n" in problem
    older = api.CHANGELOG.read_text("utf-8") + f"\n### {heading}\n\n- `{entry}`\n"
    api.CHANGELOG.write_text(older, "utf-8")
    assert api.main(["--write"]) == 1, "an entry of an older version counted"
    api.CHANGELOG.write_text(older.replace("### Added", f"### {heading}\n\n- `{entry}`: why\n\n### Added"), "utf-8")
    assert api.main([]) == 1
    assert "run `make api`" in capsys.readouterr().err
    assert (api.main(["--write"]), api.main([])) == (0, 0)


def test_each_difference_of_the_api_is_one_short_line(api: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    record = json.loads(api.RECORD.read_text("utf-8"))
    del record["methods"]["users.get"]
    del record["names"]["stemp_sdk.models"]
    record["names"]["stemp_sdk"].remove("Stemp")
    api.RECORD.write_text(json.dumps(record), "utf-8")
    assert api.main([]) == 1
    head, *changes, advice = capsys.readouterr().err.splitlines()
    assert head == "The public API differs from .ci/api.json:"
    assert (changes[0], changes[1]) == ("+ users.get: user:read", "~ stemp_sdk: added Stemp")
    assert re.fullmatch(r"\+ stemp_sdk\.models: (\w+, ){7}\w+ and \d+ more", changes[2])
    assert len(changes) == 3
    assert advice == "If this is intended, run `make api` and commit the file; otherwise correct the code"
    assert (api.main(["--write"]), api.main([])) == (0, 0)


def test_what_the_code_no_longer_has_is_a_difference(api: ModuleType) -> None:
    old = {"methods": {"a.b": ["x", "y"], "a.c": []}, "presets": {"POS": ["x", "y"]}}
    new = {"methods": {"a.b": ["y", "z"], "a.d": []}, "presets": {"POS": ["y", "x"]}}
    expected = ["~ a.b: added z; removed x", "- a.c", "+ a.d: no scope", "~ POS: another order"]
    assert [*api.differences(old, new)] == expected


# --- The Python versions


def test_a_missing_python_fails_in_ci_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pythons = script("pythons")

    def interpreter(version: str) -> str | None:
        return sys.executable if version == pythons.RUNNING else None

    monkeypatch.setattr(pythons, "interpreter", interpreter)
    monkeypatch.delenv("CI", raising=False)
    assert pythons.main("--others") == 0
    missing = set(pythons.promised()) - {pythons.RUNNING}
    assert {*re.findall(r"Python (3\.\d+) is not installed", capsys.readouterr().err)} == missing
    monkeypatch.setenv("CI", "true")
    assert pythons.main("--others") == 1
    monkeypatch.setattr(pythons, "promised", lambda: [pythons.RUNNING, pythons.PYODIDE])
    assert pythons.main("--others") == 0


def test_a_command_that_does_not_run_is_not_an_interpreter(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pythons = script("pythons")
    (shim := tmp_path / "python3.99").write_text("#!/bin/sh\nexit 127\n", "utf-8")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert pythons.interpreter("3.99") is None


def test_pyodide_is_the_newest_version_that_is_promised() -> None:
    locked = json.loads((ROOT / ".ci" / "pyodide" / "package-lock.json").read_text("utf-8"))
    major = locked["packages"]["node_modules/pyodide"]["version"].split(".")[0]
    pythons = script("pythons")
    assert pythons.promised()[-1] == pythons.PYODIDE == f"{major[0]}.{major[1:]}"
    runner = (ROOT / ".ci" / "pyodide" / "installing.py").read_text("utf-8")
    assert f'PYTHON: Final = "{pythons.PYODIDE}"' in runner


# --- The words


def test_forbidden_words_are_found_and_plain_sentences_are_not() -> None:
    words = script("words")
    assert [hit[1].strip() for hit in words.hits("It is no scope.\nAn empty text, told of all that came of it.")] == [
        "is no",
        "empty text",
        "told of",
        "came of",
    ]
    assert [hit[1] for hit in words.hits("It makes no sense, as httpx has it, and leads nowhere.")] == [
        "as httpx has it",
        "makes no sense",
        "leads nowhere",
    ]
    assert [hit[1] for hit in words.hits("Somebody hears of it, all the same.")] == [
        "Somebody",
        "all the same",
        "hears of",
    ]
    riddle = '    """What nobody sends by mail."""'
    assert [*words.hits(riddle)] == []
    assert [hit[1] for hit in words.hits(riddle, is_package=True)] == ['"""What ', "nobody", "mail"]
    assert [*words.hits("It is not a scope, is no longer valid, and the string is empty. `x` is a text field.")] == []


# --- What a release contains


def test_the_wheel_and_the_sdist_have_their_files(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    (sdist,) = tmp_path.glob("*.tar.gz")
    code = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "stemp_sdk").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    in_wheel = {*zipfile.ZipFile(wheel).namelist()}
    assert {name for name in in_wheel if ".dist-info/" not in name} == code
    page = {f"stemp_sdk/_cli/matrix/{name}" for name in ("page.html", "page.css", "page.js", "rules.js")}
    assert {"stemp_sdk/py.typed", *page} <= in_wheel
    metadata = {name.partition(".dist-info/")[2] for name in in_wheel if ".dist-info/" in name}
    assert metadata == {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"}
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert code < names
    assert {"CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "README.md", "LICENSE", "PKG-INFO"} < names
    top = {name.partition("/")[0] for name in names}
    extra = {".gitignore", "PKG-INFO", "pyproject.toml", "LICENSE"}
    folders = {"benchmarks", "docs", "examples", "stemp_sdk", "tests"}
    assert {name for name in top if not name.endswith(".md")} == extra | folders
