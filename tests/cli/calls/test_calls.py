"""The generated commands against a sandbox: requests, output, confirmation and exit status."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from stemp_sdk import PendingWrite, ResumedWrite, Stemp, UnknownOutcomeError
from stemp_sdk._cli import commands
from stemp_sdk._cli.app import app
from stemp_sdk._cli.calls.exits import Exit
from stemp_sdk._core.journal import known_of
from stemp_sdk._core.journal_file import SQLiteWriteStore
from tests.cli.runs import Runner, in_terminal

from .conftest import Served, card


def user(served: Served) -> str:
    with served.sandbox.client() as client:
        return client.users.get("cust_123").id


def test_a_listing_is_a_table_with_a_line_for_each_item(run: Runner, served: Served) -> None:
    shown = run("users", "list")
    head, *rows, total = shown.out.splitlines()
    assert head.split() == ["id", "email", "name", "phone", "externalId", "createdAt", "updatedAt", "metadata"]
    assert [row.split()[1] for row in rows] == ["jane.doe@example.com", "kofi@example.com", "mia@example.com"]
    assert total == "3 of 3 items"
    assert served.requests == ["GET /v1/users"]


def test_a_page_says_that_there_is_more(run: Runner, served: Served) -> None:
    shown = run("users", "list", "--size", "2", "--page", "0")
    assert shown.out.endswith("2 of 3 items; --all prints all of them, --page another page\n")
    assert len(served.requests) == 1


@pytest.mark.parametrize(("options", "count"), [(["--all"], 3), (["--limit", "3"], 3), (["--limit", "1"], 1)])
def test_all_and_limit_go_over_pages(run: Runner, served: Served, options: list[str], count: int) -> None:
    found = json.loads(run("users", "list", "--size", "1", *options, "--json").out)
    assert len(found) == count == len(served.requests)


def test_jsonl_prints_a_line_for_each_item(run: Runner, served: Served) -> None:
    del served
    lines = run("users", "list", "--all", "--jsonl").out.splitlines()
    assert [json.loads(line)["externalId"] for line in lines] == ["cust_123", "cust_124", "cust_125"]


def test_an_empty_listing_is_no_table(run: Runner, served: Served) -> None:
    del served
    assert run("passes", "list", "--user-id", "usr_nobody").out == "0 of 0 items\n"
    assert json.loads(run("passes", "list", "--user-id", "usr_nobody", "--json").out) == []


def test_json_has_the_names_of_the_wire_and_what_the_server_sent(run: Runner, served: Served) -> None:
    shown = run("users", "get", "cust_125", "--json")
    found = json.loads(shown.out)
    assert found["externalId"] == "cust_125"
    assert found["metadata"] == {"tier": "gold"}
    assert found["phone"] is None
    assert served.requests == ["GET /v1/users/cust_125"]


def test_a_record_has_a_line_for_each_field(run: Runner, served: Served) -> None:
    del served
    lines = run("users", "get", "cust_125").out.splitlines()
    assert "email       mia@example.com" in lines
    assert 'metadata    {"tier": "gold"}' in lines


def test_settings_without_a_model_are_printed_and_sent(run: Runner, served: Served) -> None:
    del served
    assert run("org", "settings", "update", '{"locale": "de"}').out.endswith("locale    de\n")
    assert json.loads(run("org", "settings", "get", "--json").out)["locale"] == "de"


def test_a_write_sends_what_is_given_and_no_more(run: Runner, served: Served) -> None:
    done = run("users", "create", "--email", "new@example.com", "--metadata", '{"tier": "gold"}', "--json")
    assert json.loads(done.out)["metadata"] == {"tier": "gold"}
    planned = run("users", "create", "--email", "new@example.com", "--dry-run", "--json")
    [request] = json.loads(planned.out)
    assert json.loads(request["body"]) == {"email": "new@example.com"}
    assert served.requests == ["POST /v1/users"]


def test_clear_sets_a_field_to_null_and_leaves_the_others(run: Runner, served: Served) -> None:
    changed = json.loads(
        run("users", "update", user(served), "--name", "J", "--clear", "phone", "--clear", "external-id", "--json").out
    )
    assert (changed["name"], changed["phone"], changed["externalId"]) == ("J", None, None)
    assert changed["email"] == "jane.doe@example.com"


@pytest.mark.parametrize(
    ("clear", "message"), [("email", "must be one of name, phone"), ("name", "--name is given as well")]
)
def test_a_wrong_clear_is_refused(run: Runner, served: Served, clear: str, message: str) -> None:
    refused = run("users", "update", "usr_1", "--name", "J", "--clear", clear)
    assert refused.code == 2
    assert message in " ".join(refused.err.split())
    assert served.requests == []


def test_a_stamp_with_a_reference_is_added_once(run: Runner, served: Served, tmp_path: Path) -> None:
    options = ["loyalty", "add-stamp", card(served), "--reference", "r1", "--journal", str(tmp_path / "journal")]
    assert json.loads(run(*options, "--json").out)["currentStamps"] == 8
    assert run(*options).code == 0
    with served.sandbox.client() as client:
        assert client.loyalty.get_stamps(card(served)).current_stamps == 8


def test_points_may_be_whole_or_not(run: Runner, served: Served) -> None:
    assert json.loads(run("loyalty", "add-points", card(served), "--points", "3", "--json").out)["balance"] == 3
    planned = run("loyalty", "add-points", "wp_1", "--points", "2.5", "--dry-run", "--json")
    assert json.loads(json.loads(planned.out)[0]["body"]) == {"points": 2.5}
    assert "must be a number, not 'many'" in run("loyalty", "add-points", "wp_1", "--points", "many").err


def test_an_email_with_files_goes_to_the_outbox(
    run: Runner, served: Served, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("STEMP_TOKEN", served.mail)
    body, picture = tmp_path / "mail.html", tmp_path / "cup.png"
    body.write_text("<p>Your card is full</p>", "utf-8")
    picture.write_bytes(b"cup")
    options = ["--to", user(served), "--subject", "Hello", "--category", "transactional", "--html-body", f"@{body}"]
    sent = run("emails", "send", *options, "--attachments", str(picture), "--json")
    assert json.loads(sent.out)["status"] == "sent"
    [email] = served.sandbox.emails
    assert (email.subject, email.html_body) == ("Hello", "<p>Your card is full</p>")
    assert run("emails", "send", *options).code == 0


def test_the_secret_of_a_new_api_token_is_printed_once(run: Runner, served: Served) -> None:
    shown = run("api-tokens", "create", "--name", "till", "--scopes", "POS", "--expires-at", "2030-01-01T00:00:00Z")
    assert shown.code == 0
    assert shown.out.count("token     sk_live_") == 1
    created = json.loads(run("api-tokens", "create", "--name", "two", "--scopes", "POS", "--json").out)
    assert created["token"].startswith("sk_live_")
    del served


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["api-tokens", "create", "--name", "x", "--scopes", "pass:raed"], "did you mean pass:read"),
        (
            ["api-tokens", "create", "--name", "x", "--scopes", "POS", "--expires-at", "2030-01-01"],
            "with its time zone",
        ),
        (["api-tokens", "create", "--name", "x", "--scopes", "POS", "--expires-at", "never"], "with its time zone"),
        (["users", "create", "--email", "a@b.example", "--metadata", "[]"], "must be a JSON object"),
        (["users", "create", "--email", "a@b.example", "--metadata", "{"], "must be a JSON object"),
        (["users", "create", "--email", "a@b.example", "--metadata", "@missing.json"], "cannot read missing.json"),
        (["users", "get", ".."], "would leave its place in the path"),
        (["users", "list", "--size", "0"], "size must be at least 1"),
        (["users", "list", "--size", "many"], "--size"),
        (["users", "create"], "--email"),
        (["journal", "pending"], "--journal"),
    ],
)
def test_a_wrong_value_is_exit_code_2_and_sends_nothing(
    run: Runner, served: Served, arguments: list[str], message: str
) -> None:
    refused = run(*arguments)
    assert refused.code == Exit.USAGE
    assert message in " ".join(refused.err.split())
    assert served.requests == []


def test_a_scope_that_an_api_token_may_not_hold_is_exit_code_3_and_sends_nothing(run: Runner, served: Served) -> None:
    refused = run("api-tokens", "create", "--name", "x", "--scopes", "platform:email:send")
    assert refused.code == Exit.SCOPE
    assert "may not hold platform:email:send" in " ".join(refused.err.split())
    assert served.requests == []


def test_a_missing_scope_is_refused_before_the_request(
    run: Runner, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEMP_TOKEN", served.till)
    monkeypatch.setenv("STEMP_SCOPES", "POS")
    refused = run("templates", "delete", "tpl_coffee", "--yes")
    assert (refused.code, refused.out) == (Exit.SCOPE, "")
    assert refused.err.startswith("stemp: templates.delete needs template:delete, which the token lacks. It holds ")
    assert "No request was sent." in refused.err
    assert refused.err.count("\n") == 1
    assert served.requests == []
    assert run("loyalty", "add-stamp", "wp_1", "--reference", "r", "--dry-run").code == 0


def test_a_scope_that_only_the_server_knows_is_exit_code_3_as_well(
    run: Runner, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEMP_TOKEN", served.till)
    refused = run("templates", "list")
    assert refused.code == Exit.SCOPE
    assert "the server says that the token lacks template:read" in refused.err


def test_a_dry_run_prints_the_request_without_the_token_and_sends_nothing(run: Runner, served: Served) -> None:
    planned = run("users", "create", "--email", "new@example.com", "--dry-run")
    assert planned.out.splitlines() == [
        f"POST {served.base_url}/v1/users",
        "Authorization: Bearer ***",
        "Content-Type: application/json",
        "",
        '{"email":"new@example.com"}',
        "",
        "Nothing was sent.",
    ]
    assert served.requests == []


@pytest.mark.parametrize(
    ("arguments", "requests"),
    [
        (["users", "list"], ["GET /v1/users?page=0&size=100"]),
        (["users", "delete", "usr_1"], ["DELETE /v1/users/usr_1"]),
        (["users", "find", "a/b"], ["GET /v1/users/a%2Fb"]),
        (["users", "get-or-create", "c", "--email", "c@example.com"], ["GET /v1/users/c", "POST /v1/users"]),
        (["loyalty", "add-stamp", "wp_1", "--reference", "r"], ["POST /v1/walletpasses/wp_1/stamps/add"]),
        (["journal", "resume", "--journal", "unused.sqlite"], []),
    ],
)
def test_a_dry_run_of_each_kind_of_method(
    run: Runner,
    served: Served,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    arguments: list[str],
    requests: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    planned = json.loads(run(*arguments, "--dry-run", "--json").out)
    assert [f"{each['method']} {each['url'].removeprefix(served.base_url)}" for each in planned] == requests
    assert served.requests == []


def test_a_delete_without_a_terminal_needs_yes(run: Runner, served: Served) -> None:
    refused = run("users", "delete", user(served))
    assert (refused.code, refused.out) == (2, "")
    assert "--yes" in refused.err
    assert run("users", "delete", user(served), "--yes").out == "Done.\n"
    assert "DELETE /v1/users/" in served.requests[-1]


def test_a_delete_as_json_prints_null(run: Runner, served: Served) -> None:
    assert run("users", "delete", user(served), "--yes", "--json").out == "null\n"


@pytest.mark.parametrize(("reply", "code"), [("y\n", 0), ("n\n", 1)])
def test_a_delete_on_a_terminal_asks(served: Served, monkeypatch: pytest.MonkeyPatch, reply: str, code: int) -> None:
    target = user(served)
    monkeypatch.setattr(commands, "sys", SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True)))
    result = CliRunner().invoke(app, ["users", "delete", target], input=reply)
    assert result.exit_code == code
    assert f"users.delete {target}: this cannot be undone. Go on?" in result.stderr
    assert any(each.startswith("DELETE") for each in served.requests) is (code == 0)


def test_a_warning_is_a_line_on_stderr(run: Runner, served: Served) -> None:
    served.sandbox.fail_next(
        status=200, body=json.dumps({"content": [{"id": "usr_1", "email": "a@b.example"}, {}]}).encode()
    )
    shown = run("users", "list", "--json")
    assert json.loads(shown.out) == [{"id": "usr_1", "email": "a@b.example"}]
    assert shown.err.startswith("stemp: warning: ")
    assert shown.err.count("\n") == 1


def test_a_listing_without_a_total_says_how_many_it_has(run: Runner, served: Served) -> None:
    served.sandbox.fail_next(status=200, body=b'[{"id": "usr_1", "email": "a@b.example"}]')
    assert run("users", "list").out.endswith("\n1 item\n")


def test_the_journal_lists_what_was_interrupted(run: Runner, served: Served, tmp_path: Path) -> None:
    journal = str(tmp_path / "journal.sqlite")
    assert run("journal", "pending", "--journal", journal).out == "0 items\n"
    pass_id = card(served)
    with served.sandbox.client(deadline=0.5, max_retries=0, journal=journal) as client:
        served.sandbox.fail_next(operation="loyalty.add_points", connection="lost", times=9)
        with pytest.raises(UnknownOutcomeError):
            client.loyalty.add_points(pass_id, points=5, reference="r7")
    [write] = json.loads(run("journal", "pending", "--journal", journal, "--json").out)
    assert (write["operation"], write["reference"], write["points"]) == ("loyalty.add_points", "r7", "5")
    assert "loyalty.add_points" in run("journal", "pending", "--journal", journal).out


def test_a_pending_write_is_dismissed_without_a_token(
    run: Runner, served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, pass_id = str(tmp_path / "journal.sqlite"), card(served)
    words = ["journal", "dismiss", pass_id, "--journal", journal, "--reference", "r7"]
    missing = run(*words)
    assert (missing.code, missing.err) == (2, f"stemp: {journal} does not exist\n")
    with served.sandbox.client(deadline=0.5, max_retries=0, settle=0.1, journal=journal) as client:
        for method in (client.loyalty.add_points, client.loyalty.remove_points):
            served.sandbox.fail_next(operation=f"loyalty.{method.__name__}", connection="lost", times=9)
            with pytest.raises(UnknownOutcomeError):
                method(pass_id, points=5, reference="r7")
    monkeypatch.delenv("STEMP_TOKEN")
    several = run(*words)
    assert several.code == 2
    assert "must be one of loyalty.add_points, loyalty.remove_points" in " ".join(several.err.split())
    store, now = SQLiteWriteStore(journal), time.time()
    add, remove = store.pending()
    for write, settles in ((add, now - 1), (remove, now + 600)):
        store.settle(known_of(write)[0].key, settles, 0)
    assert run(*words, "--operation", "loyalty.add_points").out == "Done.\n"
    early = run(*words)
    assert early.code == Exit.FAILED
    assert early.err.startswith("stemp: loyalty.remove_points: a request for 'r7' may be carried out until ")
    again = run(*words, "--operation", "loyalty.add_points")
    assert again.code == Exit.NOT_FOUND
    assert again.err == f"stemp: no write of {pass_id} with the reference 'r7' is pending in {journal}\n"
    assert [each.operation for each in store.pending()] == ["loyalty.remove_points"]


def test_a_write_that_is_resumed_and_fails_gives_the_exit_code_of_its_error(
    run: Runner, served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = UnknownOutcomeError("loyalty.add_stamp", "the connection broke", reference="r7")
    write = PendingWrite("loyalty.add_stamp", "wp_1", "r7", None, None, datetime.now(UTC), 1)

    def resume(_: object) -> list[ResumedWrite]:
        return [ResumedWrite(write, None, None), ResumedWrite(write, None, error)]

    monkeypatch.setattr(Stemp.journal, "resume", resume)
    done = run("journal", "resume", "--journal", str(tmp_path / "journal"), "--json")
    assert done.code == Exit.UNKNOWN
    assert [each["error"] for each in json.loads(done.out)] == [None, str(error)]
    assert done.err == f"stemp: {error}\n"
    assert served.requests == []


def test_without_a_token_it_says_how_to_get_one(run: Runner, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STEMP_TOKEN")
    refused = run("users", "list")
    assert (refused.code, refused.err) == (2, "stemp: no token is configured: set STEMP_TOKEN, or run stemp login\n")
    assert served.requests == []


@pytest.mark.parametrize(
    ("name", "value", "code", "message"),
    [
        ("STEMP_SCOPES", "pass:raed", Exit.USAGE, "STEMP_SCOPES in the environment: "),
        ("STEMP_BASE_URL", "ftp://x", Exit.USAGE, "STEMP_BASE_URL in the environment: "),
        ("STEMP_TOKEN", "two words", Exit.USAGE, "token"),
        ("STEMP_SCOPES", "api_token:manage,platform:email:send", Exit.SCOPE, "may not hold platform:email:send"),
    ],
)
def test_a_wrong_variable_is_named(
    run: Runner, served: Served, monkeypatch: pytest.MonkeyPatch, name: str, value: str, code: Exit, message: str
) -> None:
    monkeypatch.setenv(name, value)
    refused = run("users", "list")
    assert refused.code == code
    assert message in refused.err
    assert "two words" not in refused.err
    assert served.requests == []


def test_on_a_terminal_columns_that_do_not_fit_are_left_out_and_named(served: Served) -> None:
    shown = in_terminal("users", "list")
    assert shown.code == 0
    assert shown.width <= 80
    assert "usr_" in shown.text
    assert "Left out, as the terminal is narrow: " in shown.text
    assert served.requests == ["GET /v1/users"]


def test_on_a_terminal_a_listing_that_fits_is_whole(served: Served) -> None:
    shown = in_terminal("loyalty", "stamp-history", card(served))
    assert shown.code == 0
    assert "createdAt" in shown.text
    assert "Left out" not in shown.text
