"""Each command that calls takes its token, scopes and base URL from the same places, with the same errors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from stemp_sdk import Outbox, Stemp, presets
from stemp_sdk._cli.app import app
from stemp_sdk.scopes import USER_CREATE
from tests.cli.runs import Runner

from .conftest import Served, card

CALLING = [
    ["users", "list"],
    ["whoami"],
    ["whoami", "--probe"],
    ["tokens", "create", "--name", "till", "--scopes", "POS", "--yes"],
    ["bulk", "users", "rows.csv"],
    ["bulk", "issue", "rows.csv", "--template", "tpl_1"],
    ["bulk", "users", "rows.csv", "--dry-run"],
    ["outbox", "drain", "till.outbox"],
]
SENDING = [words for words in CALLING if words != ["whoami"] and "--dry-run" not in words]


@pytest.fixture
def shop(served: Served, no_keyring: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Served:
    """The profile shop, whose token holds every scope; no variables; a file of rows, and an outbox with a sale."""
    del no_keyring
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(app, ["login", "--profile", "shop"], input=served.everything).exit_code == 0
    (tmp_path / "rows.csv").write_text("external_id,email\nc-1,a@example.com\n", "utf-8")
    with Stemp(served.till, scopes=presets.POS) as client:
        Outbox(client, tmp_path / "till.outbox").add_stamp(card(served), reference="receipt 1")
    for name in ("STEMP_TOKEN", "STEMP_BASE_URL"):
        monkeypatch.delenv(name)
    return served


def stamps(served: Served) -> int | None:
    with served.sandbox.client() as client:
        return client.loyalty.get_stamps(card(served)).current_stamps


@pytest.mark.parametrize("words", CALLING, ids=" ".join)
def test_a_command_calls_with_the_profile_that_is_named(run: Runner, shop: Served, words: list[str]) -> None:
    if "issue" in words:
        with shop.sandbox.client() as client:
            words = [*words[:-1], next(iter(client.templates.list())).id]
    before = shop.requests
    done = run(*words, "--profile", "shop")
    assert (done.code, done.err) == (0, "")
    assert (shop.requests != before) is ("--dry-run" not in words and words != ["whoami"])
    assert shop.everything not in done.out


@pytest.mark.parametrize("words", CALLING, ids=" ".join)
def test_a_command_calls_with_the_profile_of_the_environment(
    run: Runner, shop: Served, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    del shop
    monkeypatch.setenv("STEMP_PROFILE", "shop")
    assert "no profile" not in run(*words).err
    monkeypatch.setenv("STEMP_PROFILE", "nobody")
    refused = run(*words)
    message = "there is no profile 'nobody': stemp login --profile nobody makes it; there are shop"
    assert (refused.code, refused.out, refused.err) == (2, "", f"stemp: {message}\n")


@pytest.mark.parametrize("words", CALLING, ids=" ".join)
def test_without_a_token_each_command_says_the_same(run: Runner, shop: Served, words: list[str]) -> None:
    before = shop.requests
    refused = run(*words)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith("stemp: no token is configured: set STEMP_TOKEN, or run stemp login")
    assert refused.err.count("\n") == 1
    assert shop.requests == before


@pytest.mark.parametrize("words", CALLING, ids=" ".join)
@pytest.mark.parametrize("name", ["", "no such"])
def test_a_profile_that_does_not_exist_is_never_another_one(
    run: Runner, shop: Served, words: list[str], name: str
) -> None:
    """An option whose variable is empty does not act on the default profile."""
    CliRunner().invoke(app, ["login", "--base-url", shop.base_url], input=shop.everything)
    before = shop.requests
    refused = run(*words, "--profile", name)
    assert (refused.code, refused.out) == (2, "")
    assert f"there is no profile {name!r}" in refused.err
    assert shop.requests == before


@pytest.mark.parametrize("words", CALLING, ids=" ".join)
@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"STEMP_TOKEN": "sk_live_se\ncret"}, "token"),
        ({"STEMP_TOKEN": ""}, "token is empty"),
        (
            {"STEMP_TOKEN": "sk_live_secret", "STEMP_SCOPES": "pass:raed"},
            "STEMP_SCOPES in the environment: 'pass",
        ),
        ({"STEMP_TOKEN": "sk_live_secret", "STEMP_BASE_URL": "http://api.example"}, "STEMP_BASE_URL in the env"),
        ({"STEMP_TOKEN": "sk_live_secret", "STEMP_LOG": "loud"}, "STEMP_LOG in the environment"),
        ({"STEMP_TOKEN": "sk_live_secret", "STEMP_WIRE": "missing.json"}, "STEMP_WIRE in the environment"),
    ],
)
def test_a_wrong_variable_is_one_line_that_names_it(
    run: Runner,
    shop: Served,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    variables: dict[str, str],
    message: str,
) -> None:
    del shop
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    refused = run(*words)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith(f"stemp: {message}")
    assert refused.err.count("\n") == 1
    assert "sk_live_se" not in refused.err


@pytest.mark.parametrize("words", [*SENDING, ["login"]], ids=" ".join)
@pytest.mark.parametrize(
    ("name", "value"), [("SSL_CERT_FILE", "missing.pem"), ("HTTPS_PROXY", "ftp://me:hunter2@127.0.0.1")]
)
def test_a_wrong_variable_of_the_connection_is_one_line_that_names_it(
    run: Runner, shop: Served, monkeypatch: pytest.MonkeyPatch, words: list[str], name: str, value: str
) -> None:
    """The client meets it at its first request."""
    del shop
    monkeypatch.setenv("STEMP_BASE_URL", "https://127.0.0.1:9/api")
    monkeypatch.setenv("STEMP_TOKEN", "sk_live_secret")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv(name, value)
    if words == ["login"]:
        result = CliRunner().invoke(app, words, input="sk_live_secret", catch_exceptions=False)
        code, err = result.exit_code, result.stderr
    else:
        refused = run(*words)
        code, err = refused.code, refused.err
    assert code == 2
    assert err.startswith(f"stemp: {name} ")
    assert err.count("\n") == 1
    assert "hunter2" not in err


def test_whoami_says_which_profile_it_is(run: Runner, shop: Served) -> None:
    login = ["login", "--profile", "till", "--scopes", "POS", "--base-url", shop.base_url]
    assert CliRunner().invoke(app, login, input=shop.till).exit_code == 0
    shown = run("whoami", "--profile", "till").out.splitlines()
    assert shown[0] == "Token   API token, from the profile till"
    assert shown[1:3] == ["Scopes  loyalty:manage, pass:create, pass:read, user:read (from the profile", "till)"]
    identity = json.loads(run("whoami", "--profile", "till", "--json").out)
    assert (identity["has_token"], identity["token_from"]) == (True, "the profile till")
    stated = json.loads(run("whoami", "--profile", "till", "--scopes", "pass:read", "--json").out)
    assert (stated["scopes"], stated["scopes_from"]) == (["pass:read"], "--scopes")
    assert run("scopes", "diff", "token", "POS").code == 2


def test_the_configured_token_of_scopes_diff_may_be_of_a_profile(run: Runner, shop: Served) -> None:
    login = ["login", "--scopes", "POS", "--base-url", shop.base_url]
    assert CliRunner().invoke(app, login, input=shop.till).exit_code == 0
    assert json.loads(run("scopes", "diff", "token", "POS", "--json").out)["added"] == []


def test_the_sale_of_an_outbox_is_sent_with_a_profile(run: Runner, shop: Served) -> None:
    before = stamps(shop)
    assert run("outbox", "drain", "till.outbox", "--profile", "shop").out.startswith("1 sent, 0 refused")
    assert before is not None
    assert stamps(shop) == before + 1


def test_rows_are_enrolled_with_scopes_of_the_profile(run: Runner, shop: Served) -> None:
    login = ["login", "--profile", "till", "--scopes", "POS", "--base-url", shop.base_url]
    assert CliRunner().invoke(app, login, input=shop.till).exit_code == 0
    refused = run("bulk", "users", "rows.csv", "--dry-run", "--profile", "till")
    assert refused.code == 2
    assert str(USER_CREATE) in refused.err
