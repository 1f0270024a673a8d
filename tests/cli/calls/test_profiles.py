"""Profiles: where a token is kept, which one a command takes, and that none is ever shown."""

from __future__ import annotations

import io
import json
import logging
import stat
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, NoKeyringError
from typer.testing import CliRunner

from stemp_sdk import StempError
from stemp_sdk._cli.app import app
from stemp_sdk._cli.profiles import commands, store
from stemp_sdk._cli.profiles.connection import connection_for
from stemp_sdk._cli.profiles.store import ConfigurationError
from stemp_sdk._core.secret import Secret
from tests.cli.runs import Run, Runner

from .conftest import Served


class Memory(KeyringBackend):
    """A keyring in memory."""

    priority = 1.0  # pyright: ignore[reportAssignmentType] - as keyring's documentation has it

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}
        self.problem: Exception | None = None

    def set_password(self, service: str, username: str, password: str) -> None:
        self._check()
        self.kept[service, username] = password

    def get_password(self, service: str, username: str) -> str | None:
        self._check()
        return self.kept.get((service, username))

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]

    def _check(self) -> None:
        if self.problem is not None:
            raise self.problem


@pytest.fixture
def ring() -> Any:
    before = keyring.get_keyring()
    ring = Memory()
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)


@pytest.fixture
def no_ring(ring: Memory) -> Memory:
    ring.problem = NoKeyringError("none")
    return ring


@pytest.fixture
def without_token(served: Served, monkeypatch: pytest.MonkeyPatch) -> Served:
    monkeypatch.delenv("STEMP_TOKEN")
    return served


def login(token: str, *options: str) -> Run:
    """Log in with a token on the standard input."""
    result = CliRunner().invoke(app, ["login", *options], input=f"{token}\n", catch_exceptions=False)
    return Run(result.exit_code, result.stdout, result.stderr)


def test_a_login_keeps_the_token_in_the_keyring_and_a_command_uses_it(
    run: Runner, without_token: Served, ring: Memory, folder: Path
) -> None:
    done = login(without_token.till, "--scopes", "POS")
    assert done.code == 0
    assert f"{without_token.base_url} accepts the token; it allows " in done.out
    assert "The token is in the keyring, as the profile default." in done.out
    assert ring.kept == {("stemp", "default"): without_token.till}
    assert not (folder / "tokens.json").exists()
    assert run("users", "list", "--limit", "1", "--json").code == 0
    refused = run("templates", "list")
    assert "which the token lacks" in refused.err


def test_without_a_keyring_the_token_is_in_a_file_of_its_owner_and_that_is_said(
    run: Runner, without_token: Served, no_ring: Memory, folder: Path
) -> None:
    del no_ring
    done = login(without_token.till, "--profile", "till")
    assert "There is no keyring." in done.out
    assert "unencrypted" in done.out
    path = folder / "tokens.json"
    assert json.loads(path.read_text("utf-8")) == {"till": without_token.till}
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert run("users", "list", "--profile", "till").code == 0
    assert run("users", "list").err == "stemp: no token is configured: set STEMP_TOKEN, or run stemp login\n"


@pytest.mark.usefixtures("no_keyring")
def test_without_the_extra_the_token_is_in_a_file(without_token: Served, folder: Path) -> None:
    assert login(without_token.till).code == 0
    assert (folder / "tokens.json").exists()


def test_no_token_is_in_any_output_repr_or_log(
    run: Runner, without_token: Served, no_ring: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    del no_ring
    secret = without_token.till
    with caplog.at_level(logging.DEBUG):
        runs = [
            login(secret),
            run("profiles"),
            run("profiles", "--json"),
            run("users", "list", "--dry-run"),
            run("users", "list"),
            run("templates", "list"),
            run("doctor"),
            run("doctor", "--json"),
        ]
        connection = connection_for(None)
        runs.append(run("logout"))
    assert [each.code for each in runs] == [0, 0, 0, 0, 0, 3, 0, 0, 0]  # the till may not list templates
    for each in runs:
        assert secret not in each.out + each.err
    assert secret not in caplog.text + repr(connection) + repr(store.Profiles.read())


def test_on_a_terminal_the_token_is_asked_for_without_an_echo(
    without_token: Served, no_ring: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    del no_ring
    monkeypatch.setattr(commands, "sys", SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True)))
    asked = login(without_token.till)
    assert asked.code == 0
    assert "API token:" in asked.err
    assert without_token.till not in asked.out + asked.err


def test_a_token_is_no_argument(without_token: Served) -> None:
    refused = login("", without_token.till)
    assert refused.code == 2
    options = CliRunner().invoke(app, ["login", "--help"]).stdout
    assert "--token" not in options


@pytest.mark.parametrize(
    ("token", "options", "message"),
    [
        ("two words", [], "token"),
        ("", [], "token"),
        ("sk_live_x", ["--scopes", "pass:raed"], "did you mean pass:read"),
        ("sk_live_x", ["--base-url", "http://api.example"], "must be https"),
    ],
)
def test_a_wrong_login_keeps_nothing(
    without_token: Served, folder: Path, token: str, options: list[str], message: str
) -> None:
    refused = login(token, *options)
    assert refused.code == 2
    assert message in " ".join(refused.err.split())
    assert not folder.exists()
    assert without_token.requests == []


def test_a_token_that_the_server_refuses_is_not_kept(without_token: Served, folder: Path) -> None:
    refused = login("sk_live_unknown")
    assert refused.code == 2
    assert "401" in refused.err
    assert not folder.exists()
    assert "sk_live_unknown" not in refused.err
    assert login("sk_live_unknown", "--no-verify").code == 0
    assert without_token.sandbox.requests


def test_the_token_of_an_app_is_refused(without_token: Served, folder: Path) -> None:
    refused = login(without_token.mail)
    assert refused.code == 2
    assert "not an API token" in " ".join(refused.err.split())
    assert not folder.exists()


def test_scopes_that_the_server_contradicts_are_said(without_token: Served, no_ring: Memory) -> None:
    del no_ring
    done = login(without_token.till, "--scopes", "template:read")
    assert "Not as --scopes says: templates.list: refused" in done.out


def test_a_profile_is_taken_as_a_whole(
    run: Runner, without_token: Served, no_ring: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its token never goes to the base URL of another environment."""
    del no_ring
    login(without_token.everything, "--profile", "sandbox")
    monkeypatch.setenv("STEMP_BASE_URL", "http://127.0.0.1:9/api")
    monkeypatch.setenv("STEMP_SCOPES", "pass:read")
    assert run("users", "list", "--profile", "sandbox").code == 0
    monkeypatch.setenv("STEMP_PROFILE", "sandbox")
    assert run("users", "list").code == 0
    monkeypatch.setenv("STEMP_TOKEN", "sk_live_other")
    assert run("users", "list").code == 3  # the environment's token, whose scopes are pass:read
    assert run("users", "list", "--profile", "sandbox").code == 0


@pytest.mark.parametrize("named", [["--profile", "nobody"], []])
def test_an_unknown_profile_is_named(
    run: Runner, without_token: Served, monkeypatch: pytest.MonkeyPatch, named: list[str]
) -> None:
    monkeypatch.setenv("STEMP_PROFILE", "nobody")
    refused = run("users", "list", *named)
    assert refused.code == 2
    assert "there is no profile 'nobody': stemp login --profile nobody makes it; there are none" in refused.err
    assert without_token.requests == []


def test_profiles_are_listed_without_their_tokens(run: Runner, without_token: Served, no_ring: Memory) -> None:
    del no_ring
    assert run("profiles").out == "There are no profiles: stemp login makes one.\n"
    login(without_token.till, "--scopes", "POS", "--no-verify")
    login(without_token.till, "--profile", "other", "--no-verify")
    shown = json.loads(run("profiles", "--json").out)
    assert [(each["name"], each["scopes"], each["place"]) for each in shown] == [
        ("default", "POS", "file"),
        ("other", None, "file"),
    ]
    assert "unknown" in run("profiles").out


def test_a_logout_removes_the_token_wherever_it_is(
    run: Runner, without_token: Served, ring: Memory, folder: Path
) -> None:
    login(without_token.till, "--no-verify")
    ring.problem = NoKeyringError("none")
    login(without_token.till, "--profile", "file", "--no-verify")
    ring.problem = None
    assert "The profile default and its token are removed." in run("logout").out
    assert not ring.kept
    assert run("logout", "--profile", "file").code == 0
    assert json.loads((folder / "tokens.json").read_text("utf-8")) == {}
    assert run("logout").err == "stemp: there is no profile 'default'\n"


def test_another_login_replaces_the_profile(without_token: Served, ring: Memory, folder: Path) -> None:
    login(without_token.till, "--no-verify")
    ring.kept.clear()  # removed by other means
    assert login(without_token.everything, "--no-verify").code == 0
    assert ring.kept == {("stemp", "default"): without_token.everything}
    ring.problem = NoKeyringError("none")
    with pytest.raises(StempError, match="keyring cannot be used"):
        store.Profiles.read().remove("default")
    assert folder.exists()


def test_a_token_that_cannot_be_read_is_an_error_in_words(
    run: Runner, without_token: Served, ring: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    login(without_token.till, "--no-verify")
    ring.problem = KeyringLocked("locked")
    assert run("users", "list").err == "stemp: the keyring cannot be used: locked\n"
    ring.problem = None
    ring.kept.clear()
    assert "the token of the profile default is gone: run stemp login" in run("users", "list").err
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert 'pip install "stemp-sdk[keyring]"' in run("users", "list").err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not JSON: delete it"),
        ("[]", "is not JSON: delete it"),
        ('{"default": {"unknown": 1}}', "is not a file of this version"),
    ],
)
def test_a_broken_file_of_profiles_is_an_error_that_names_it(
    run: Runner, without_token: Served, folder: Path, content: str, message: str
) -> None:
    folder.mkdir(parents=True)
    (folder / "profiles.json").write_text(content, "utf-8")
    refused = run("profiles")
    assert refused.code == 2
    assert "profiles.json" in refused.err
    assert message in refused.err
    assert without_token.requests == []


def test_a_folder_that_cannot_be_used_is_an_error_that_names_it(
    without_token: Served, no_ring: Memory, folder: Path
) -> None:
    del no_ring
    folder.parent.mkdir()
    folder.write_text("a file", "utf-8")
    refused = login(without_token.till, "--no-verify")
    assert refused.code == 2
    assert str(folder) in refused.err


@pytest.mark.usefixtures("no_keyring")
def test_a_folder_that_cannot_be_written_is_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profiles = store.Profiles(folder, {})

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(StempError, match=r"cannot write .*tokens\.json: Permission denied"):
        profiles.keep("default", "https://api.stemp.app/api", None, Secret("sk_live_x"))


def test_standard_input_is_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    from stemp_sdk._cli.calls import reading

    monkeypatch.setattr(reading, "sys", SimpleNamespace(stdin=io.StringIO('{"a": 1}')))
    assert reading.json_object("-") == {"a": 1}


def test_a_body_may_begin_with_an_at_sign(tmp_path: Path) -> None:
    from stemp_sdk._cli.calls import reading

    assert reading.content("@@home") == "@home"
    (tmp_path / "latin").write_bytes(b"\xff")
    with pytest.raises(ValueError, match="is not UTF-8"):
        reading.content(f"@{tmp_path / 'latin'}")
    with pytest.raises(ValueError, match=r"cannot read .*missing\.png"):
        reading.attachments([str(tmp_path / "missing.png")])


def test_a_login_that_fails_keeps_the_token_before_it(
    run: Runner, without_token: Served, no_ring: Memory, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del no_ring
    assert login(without_token.till).code == 0
    kept = (folder / "tokens.json").read_bytes(), (folder / "profiles.json").read_bytes()

    def full(*_: object) -> None:
        raise ConfigurationError("No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(store, "_write", full)
        assert login(without_token.everything).code == 2
    assert ((folder / "tokens.json").read_bytes(), (folder / "profiles.json").read_bytes()) == kept
    assert run("users", "list").code == 0


def test_a_token_that_moves_to_the_keyring_is_in_no_file_any_more(
    without_token: Served, monkeypatch: pytest.MonkeyPatch, folder: Path, ring: Memory
) -> None:
    with monkeypatch.context() as before:
        before.setitem(sys.modules, "keyring", None)
        assert login(without_token.till).code == 0
    assert login(without_token.everything).code == 0
    assert ring.kept == {("stemp", "default"): without_token.everything}
    assert json.loads((folder / "tokens.json").read_text("utf-8")) == {}
