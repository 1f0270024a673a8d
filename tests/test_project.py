"""Gates on the gates: what could switch one off without a word."""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

#: Each of these goes before the pyproject.toml of the project, for one of the tools.
RIVALS = {
    *("mypy.ini", ".mypy.ini", "pyrightconfig.json", "ruff.toml", ".ruff.toml", ".importlinter", "setup.cfg"),
    *("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "tox.ini", ".coveragerc", ".coveragerc.toml"),
}


def test_no_second_configuration_overrides_a_gate() -> None:
    code = [ROOT / name for name in (".ci", "benchmarks", "examples", "stemp_sdk", "tests")]
    nested = {path.name: path for path in chain.from_iterable(folder.rglob("*") for folder in code)}
    assert {path.name for path in ROOT.iterdir()} & RIVALS == set()
    assert nested.keys() & {*RIVALS, "pyproject.toml"} == set()


def test_the_gates_are_as_strict_as_they_can_be() -> None:
    tools = PROJECT["tool"]
    assert tools["coverage"]["report"]["fail_under"] == 100  # percent: 1 would be one in a hundred
    assert tools["coverage"]["run"]["branch"] is True
    assert tools["mypy"]["strict"] is True
    assert tools["pyright"]["typeCheckingMode"] == "strict"
    assert tools["pytest"]["ini_options"]["filterwarnings"] == ["error"]


def test_every_dependency_has_a_lower_and_an_upper_bound() -> None:
    project = PROJECT["project"]
    wanted = [*project["dependencies"], *chain.from_iterable(project["optional-dependencies"].values())]
    assert [text for text in wanted if not re.fullmatch(r"[\w\[\]-]+>=[\d.]+,<\d[\d.]*", text)] == []
    assert re.fullmatch(r">=3\.\d+,<3\.\d+", project["requires-python"])
