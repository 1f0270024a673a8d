"""The log ``stemp_sdk``, and STEMP_LOG."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator

import httpx
import pytest
import respx

from stemp_sdk import MissingScopeError, NotFoundError, Stemp
from stemp_sdk.scopes import PASS_READ
from tests.support.twins import TOKEN, Twin

from .answers import USER

NOT_FOUND = {"error": {"code": "resource_not_found", "message": "No user usr_9 of ada@example.com."}}


@pytest.fixture(autouse=True)
def logger() -> Iterator[logging.Logger]:
    logger = logging.getLogger("stemp_sdk")
    handlers, level = list(logger.handlers), logger.level
    yield logger
    logger.handlers[:] = handlers
    logger.propagate = True
    logger.setLevel(level)


@pytest.fixture
def no_handlers(logger: logging.Logger, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a program that does not configure logging. pytest does, for each test."""
    monkeypatch.setattr(logger, "hasHandlers", lambda: False)


def test_a_failure_is_logged_with_its_method_its_attempt_and_its_duration(
    twin: Twin, wire: respx.Router, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "stemp_sdk")
    wire.get("/v1/users/usr_9").mock(side_effect=[httpx.Response(502), httpx.Response(404, json=NOT_FOUND)])
    with pytest.raises(NotFoundError):
        twin.run(twin.client().users.get("usr_9"))
    last = caplog.records[-1]
    assert last.getMessage() == "users.get: GET /v1/users/{id}: 404, NotFoundError at attempt 2, after 0.500 s"
    assert last.levelno == logging.INFO
    assert "ada@" not in caplog.text.splitlines()[-1]


def test_a_refusal_before_any_request_is_logged_as_attempt_0(twin: Twin, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "stemp_sdk")
    with pytest.raises(MissingScopeError):
        twin.run(twin.client(scopes=PASS_READ).users.get("usr_9"))
    assert caplog.messages == ["users.get: GET /v1/users/{id}: MissingScopeError at attempt 0, after 0.000 s"]


def test_a_success_is_logged_at_debug_only(twin: Twin, wire: respx.Router, caplog: pytest.LogCaptureFixture) -> None:
    wire.get("/v1/users/usr_1").respond(json=USER)
    client = twin.client()
    caplog.set_level(logging.INFO, "stemp_sdk")
    twin.run(client.users.get("usr_1"))
    assert caplog.messages == []
    caplog.set_level(logging.DEBUG, "stemp_sdk")
    twin.run(client.users.get("usr_1"))
    assert caplog.messages == ["users.get: 200 at attempt 1, after 0.000 s"]


def test_json_lines_have_the_fields_of_a_request(
    twin: Twin, wire: respx.Router, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STEMP_LOG", "json")
    wire.get("/v1/users/usr_1").respond(json=USER, headers={"x-request-id": "req_1"})
    wire.get("/v1/users/usr_9").respond(404, json=NOT_FOUND)
    client = twin.client()
    twin.run(client.users.get("usr_1"))
    with pytest.raises(NotFoundError):
        twin.run(client.users.get("usr_9"))
    printed = capsys.readouterr().err
    success, failure = [json.loads(line) for line in printed.splitlines()]
    assert {name: success[name] for name in ("level", "logger", "operation", "status", "request_id", "attempt")} == {
        "level": "debug",
        "logger": "stemp_sdk",
        "operation": "users.get",
        "status": 200,
        "request_id": "req_1",
        "attempt": 1,
    }
    assert (failure["level"], failure["error"], failure["status"]) == ("info", "NotFoundError", 404)
    assert TOKEN not in printed
    assert "ada@" not in printed


@pytest.mark.usefixtures("no_handlers")
def test_info_shows_failures_as_lines_and_no_success(
    twin: Twin, wire: respx.Router, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STEMP_LOG", " INFO ")
    wire.get("/v1/users/usr_1").respond(json=USER)
    wire.get("/v1/users/usr_9").respond(404, json=NOT_FOUND)
    client = twin.client()
    twin.run(client.users.get("usr_1"))
    with pytest.raises(NotFoundError):
        twin.run(client.users.get("usr_9"))
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith(
        "INFO stemp_sdk: users.get: GET /v1/users/{id}: 404, NotFoundError at attempt 1, after 0.000 s"
    )


@pytest.mark.usefixtures("no_handlers")
def test_debug_shows_each_request_once_however_many_clients_there_are(
    wire: respx.Router, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STEMP_LOG", "debug")
    wire.get("/v1/users/usr_1").respond(json=USER)
    with Stemp(TOKEN), Stemp(TOKEN) as client:
        client.users.get("usr_1")
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_traceback_is_a_field_of_its_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STEMP_LOG", "json")
    with Stemp(TOKEN):
        pass
    try:
        int("no")
    except ValueError:
        logging.getLogger("stemp_sdk").exception("failed")
    assert (
        "ValueError: invalid literal for int() with base 10: 'no'" in json.loads(capsys.readouterr().err)["exception"]
    )


@pytest.mark.usefixtures("no_handlers")
def test_a_closed_standard_error_breaks_no_call(wire: respx.Router, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEMP_LOG", "debug")
    monkeypatch.setattr("sys.stderr", None)
    wire.get("/v1/users/usr_1").respond(json=USER)
    with Stemp(TOKEN) as client:
        assert client.users.get("usr_1").id == "usr_1"


def test_another_value_is_refused_by_name(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEMP_LOG", "loud")
    with pytest.raises(ValueError, match=r"^STEMP_LOG in the environment must be .* not 'loud'$"):
        twin.client()


def test_a_program_that_configures_logging_gets_each_record_once(
    wire: respx.Router,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("STEMP_LOG", "debug")
    wire.get("/v1/users/usr_1").respond(json=USER)
    with Stemp(TOKEN) as client:
        client.users.get("usr_1")
    assert capsys.readouterr().err == ""
    assert len(caplog.messages) == 1


def test_an_empty_value_is_none(monkeypatch: pytest.MonkeyPatch, logger: logging.Logger) -> None:
    monkeypatch.setenv("STEMP_LOG", "")
    before = [*logger.handlers], logger.level
    Stemp(TOKEN).close()
    assert ([*logger.handlers], logger.level) == before


@pytest.mark.usefixtures("no_handlers")
def test_clients_that_are_made_at_once_share_one_handler(
    monkeypatch: pytest.MonkeyPatch, logger: logging.Logger
) -> None:
    monkeypatch.setenv("STEMP_LOG", "info")
    barrier = threading.Barrier(8)

    def make() -> None:
        barrier.wait()
        Stemp(TOKEN).close()

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([handler for handler in logger.handlers if type(handler).__module__.startswith("stemp_sdk")]) == 1


def test_no_record_quotes_a_secret_that_the_server_echoes(
    twin: Twin, wire: respx.Router, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "stemp_sdk")
    echo = {"x-request-id": f"mine/Bearer {TOKEN}"}
    wire.get("/v1/users/usr_1").mock(
        side_effect=[httpx.Response(200, json=USER, headers=echo), httpx.Response(404, json=NOT_FOUND, headers=echo)]
    )
    client = twin.client().with_options(headers={"x-correlation-id": "mine"})
    twin.run(client.users.get("usr_1"))
    with pytest.raises(NotFoundError):
        twin.run(client.users.get("usr_1"))
    ids = [vars(record)["stemp"]["request_id"] for record in caplog.records]
    assert ids == ["***/Bearer ***"] * 2


def test_a_retry_is_logged_without_what_the_server_said(
    twin: Twin, wire: respx.Router, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "stemp_sdk")
    busy = {"error": {"code": "x", "message": "user usr_1 of ada@example.com is locked"}}
    wire.get("/v1/users/usr_1").mock(side_effect=[httpx.Response(503, json=busy), httpx.Response(200, json=USER)])
    twin.run(twin.client().users.get("usr_1"))
    assert caplog.messages == ["users.get: 503; trying again in 0.50 s"]
