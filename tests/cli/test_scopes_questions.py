"""``stemp scopes explain``, ``who-needs``, ``suggest`` and ``diff``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stemp_sdk import TokenKind, presets
from stemp_sdk._cli.scopes import questions
from stemp_sdk.audit import Explanation, Requirement
from stemp_sdk.sandbox import Sandbox
from stemp_sdk.scopes import PASS_READ, USER_READ

from .runs import Runner, in_terminal


def message(text: str) -> str:
    return " ".join(text.replace("│", " ").split())


# --- explain


def test_an_operation_is_explained(run: Runner) -> None:
    assert (
        run("scopes", "explain", "loyalty.add_stamp").out
        == """\
loyalty.add_stamp  POST /v1/walletpasses/{id}/stamps/add (documented)
  needs loyalty:manage
    loyalty:manage  Manage stamps and points (add, remove, redeem)
    presets: POS
    tokens: API tokens and apps
  with reference= needs loyalty:manage + pass:read
    loyalty:manage  Manage stamps and points (add, remove, redeem)
    pass:read       Read wallet passes
    presets: POS
    tokens: API tokens and apps
"""
    )
    assert (
        run("scopes", "explain", "api_tokens.list").out
        == """\
api_tokens.list  GET /v1/api-keys (documented)
  needs api_token:manage
    api_token:manage  Manage API tokens
    presets: none
    tokens: API tokens only
"""
    )


def test_a_method_of_several_calls_and_one_without_a_token_are_explained(run: Runner) -> None:
    out = run("scopes", "explain", "users.get_or_create").out
    assert out.startswith("users.get_or_create  makes other calls\n  needs user:create + user:read\n")
    assert run("scopes", "explain", "oauth.refresh").out == (
        "oauth.refresh  POST /v1/apps/oauth2/refresh (documented)\n  It needs no scope: its request has no token.\n"
    )


def test_several_sets_of_which_one_suffices_are_explained(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    both = Explanation("x.y", None, (Requirement("x.y", (), (USER_READ, PASS_READ)),))

    def explain(_: str) -> Explanation:
        return both

    monkeypatch.setattr(questions, "explain", explain)
    assert "  needs user:read or pass:read\n" in run("scopes", "explain", "x.y").out


def test_an_explanation_as_json(run: Runner) -> None:
    found = json.loads(run("scopes", "explain", "loyalty.add_stamp", "--json").out)
    assert found == {
        "name": "loyalty.add_stamp",
        "http_method": "POST",
        "path": "/v1/walletpasses/{id}/stamps/add",
        "provenance": "documented",
        "requirements": [
            {
                "call": "loyalty.add_stamp",
                "parameters": [],
                "any_of": [["loyalty:manage"]],
                "presets": ["POS"],
                "contexts": ["API", "App"],
            },
            {
                "call": "loyalty.add_stamp(reference)",
                "parameters": ["reference"],
                "any_of": [["loyalty:manage", "pass:read"]],
                "presets": ["POS"],
                "contexts": ["API", "App"],
            },
        ],
    }
    found = json.loads(run("scopes", "explain", "users.find", "--json").out)
    assert found["http_method"] is found["path"] is found["provenance"] is None


# --- who-needs


def test_what_depends_on_a_scope(run: Runner) -> None:
    assert (
        run("scopes", "who-needs", "pass:read").out
        == """\
pass:read  Read wallet passes (API tokens and apps)
  operations  passes.list, passes.get, passes.find_by_code,
              passes.get_or_create, loyalty.get_stamps, loyalty.stamp_history,
              loyalty.get_points, loyalty.points_history, journal.resume,
              PassData.fetch, PassData.afetch, StampData.fetch,
              StampData.afetch, Outbox, AsyncOutbox
  parameters  loyalty.add_stamp(reference), loyalty.add_points(reference),
              loyalty.remove_points(reference), loyalty.redeem_points(reference)
  events      pass.created, pass.updated, stamp.created, stamp.added,
              stamp.removed, stamp.updated, stamp.deleted, stamp.redeemed
  presets     POS, READ_ONLY, CRM_SYNC, CARD_ISSUING
"""
    )
    assert (
        run("scopes", "who-needs", "app:manage").out
        == """\
app:manage  Named as API-only; no operation is documented (API tokens only)
  operations  none
  parameters  none
  events      none
  presets     none
"""
    )


def test_what_depends_on_a_scope_as_json(run: Runner) -> None:
    assert json.loads(run("scopes", "who-needs", "platform:email:send", "--json").out) == {
        "scope": "platform:email:send",
        "group": "Platform Scopes",
        "description": "Send emails via the stemp email infrastructure and view email logs",
        "contexts": ["App"],
        "operations": ["emails.send", "emails.logs"],
        "calls": [],
        "events": [],
        "presets": ["EMAIL_APP"],
    }


# --- suggest


@pytest.mark.parametrize(
    ("operations", "out"),
    [
        (
            ("users.find", "loyalty.add_stamp(reference=)"),
            (
                "needed   loyalty:manage pass:read user:read\n"
                "preset   POS  more than they need: pass:create\n"
                "scopes   LOYALTY_MANAGE | PASS_READ | USER_READ\n"
            ),
        ),
        (
            ("templates.list", "templates.create", "templates.update", "templates.delete"),
            (
                "needed   template:create template:delete template:read template:update\n"
                "preset   CARD_DESIGN  exactly what they need\n"
                "scopes   presets.CARD_DESIGN\n"
            ),
        ),
        (
            ("emails.send", "api_tokens.list"),
            (
                "needed   api_token:manage platform:email:send\n"
                "No single token may hold all of these: use two.\n"
                "preset   none covers all of these\n"
                "scopes   API_TOKEN_MANAGE | PLATFORM_EMAIL_SEND\n"
            ),
        ),
        (
            ("emails.send", "passes.get"),
            (
                "needed   pass:read platform:email:send\n"
                "tokens   apps only\n"
                "preset   none covers all of these\n"
                "scopes   PASS_READ | PLATFORM_EMAIL_SEND\n"
            ),
        ),
        (("oauth.refresh",), "needed   none\n"),
    ],
)
def test_what_to_ask_for(run: Runner, operations: tuple[str, ...], out: str) -> None:
    assert run("scopes", "suggest", *operations).out == out


def test_what_to_ask_for_as_json(run: Runner) -> None:
    assert json.loads(run("scopes", "suggest", "users.find", "--json").out) == {
        "needed": ["user:read"],
        "preset": "POS",
        "more": ["loyalty:manage", "pass:create", "pass:read"],
        "expression": "USER_READ",
        "contexts": ["API", "App"],
    }
    assert json.loads(run("scopes", "suggest", "emails.send", "passes.get", "--json").out)["preset"] is None


# --- diff


def test_a_difference_lists_scopes_and_calls(run: Runner) -> None:
    assert (
        run("scopes", "diff", "loyalty:manage user:read", "loyalty:manage pass:delete coupon:read user:read").out
        == "+ coupon:read\n+ pass:delete\n    + passes.delete\n"
    )
    assert (
        run("scopes", "diff", "POS", "presets.POS,user:create").out
        == "+ user:create\n    + users.get_or_create\n    + users.create\n"
    )
    assert run("scopes", "diff", "user:update", "org:read").out == (
        "+ org:read\n    + org.get\n- user:update\n    - users.update\n    - users.delete\n"
    )
    assert run("scopes", "diff", "POS", "POS").out == "Both are the same.\n"
    assert json.loads(run("scopes", "diff", "user:update", "org:read", "--json").out) == {
        "added": ["org:read"],
        "removed": ["user:update"],
        "possible": ["org.get"],
        "impossible": ["users.update", "users.delete"],
    }


def test_a_difference_reads_scopes_files(run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.toml").write_text('[parts.app]\nscopes = ["POS"]\n', "utf-8")
    (tmp_path / "two.toml").write_text('[parts.a]\nscopes = ["POS"]\n[parts.b]\nscopes = ["org:read"]\n', "utf-8")
    assert run("scopes", "diff", "one.toml", "two.toml#a").out == "Both are the same.\n"
    assert "+ org:read" in run("scopes", "diff", "one.toml", "two.toml#b").out


def test_a_difference_reads_the_configured_token(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEMP_TOKEN", Sandbox().issue_token(USER_READ, kind=TokenKind.APP))
    assert run("scopes", "diff", "token", "user:read").out == "Both are the same.\n"
    monkeypatch.setenv("STEMP_TOKEN", "sk_live_x")
    monkeypatch.setenv("STEMP_SCOPES", "POS")
    assert run("scopes", "diff", "token", str(presets.POS)).out == "Both are the same.\n"
    monkeypatch.delenv("STEMP_SCOPES")
    refused = run("scopes", "diff", "token", "POS")
    assert refused.code == 2
    assert "BEFORE: the scopes of the token are not known: give them in STEMP_SCOPES" in message(refused.err)
    monkeypatch.delenv("STEMP_TOKEN")
    assert "no token is configured" in message(run("scopes", "diff", "token", "POS").err)


# --- Mistakes


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("explain", "users.fnd"), "OPERATION: 'users.fnd' is not an operation: did you mean users.find?"),
        (("who-needs", "user:red"), "SCOPE: 'user:red' is not a known scope: did you mean user:read?"),
        (
            ("suggest", "users.find", "pases.get"),
            "OPERATION: 'pases.get' is not an operation: did you mean passes.get?",
        ),
        (("suggest",), "Missing argument"),
        (("diff", "POSS", "POS"), "BEFORE: 'POSS' is neither a preset nor a scope"),
        (("diff", "POS", "user:red"), "AFTER: 'user:red' is not a known scope: did you mean user:read?"),
        (("diff", "gone.toml", "POS"), "BEFORE: gone.toml cannot be read: No such file or directory"),
        (("diff", "gone.toml#x", "POS"), "BEFORE: gone.toml cannot be read: No such file or directory"),
    ],
)
def test_a_mistake_is_named_with_a_suggestion(run: Runner, arguments: tuple[str, ...], expected: str) -> None:
    refused = run("scopes", *arguments)
    assert refused.code == 2
    assert expected in message(refused.err)


def test_the_answers_fit_a_terminal() -> None:
    for arguments in (("who-needs", "pass:read"), ("explain", "loyalty.add_stamp"), ("diff", "POS", "CRM_SYNC")):
        shown = in_terminal("scopes", *arguments)
        assert shown.is_coloured
        assert shown.width <= 80
