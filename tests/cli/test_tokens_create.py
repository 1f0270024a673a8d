"""``stemp tokens create``: API tokens from the command line, each secret printed once."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from stemp_sdk import ScopeSet, Stemp, presets
from stemp_sdk._cli import commands
from stemp_sdk._cli.app import app
from stemp_sdk.sandbox import Sandbox, serving
from stemp_sdk.scopes import API_TOKEN_MANAGE, USER_CREATE

from .runs import Runner


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """The API that the command calls, with a token that may create others."""
    sandbox = Sandbox()
    with serving(sandbox) as base_url:
        monkeypatch.setenv("STEMP_BASE_URL", base_url)
        monkeypatch.setenv("STEMP_TOKEN", sandbox.issue_token(API_TOKEN_MANAGE))
        yield sandbox


def tokens_in(sandbox: Sandbox) -> list[tuple[str | None, ScopeSet]]:
    """Name and scopes of each API token that the command created."""
    with sandbox.client(scopes=API_TOKEN_MANAGE) as client:
        found = [(token.name, ScopeSet(*(token.scopes or ()))) for token in client.api_tokens.list()]
    return [token for token in found if token[0] != "sandbox"]


def write_plan(folder: Path, *tokens: dict[str, Any], **more: Any) -> str:
    path = folder / "plan.json"
    path.write_text(json.dumps({"version": 1, "partial": False, "tokens": tokens} | more), "utf-8")
    return str(path)


def test_a_token_is_created_and_its_secret_printed_once(
    run: Runner, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        result = run("tokens", "create", "--name", "till", "--scopes", "POS,user:create", "--yes")
    name, secret = result.out.split()
    assert (result.code, name) == (0, "till")
    assert result.out.count(secret) == 1
    assert secret not in result.err + caplog.text
    assert tokens_in(sandbox) == [("till", presets.POS | USER_CREATE)]
    with sandbox.http_client() as http_client:
        assert not list(Stemp(secret, http_client=http_client).users.list())


def test_the_api_tokens_of_a_plan_are_created(run: Runner, sandbox: Sandbox, tmp_path: Path) -> None:
    plan = write_plan(
        tmp_path,
        {"name": "till", "kind": "API", "scopes": ["pass:read"]},
        {"name": "mail", "kind": "App", "scopes": ["platform:email:send"]},
        {"name": "sync", "kind": "API", "scopes": ["user:read"]},
    )
    result = run("tokens", "create", "--from-plan", plan, "--yes", "--json")
    created = json.loads(result.out)
    assert [(token["name"], token["scopes"]) for token in created] == [("till", ["pass:read"]), ("sync", ["user:read"])]
    assert all(token["token"].startswith("sk_live_") and token["id"] for token in created)
    assert "mail needs an installed app's token" in result.err
    assert [name for name, _ in tokens_in(sandbox)] == ["till", "sync"]


def test_tokens_before_a_failure_are_printed(run: Runner, sandbox: Sandbox, tmp_path: Path) -> None:
    plan = write_plan(
        tmp_path,
        {"name": "till", "kind": "API", "scopes": ["pass:read"]},
        {"name": "", "kind": "API", "scopes": ["user:read"]},
    )
    del sandbox
    result = run("tokens", "create", "--from-plan", plan, "--yes", "--json")
    assert result.code == 2
    assert [token["name"] for token in json.loads(result.out)] == ["till"]
    assert "api_tokens.create" in result.err


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--name", "mail", "--scopes", "platform:email:send"], "may not hold platform:email:send"),
        (["--name", "mail", "--scopes", "pass:raed"], "pass:read"),
        (["--name", "mail"], "give --name and --scopes, or else --from-plan"),
        (["--name", " ", "--scopes", "POS"], "give --name and --scopes, or else --from-plan"),
        (["--name", "mail", "--from-plan", "x"], "leave out --name and --scopes, which the plan has"),
        (["--from-plan", "missing.json"], "is not the output of stemp tokens plan --json"),
    ],
)
def test_wrong_options_are_refused(run: Runner, arguments: list[str], message: str) -> None:
    result = run("tokens", "create", *arguments, "--yes")
    assert result.code == 2
    assert message in " ".join(result.err.replace("│", " ").split())
    assert not result.out


@pytest.mark.usefixtures("sandbox")
def test_a_plan_without_api_tokens_is_refused(run: Runner, tmp_path: Path) -> None:
    plan = write_plan(tmp_path, {"name": "mail", "kind": "App", "scopes": ["platform:email:send"]})
    result = run("tokens", "create", "--from-plan", plan, "--yes")
    assert (result.code, result.out) == (2, "")
    assert "has no API token to create" in " ".join(result.err.split())


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"partial": True}, "is partial, so that a token could lack scopes"),
        ({"partial": None}, "is partial, so that a token could lack scopes"),
        ({"version": 2}, "is of version 2, and this stemp reads version 1: plan again"),
    ],
)
def test_a_plan_that_is_partial_or_of_another_version_creates_nothing(
    run: Runner, sandbox: Sandbox, tmp_path: Path, more: dict[str, Any], message: str
) -> None:
    plan = write_plan(tmp_path, {"name": "till", "kind": "API", "scopes": ["pass:read"]}, **more)
    result = run("tokens", "create", "--from-plan", plan, "--yes")
    assert (result.code, result.out) == (2, "")
    assert message in " ".join(result.err.replace("│", " ").split())
    assert not tokens_in(sandbox)


def test_without_a_token_it_names_the_variable(run: Runner) -> None:
    result = run("tokens", "create", "--name", "till", "--scopes", "POS", "--yes")
    assert result.code == 2
    assert "STEMP_TOKEN" in result.err


def test_without_a_terminal_it_needs_yes(run: Runner, sandbox: Sandbox) -> None:
    result = run("tokens", "create", "--name", "till", "--scopes", "POS")
    assert (result.code, result.out) == (2, "")
    assert "--yes" in result.err
    assert not tokens_in(sandbox)


@pytest.mark.parametrize(("reply", "names"), [("y\n", ["till"]), ("n\n", [])])
def test_on_a_terminal_it_asks(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, reply: str, names: list[str]) -> None:
    terminal = SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr(commands, "sys", terminal)
    result = CliRunner().invoke(app, ["tokens", "create", "--name", "till", "--scopes", "POS"], input=reply)
    assert "till: loyalty:manage pass:create pass:read user:read" in result.stderr
    assert ("sk_live_" in result.stdout) == bool(names)
    assert [name for name, _ in tokens_in(sandbox)] == names
