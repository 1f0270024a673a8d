"""``stemp whoami --probe``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from stemp_sdk import OPERATIONS, ScopeSet, presets
from stemp_sdk.sandbox import Sandbox, serving
from stemp_sdk.scopes import USER_READ, TokenKind

from .runs import Run, Runner

READS = [each.name for each in OPERATIONS.values() if each.http_method == "GET" and not each.anonymous]


@attrs.frozen
class Probe:
    """The command against a served sandbox."""

    run: Runner
    sandbox: Sandbox
    monkeypatch: pytest.MonkeyPatch

    def holds(self, scopes: ScopeSet, declared: str | None, kind: TokenKind | None = None) -> None:
        """Let the configured token hold the scopes, and the environment say what it holds."""
        self.monkeypatch.setenv("STEMP_TOKEN", self.sandbox.issue_token(scopes, kind=kind))
        if declared is not None:
            self.monkeypatch.setenv("STEMP_SCOPES", declared)

    def refuses(self, operation: str, scope: str) -> None:
        """Let the server name a scope in its next 403."""
        body = {"code": "access_denied", "message": f"Insufficient scope: requires {scope}"}
        self.responds(operation, 403, body)

    def responds(self, operation: str, status: int, body: object, times: int = 1) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {} if isinstance(body, bytes) else {"Content-Type": "application/json"}
        self.sandbox.fail_next(operation=operation, status=status, body=raw, headers=headers, times=times)

    def found(self, code: int) -> dict[str, dict[str, Any] | None]:
        """What the server says to each operation, once the exit status is known to be ``code``."""
        shown = self.run("whoami", "--probe", "--json")
        assert shown.code == code, shown
        identity = json.loads(shown.out)
        assert identity["verified"] is True
        return {row["name"]: row["server"] for row in identity["operations"]}


@pytest.fixture
def probe(run: Runner, monkeypatch: pytest.MonkeyPatch) -> Iterator[Probe]:
    sandbox = Sandbox().seed_demo()
    with serving(sandbox) as base_url:
        monkeypatch.setenv("STEMP_BASE_URL", base_url)
        yield Probe(run, sandbox, monkeypatch)


def test_a_token_that_holds_what_it_should_agrees_with_the_table(probe: Probe) -> None:
    probe.holds(presets.READ_ONLY, "READ_ONLY")
    found = probe.found(0)
    assert sorted(name for name, finding in found.items() if finding is not None) == sorted(READS)
    for name in READS:
        is_held = OPERATIONS[name].scopes <= presets.READ_ONLY
        detail = "allowed" if is_held else f"refused: requires {OPERATIONS[name].scopes}"
        assert found[name] == {"allowed": is_held, "detail": detail, "disagrees": False}


def test_a_probe_sends_reads_only_and_each_once(probe: Probe) -> None:
    probe.holds(presets.POS | presets.READ_ONLY, None)
    probe.found(0)
    assert sorted(str(each.operation) for each in probe.sandbox.requests) == sorted(READS)
    assert {each.method for each in probe.sandbox.requests} == {"GET"}


def test_a_scope_that_the_token_lacks_is_a_disagreement(probe: Probe) -> None:
    probe.holds(presets.POS - USER_READ, "POS")
    found = probe.found(1)
    expected = "refused: requires user:read: the scopes should allow it"
    assert found["users.list"] == {"allowed": False, "detail": expected, "disagrees": True}
    shown = probe.run("whoami", "--probe")
    assert (shown.code, "Not verified" in shown.out) == (1, False)
    assert "\nno   users.list              refused: requires user:read: the scopes should" in shown.out
    assert "\n?    users.get               not tried, as no id is known\n" in shown.out
    assert " ".join(shown.out.split()).endswith("reads clearly, and disagrees with the table in 1.")


def test_a_scope_that_the_token_has_beyond_its_declaration_is_a_disagreement(probe: Probe) -> None:
    probe.holds(presets.READ_ONLY, "POS")
    finding = probe.found(1)["org.get"]
    assert finding == {"allowed": True, "detail": "allowed: the scopes should not allow it", "disagrees": True}


def test_an_app_token_is_probed_with_the_scopes_of_its_claim(probe: Probe) -> None:
    with probe.sandbox.client(scopes=presets.EMAIL_APP) as sender:
        sender.emails.send(to=sender.users.get("cust_123").id, subject="Hi", html_body="Hi", category="transactional")
    probe.holds(presets.EMAIL_APP, None)
    found = probe.found(0)
    assert [name for name, finding in found.items() if finding and finding["allowed"]] == [
        name for name in found if name in READS and OPERATIONS[name].scopes <= presets.EMAIL_APP
    ]
    shown = probe.run("whoami", "--probe")
    assert shown.code == 0
    assert " ".join(shown.out.split()).endswith("reads clearly, and agrees with the table in all of them.")


def test_without_known_scopes_a_refusal_is_compared_with_the_other_reads(probe: Probe) -> None:
    probe.holds(presets.READ_ONLY, None)
    probe.refuses("users.get", "user:read")
    finding = probe.found(1)["users.get"]
    detail = "refused: requires user:read: other reads that need user:read are allowed"
    assert finding == {"allowed": False, "detail": detail, "disagrees": True}


def test_a_scope_that_the_table_does_not_have_is_a_disagreement(probe: Probe) -> None:
    probe.holds(presets.READ_ONLY, None)
    probe.refuses("org.get", "org:teleport")
    detail = "refused: requires org:teleport: the table does not have org:teleport for it"
    assert probe.found(1)["org.get"] == {"allowed": False, "detail": detail, "disagrees": True}


@pytest.mark.parametrize(
    ("status", "body", "allowed", "detail"),
    [
        (403, b"<html>blocked</html>", None, "unclear: status 403"),
        (404, {"code": "resource_not_found", "params": None}, None, "unclear: status 404"),
        (200, b"<html>hello</html>", True, "allowed, but its response cannot be read"),
    ],
)
def test_a_response_that_says_nothing_of_scopes_is_no_disagreement(
    probe: Probe, status: int, body: object, *, allowed: bool | None, detail: str
) -> None:
    probe.holds(presets.READ_ONLY, "READ_ONLY")
    probe.responds("users.list", status, body)
    found = probe.found(0)
    assert found["users.list"] == {"allowed": allowed, "detail": detail, "disagrees": False}
    assert found["users.get"] == {"allowed": None, "detail": "not tried, as no id is known", "disagrees": False}


def test_an_item_without_an_id_leads_to_no_read(probe: Probe) -> None:
    probe.holds(presets.READ_ONLY, "READ_ONLY")
    probe.responds("users.list", 200, {"content": [{"object": "user", "email": "jane@example.com"}]})
    users = probe.found(0)["users.get"]
    assert users is not None
    assert users["detail"] == "not tried, as no id is known"


def test_a_contradiction_in_a_listing_is_unclear(probe: Probe) -> None:
    probe.holds(presets.READ_ONLY, "READ_ONLY")
    probe.responds("users.list", 200, {"content": [], "totalElements": 3, "last": False})
    users = probe.found(0)["users.list"]
    assert users is not None
    assert users["allowed"] is None
    assert users["detail"].startswith("unclear: ")


def test_a_token_that_the_server_does_not_accept_is_an_error(probe: Probe) -> None:
    probe.monkeypatch.setenv("STEMP_TOKEN", "sk_live_kept-secret")
    refused = probe.run("whoami", "--probe")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith("stemp: ")
    assert "401" in refused.err
    assert "kept-secret" not in refused.err


def test_a_server_that_cannot_be_reached_is_an_error(probe: Probe) -> None:
    probe.holds(presets.READ_ONLY, "READ_ONLY")
    probe.sandbox.fail_next(connection="reset", times=100)
    refused = probe.run("whoami", "--probe")
    assert (refused.code, refused.out) == (2, "")


def test_a_probe_needs_a_token(run: Runner) -> None:
    expected = "stemp: --probe needs a token: set STEMP_TOKEN, or run stemp login\n"
    assert run("whoami", "--probe", "--scopes", "POS") == Run(2, "", expected)


def test_without_a_probe_nothing_is_verified(probe: Probe) -> None:
    probe.holds(presets.READ_ONLY, "READ_ONLY")
    identity = json.loads(probe.run("whoami", "--json").out)
    assert identity["verified"] is False
    assert "server" not in identity["operations"][0]
    assert probe.sandbox.requests == []
