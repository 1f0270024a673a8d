"""The API is compared with that of the last release, in repositories of their own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.release.scripts import ci_script

Record = dict[str, dict[str, list[str]]]
FIRST: Record = {"methods": {"users.get": ["user:read"]}, "presets": {}, "names": {"stemp_sdk": ["Old", "Stemp"]}}
WIDER: Record = FIRST | {"methods": {"users.get": ["user:read", "user:update"]}}
UNRELEASED = "# Changelog\n\n## [Unreleased]\n\n"
EXPLAINED = "### Scopes\n\n- `users.get`: why\n\n"
WANTED = "`users.get`: from user:read to user:read user:update"

Commit = Callable[..., None]


def git(folder: Path, *arguments: str) -> None:
    who = (
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@example.com",
        "-c",
        "commit.gpgsign=false",
        "-c",
        "tag.gpgsign=false",
    )
    command = ["git", *who, *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script in a repository whose code has the API of FIRST."""
    module = ci_script("api")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "RECORD", tmp_path / ".ci" / "api.json")
    monkeypatch.setattr(module, "CHANGELOG", tmp_path / "CHANGELOG.md")
    (tmp_path / ".ci").mkdir()
    git(tmp_path, "init", "--quiet")
    has(module, monkeypatch, FIRST)
    return module


def has(api: ModuleType, monkeypatch: pytest.MonkeyPatch, record: Record) -> None:
    """The code has this API."""
    monkeypatch.setattr(api, "current", lambda: record)


def commit(api: ModuleType, changelog: str, *, record: Record | None = None, tag: str | None = None) -> None:
    api.CHANGELOG.write_text(changelog, "utf-8")
    if record is not None:
        api.RECORD.write_text(json.dumps(record), "utf-8")
    git(api.ROOT, "add", "--all")
    git(api.ROOT, "commit", "--quiet", "--message", "x")
    if tag is not None:
        git(api.ROOT, "tag", "--annotate", tag, "--message", tag)


def released(api: ModuleType) -> None:
    """The version 0.1.0 with the API of FIRST."""
    commit(api, f"{UNRELEASED}## [0.1.0] - 2026-11-27\n", record=FIRST, tag="v0.1.0")


def judged(api: ModuleType, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    status = api.main([*options])
    return status, capsys.readouterr().err


def test_before_the_first_release_the_record_that_is_replaced_counts(
    api: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(api, UNRELEASED, record=FIRST)
    assert judged(api, capsys) == (0, "")
    has(api, monkeypatch, WIDER)
    status, problem = judged(api, capsys, "--write")
    assert status == 1
    assert WANTED in problem
    assert "since .ci/api.json was written" in problem


def test_a_change_since_the_last_release_is_refused_although_the_record_has_it(
    api: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    released(api)
    has(api, monkeypatch, WIDER)
    commit(api, f"{UNRELEASED}## [0.1.0] - 2026-11-27\n", record=WIDER)
    status, problem = judged(api, capsys)
    assert status == 1
    assert WANTED in problem
    assert "since v0.1.0" in problem
    api.CHANGELOG.write_text(f"{UNRELEASED}{EXPLAINED}## [0.1.0] - 2026-11-27\n", "utf-8")
    assert judged(api, capsys) == (0, "")


def test_an_entry_of_the_last_release_explains_no_later_change(
    api: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    released(api)
    has(api, monkeypatch, WIDER)
    api.CHANGELOG.write_text(f"{UNRELEASED}## [0.1.0] - 2026-11-27\n\n{EXPLAINED}", "utf-8")
    assert judged(api, capsys, "--write")[0] == 1


def test_a_name_that_no_release_had_may_go_without_an_entry(
    api: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    released(api)
    commit(api, api.CHANGELOG.read_text("utf-8"), record=FIRST | {"names": {"stemp_sdk": ["New", "Old", "Stemp"]}})
    assert judged(api, capsys, "--write") == (0, "")
    has(api, monkeypatch, FIRST | {"names": {"stemp_sdk": ["Stemp"]}})
    assert "`Old` of stemp_sdk was removed" in judged(api, capsys, "--write")[1]


def test_the_commit_of_a_release_is_compared_with_the_one_before_with_and_without_its_tag(
    api: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    released(api)
    has(api, monkeypatch, WIDER)
    later = f"{UNRELEASED}## [0.2.0] - 2026-12-27\n\n{{}}## [0.1.0] - 2026-11-27\n"
    commit(api, later.format(EXPLAINED), record=WIDER)
    assert judged(api, capsys) == (0, "")
    commit(api, later.format(""), tag="v0.2.0")
    assert judged(api, capsys) == (0, "")  # the release itself
    status, problem = judged(api, capsys, "--release")
    assert status == 1
    assert WANTED in problem
    assert "since v0.1.0" in problem


def test_a_clone_without_the_tags_of_the_releases_is_an_error(
    api: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    released(api)
    commit(api, f"{UNRELEASED}## [0.2.0] - 2026-12-27\n\n## [0.1.0] - 2026-11-27\n")
    assert judged(api, capsys) == (0, "")
    git(api.ROOT, "tag", "--delete", "v0.1.0")
    status, problem = judged(api, capsys)
    assert status == 1
    assert problem == "CHANGELOG.md has v0.1.0, but the last tag is None: git fetch --tags --unshallow\n"


def test_every_public_package_is_in_the_record(api: ModuleType) -> None:
    probes: Any = ci_script("release_probes")
    assert {*api.public_modules()} == {*probes.public("stemp_sdk")}
