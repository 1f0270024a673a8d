"""Every command line of docs/command-line.md does what the page says, against a sandbox."""

from __future__ import annotations

import json
import re
import shlex
import threading
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backends import fail
from typer.testing import CliRunner, Result

from stemp_sdk._cli.app import app
from stemp_sdk._cli.calls.exits import Exit
from tests.support.paths import ROOT
from tests.support.servers import answer, serving

from .conftest import Served
from .test_calls import card, user

PAGE = (ROOT / "docs" / "command-line.md").read_text("utf-8")
LINES = [line for block in re.findall(r"(?s)```sh\n(.*?)```", PAGE) for line in block.splitlines()]


@pytest.fixture
def ready(served: Served, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Served]:
    """The files that the page names, and no keyring."""
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())  # type: ignore[no-untyped-call]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "token.txt").write_text(served.everything, "utf-8")
    (tmp_path / "settings.json").write_text('{"locale": "de"}', "utf-8")
    assert CliRunner().invoke(app, ["login", "--profile", "shop"], input=served.everything).exit_code == 0
    yield served
    keyring.set_keyring(before)


@pytest.mark.parametrize("line", LINES)
def test_each_command_line_of_the_page_works(ready: Served, line: str) -> None:
    command, _, file = line.partition(" | jq ")[0].partition(" < ")
    words = shlex.split(command.replace("wp_1", card(ready)).replace("usr_1", user(ready)))
    words = [word.replace("http://127.0.0.1:8787/api", ready.base_url) for word in words]
    assert words.pop(0) == "stemp"
    if "completion" in words[0]:
        assert words[0] in CliRunner().invoke(app, ["--help"]).stdout
        return
    if words[0] == "listen":
        listen(ready, words)
        return
    result = CliRunner().invoke(app, words, input=Path(file).read_text("utf-8") if file else "")
    assert (result.exit_code, result.stderr) == (0, "")
    if "--json" in words:
        json.loads(result.stdout)
    for item in result.stdout.splitlines() if "--jsonl" in words else ():
        assert "id" in json.loads(item)


def listen(ready: Served, words: list[str]) -> None:
    with serving(answer(b"{}")) as (base_url, seen):
        forward = [word.replace("http://127.0.0.1:8000", base_url.removesuffix("/api")) for word in words]
        results: list[Result] = []
        thread = threading.Thread(target=lambda: results.append(CliRunner().invoke(app, [*forward, "--count", "1"])))
        thread.start()
        while not ready.sandbox.webhooks.endpoints and thread.is_alive():
            threading.Event().wait(0.01)
        assert CliRunner().invoke(app, ["trigger", "user.created"]).exit_code == 0
        thread.join(30)
    assert results[0].exit_code == 0
    assert seen.requests[0].startswith(b"POST /webhooks ")


def test_the_page_has_each_exit_status() -> None:
    assert re.findall(r"(?m)^\| (\d+) \|", PAGE) == ["0", *(str(int(status)) for status in Exit)]
