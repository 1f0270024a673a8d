"""Input that others decide: names with control characters, damaged files, a full disk, a sandbox that ends."""

from __future__ import annotations

import errno
import io
import json
import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from stemp_sdk._cli.app import app
from stemp_sdk._cli.events import listening
from stemp_sdk._cli.events.control import Control
from stemp_sdk._cli.profiles import commands
from stemp_sdk._cli.screen import Screen
from stemp_sdk.sandbox import Sandbox, serving
from tests.cli.runs import Runner, command, in_terminal, piped
from tests.support.processes import running

from .conftest import Served

HOSTILE = "a\x1b]0;owned\x07\x9bb\u202egnp"


@pytest.mark.parametrize("words", [("users", "list"), ("users", "get", "c-hostile")], ids=" ".join)
def test_control_characters_in_a_name_do_not_reach_the_terminal(served: Served, words: tuple[str, ...]) -> None:
    with served.sandbox.client() as client:
        client.users.create(email="h@example.com", name=HOSTILE, external_id="c-hostile")
    for shown in (piped(*words), in_terminal(*words)):
        assert shown.code == 0
        assert "\\u001b]0;owned\\u0007\\u009bb\\u202egnp" in shown.text
        assert not {"\x07", "\x9b", "\u202e"} & {*shown.out}
        assert "\x1b]" not in shown.out
    assert json.loads(piped(*words, "--json").out)


def test_paragraphs_and_tables_are_safe_to_print() -> None:
    out = io.StringIO()
    screen = Screen.to(out)
    screen.line(HOSTILE, (HOSTILE, "bold"))
    table = screen.table("name")
    table.add_row(HOSTILE)
    screen.show(table)
    assert out.getvalue().count("\\u001b") == 3
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & {*out.getvalue()}


def test_a_long_path_stays_whole_in_a_pipe() -> None:
    out = io.StringIO()
    path = "/home/" + "long-name/" * 20 + "file"
    Screen.to(out).line(f"The job is in\nthe file {path}", ", and here are words that go on after it.", indent=2)
    assert out.getvalue().splitlines() == [
        "  The job is in",
        "  the file",
        f"  {path},",
        "  and here are words that go on after it.",
    ]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("words", [("users", "list"), ("users", "list", "--json"), ("profiles",), ("whoami",)])
def test_a_full_disk_is_one_line(served: Served, words: tuple[str, ...]) -> None:
    del served
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command(*words), stdout=full, stderr=subprocess.PIPE, check=False, text=True)
    assert done.returncode == 1
    assert done.stderr == f"stemp: the output cannot be written: {os.strerror(errno.ENOSPC)}\n"


def test_a_reader_that_had_enough_ends_the_command_silently(served: Served) -> None:
    with served.sandbox.client() as client:
        for number in range(300):
            client.users.create(email=f"{number}@example.com", name="x" * 150)
    with running(command("users", "list", "--all", "--jsonl")) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith("{")
        process.stdout.close()
        assert process.stderr.read() == ""


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a": ' + "9" * 5000 + "}", "null", "{"], ids=["deep", "long", "null", "half"]
)
def test_json_that_cannot_be_read_is_a_usage_error(run: Runner, served: Served, text: str) -> None:
    refused = run("org", "settings", "update", text)
    assert refused.code == 2
    assert "must be a JSON object" in " ".join(refused.err.split())
    assert served.requests == []


@pytest.fixture
def kept(served: Served, no_keyring: None, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Path:
    """The folder of the profiles, with one whose token is in a file."""
    del no_keyring
    assert CliRunner().invoke(app, ["login", "--no-verify"], input=served.till).exit_code == 0
    monkeypatch.delenv("STEMP_TOKEN")
    return folder


@pytest.mark.parametrize("where", ["profiles.json", "tokens.json"])
@pytest.mark.parametrize("content", [b"\xff", b"[" * 100_000, b"", b"5"], ids=["binary", "deep", "empty", "number"])
def test_a_damaged_file_is_one_line_that_names_it(run: Runner, kept: Path, where: str, content: bytes) -> None:
    (kept / where).write_bytes(content)
    for words in (["users", "list"], ["whoami"], ["logout"]):
        refused = run(*words)
        assert (refused.code, refused.out) == (2, "")
        assert refused.err == f"stemp: {kept / where} is not JSON: delete it, and run stemp login\n"


@pytest.mark.parametrize(
    "fields",
    [{"base_url": 1}, {"scopes": 5}, {"scopes": "pass:raed"}, {"place": "cloud"}, {"place": None}, {"more": 1}],
    ids=str,
)
def test_a_profile_with_a_wrong_value_is_one_line_that_names_the_file(
    run: Runner, kept: Path, fields: dict[str, Any]
) -> None:
    path = kept / "profiles.json"
    content = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({"default": {**content["default"], **fields}}), "utf-8")
    refused = run("users", "list")
    assert (refused.code, refused.err) == (
        2,
        f"stemp: {path} is not a file of this version: delete it, and run stemp login\n",
    )


@pytest.mark.skipif(sys.platform == "win32", reason="there, the mode does not show what others may do")
def test_a_file_of_tokens_that_others_may_read_is_not_used(run: Runner, kept: Path) -> None:
    path = kept / "tokens.json"
    path.chmod(0o644)
    refused = run("users", "list")
    assert refused.code == 2
    assert refused.err.startswith(f"stemp: {path} may be used by others (mode 0644): chmod 600 it")
    path.chmod(0o600)
    assert run("users", "list").code == 0


@pytest.mark.parametrize("name", ["", " ", "a\nb", "\x1b[2J", " a"])
def test_a_name_that_could_not_be_printed_is_no_name_of_a_profile(served: Served, folder: Path, name: str) -> None:
    refused = CliRunner().invoke(app, ["login", "--profile", name, "--no-verify"], input=served.till)
    assert refused.exit_code == 2
    assert "must be one or more printable characters" in " ".join(refused.stderr.split())
    assert not folder.exists()


def test_a_token_that_is_not_utf_8_is_refused(served: Served, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del served

    class Standard:
        stdin = io.TextIOWrapper(io.BytesIO(b"\xff"), "utf-8")

    monkeypatch.setattr(commands, "sys", Standard)
    refused = CliRunner().invoke(app, ["login"])
    assert (refused.exit_code, refused.stderr) == (2, "stemp: the token is not UTF-8\n")
    assert not folder.exists()


def test_listen_ends_with_one_line_when_the_sandbox_does(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    with ExitStack() as stack:
        monkeypatch.setenv("STEMP_BASE_URL", stack.enter_context(serving(Sandbox())))

        def attempts(control: Control, *_: object) -> Any:
            stack.close()
            return control.get("/deliveries")

        monkeypatch.setattr(listening, "_attempts", attempts)
        ended = run("listen", "--forward", "http://127.0.0.1:9/mine")
    assert ended.code == 2
    assert ended.err.startswith("stemp: GET /_sandbox/deliveries: no response from the server")
    assert ended.err.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGTERM")
@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_listen_and_removes_the_endpoint(served: Served, number: int) -> None:
    listen = command("listen", "--forward", "http://127.0.0.1:9/mine")
    with running(listen, env=os.environ | {"PYTHONUNBUFFERED": "1"}) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Events of ")
        assert process.stdout.readline().startswith("signed with ")
        assert served.sandbox.webhooks.endpoints
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    assert served.sandbox.webhooks.endpoints == []


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OSError(errno.ENOSPC, "No space left"), "stemp: the output cannot be written: No space left\n"),
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), ""),
    ],
)
def test_an_output_that_cannot_be_written_is_exit_status_1(
    run: Runner, monkeypatch: pytest.MonkeyPatch, error: OSError, expected: str
) -> None:
    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr(commands, "show_profiles", fail)
    shown = run("profiles")
    assert (shown.code, shown.err) == (1, expected)


def test_an_error_that_ends_a_job_says_how_far_it_came(
    run: Runner, served: Served, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    del served
    monkeypatch.setenv("STEMP_TOKEN", "sk_live_unknown")
    rows = tmp_path / "rows.csv"
    rows.write_text("external_id,email\nc-1,a@example.com\n", "utf-8")
    ended = run("bulk", "issue", str(rows), "--template", "tpl_1", "--resume")
    assert ended.code == 2
    error, *note = ended.err.splitlines()
    assert "401" in error
    assert note[0].startswith("stemp: The job was stopped, as every other row would end like this one. 1 row: 1 failed")
