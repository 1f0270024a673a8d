"""The workflows: what they may do, and that a release publishes what was checked. `make lint` runs zizmor on them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.paths import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PUBLISHES = "pypa/gh-action-pypi-publish"


def read(path: Path) -> dict[str, Any]:
    workflow: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return workflow


RELEASE = read(ROOT / ".github" / "workflows" / "release.yml")["jobs"]


def uses(job: dict[str, Any]) -> list[str]:
    """The actions of a job, without their commits."""
    return [step["uses"].partition("@")[0] for step in job["steps"] if "uses" in step]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_action_is_a_commit_with_its_version_beside_it(path: Path) -> None:
    named = re.findall(r"uses: (.+)", path.read_text("utf-8"))
    assert named
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action) for action in named), named


def test_an_action_is_the_same_commit_everywhere() -> None:
    found = {tuple(action) for path in WORKFLOWS for action in re.findall(r"uses: (.+)@(\w+)", path.read_text("utf-8"))}
    assert len(found) == len({name for name, _ in found})


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_only_read_where_no_job_says_more(path: Path) -> None:
    assert read(path)["permissions"] in ({}, {"contents": "read"})


def test_each_job_of_a_release_may_do_only_its_own_part() -> None:
    assert {name: job["permissions"] for name, job in RELEASE.items()} == {
        "build": {"contents": "read"},
        "attest": {"attestations": "write", "id-token": "write"},
        "publish": {"id-token": "write"},
        "release": {"contents": "write"},
        "site": {"id-token": "write", "pages": "write"},
    }


def test_a_release_builds_once_and_publishes_what_was_checked() -> None:
    commands = [step["run"] for step in RELEASE["build"]["steps"] if "run" in step]
    targets = ("release-tag", "build", "release-check", "bundles", "sbom", "docs")
    assert commands == [f"make {target}" for target in targets]
    recipes = (ROOT / "Makefile").read_text("utf-8")
    for target in ("release-check", "bundles", "sbom"):
        (needed,) = re.findall(rf"(?m)^{target}:(.*)##", recipes)
        assert not needed.strip(), f"{target} would build again"
    assert PUBLISHES in uses(RELEASE["publish"])
    for name in ("attest", "publish", "release"):
        assert "actions/checkout" not in uses(RELEASE[name])
        assert uses(RELEASE[name])[:1] == ["actions/download-artifact"]
    assert RELEASE["publish"]["needs"] == ["build", "attest"]


def test_the_site_of_a_release_is_the_one_that_was_built_and_checked() -> None:
    uploads = [step["with"]["path"] for step in RELEASE["build"]["steps"] if "upload-pages" in step.get("uses", "")]
    assert f"DOCS := {uploads[0].removesuffix('/html')}" in (ROOT / "Makefile").read_text("utf-8")
    assert uses(RELEASE["site"]) == ["actions/deploy-pages"]
    assert RELEASE["site"]["needs"] == "publish"


def test_no_workflow_has_a_secret() -> None:
    assert all("secrets." not in path.read_text("utf-8") for path in WORKFLOWS)


def test_zizmor_refuses_an_action_without_a_commit(tmp_path: Path) -> None:
    workflow = tmp_path / ".github" / "workflows" / "release.yml"
    workflow.parent.mkdir(parents=True)
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8")
    command = [str(Path(sys.executable).with_name("zizmor")), "--offline", "--no-progress", str(workflow)]
    workflow.write_text(text, "utf-8")
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    workflow.write_text(re.sub(r"(gh-action-pypi-publish)@\w+", r"\1@release/v1", text), "utf-8")
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode != 0
    assert "unpinned-uses" in done.stdout
