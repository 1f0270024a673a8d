"""Every command line of docs/command-line.md does what the page says, against a sandbox."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import attrs
import pytest
from typer.testing import CliRunner

from stemp_sdk._cli.app import app
from stemp_sdk._cli.calls.exits import Exit
from stemp_sdk.scopes._configured import configured_scopes
from tests.support.paths import ROOT
from tests.support.servers import answer, serving

from .conftest import Listen, Served

PAGE = (ROOT / "docs" / "command-line.md").read_text("utf-8")
[STATED] = re.findall(r"(?m)^stemp sandbox --scopes (\S+) ", PAGE)
SCOPES = configured_scopes(STATED)
LINES = [line for block in re.findall(r"(?s)```sh\n(.*?)```", PAGE) for line in block.splitlines()]


VARIABLE = re.compile(r"(\w+)=\$\((.+)\)")


@attrs.define
class Reader:
    """A user who types the lines of the page, one after the other."""

    served: Served
    listen: Listen
    variables: dict[str, str] = attrs.field(factory=dict[str, str])

    def types(self, line: str) -> None:
        """Type a line, which has to work."""
        if line.startswith("set -a"):  # the environment is that of the fixture
            return
        if line.startswith("echo "):
            subprocess.run(["/bin/sh", "-c", line], check=True)
            return
        if assigned := VARIABLE.fullmatch(line):
            name, command = assigned.groups()
            assert command.endswith(" | jq -r .id | head -n 1")
            self.variables[name] = json.loads(self.printed_by(command).splitlines()[0])["id"]
            return
        self.printed_by(line)

    def printed_by(self, line: str) -> str:
        """What a line of ``stemp`` prints before a pipe."""
        command, _, file = line.partition(" | jq ")[0].partition(" < ")
        words = [self._expanded(word) for word in shlex.split(command)]
        assert words.pop(0) == "stemp"
        if "completion" in words[0]:
            assert words[0] in CliRunner().invoke(app, ["--help"]).stdout
            return ""
        if words[0] == "sandbox":  # the fixture serves it
            assert words[words.index("--scopes") + 1] == STATED
            return ""
        if words[0] == "listen":
            self.listens(words[1:])
            return ""
        result = CliRunner().invoke(app, words, input=Path(file).read_text("utf-8") if file else "")
        assert (result.exit_code, result.stderr) == (0, ""), line
        if "--json" in words:
            json.loads(result.stdout)
        for item in result.stdout.splitlines() if "--jsonl" in words else ():
            assert "id" in json.loads(item)
        return result.stdout

    def listens(self, arguments: list[str]) -> None:
        """Listen for one event, with the address of a server of this test."""
        with serving(answer(b"{}")) as (base_url, seen):
            origin = base_url.removesuffix("/api")
            shown = self.listen(
                "user.created", 1, *(each.replace("http://127.0.0.1:8000", origin) for each in arguments)
            )
        assert shown.code == 0
        assert seen.requests[0].startswith(b"POST /webhooks ")

    def _expanded(self, word: str) -> str:
        """A word with the variables of the shell, and the address of the sandbox of this test."""
        word = re.sub(r"\$(\w+)", lambda name: self.variables.get(name[1]) or os.environ[name[1]], word)
        return word.replace("http://127.0.0.1:8787/api", self.served.base_url)


@pytest.fixture
def reader(served: Served, no_keyring: None, listen: Listen, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Reader:
    """The environment that the page's sandbox writes, the file that the reader has to write, and no keyring."""
    del no_keyring
    token = served.sandbox.issue_token(SCOPES)
    monkeypatch.setenv("STEMP_TOKEN", token)
    monkeypatch.setenv("STEMP_SCOPES", str(SCOPES))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "token.txt").write_text(token, "utf-8")
    return Reader(served, listen)


def test_the_command_lines_of_the_page_work_in_their_order(reader: Reader) -> None:
    for line in LINES:
        reader.types(line)
    assert {*reader.variables} == {"customer", "card"}


def test_the_page_has_each_exit_status() -> None:
    assert re.findall(r"(?m)^\| (\d+) \|", PAGE) == ["0", *(str(int(status)) for status in Exit)]
