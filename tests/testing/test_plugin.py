"""The pytest plugin, as pytest loads it into the project of a user."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from operator import attrgetter

import pytest

from stemp_sdk import presets, testing
from stemp_sdk.sandbox import Sandbox, serving

# --- What it costs those who do not use it


def test_to_load_the_plugin_imports_nothing_of_the_sdk_but_itself() -> None:
    code = """
    import sys, pytest
    before = {*sys.modules}
    import stemp_sdk.testing._plugin
    print(*sorted(sys.modules.keys() - before))
    """
    loaded = subprocess.check_output(
        [sys.executable, "-W", "error", "-c", "\n".join(map(str.strip, code.split("\n")))], text=True
    )
    assert loaded.split() == ["stemp_sdk", "stemp_sdk._lazy", "stemp_sdk.testing", "stemp_sdk.testing._plugin"]


def test_a_project_that_does_not_use_it_loads_no_more(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # those of others import what they like
    pytester.makepyfile(
        """
        import sys

        def test_it():
            assert {name for name in sys.modules if "stemp" in name} == {
                "stemp_sdk", "stemp_sdk._lazy", "stemp_sdk.testing", "stemp_sdk.testing._plugin"
            }
            assert not {"asyncio", "attrs", "httpx", "pydantic", "vcr"} & sys.modules.keys()
        """
    )
    result = pytester.runpytest_subprocess("-p", "stemp_sdk.testing._plugin", "-W", "error")
    result.assert_outcomes(passed=1)


def test_the_marks_and_fixtures_are_documented(pytester: pytest.Pytester) -> None:
    marks = pytester.runpytest_inprocess("-p", "no:asyncio", "--markers").stdout.str()
    fixtures = pytester.runpytest_inprocess("-p", "no:asyncio", "--fixtures").stdout.str()
    assert marks.count("@pytest.mark.stemp_") == 4
    for name in ("clock", "sandbox", "client", "async_client", "admin", "webhooks", "server"):
        assert f"stemp_{name} --" in fixtures
    assert "no docstring" not in fixtures.partition("stemp_sdk")[2]


# --- Clients


def test_without_a_mark_the_clients_hold_what_an_api_token_may(run: Callable[..., pytest.RunResult]) -> None:
    tests = """
def test_sync(stemp_client):
    assert stemp_client.scopes is None
    assert stemp_client.templates.create(name="Coffee card").id

@pytest.mark.anyio
async def test_async(stemp_async_client):
    assert stemp_async_client.scopes is None
    assert (await stemp_async_client.templates.create(name="Coffee card")).id

@pytest.fixture
def anyio_backend():
    return "trio"
"""
    run(tests).assert_outcomes(passed=2)


def test_an_ini_option_says_what_the_program_holds(run: Callable[..., pytest.RunResult]) -> None:
    tests = """
def test_project(stemp_client, stemp_async_client):
    assert stemp_client.scopes == stemp_async_client.scopes == presets.POS | USER_READ | TEMPLATE_DELETE

@pytest.mark.stemp_scopes(PASS_READ)
def test_mark(stemp_client):
    assert stemp_client.scopes == PASS_READ
"""
    run(tests, ini="stemp_scopes = POS|template:delete").assert_outcomes(passed=2)
    broken = run(tests, ini="stemp_scopes = PSO")
    broken.stdout.fnmatch_lines("*ValueError: 'PSO' is neither a preset nor a scope*did you mean POS?*")


def test_tests_for_pytest_asyncio_use_the_same_client(run: Callable[..., pytest.RunResult]) -> None:
    tests = """
import pytest_asyncio

@pytest_asyncio.fixture
async def card(stemp_async_client, stemp_admin):
    template = stemp_admin.templates.create(name="Coffee card", max_stamps=2)
    user = stemp_admin.users.create(email="jane@example.com")
    return await stemp_async_client.passes.create(template_id=template.id, user_id=user.id)

@pytest.mark.asyncio
@pytest.mark.stemp_scopes(presets.POS)
@pytest.mark.stemp_fault(status=503, operation="loyalty.get_stamps")
async def test_it(stemp_async_client, stemp_clock, card):
    assert (await stemp_async_client.loyalty.add_stamp(card.id)).current_stamps == 1
    assert (await stemp_async_client.loyalty.get_stamps(card.id)).current_stamps == 1
    assert stemp_clock.slept == [0.5]
    with pytest.raises(MissingScopeError):
        await stemp_async_client.templates.delete("tpl_1")
"""
    run(tests).assert_outcomes(passed=1)


def test_ids_are_the_same_each_time(run: Callable[..., pytest.RunResult]) -> None:
    tests = """
@pytest.mark.parametrize("n", [1, 2])
def test_it(stemp_admin, n, seen=set()):
    seen.add(stemp_admin.users.create(email="jane@example.com").id)
    assert len(seen) == 1
"""
    run(tests).assert_outcomes(passed=2)


def test_marks_of_a_sandbox_are_joined(run: Callable[..., pytest.RunResult]) -> None:
    tests = """
@pytest.mark.stemp_sandbox(rate_limit=7, access_token_lifetime=60)
class TestIt:
    @pytest.mark.stemp_sandbox(rate_limit=9)
    def test_it(self, stemp_client):
        stemp_client.users.list()
        assert stemp_client.rate_limit.limit == 9

    def test_other(self, stemp_client):
        stemp_client.users.list()
        assert stemp_client.rate_limit.limit == 7
"""
    run(tests).assert_outcomes(passed=2)


def test_a_program_that_makes_its_client_itself_reaches_the_sandbox(run: Callable[..., pytest.RunResult]) -> None:
    tests = """
import subprocess, sys

@pytest.mark.stemp_scopes(presets.CRM_SYNC)
def test_with_scopes(stemp_server, stemp_admin):
    with Stemp() as client:
        assert client.scopes == presets.CRM_SYNC
        user = client.users.create(email="jane@example.com")
    assert stemp_admin.users.get(user.id).email == "jane@example.com"
    code = f"from stemp_sdk import Stemp; print(Stemp().users.get({user.id!r}).email)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "jane@example.com\\n"
    assert stemp_server.startswith("http://127.0.0.1:")

def test_without(stemp_server, monkeypatch):
    assert Stemp().scopes is None
"""
    run(tests).assert_outcomes(passed=2)


# --- Faults


def test_faults_come_in_the_order_of_reading_and_spare_the_fixtures(run: Callable[..., pytest.RunResult]) -> None:
    tests = """
pytestmark = pytest.mark.stemp_fault(status=500)

@pytest.fixture
def user(stemp_admin):
    return stemp_admin.users.create(email="jane@example.com")

@pytest.mark.stemp_fault(status=502)
@pytest.mark.stemp_fault(status=404)
def test_it(stemp_sandbox, stemp_client, user):
    client = stemp_client.with_options(max_retries=0)
    statuses = []
    for _ in range(3):
        with pytest.raises(Exception) as refused:
            client.users.get(user.id)
        statuses.append(refused.value.status)
    assert statuses == [500, 502, 404]
    assert client.users.get(user.id)
"""
    run(tests).assert_outcomes(passed=1)


def test_a_fault_may_be_any_of_the_sandboxs(run: Callable[..., pytest.RunResult]) -> None:
    tests = """
from stemp_sdk.sandbox import Faults

@pytest.fixture
def card(stemp_admin):
    template = stemp_admin.templates.create(name="Coffee card")
    return stemp_admin.passes.create(
        template_id=template.id, user_id=stemp_admin.users.create(email="jane@example.com").id
    )

@pytest.mark.stemp_fault(operation={"loyalty.add_stamp"}, connection="lost", late=20, nth=2)
@pytest.mark.stemp_fault(operation="loyalty.add_stamp", history_lag=5)
def test_a_late_commit(stemp_sandbox, stemp_client, card):
    stemp_client.loyalty.add_stamp(card.id)
    assert len(stemp_client.loyalty.stamp_history(card.id).items) == 0
    with pytest.raises(UnknownOutcomeError):
        stemp_client.loyalty.add_stamp(card.id)
    stemp_sandbox.advance(19)
    assert stemp_client.loyalty.get_stamps(card.id).current_stamps == 1
    stemp_sandbox.advance(1)
    assert stemp_client.loyalty.get_stamps(card.id).current_stamps == 2
    assert [fault.name for fault in stemp_sandbox.faults.log] == ["rule 2", "rule 1"]

@pytest.mark.stemp_sandbox(faults=Faults(seed=4711, lost_after=1, operations="loyalty.add_stamp"))
def test_at_random(stemp_client, card):
    with pytest.raises(UnknownOutcomeError):
        stemp_client.loyalty.add_stamp(card.id)
"""
    run(tests).assert_outcomes(passed=2)


def test_a_fault_needs_a_sandbox(run: Callable[..., pytest.RunResult]) -> None:
    result = run("@pytest.mark.stemp_fault(status=500)\ndef test_it():\n    pass\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines("stemp_fault needs the fixture stemp_sandbox, or one that uses it")


def test_a_fault_that_cannot_be_is_an_error(run: Callable[..., pytest.RunResult]) -> None:
    result = run("@pytest.mark.stemp_fault(status=99)\ndef test_it(stemp_client):\n    pass\n")
    result.stdout.fnmatch_lines("*ValueError: status must be at least 200, not 99*")


# --- Cassettes

TAPED = """
@pytest.mark.stemp_cassette
@pytest.mark.stemp_scopes(presets.POS)
@pytest.mark.parametrize("id", ["cust_123", "cust 124/x"])
def test_customer(stemp_client, id):
    assert stemp_client.scopes == presets.POS
    stemp_client.users.find(id)

@pytest.mark.anyio
@pytest.mark.stemp_cassette(path="mine.yaml", scrub=["email"])
async def test_async(stemp_async_client):
    async with stemp_async_client as client:
        assert (await client.users.get("cust_123")).id

@pytest.mark.stemp_cassette("cassettes/other.yaml")
@pytest.mark.anyio
async def test_other(stemp_async_client, stemp_clock):
    async with stemp_async_client as client:
        await client.users.get("cust_123")
    print("slept", stemp_clock.slept)

@pytest.fixture
def anyio_backend():
    return "asyncio"
"""


def test_cassettes_are_recorded_and_replayed(
    run: Callable[..., pytest.RunResult], pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = Sandbox().seed_demo()
    token = sandbox.issue_token(presets.POS)
    with serving(sandbox) as base_url, monkeypatch.context() as environment:
        environment.setenv("STEMP_TOKEN", token)
        environment.setenv("STEMP_BASE_URL", base_url)
        run(TAPED, "--stemp-record").assert_outcomes(passed=4)
    files = {
        os.fspath(path.relative_to(pytester.path)): path.read_text("utf-8") for path in pytester.path.rglob("*.yaml")
    }
    assert files.keys() == {
        "cassettes/test_it/test_customer-cust_123.yaml",
        "cassettes/test_it/test_customer-cust-124-x.yaml",
        "mine.yaml",
        "cassettes/other.yaml",
    }
    assert not [text for text in files.values() if token in text]
    assert "@example.com" not in files["mine.yaml"]
    assert "@example.com" in files["cassettes/other.yaml"]
    run(TAPED).assert_outcomes(passed=4)


def test_what_a_test_needs_to_be_recorded_and_replayed(
    run: Callable[..., pytest.RunResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STEMP_TOKEN", raising=False)
    run(TAPED, "-k", "other").stdout.fnmatch_lines(
        "*CassetteError: the cassette */cassettes/other.yaml does not exist: record it*"
    )
    result = run(TAPED, "-k", "other", "--stemp-record")
    result.stdout.fnmatch_lines("--stemp-record needs a token of the real API in STEMP_TOKEN")


# --- The package


def test_the_package_has_no_other_names() -> None:
    assert dir(testing) == sorted(testing.__all__)
    with pytest.raises(AttributeError, match=r"module 'stemp_sdk\.testing' has no attribute 'Sandbox'"):
        attrgetter("Sandbox")(testing)
