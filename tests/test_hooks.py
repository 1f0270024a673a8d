"""The hooks and the workflow that docs/ci.md offers run on the examples of this repository."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.paths import ROOT

HOOKS: dict[str, Any] = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}


def run(command: list[str], cwd: Path) -> subprocess.CompletedProcess[str]:
    assert command[0] == "stemp"
    return subprocess.run(
        [sys.executable, "-m", "stemp_sdk", *command[1:]], cwd=cwd, capture_output=True, text=True, check=False
    )


def test_the_hook_of_the_audit_passes_on_the_examples_and_fails_on_a_missing_scope(tmp_path: Path) -> None:
    hook = HOOKS["stemp-scopes-audit"]
    command = [*shlex.split(hook["entry"]), *hook["args"]]
    assert run(command, ROOT / "examples").returncode == 0
    (tmp_path / "shop.py").write_text(
        "from stemp_sdk import Stemp\nclient = Stemp()\nclient.templates.delete('tpl_1')\n", "utf-8"
    )
    (tmp_path / "stemp-scopes.toml").write_text('[parts.shop]\npaths = ["."]\nscopes = ["POS"]\n', "utf-8")
    failed = run(command, tmp_path)
    assert failed.returncode == 1
    assert "template:delete  MISSING" in failed.stdout


def test_the_hook_of_the_check_says_a_scope_error_in_words(tmp_path: Path) -> None:
    hook = HOOKS["stemp-check"]
    (tmp_path / "shop.py").write_text(
        "from stemp_sdk import Stemp, presets\nStemp(scopes=presets.POS).templates.delete('tpl_1')\n", "utf-8"
    )
    failed = run([*shlex.split(hook["entry"]), "shop.py"], tmp_path)
    assert failed.returncode == 1
    assert "templates.delete needs template:delete" in failed.stdout


@pytest.mark.parametrize("name", [".github/workflows/scopes.yml"])
def test_the_workflow_annotates_what_is_missing_and_passes_on_the_examples(name: str) -> None:
    (job,) = yaml.safe_load((ROOT / name).read_text("utf-8"))["jobs"].values()
    commands = [step["run"] for step in job["steps"] if "run" in step]
    assert commands[0] == 'pip install ".[audit,cli]"'
    assert run(shlex.split(commands[1]), ROOT).returncode == 0
    fewer = run([*shlex.split("stemp scopes audit examples/own_preset.py --preset POS --format github")], ROOT)
    assert "::error file=examples/own_preset.py,line=" in fewer.stdout
