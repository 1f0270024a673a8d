"""``stemp whoami``."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stemp_sdk import CATALOG, TokenKind, presets
from stemp_sdk.sandbox import Sandbox
from tests.support.twins import API

from .runs import Run, Runner

API_TOKEN = "sk_live_kept-secret"


def asked(run: Runner, *arguments: str) -> dict[str, Any]:
    shown = run("whoami", "--json", *arguments)
    assert shown.code == 0
    parsed: dict[str, Any] = json.loads(shown.out)
    return parsed


def verdicts(identity: dict[str, Any]) -> dict[str, tuple[bool | None, str]]:
    return {row["name"]: (row["allowed"], row["reason"]) for row in identity["operations"]}


@pytest.fixture
def api_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEMP_TOKEN", API_TOKEN)


@pytest.fixture
def app_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEMP_TOKEN", Sandbox().issue_token(presets.EMAIL_APP, kind=TokenKind.APP))


@pytest.mark.usefixtures("api_token")
def test_whoami_shows_an_api_token_with_its_scopes_in_the_environment(
    run: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEMP_SCOPES", str(presets.POS))
    shown = run("whoami").out.splitlines()
    assert shown[0] == "Token   API token, from STEMP_TOKEN"
    assert shown[1] == "Scopes  loyalty:manage, pass:create, pass:read, user:read (from STEMP_SCOPES)"
    assert "Not verified" in shown[2]
    assert "yes  passes.create            pass:create          held" in shown
    assert "no   templates.delete         template:delete      not held; CARD_DESIGN has it" in shown
    assert "no   org.delete               org:delete           not held" in shown
    assert "no   emails.send              platform:email:send  for app tokens only" in shown
    held = [operation for operation in API.values() if operation.scopes <= presets.POS]
    assert shown[-1] == f"{len(held)} of {len(API)} operations are allowed."


@pytest.mark.usefixtures("api_token")
def test_an_api_token_alone_has_unknown_scopes(run: Runner) -> None:
    shown = run("whoami").out
    assert "Scopes  unknown: give the scopes of the token in STEMP_SCOPES or with --scopes\n" in shown
    assert "?   passes.create            pass:create          unknown: the server decides\n" in shown
    identity = asked(run)
    assert (identity["scopes"], identity["scopes_from"], identity["token_kind"]) == (None, None, "API")
    assert verdicts(identity)["passes.create"] == (None, "unknown: the server decides")
    assert verdicts(identity)["emails.send"] == (False, "for app tokens only")


@pytest.mark.usefixtures("app_token")
def test_an_app_token_has_its_scopes_in_a_claim(run: Runner) -> None:
    identity = asked(run)
    assert identity["token_kind"] == "App"
    assert identity["scopes"] == list(presets.EMAIL_APP)
    assert identity["scopes_from"] == "the token's claim"
    assert verdicts(identity)["emails.send"] == (True, "held")
    assert verdicts(identity)["api_tokens.list"] == (False, "for API tokens only")
    assert run("whoami").out.startswith("Token   app token, from STEMP_TOKEN\n")


@pytest.mark.usefixtures("app_token")
def test_scopes_beyond_a_claim_are_refused(run: Runner) -> None:
    refused = run("whoami", "--scopes", "user:read,pass:delete")
    assert refused.code == 2
    assert refused.out == ""
    assert refused.err.startswith("stemp: ")
    assert "pass:delete" in refused.err
    assert refused.err.count("\n") == 1


def test_whoami_shows_a_token_of_unknown_kind(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEMP_TOKEN", "something-else")
    assert run("whoami").out.startswith("Token   of unknown kind, from STEMP_TOKEN\n")
    assert asked(run)["token_kind"] is None


def test_whoami_shows_what_a_token_with_given_scopes_could_do(run: Runner) -> None:
    identity = asked(run, "--scopes", "pass:read user:read")
    assert identity["has_token"] is False
    assert identity["verified"] is False
    assert identity["scopes_from"] == "--scopes"
    assert identity["token_kind"] is None
    assert set(verdicts(identity)) == set(API)
    assert verdicts(identity)["users.get"] == (True, "held")
    assert run("whoami", "--scopes", "pass:read").out.startswith("Token   none is configured\n")
    assert asked(run, "--scopes", "platform:email:send")["token_kind"] == "App"


def test_presets_may_stand_for_their_scopes(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEMP_SCOPES", "pos|user:create")
    for identity in (asked(run, "--scopes", "pos,user:create"), asked(run)):
        assert identity["scopes"] == ["loyalty:manage", "pass:create", "pass:read", "user:create", "user:read"]


def test_the_option_goes_before_the_environment(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEMP_SCOPES", "pass:read")
    assert asked(run)["scopes_from"] == "STEMP_SCOPES"
    assert asked(run, "--scopes", "user:read")["scopes"] == ["user:read"]


def test_a_scope_from_the_future_is_named(run: Runner) -> None:
    assert asked(run, "--scopes", "pass:read,pass:fly")["unknown_scopes"] == ["pass:fly"]
    assert "Unknown to this version: pass:fly\n" in run("whoami", "--scopes", "pass:read,pass:fly").out


def test_whoami_shows_an_empty_set_of_scopes(run: Runner) -> None:
    shown = run("whoami", "--scopes", "[]").out
    assert "Scopes  none (from --scopes)\n" in shown
    assert f"\n0 of {len(API)} operations are allowed.\n" in shown


def test_operations_that_only_the_server_can_judge_are_not_counted_as_refused(
    run: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEMP_TOKEN", "sk_live_secret")
    app_only = {scope for scope, info in CATALOG.items() if TokenKind.API not in info.contexts}
    unknown = [operation for operation in API.values() if app_only.isdisjoint(operation.scopes)]
    assert "emails.send" not in {operation.name for operation in unknown}
    counts = f"\n0 of {len(API)} operations are allowed; for {len(unknown)}, only the server knows.\n"
    assert counts in run("whoami").out


@pytest.mark.parametrize(
    ("arguments", "environment", "message"),
    [
        (
            (),
            {},
            "no token is configured: set STEMP_TOKEN, or run stemp login; or give the scopes of a token with --scopes",
        ),
        (("--scopes", ""), {}, "--scopes: scopes is an empty string"),
        (("--scopes", 'a"b'), {}, "--scopes: 'a\"b' has quotes in it"),
        (("--scopes", "poss"), {}, "--scopes: 'poss' is neither a preset nor a scope"),
        (
            (),
            {"STEMP_SCOPES": "user:raed"},
            "STEMP_SCOPES in the environment: 'user:raed' is not a known scope: did you mean user:read?",
        ),
        ((), {"STEMP_SCOPES": "[1"}, "STEMP_SCOPES in the environment: scopes looks like a JSON list but is not one"),
        ((), {"STEMP_SCOPES": "[1]"}, "STEMP_SCOPES in the environment: a scope name must be a str"),
        (("--scopes", "app:manage,platform:email:send"), {}, "scopes: no single token may hold all of"),
        ((), {"STEMP_TOKEN": ""}, "token is empty"),
        ((), {"STEMP_TOKEN": f"{API_TOKEN}\n"}, "token ends with a line break"),
        (("--scopes", "platform:email:send"), {"STEMP_TOKEN": API_TOKEN}, "scopes: an API token may not hold"),
    ],
)
def test_a_wrong_configuration_of_whoami_is_an_error_in_one_line(
    run: Runner,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    environment: dict[str, str],
    message: str,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    refused = run("whoami", *arguments)
    assert refused == Run(2, "", refused.err)
    assert refused.err.startswith(f"stemp: {message}")
    assert refused.err.count("\n") == 1
    assert "kept-secret" not in refused.err


@pytest.mark.usefixtures("api_token")
def test_the_token_is_never_shown_and_never_an_argument(run: Runner) -> None:
    assert "kept-secret" not in run("whoami").out + run("whoami", "--json").out
    assert run("whoami", API_TOKEN).code == 2
    assert run("whoami", "--token", API_TOKEN).code == 2
