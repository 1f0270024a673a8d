"""Every page of the documentation does what it says: its code runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from stemp_sdk import TokenKind
from stemp_sdk.sandbox import Sandbox, serving
from tests.support.scopes import every_scope
from tests.support.snippets import Block, blocks

from .pages import WITH_CODE, fits, interpreter_first, name_of, running


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a sandbox of one's own, with a token that may do everything an API token may do."""
    sandbox = Sandbox().seed_demo()
    scopes = every_scope(TokenKind.API)
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
        monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
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
                if printed is not None and after.language == "text" and after.file is None:
                    assert fits(printed, after.code), f"{page.name}:{block.line} prints\n{printed}"
    finally:
        for saved in {block.file for block in found if block.file} & {*(f"{name}.py" for name in sys.modules)}:
            if saved.removesuffix(".py") not in modules:
                del sys.modules[saved.removesuffix(".py")]
