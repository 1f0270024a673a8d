"""Faults at random: what they are, and that a seed gives the same ones again."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from stemp_sdk import StempError, presets
from stemp_sdk.sandbox import ConnectionFailed, Fault, Faults, InjectedFault, Sandbox, SandboxRequest
from stemp_sdk.scopes import TokenKind
from tests.support.clocks import StillClock
from tests.support.scopes import every_scope

from .wire import Wire

EVERY = every_scope(TokenKind.API)


def account_of(sandbox: Any) -> Any:
    """The first organization, without a request."""
    return next(iter(sandbox._accounts.values()))


def shop(faults: Faults, cards: int = 1) -> tuple[Sandbox, list[str]]:
    """A sandbox, and the ids of cards that were made before it had faults."""
    sandbox = Sandbox(clock=StillClock(), faults=faults, rate_limit=1_000_000)
    account = account_of(sandbox)
    template = account.add_template(name="Coffee card")
    users = [account.add_user(email=f"{number}@example.com") for number in range(cards)]
    return sandbox, [account.issue_card(template, user).wallet_pass.id for user in users]


def injected(faults: Faults, requests: int = 300, operation: str = "points/add") -> tuple[Sandbox, list[InjectedFault]]:
    """What goes wrong with requests for one card."""
    sandbox, (card,) = shop(faults)
    headers = {"authorization": f"Bearer {sandbox.issue_token(EVERY)}"}
    method = "POST" if "/" in operation else "GET"
    for _ in range(requests):
        request = SandboxRequest(method, f"/api/v1/walletpasses/{card}/{operation}", {}, headers, b'{"points": 1}')
        with contextlib.suppress(ConnectionFailed):
            sandbox.handle(request, timeout=1)
    return sandbox, sandbox.faults.log


def points(sandbox: Sandbox) -> int:
    """The points that were added."""
    (card,) = account_of(sandbox).cards.values()
    balance: int = card.points.balance
    return balance


# --- What each rate does


@pytest.mark.parametrize(
    ("rate", "ends"),
    [
        ("lost_before", {("lost", None, False), ("reset", None, False)}),
        ("lost_after", {("lost", None, True), ("reset", None, True)}),
        ("timeouts", {("timeout", None, False), ("timeout", None, True)}),
        ("rate_limits", {(None, 429, False)}),
        (
            "server_errors",
            {(None, status, done) for status in (500, 502, 504, 507, 520) for done in (True, False)}
            | {(None, 501, False), (None, 503, False)},
        ),
        (
            "gateway_errors",
            {(None, status, done) for status in (500, 502, 503, 504, 520, 522, 524) for done in (True, False)},
        ),
        ("html_pages", {(None, 200, True), (None, 200, False)}),
    ],
)
def test_each_rate_has_faults_of_its_kind(rate: str, ends: set[Any]) -> None:
    sandbox, log = injected(Faults.of({"seed": 1, rate: 1.0}))
    assert {(each.fault.connection, each.fault.status, each.fault.carried_out) for each in log} == ends
    assert {each.name for each in log} == {rate}
    assert len(log) == 300
    assert points(sandbox) == sum(each.fault.carried_out for each in log)


def test_some_rate_limits_say_how_long_to_wait() -> None:
    _, log = injected(Faults(seed=1, rate_limits=1))
    assert {each.fault.retry_after for each in log} == {None, 1, 5}
    assert {each.fault.shape for each in log} == {"stemp"}


def test_late_commits_take_effect_in_time() -> None:
    sandbox, log = injected(Faults(seed=1, late=1, late_by=50))
    assert {(each.fault.connection, each.fault.status) for each in log} == {
        *(("lost", None), ("reset", None), ("timeout", None), (None, 504), (None, 500)),
    }
    assert 0 < min(each.fault.late for each in log) < 5
    assert 45 < max(each.fault.late for each in log) <= 50
    assert points(sandbox) < 300
    sandbox.advance(50)
    assert points(sandbox) == 300


def test_truncated_and_slow_bodies_are_of_requests_that_were_carried_out() -> None:
    sandbox, log = injected(Faults(seed=1, truncated=0.5, trickling=0.5, trickle_by=0.01))
    assert points(sandbox) == 300
    assert Counter(each.fault for each in log).keys() == {Fault(truncated=True), Fault(trickle=0.01)}


def test_lags_are_of_writes_and_beside_other_faults() -> None:
    faults = Faults(seed=1, lost_after=0.5, lags=0.5, lag_by=20)
    _, log = injected(faults)
    assert {each.name for each in log} == {"lost_after", "lags", "lost_after+lags"}
    lags = [each.fault.history_lag for each in log if "lags" in each.name]
    assert 100 < len(lags) < 200
    assert max(lags) <= 20
    _, log = injected(faults, operation="points")
    assert {each.name for each in log} == {"lost_after"}


def test_a_clock_may_be_wrong_all_the_time() -> None:
    sandbox, log = injected(Faults(clock_skew=-30), requests=2)
    assert [each.name for each in log] == ["clock_skew"] * 2
    (card,) = account_of(sandbox).cards.values()
    assert {entry.created_at.isoformat() for entry in card.points_history} == {"2027-01-15T07:59:30+00:00"}


def test_a_storm_is_several_requests_in_a_row_with_the_same_fault() -> None:
    sandbox, log = injected(Faults(seed=1, storms=0.02, storm_length=4), requests=600)
    assert points(sandbox) == 600 - len(log)
    numbers = [each.number for each in log]
    begins = [number for number in numbers if number - 1 not in numbers]
    assert len(begins) > 3
    for number in begins:
        storm = [each.fault for each in log if number <= each.number < number + 4]
        assert len(storm) == 4
        assert storm[0].status in {429, 503}
    assert {(each.fault.status, each.fault.shape) for each in log} == {(503, "stemp"), (503, "html"), (429, "stemp")}


def test_a_storm_goes_before_the_other_rates() -> None:
    _, log = injected(Faults(seed=1, storms=1, lost_after=1), requests=3)
    assert [each.name for each in log] == ["storms"] * 3


def test_a_rate_is_about_kept() -> None:
    _, log = injected(Faults(seed=1, lost_before=0.1, lost_after=0.2), requests=2000)
    counts = Counter(each.name for each in log)
    assert 160 < counts["lost_before"] < 240
    assert 350 < counts["lost_after"] < 450


# --- Which operations


def test_only_the_operations_that_are_named_fail() -> None:
    faults = Faults(seed=1, lost_before=1, operations={"loyalty.add_points"})
    assert len(injected(faults)[1]) == 300
    assert injected(faults, operation="points")[1] == []


@pytest.mark.parametrize("named", [True, False])
def test_endpoints_of_oauth_fail_only_if_they_are_named(*, named: bool) -> None:
    sandbox = Sandbox(faults=Faults(server_errors=1, operations=["oauth.refresh"] if named else None))
    status = sandbox.handle(SandboxRequest("POST", "/api/v1/apps/oauth2/refresh", body=b"{}")).status
    assert (status >= 500) is named


def test_a_request_for_no_operation_does_not_fail() -> None:
    sandbox = Sandbox(faults=Faults(server_errors=1))
    assert sandbox.handle(SandboxRequest("GET", "/api/v1/nothing")).status == 401
    assert sandbox.faults.log == []


# --- The seed


CHAOS: Any = {"lost_before": 0.1, "lost_after": 0.1, "late": 0.1, "server_errors": 0.1, "lags": 0.1}


def test_a_seed_gives_the_same_faults_again() -> None:
    assert injected(Faults(seed=4711, **CHAOS))[1] == injected(Faults(seed=4711, **CHAOS))[1]
    assert injected(Faults(seed=4711, **CHAOS))[1] != injected(Faults(seed=4712, **CHAOS))[1]


def test_a_seed_gives_the_same_faults_in_every_version() -> None:
    _, log = injected(Faults(seed=4711, **CHAOS), requests=20)
    assert [(each.number, each.name) for each in log] == [
        (1, "lost_after"),
        (3, "server_errors"),
        (4, "lags"),
        (6, "lost_after"),
        (9, "lost_after+lags"),
        (10, "lags"),
        (11, "late"),
        (13, "server_errors"),
        (14, "server_errors+lags"),
        (15, "lags"),
        (16, "late"),
        (17, "late"),
    ]


def test_without_a_seed_there_is_one_to_have_it_again() -> None:
    sandbox, log = injected(Faults(**CHAOS))
    assert f"seed={sandbox.faults.seed}" in repr(sandbox)
    assert injected(Faults(seed=sandbox.faults.seed, **CHAOS))[1] == log


def test_the_faults_of_a_card_do_not_depend_on_threads() -> None:
    def run(threads: int) -> dict[str, list[InjectedFault]]:
        sandbox, cards = shop(Faults(seed=4711, operations={"loyalty.add_stamp", "loyalty.remove_stamp"}, **CHAOS), 8)
        with sandbox.client(scopes=presets.POS, max_retries=0) as client, ThreadPoolExecutor(threads) as pool:

            def stamp(card: str) -> None:
                for _ in range(20):
                    for change in (client.loyalty.add_stamp, client.loyalty.remove_stamp):
                        with contextlib.suppress(StempError):
                            change(card)

            list(pool.map(stamp, cards))
        log = sandbox.faults.log
        return {card: [each for each in log if each.id == card] for card in cards}

    alone = run(1)
    assert run(8) == alone
    assert sum(len(each) for each in alone.values()) > 80


def test_sync_and_async_clients_meet_the_same_faults() -> None:
    def outcome(error: StempError | None) -> str:
        return "done" if error is None else f"{type(error).__name__} {error.outcome_unknown}"

    def sync() -> list[str]:
        sandbox, (card,) = shop(Faults(seed=4711, operations={"loyalty.add_points"}, **CHAOS))
        outcomes: list[str] = []
        with sandbox.client(scopes=presets.POS) as client:
            for _ in range(60):
                try:
                    client.loyalty.add_points(card, points=1)
                    outcomes.append(outcome(None))
                except StempError as error:
                    outcomes.append(outcome(error))
        return outcomes

    async def asynchronous() -> list[str]:
        sandbox, (card,) = shop(Faults(seed=4711, operations={"loyalty.add_points"}, **CHAOS))
        outcomes: list[str] = []
        async with sandbox.async_client(scopes=presets.POS) as client:
            for _ in range(60):
                try:
                    await client.loyalty.add_points(card, points=1)
                    outcomes.append(outcome(None))
                except StempError as error:
                    outcomes.append(outcome(error))
        return outcomes

    outcomes = sync()
    assert outcomes == asyncio.run(asynchronous())
    assert {*outcomes} == {"done", "UnknownOutcomeError True", "ServerError True"}


def test_stopping_ends_the_faults_and_keeps_what_is_planned() -> None:
    sandbox, _ = injected(Faults(seed=1, late=1, rules=[{"status": 500, "times": "always", "operation": "users.get"}]))
    before = len(sandbox.faults.log)
    seed = sandbox.faults.seed
    sandbox.faults.stop()
    wire = Wire(sandbox, sandbox.issue_token(EVERY), documented=False)
    assert wire.get("/users/x").status == 404
    sandbox.advance(60)
    assert points(sandbox) == 300
    assert (len(sandbox.faults.log), sandbox.faults.seed, sandbox.faults.rules) == (before, seed, [])


# --- Strings and files


def test_a_string_describes_faults() -> None:
    parsed = Faults.parse("lost_after=0.1, late=0.05,seed=4711,operations=users.get+users.list,clock_skew=-1.5")
    assert parsed == Faults(
        lost_after=0.1, late=0.05, seed=4711, operations={"users.get", "users.list"}, clock_skew=-1.5
    )
    assert repr(parsed) == (
        "Faults(seed=4711, operations=['users.get', 'users.list'], lost_after=0.1, late=0.05, clock_skew=-1.5)"
    )


_FILES = {
    "faults.toml": """
seed = 4711
lost_after = 0.5
[[rules]]
operation = ["users.get", "users.list"]
status = 502
body = "<html>"
times = "always"
[[rules]]
connection = "lost"
""",
    "faults.json": """
{"seed": 4711, "lost_after": 0.5, "rules": [
  {"operation": ["users.get", "users.list"], "status": 502, "body": "<html>", "times": "always"},
  {"connection": "lost"}]}
""",
}


@pytest.mark.parametrize("name", _FILES)
def test_a_file_describes_faults_and_rules(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(_FILES[name], encoding="utf-8")
    faults = Faults.from_file(tmp_path / name)
    sandbox = Sandbox(faults=faults)
    wire = Wire(sandbox, sandbox.issue_token(EVERY), documented=False)
    answers = [sandbox.handle(SandboxRequest("GET", "/api/v1/users")) for _ in range(2)]
    assert [(answer.status, answer.body) for answer in answers] == [(502, b"<html>")] * 2
    with pytest.raises(ConnectionFailed):
        wire.get("/templates")
    assert (faults.seed, faults.lost_after, len(sandbox.faults.rules)) == (4711, 0.5, 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lost_after", "'lost_after' is not of the form name=value"),
        ("lost_aftr=0.1", "'lost_aftr' is not an option of faults: they are seed, operations, lost_before"),
        ("lost_after=often", "lost_after must be a number, not 'often'"),
        ("lost_after=1.5", "lost_after must be from 0 to 1, not 1.5"),
        ("lost_after=0.6,late=0.6", "the rates of lost_before, lost_after, .* add up to 1.2: they must not exceed 1"),
        ("seed=-1", "seed must be at least 0"),
        ("storm_length=0", "storm_length must be at least 1"),
        ("late_by=0", "late_by must be a finite number of seconds"),
        ("operations=users.gett", "'users.gett' is not an operation"),
    ],
)
def test_a_string_with_a_mistake_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Faults.parse(text)


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"seed": "1"}, TypeError, "seed must be an int, not str"),
        ({"lags": "1"}, TypeError, "lags must be a number, not str"),
        ({"rules": "x"}, TypeError, "rules must be a list of rules, not str"),
        ({"rules": 1}, TypeError, "rules must be a list of rules, not int"),
        ({"rules": [1]}, TypeError, r"rules\[0\] must be a mapping of options, not int"),
        ({"rules": [{}, {"status": 1}]}, ValueError, r"rules\[1\]: status must be at least 200"),
        ({"rules": [{"statuz": 1}]}, TypeError, r"rules\[0\]: 'statuz' is not an option of a fault"),
    ],
)
def test_faults_with_wrong_arguments_are_refused(wrong: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Faults.of(wrong)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.json", "{", "a.json: Expecting property name"),
        ("a.toml", "x", "a.toml: Expected"),
        ("a.json", "[]", "a.json must hold an object, not list"),
    ],
)
def test_a_file_that_is_none_of_faults_is_refused(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        Faults.from_file(tmp_path / name)


def test_only_faults_can_be_the_faults_of_a_sandbox() -> None:
    wrong: Any = {"lost_after": 0.1}
    with pytest.raises(TypeError, match="faults must be Faults, not dict"):
        Sandbox(faults=wrong)
