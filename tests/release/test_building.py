"""What is checked of a build, and of the tag that is published, each broken on purpose."""

from __future__ import annotations

import re
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from tests.release.scripts import ci_script
from tests.support.paths import ROOT


@pytest.fixture(scope="module")
def release() -> ModuleType:
    return ci_script("release")


def archive(path: Path, **files: str) -> Path:
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in files.items():
            wheel.writestr(zipfile.ZipInfo(name), text)
    return path


def test_two_builds_are_compared_byte_for_byte(release: ModuleType, tmp_path: Path) -> None:
    one = archive(tmp_path / "one.whl", a="1", b="2")
    release.compare(one, archive(tmp_path / "same.whl", a="1", b="2"), "of itself")
    with pytest.raises(release.ReleaseError, match=r"^one\.whl differs from that of the sdist: b, c$"):
        release.compare(one, archive(tmp_path / "other.whl", a="1", b="3", c=""), "of the sdist")
    with pytest.raises(release.ReleaseError, match="in dates, modes or order"):
        release.compare(one, archive(tmp_path / "order.whl", b="2", a="1"), "of the sdist")


def test_the_files_of_an_sdist_are_compared_by_name(release: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x", "utf-8")
    for name in ("one.tar.gz", "other.tar.gz"):
        with tarfile.open(tmp_path / name, "w:gz") as sdist:
            sdist.add(tmp_path / "a", "a")
        (tmp_path / "a").write_text("y", "utf-8")
    with pytest.raises(release.ReleaseError, match=r": a$"):
        release.compare(tmp_path / "one.tar.gz", tmp_path / "other.tar.gz", "of itself")


def test_a_file_that_git_does_not_have_is_not_in_the_copy(release: ModuleType, tmp_path: Path) -> None:
    copy = release.copied(tmp_path / "copy")
    assert (copy / "stemp_sdk" / "__init__.py").read_bytes() == (ROOT / "stemp_sdk" / "__init__.py").read_bytes()
    assert (copy / "stemp_sdk" / "__init__.py").stat().st_mode & 0o777 == 0o600
    assert not [*copy.rglob("__pycache__")]


def test_a_command_that_fails_is_shown_with_its_output(release: ModuleType) -> None:
    with pytest.raises(release.ReleaseError, match=r"(?s)ended with 3:\nwhy"):
        release.output(sys.executable, "-c", "print('why'); raise SystemExit(3)")


def test_the_wheel_has_to_be_built_before_it_is_checked(
    release: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(release, "DIST", tmp_path)
    assert release.main(["check", "--quick"]) == 1
    assert capsys.readouterr().err == "dist has no wheel: run make build\n"


def test_the_extras_are_those_of_the_metadata(release: ModuleType, tmp_path: Path) -> None:
    metadata = "Name: x\nProvides-Extra: all\nProvides-Extra: cli\n\nProvides-Extra: of the README\n"
    wheel = archive(tmp_path / "x.whl", **{"x-1.dist-info/METADATA": metadata})
    assert release.extras_of(wheel) == ["all", "cli"]


def test_a_page_on_the_index_without_relative_links_is_built(release: ModuleType, tmp_path: Path) -> None:
    page = "Name: x\n\n[a](https://host/a) [b](#b) [c](mailto:c@example.com)"
    release.check_links(archive(tmp_path / "x.whl", **{"x-1.dist-info/METADATA": page}))
    relative = archive(tmp_path / "y.whl", **{"y-1.dist-info/METADATA": page.replace("#b", "docs/b.md")})
    with pytest.raises(release.ReleaseError, match=r"relative link, which it cannot resolve: docs/b\.md$"):
        release.check_links(relative)


def test_the_pins_are_those_of_development_without_hashes(release: ModuleType) -> None:
    pins = release.pins().splitlines()
    assert all(re.fullmatch(r"[\w.-]+==[\w.+!]+", pin) for pin in pins)
    assert {"httpx", "pydantic", "typer", "ty"} < {pin.partition("==")[0] for pin in pins}


def test_a_bundle_that_prints_something_else_is_refused(release: ModuleType) -> None:
    release.compare_outputs("zipapp", {"demo": "a"}, {"demo": "a"})
    with pytest.raises(release.ReleaseError, match=r"(?s)^demo: the zipapp prints something else\n.*\n-a\n\+b$"):
        release.compare_outputs("zipapp", {"demo": "a"}, {"demo": "b"})


# --- The tag


@pytest.fixture
def tagged(release: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, in a project of version 1.2.0."""
    monkeypatch.setattr(release, "ROOT", tmp_path)
    (tmp_path / "stemp_sdk").mkdir()
    (tmp_path / "stemp_sdk" / "_version.py").write_text('"""The version."""\n\n__version__ = "1.2.0"\n', "utf-8")
    (tmp_path / "CHANGELOG.md").write_text("## [Unreleased]\n\n## [1.2.0] - 2026-11-27\n", "utf-8")
    (tmp_path / "pyproject.toml").write_text(
        '[project.urls]\nSource = "https://host/a/b"\nIssues = "https://host/a/b/issues"\n'
        'Documentation = "https://a.github.io/b/"\n',
        "utf-8",
    )
    return release


def test_the_tag_of_the_version_is_published(tagged: ModuleType) -> None:
    assert tagged.main(["tag", "v1.2.0", "https://host/a/b"]) == 0


@pytest.mark.parametrize(
    ("tag", "repository", "changelog", "problem"),
    [
        ("v1.2.1", "https://host/a/b", None, "the tag is v1.2.1, and stemp_sdk/_version.py says 1.2.0"),
        ("v1.2.0", "https://host/a/b", "## [1.2.0]\n", "CHANGELOG.md has no section [1.2.0] with a date"),
        ("v1.2.0", "https://host/a/other", None, "the project URL Source is https://host/a/b"),
        ("v1.2.0", "https://host/a/bc", None, "the project URL Issues is https://host/a/b/issues"),
        ("v1.2.0", "https://host/c/b", None, "the project URL Documentation is https://a.github.io/b/"),
    ],
)
def test_a_wrong_tag_is_not_published(
    tagged: ModuleType,
    capsys: pytest.CaptureFixture[str],
    tag: str,
    repository: str,
    changelog: str | None,
    problem: str,
) -> None:
    if changelog is not None:
        (tagged.ROOT / "CHANGELOG.md").write_text(changelog, "utf-8")
    assert tagged.main(["tag", tag, repository]) == 1
    assert problem in capsys.readouterr().err


def test_every_project_url_is_in_one_repository(release: ModuleType) -> None:
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["urls"]
    assert urls.keys() == {"Homepage", "Documentation", "Changelog", "Issues", "Source"}
    assert all("project URL" not in problem for problem in release.wrong_tag("v0", urls["Source"]))
