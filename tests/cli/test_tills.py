"""``stemp outbox`` and ``stemp bulk``, against a sandbox over HTTP."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import attrs
import pytest

import stemp_sdk._cli.bulk as implementation
import stemp_sdk._cli.outbox as outbox_command
from stemp_sdk import Outbox, OutboxCounts, OutboxEntry, Stemp, StempError, UnknownOutcomeError, bulk, presets
from stemp_sdk._cli.screen import Screen
from stemp_sdk._core.errors import StoreError, attach_resolver
from stemp_sdk._core.journal_file import SQLiteWriteStore
from stemp_sdk._outbox._drain import Drain
from stemp_sdk.bulk import BulkReport, RowResult, RowStatus
from stemp_sdk.bulk._journal import Journal
from stemp_sdk.sandbox import Sandbox, serving
from stemp_sdk.scopes import USER_CREATE

from .runs import Runner, in_terminal

CUSTOMERS = "external_id,email,name\nc-1,a@example.com,Ann\nc-2,b@example.com,\n"


@attrs.frozen
class Shop:
    sandbox: Sandbox
    base_url: str
    token: str
    template: str
    card: str
    path: Path

    def outbox(self) -> Outbox:
        return Outbox(Stemp(self.token, scopes=presets.POS | USER_CREATE, base_url=self.base_url), self.path)

    def stamps(self) -> int | None:
        return self.sandbox.client().loyalty.get_stamps(self.card).current_stamps


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    sandbox = Sandbox(rate_limit=100_000)
    owner = sandbox.client()
    template = owner.templates.create(name="Coffee").id
    card = owner.passes.create(template_id=template, user_id=owner.users.create(email="z@example.com").id).id
    token = sandbox.issue_token(presets.POS | USER_CREATE)
    with serving(sandbox) as base_url:
        monkeypatch.setenv("STEMP_TOKEN", token)
        monkeypatch.setenv("STEMP_SCOPES", "POS|user:create")
        monkeypatch.setenv("STEMP_BASE_URL", base_url)
        yield Shop(sandbox, base_url, token, template, card, tmp_path / "till.outbox")


def test_an_outbox_is_shown_and_drained(shop: Shop, run: Runner) -> None:
    outbox, path = shop.outbox(), str(shop.path)
    outbox.add_stamp(shop.card, reference="receipt 1", note="Main St")
    outbox.redeem_points(shop.card, points=50, reference="too many")
    shown = run("outbox", "status", path)
    assert shown.out.startswith("2 waiting, 0 sent, 0 dead\nThe oldest sale that waits is of ")
    assert f"  {shop.card}  2\n" in shown.out
    status = json.loads(run("outbox", "status", path, "--json").out)
    assert (status["waiting"], status["cards"]) == (2, {shop.card: 2})

    drained = run("outbox", "drain", path)
    assert drained.code == 1
    assert drained.out.startswith("1 sent, 1 refused by the server, 0 waiting\n1 dead: see stemp outbox show")
    assert shop.stamps() == 1

    rows = run("outbox", "show", path).out.splitlines()
    assert rows[0].split() == ["ID", "STATUS", "SOLD", "(UTC)", "OPERATION", "CARD", "REFERENCE", "TRIES", "REASON"]
    (dead,) = json.loads(run("outbox", "show", path, "--status", "dead", "--json").out)
    assert (dead["reference"], dead["points"], dead["tries"]) == ("too many", "50", 1)
    assert dead["reason"].startswith("loyalty.redeem_points: ")

    assert run("outbox", "retry", path, "99").err == "stemp: no dead entry has the id 99\n"
    assert run("outbox", "retry", path, str(dead["id"])).out == "1 waiting again\n"
    shop.sandbox.client().loyalty.add_points(shop.card, points=50)
    assert run("outbox", "drain", path, "--json").code == 0
    assert run("outbox", "retry", path).out == "0 waiting again\n"


def test_a_dead_entry_is_dismissed(shop: Shop, run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    outbox, path = shop.outbox(), str(shop.path)
    for number in range(3):
        outbox.redeem_points(shop.card, points=50, reference=f"too many {number}")
    assert run("outbox", "drain", path).out.endswith(
        "3 dead: see stemp outbox show --status dead, and stemp outbox retry or dismiss\n"
    )
    assert run("outbox", "dismiss", path).code == 2
    assert run("outbox", "dismiss", path, "1", "99").err == "stemp: no dead entry has the id 99\n"
    blank = run("outbox", "dismiss", path, "1", "--reason", " ")
    assert (blank.code, "reason is empty" in blank.err) == (2, True)
    assert outbox.counts().dead == 3
    done = run("outbox", "dismiss", path, "1", "2", "1", "--reason", "paid in cash")
    assert (done.code, done.out) == (0, "1 dismissed\n2 dismissed\n")
    assert run("outbox", "status", path).out == "0 waiting, 0 sent, 1 dead, 2 dismissed\n"
    assert json.loads(run("outbox", "status", path, "--json").out)["dismissed"] == 2
    first, _ = json.loads(run("outbox", "show", path, "--status", "dismissed", "--json").out)
    assert (first["id"], first["dismissed_because"]) == (1, "paid in cash")
    assert first["dismissed_at"].endswith("+00:00")
    assert first["reason"].startswith("loyalty.redeem_points: ")

    other = tmp_path / "other.sqlite"
    missing = run("outbox", "dismiss", path, "3", "--journal", str(other))
    assert (missing.code, missing.err) == (2, f"stemp: {other} does not exist\n")
    SQLiteWriteStore(other)
    assert run("outbox", "dismiss", path, "3", "--journal", str(other)).code == 0
    with closing(sqlite3.connect(other)) as connection:
        assert connection.execute("SELECT reference, done FROM writes").fetchall() == [("too many 2", 1)]
    rows = [" ".join(row.split()) for row in run("outbox", "show", path).out.splitlines()]
    assert rows[1].endswith(" UTC: paid in cash)")
    assert rows[3].endswith(" UTC)")
    assert run("outbox", "drain", path).code == 0


def test_an_outbox_without_entries_and_one_that_is_not_there(shop: Shop, run: Runner) -> None:
    assert run("outbox", "status", str(shop.path)).err == f"stemp: {shop.path} does not exist\n"
    assert not shop.path.exists()
    shop.outbox()
    assert run("outbox", "show", str(shop.path)).out == "No entries.\n"
    assert run("outbox", "status", str(shop.path)).out == "0 waiting, 0 sent, 0 dead\n"
    refused = run("outbox", "show", str(shop.path), "--status", "lost")
    assert refused.code == 2
    assert "there is no 'lost'; choose one of waiting, sent, dead" in refused.err


@pytest.mark.parametrize("table", ["customers (name)", "entries (id, status)"])
@pytest.mark.parametrize("command", ["status", "show", "drain", "retry", "dismiss"])
def test_another_database_is_not_an_outbox_and_stays_as_it_is(
    run: Runner, tmp_path: Path, command: str, table: str
) -> None:
    path = tmp_path / "shop.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"CREATE TABLE {table}")
    path.chmod(0o600)
    before = path.read_bytes()
    refused = run("outbox", command, str(path), *["1"] * (command == "dismiss"))
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith(f"stemp: {path} is not an outbox: it has no table entries as such a file has.")
    assert path.read_bytes() == before
    assert [*tmp_path.iterdir()] == [path]


def test_a_file_that_is_not_a_database_is_not_an_outbox(run: Runner, tmp_path: Path) -> None:
    path = tmp_path / "till.outbox"
    path.write_text("not a database", encoding="utf-8")
    assert run("outbox", "status", str(path)).err == f"stemp: {path} is not an outbox: file is not a database\n"


def test_an_interrupt_ends_a_drain_and_what_waits_stays(
    shop: Shop, run: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox = shop.outbox()
    for number in range(60):
        outbox.add_points(shop.card, points=1, reference=f"receipt {number}")
    call = Drain.call

    def interrupted(drain: Drain, entry: OutboxEntry) -> None:
        if entry.reference == "receipt 0":
            os.kill(os.getpid(), signal.SIGINT)
        call(drain, entry)

    monkeypatch.setattr(Drain, "call", interrupted)
    assert run("outbox", "drain", str(shop.path), "--json").code == 130
    counts = outbox.counts()
    assert counts.waiting > 0
    assert counts.waiting + counts.sent == 60
    assert shop.sandbox.client().loyalty.get_points(shop.card).balance == counts.sent


def test_a_drain_that_cannot_send_says_why(shop: Shop, run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.outbox().add_stamp(shop.card, reference="receipt 1")
    monkeypatch.setenv("STEMP_TOKEN", "sk_live_unknown")
    drained = run("outbox", "drain", str(shop.path))
    assert drained.code == 1
    assert drained.out.startswith("0 sent, 0 refused by the server, 1 waiting\nStopped by: ")
    monkeypatch.delenv("STEMP_TOKEN")
    assert run("outbox", "drain", str(shop.path)).err.startswith("stemp: ")


def test_a_drain_on_a_terminal_has_a_progress_bar(shop: Shop) -> None:
    outbox = shop.outbox()
    for number in range(3):
        outbox.add_stamp(shop.card, reference=f"receipt {number}")
    shown = in_terminal("outbox", "drain", str(shop.path))
    assert "3/3" in shown.text
    assert "3 sent, 0 refused by the server, 0 waiting" in shown.text


@pytest.mark.parametrize("is_damaged", [False, True])
def test_the_progress_bar_follows_the_file(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, is_damaged: bool
) -> None:
    """A file that it cannot read for once ends the bar, and not the drain."""
    outbox, looks, looked = shop.outbox(), count(1), threading.Event()

    def counts() -> OutboxCounts:
        if (look := next(looks)) > 2:
            looked.set()
        if is_damaged and look == 3:
            raise StoreError("the outbox till.outbox cannot be used")
        return OutboxCounts(max(0, 4 - look), 0, 0, 0, None)

    monkeypatch.setattr(outbox, "counts", counts)
    monkeypatch.setattr(outbox_command, "_GLANCE", 0.001)
    with outbox_command._progress(Screen(), outbox):  # pyright: ignore[reportPrivateUsage]
        assert looked.wait(10)
    assert "/3" in capsys.readouterr().out


def test_customers_are_enrolled_and_get_cards(shop: Shop, run: Runner, tmp_path: Path) -> None:
    file, results = tmp_path / "customers.csv", tmp_path / "results.jsonl"
    file.write_text(CUSTOMERS, encoding="utf-8")
    checked = run("bulk", "issue", str(file), "--template", shop.template, "--dry-run")
    assert (checked.code, checked.out) == (0, "2 rows can be used. Nothing was sent.\n")
    assert len(list(shop.sandbox.client().users.list())) == 1

    done = run("bulk", "issue", str(file), "--template", shop.template, "--results", str(results))
    assert (done.code, done.out.splitlines()[0]) == (0, "2 rows: 2 done")
    written = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    assert {row["status"] for row in written} == {"done"}
    assert {row["value"]["template_id"] for row in written} == {shop.template}

    again = run("bulk", "issue", str(file), "--template", shop.template)
    assert again.err.startswith(f"stemp: {file}.job exists: add --resume to go on with that job")
    resumed = run("bulk", "issue", str(file), "--template", shop.template, "--resume", "--json")
    assert json.loads(resumed.out)["done_before"] == 2
    assert len(list(shop.sandbox.client().passes.list())) == 3


def test_a_job_is_not_resumed_with_another_template(shop: Shop, run: Runner, tmp_path: Path) -> None:
    file = tmp_path / "customers.jsonl"
    rows = {"external_id": "c-1", "email": "no address"}, {"external_id": "c-2", "email": "b@example.com"}
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    assert run("bulk", "issue", str(file), "--template", shop.template).code == 1
    other = shop.sandbox.client().templates.create(name="Tea").id
    cards = len(list(shop.sandbox.client().passes.list()))
    file.write_text(file.read_text(encoding="utf-8").replace("no address", "a@example.com"), encoding="utf-8")

    refused = run("bulk", "issue", str(file), "--template", other, "--resume")
    assert (refused.code, refused.out) == (2, "")
    assert f"belongs to issue_pass({shop.template}), not to issue_pass({other}): use another file" in refused.err
    assert len(list(shop.sandbox.client().passes.list())) == cards
    assert run("bulk", "issue", str(file), "--template", shop.template, "--resume").code == 0


def test_each_result_is_in_the_file_before_the_next_row_begins(
    shop: Shop, run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that is killed then loses no line."""
    file, results = tmp_path / "customers.csv", tmp_path / "results.jsonl"
    file.write_text(CUSTOMERS, encoding="utf-8")
    lines: list[int] = []

    def watched(*arguments: Any, on_result: Callable[[RowResult], None], **options: Any) -> BulkReport:
        def take(result: RowResult) -> None:
            on_result(result)
            lines.append(len(results.read_text(encoding="utf-8").splitlines()))

        return bulk.run(*arguments, on_result=take, **options)

    monkeypatch.setattr(implementation, "run", watched)
    assert run("bulk", "issue", str(file), "--template", shop.template, "--results", str(results)).code == 0
    assert lines == [1, 2]


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("results", "reason"),
    [("gone/results.jsonl", "No such file or directory"), ("/dev/full", "No space left on device")],
)
def test_results_that_cannot_be_written_are_an_error(run: Runner, tmp_path: Path, results: str, reason: str) -> None:
    path = tmp_path / results
    if results.startswith("/") and not path.exists():
        pytest.skip("needs a device that is always full")
    file = tmp_path / "customers.csv"
    file.write_text(CUSTOMERS, encoding="utf-8")
    failed = run("bulk", "users", str(file), "--results", str(path))
    assert failed.code == 2
    assert failed.err == f"stemp: --results: {path} cannot be written: {reason}\n"


def test_users_are_enrolled_with_a_progress_bar_on_a_terminal(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text(CUSTOMERS, encoding="utf-8")
    shown = in_terminal("bulk", "users", str(file))
    assert "2/2" in shown.text
    assert "2 rows: 2 done" in shown.text
    assert len(list(shop.sandbox.client().users.list())) == 3


@pytest.mark.usefixtures("shop")
def test_rows_that_fail_are_listed(run: Runner, tmp_path: Path) -> None:
    file = tmp_path / "customers.jsonl"
    file.write_text('{"external_id": "c-1", "email": "no address"}\n', encoding="utf-8")
    results = tmp_path / "results.jsonl"
    failed = run("bulk", "users", str(file), "--results", str(results))
    assert failed.code == 1
    assert failed.out.startswith("1 row: 1 failed\nrow 1: failed: users.create: ")
    assert json.loads(results.read_text(encoding="utf-8"))["value"] is None
    problem = json.loads(run("bulk", "users", str(file), "--resume", "--json").out)["problems"][0]
    assert (problem["row"], problem["status"]) == (1, "failed")


@pytest.mark.usefixtures("shop")
def test_a_file_that_cannot_be_used_is_named(run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "customers.csv"
    assert run("bulk", "users", str(file)).err == f"stemp: {file} cannot be read: No such file or directory\n"
    file.write_text("mail\na@example.com\n", encoding="utf-8")
    assert "1 of 1 rows cannot be used, so nothing was sent: row 1: " in run("bulk", "users", str(file)).err
    file.write_text(CUSTOMERS, encoding="utf-8")
    monkeypatch.delenv("STEMP_TOKEN")
    assert run("bulk", "users", str(file)).err.startswith("stemp: ")


def issued(shop: Shop, customer: str) -> int:
    """The number of cards of the customer."""
    owner = shop.sandbox.client()
    return len(list(owner.passes.list(user_id=owner.users.get(customer).id)))


def test_a_job_that_is_resumed_waits_for_cards_of_late_requests(
    shop: Shop, run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process was killed during a request, which the server carries out 100 seconds later."""
    file, waits = tmp_path / "customers.csv", list[float]()
    file.write_text(CUSTOMERS, encoding="utf-8")
    owner = shop.sandbox.client(max_retries=0)
    user = owner.users.create(email="a@example.com", external_id="c-1").id
    shop.sandbox.fail_next(operation="passes.create", connection="lost", late=100)
    with pytest.raises(StempError):
        owner.passes.create(template_id=shop.template, user_id=user)
    journal = Journal(f"{file}.job", f"issue_pass({shop.template})")
    journal.note(1, next(iter(bulk.read(file))), "begun")
    journal.close()

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        shop.sandbox.advance(seconds)

    monkeypatch.setattr(implementation, "time", SimpleNamespace(sleep=sleep))
    done = run("bulk", "issue", str(file), "--template", shop.template, "--resume")
    assert (done.code, waits) == (0, [120])
    assert done.err.startswith("stemp: 1 row of unknown outcome: waiting 120 s until the server has certainly stopped")
    assert issued(shop, "c-1") == 1

    assert run("bulk", "issue", str(file), "--template", shop.template, "--resume").err == ""
    assert waits == [120]


@pytest.mark.parametrize(("connection", "late"), [("lost", 4), ("timeout", 100)])
def test_a_row_whose_response_is_lost_waits_until_its_request_is_settled(
    shop: Shop,
    run: Runner,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    connection: Literal["lost", "timeout"],
    late: int,
) -> None:
    """The settling time is longer than the usual deadline of a call."""
    file = tmp_path / "customers.csv"
    file.write_text(CUSTOMERS, encoding="utf-8")
    shop.sandbox.fail_next(operation="passes.create", connection=connection, late=late)

    class InProcess:
        """The connection to the sandbox in this process, where time is the sandbox's and nothing waits."""

        check_route = print

        @contextmanager
        def client(self, **options: Any) -> Generator[Stemp[Any]]:
            with shop.sandbox.client(**options) as client:
                yield client

    def in_process(profile: str | None) -> InProcess:
        assert profile is None
        return InProcess()

    monkeypatch.setattr(implementation, "connection_for", in_process)
    done = run("bulk", "issue", str(file), "--template", shop.template, "--concurrency", "1")
    assert done.out.splitlines()[1] == "2 rows: 2 done"
    assert issued(shop, "c-1") == issued(shop, "c-2") == 1


def test_a_row_of_unknown_outcome_says_what_to_do_on_a_command_line(
    shop: Shop, run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, results = tmp_path / "customers.csv", tmp_path / "results.jsonl"
    file.write_text(CUSTOMERS, encoding="utf-8")
    lost = UnknownOutcomeError("passes.get_or_create", "lost", 1)
    resolver: Any = SimpleNamespace(is_async=False)
    attach_resolver(lost, resolver)

    def ended(*_: Any, on_result: Callable[[RowResult], None], **__: Any) -> BulkReport:
        report = BulkReport(1)
        result = RowResult(1, {}, RowStatus.UNKNOWN, error=lost)
        report.count(result)
        on_result(result)
        return report

    monkeypatch.setattr(implementation, "run", ended)
    shown = run("bulk", "issue", str(file), "--template", shop.template, "--results", str(results))
    assert shown.code == 1
    assert "resolve()" not in shown.out + results.read_text(encoding="utf-8")
    assert "It may have been carried out: call it again after the settling time" in shown.out
    assert "Run it again with --resume: it looks for what those rows made" in shown.out


def test_a_wrong_template_or_row_is_found_before_anything_is_sent(shop: Shop, run: Runner, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text(CUSTOMERS, encoding="utf-8")
    before = len(shop.sandbox.requests)
    refused = run("bulk", "issue", str(file), "--template", " ")
    assert refused.code == 2
    assert "--template" in refused.err
    file.write_text("external_id,email\n..,a@example.com\n", encoding="utf-8")
    refused = run("bulk", "issue", str(file), "--template", shop.template)
    assert "1 of 1 rows cannot be used, so nothing was sent: row 1: " in refused.err
    assert len(shop.sandbox.requests) == before


def test_cards_need_their_scopes_before_the_first_customer_is_enrolled(
    shop: Shop, run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "customers.csv"
    file.write_text(CUSTOMERS, encoding="utf-8")
    monkeypatch.setenv("STEMP_SCOPES", "user:read,user:create,pass:read")
    before = len(shop.sandbox.requests)
    for options in ([], ["--dry-run"]):
        refused = run("bulk", "issue", str(file), "--template", shop.template, *options)
        assert refused.code == 2
        assert "passes.get_or_create" in refused.err
        assert "pass:create" in refused.err
    assert len(shop.sandbox.requests) == before
