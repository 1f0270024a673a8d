"""Gates on the gates: what could switch one off silently."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Collection
from itertools import chain
from typing import Any

from tests.support.paths import ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

#: Each of these goes before the pyproject.toml of the project, for one of the tools.
RIVALS = {
    *("mypy.ini", ".mypy.ini", "pyrightconfig.json", "ruff.toml", ".ruff.toml", ".importlinter", "setup.cfg"),
    *("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "tox.ini", ".coveragerc", ".coveragerc.toml"),
}

#: attrs counts years; of cryptography each release may remove what an earlier one deprecated; ty is before its 0.1.
WITHOUT_SEMANTIC_VERSIONS = {"attrs", "cryptography", "ty"}

#: Modules whose distribution has another name.
IMPORTED_AS = {"jwt": "PyJWT", "mcp_types": "mcp", "opentelemetry": "opentelemetry-api", "yaml": "PyYAML"}
#: pydantic requires one version of pydantic_core exactly; trio is imported where the caller runs on it.
NEED_NO_DECLARATION = {"pydantic_core", "trio"}


def canonical(name: str) -> str:
    return name.lower().replace("_", "-")


def short(version: str) -> str:
    """0.27.0 is 0.27."""
    return re.sub(r"(\.0)+$", "", version)


def wanted(*, without: Collection[str] = ("all",)) -> dict[str, str]:
    """By name, the bounds of every dependency and of every extra's."""
    project = PROJECT["project"]
    extras = [texts for extra, texts in project["optional-dependencies"].items() if extra not in without]
    texts = [*project["dependencies"], *chain.from_iterable(extras)]
    found = [re.fullmatch(r"([\w-]+)(?:\[\w+\])?(.*)", text) for text in texts]
    return {canonical(match[1]): match[2] for match in found if match}


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


def test_every_dependency_has_a_lower_bound_and_an_upper_one_if_its_versions_are_semantic() -> None:
    bounds = {name: text.partition(",")[2] for name, text in wanted().items()}
    assert {name for name, upper in bounds.items() if not upper} == WITHOUT_SEMANTIC_VERSIONS
    assert all(re.fullmatch(r"(<\d[\d.]*)?", upper) for upper in bounds.values())
    assert all(re.fullmatch(r">=[\d.]+", text.partition(",")[0]) for text in wanted().values())


def test_the_extra_all_has_every_other_extra() -> None:
    extras: dict[str, list[str]] = PROJECT["project"]["optional-dependencies"]
    assert extras["all"] == [f"stemp-sdk[{','.join(sorted(extras.keys() - {'all'}))}]"]


def test_requires_python_has_a_lower_bound_alone() -> None:
    oldest = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["project"]["classifiers"]))[0]
    assert PROJECT["project"]["requires-python"] == f">={oldest}"
    assert PROJECT["tool"]["ruff"]["target-version"] == f"py{oldest.replace('.', '')}"
    assert PROJECT["tool"]["pyright"]["pythonVersion"] == oldest


def test_make_test_lowest_tests_the_lower_bounds() -> None:
    # mcp needs newer versions of pydantic and others than the SDK itself.
    bounds = wanted(without=("all", "mcp"))
    lower = {name: text.partition(",")[0].removeprefix(">=") for name, text in bounds.items()}
    stated = re.findall(
        r"(?m)^([\w-]+)(?:\[\w+\])?==([\d.]+)$", (ROOT / ".ci/requirements-lowest.in").read_text("utf-8")
    )
    locked = re.findall(r"(?m)^([\w-]+)==([\d.]+) ", (ROOT / "requirements-lowest.txt").read_text("utf-8"))
    assert {canonical(name): version for name, version in stated} == lower
    pinned = {canonical(name): short(version) for name, version in locked}
    assert {name: pinned[name] for name in lower} == {name: short(version) for name, version in lower.items()}


def test_every_import_is_a_declared_dependency() -> None:
    imported: set[str] = set()
    for path in (ROOT / "stemp_sdk").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                imported.add(str(node.module).partition(".")[0])
    others = imported - sys.stdlib_module_names - {"stemp_sdk"} - NEED_NO_DECLARATION
    assert {canonical(IMPORTED_AS.get(name, name)) for name in others} <= wanted().keys()
