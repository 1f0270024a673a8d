"""Every page of the documentation does what it says: its code runs, and its types are right."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from stemp_sdk import CATALOG, ScopeSet, TokenKind
from stemp_sdk.sandbox import Sandbox, serving
from tests.support.paths import ROOT
from tests.support.snippets import Block, blocks

from .pages import DOCS, WRITTEN_BY_HAND, fits, interpreter_first, program, running

WITH_CODE = [page for page in WRITTEN_BY_HAND if any(each.language in {"python", "sh"} for each in blocks(page))]


def name_of(page: Path) -> str:
    return page.relative_to(DOCS).as_posix()


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a sandbox of one's own, with a token that may do everything an API token may do."""
    sandbox = Sandbox().seed_demo()
    scopes = ScopeSet(*(name for name, info in CATALOG.items() if TokenKind.API in info.contexts))
    app = sandbox.apps.register(name="Till", redirect_uri="http://127.0.0.1:8000/callback")
    with serving(sandbox) as base_url:
        stemp = {
            "STEMP_BASE_URL": base_url,
            "STEMP_TOKEN": sandbox.issue_token(scopes=scopes),
            "STEMP_SCOPES": str(scopes),
            "STEMP_CLIENT_ID": app.client_id,
            "STEMP_CLIENT_SECRET": app.client_secret,
            "STEMP_REDIRECT_URI": "http://127.0.0.1:8000/callback",
            "STEMP_WEBHOOK_SECRET": "whsec_of_the_documentation",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        for name, value in stemp.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(tmp_path)
        monkeypatch.syspath_prepend(tmp_path)
        before = {**os.environ}
        yield interpreter_first(before)
        os.environ.clear()
        os.environ.update(before)
        patch.stopall()


@pytest.mark.parametrize("page", WITH_CODE, ids=name_of)
def test_the_code_of_a_page_does_what_the_page_says(page: Path, tmp_path: Path, environment: dict[str, str]) -> None:
    modules = {*sys.modules}
    found = blocks(page)
    try:
        with running(page, tmp_path, environment) as run:
            for block, after in zip(found, [*found[1:], Block("", "", 0)], strict=True):
                printed = run.run(block)
                if printed is not None and after.language == "text":
                    assert fits(printed, after.code), f"{page.name}:{block.line} prints\n{printed}"
    finally:
        for saved in {block.file for block in found if block.file} & {*(f"{name}.py" for name in sys.modules)}:
            if saved.removesuffix(".py") not in modules:
                del sys.modules[saved.removesuffix(".py")]


def test_the_types_of_all_code_are_right(tmp_path: Path) -> None:
    wrong: dict[str, range] = {}
    for page in WITH_CODE:
        folder = tmp_path / re.sub(r"\W", "_", name_of(page))
        folder.mkdir()
        (folder / "page.py").write_text(program(page), encoding="utf-8")
        for block in blocks(page):
            file = block.file or "page.py"
            if block.language == "python" and block.file:
                (folder / file).write_text("\n" * (block.line - 1) + block.code, encoding="utf-8")
            if block.has("wrong types"):
                wrong[f"{folder.name}/{file}"] = range(block.line, block.line + block.code.count("\n"))
    found = errors_in(tmp_path)
    assert "\n".join(error for file, line, error in found if line not in wrong.get(file, ())) == ""
    assert {file for file, line, _ in found if line in wrong.get(file, ())} == wrong.keys()


def errors_in(folder: Path) -> list[tuple[str, int, str]]:
    """File, line and text of each error that mypy finds."""
    options = ["--strict", "--allow-untyped-defs", "--allow-untyped-calls", "--allow-redefinition"]
    options += ["--allow-incomplete-defs", "--allow-untyped-decorators", "--ignore-missing-imports"]
    options += ["--disable-error-code=no-redef", "--disable-error-code=no-any-return"]  # several programs on one page
    options += ["--explicit-package-bases", "--config-file=", f"--cache-dir={ROOT / '.cache' / 'mypy-docs'}"]
    command = [sys.executable, "-m", "mypy", *options, *sorted(map(str, folder.rglob("*.py")))]
    environment = {**os.environ, "MYPYPATH": str(folder)}
    run = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False, env=environment)
    assert run.returncode in {0, 1}, run.stdout + run.stderr
    errors = re.findall(r"(?m)^(.+\.py):(\d+): error: (.+)$", run.stdout)
    return [(file, int(line), f"{file}:{line}: {error}") for file, line, error in errors]
