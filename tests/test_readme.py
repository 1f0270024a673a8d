"""What the README shows is what happens."""

from __future__ import annotations

import re
import tomllib

import pytest

from stemp_sdk import MissingScopeError, Stemp, presets
from stemp_sdk.scopes import TokenKind, token_kinds
from tests.support.paths import ROOT
from tests.support.snippets import python_of

README = (ROOT / "README.md").read_text(encoding="utf-8")
PYTHON = python_of(ROOT / "README.md")


def test_the_till_of_the_readme_runs_on_the_sandbox(capsys: pytest.CaptureFixture[str]) -> None:
    till, sandbox = PYTHON[:2]
    imports, client, work = re.split(r"(?m)^(client = .*\n)", till)
    assert len([line for line in (imports + client + work).splitlines() if line]) <= 15
    exec(imports + sandbox + work.replace('"tpl_coffee"', "card_design.id"), {})  # noqa: S102
    assert re.fullmatch(r"\S+ \S+ add \[receipt 4711 ~[0-9a-f]{16}\] Main St\n", capsys.readouterr().out)


@pytest.mark.parametrize("code", PYTHON)
def test_the_code_of_the_readme_imports_existing_names(code: str) -> None:
    for line in re.findall(r"(?m)^(?:from|import) .+", code):
        exec(line, {})  # noqa: S102


def test_the_readme_lists_every_extra() -> None:
    extras = {*tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]}
    listed = {name for cell in re.findall(r"(?m)^\| (`.+?`) \|", README) for name in re.findall(r"`(\w+)`", cell)}
    assert listed == extras - {"all"}


def test_the_readme_quotes_a_refusal_correctly() -> None:
    with pytest.raises(MissingScopeError) as refused:
        Stemp("sk_live_x", scopes=presets.POS).templates.delete("tpl_1")  # type: ignore[misc]
    assert f"MissingScopeError: {refused.value}" in " ".join(README.split())


def test_the_page_about_scopes_has_the_table_of_presets() -> None:
    page = (ROOT / "docs" / "concepts" / "scopes.md").read_text(encoding="utf-8")
    rows = re.findall(r"(?m)^\| `(\w+)` \| (.+?) \| (.+?) \|$", page)
    assert [(name, set(scopes.split(", "))) for name, scopes, _ in rows] == [
        (preset.name, {*preset.scopes}) for preset in presets.PRESETS.values()
    ]
    for name, _, purpose in rows:
        for_apps_alone = TokenKind.API not in token_kinds(presets.PRESETS[name].scopes)
        assert purpose.endswith("no API token may hold it") is for_apps_alone
