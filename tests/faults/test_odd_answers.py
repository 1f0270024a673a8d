"""Answers that no server should give: no write is doubled, no flag is wrong, and the next call gets its own answer."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest

from stemp_sdk import APIConnectionError, Stemp
from tests.conftest import TOKEN, Twin
from tests.faults.answers import Framing, Says, answer, body_of
from tests.faults.conftest import every_adding, outcome_of
from tests.faults.fault_server import Act, End, FaultServer, Play, running
from tests.faults.rule import NOT_DONE, PROVEN, SILENT, UNCLEAR, Rule, breaches
from tests.resources.table import BY_NAME, Row

_INTERIM: Final = b"HTTP/1.1 %d Any\r\nx-hint: 1\r\n\r\n"


def _result(row: Row) -> bytes:
    return body_of(Says.RESULT, row)


def _with(head: bytes, row: Row) -> bytes:
    body = _result(row)
    return head.replace(b"LENGTH", str(len(body)).encode()) + b"\r\n\r\n" + body


_OK: Final = b"HTTP/1.1 200 OK\r\nconnection: close\r\n"

#: A response, and the results that are allowed.
_ODD: Final[Mapping[str, tuple[Rule, Callable[[Row], bytes]]]] = {
    "100 first": (PROVEN, lambda row: _INTERIM % 100 + answer(200, _result(row))),
    "102 and 103 first": (PROVEN, lambda row: _INTERIM % 102 + _INTERIM % 103 + answer(200, _result(row))),
    "103 fifty times first": (PROVEN, lambda row: _INTERIM % 103 * 50 + answer(200, _result(row))),
    "103 first, then an end": (UNCLEAR, lambda _: _INTERIM % 103),
    "101 first": (UNCLEAR, lambda row: _INTERIM % 101 + answer(200, _result(row))),
    "a success in HTTP/1.0": (PROVEN, lambda row: b"HTTP/1.0 200 OK\r\n\r\n" + _result(row)),
    "status 600": (UNCLEAR, lambda row: answer(600, _result(row))),
    "status 999": (UNCLEAR, lambda row: answer(999, body_of(Says.GENERAL, row))),
    "status 99": (UNCLEAR, lambda row: answer(99, _result(row))),
    "status -1": (UNCLEAR, lambda row: answer(-1, _result(row))),
    "no status": (UNCLEAR, lambda row: _with(b"HTTP/1.1 OK\r\ncontent-length: LENGTH", row)),
    "no HTTP": (UNCLEAR, _result),
    "SSH": (UNCLEAR, lambda _: b"SSH-2.0-OpenSSH_9.6\r\n"),
    "HTTP/2": (UNCLEAR, lambda _: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0" * 9),
    "TLS alert": (UNCLEAR, lambda _: b"\x15\x03\x01\x00\x02\x02\x46"),
    "zeros": (UNCLEAR, lambda _: b"\0" * 1000),
    "a negative length": (UNCLEAR, lambda row: _with(_OK + b"content-length: -1", row)),
    "two lengths": (UNCLEAR, lambda row: _with(_OK + b"content-length: LENGTH\r\ncontent-length: 1", row)),
    "a length that is none": (UNCLEAR, lambda row: _with(_OK + b"content-length: many", row)),
    "chunks of no size": (UNCLEAR, lambda row: _with(_OK + b"transfer-encoding: chunked", row)),
    "a length that is too small": (UNCLEAR, lambda row: _with(_OK + b"content-length: 9", row)),
    "a length that is too large": (UNCLEAR, lambda row: _with(_OK + b"content-length: 9999", row)),
    "whole gzip": (PROVEN, lambda row: answer(200, gzip.compress(_result(row)), "content-encoding: gzip")),
    "cut gzip": (UNCLEAR, lambda row: answer(200, gzip.compress(_result(row))[:40], "content-encoding: gzip")),
    "no gzip": (UNCLEAR, lambda _: answer(200, b"\x1f\x8b nothing", "content-encoding: gzip")),
    "an unknown encoding": (UNCLEAR, lambda _: answer(200, b"\x0b\x02\x80[]\x03", "content-encoding: br")),
    "half a character": (UNCLEAR, lambda _: answer(200, b'{"name": "\xc3')),
    "a list": (UNCLEAR, lambda _: answer(200, b"[]")),
    "null": (UNCLEAR, lambda _: answer(200, b"null")),
    "a string": (UNCLEAR, lambda _: answer(200, b'"done"')),
    "an empty object": (UNCLEAR, lambda _: answer(200, b"{}")),
    "an object of something else": (UNCLEAR, lambda _: answer(200, b'{"welcome": "to the Wi-Fi of the station"}')),
    "blanks": (SILENT, lambda _: answer(200, b" \r\n ")),
    "JSON nested too deep": (UNCLEAR, lambda _: answer(200, b"[" * 100_000)),
    "an error in the wrong types": (UNCLEAR, lambda _: answer(400, b'{"code": 17, "params": "userId"}')),
    "an error in a list": (UNCLEAR, lambda row: answer(400, b"[" + body_of(Says.GENERAL, row) + b"]")),
    "an error that is cut": (UNCLEAR, lambda row: answer(400, body_of(Says.GENERAL, row)[:-1])),
    "a proxy's JSON": (UNCLEAR, lambda _: answer(503, b'{"message": "no healthy upstream"}')),
    "a gateway's JSON": (UNCLEAR, lambda _: answer(429, b'{"message": "Too Many Requests"}')),
    "another framework's JSON": (UNCLEAR, lambda _: answer(500, b'{"status": 500, "error": "Internal Server Error"}')),
    "Retry-After on a page": (UNCLEAR, lambda row: answer(503, body_of(Says.PAGE, row), "retry-after: 1")),
    "408 for a connection that was idle": (UNCLEAR, lambda _: answer(408, b"")),
    "421": (UNCLEAR, lambda row: answer(421, body_of(Says.PAGE, row))),
    "425": (UNCLEAR, lambda row: answer(425, body_of(Says.PAGE, row))),
}


@every_adding
def test_an_odd_answer(twin: Twin, server: FaultServer, row: Row) -> None:
    client = twin.client(TOKEN, base_url=server.base_url)
    wrong: list[str] = []
    for name, (rule, made) in _ODD.items():
        act = server.perform(Play(made(row), rule.carries_out))
        wrong += [f"{name}: {breach}" for breach in breaches(rule, act, outcome_of(twin, row.call, client))]
        act = server.perform(Play(answer(200, _result(row)), carries_out=True))
        wrong += [f"after {name}: {breach}" for breach in breaches(PROVEN, act, outcome_of(twin, row.call, client))]
    assert not wrong, "\n".join(wrong)


@every_adding
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(twin: Twin, server: FaultServer, row: Row, status: int) -> None:
    client = twin.client(TOKEN, base_url=server.base_url)
    with running() as other:
        elsewhere = other.perform(Play(answer(200, _result(row)), carries_out=True))
        for location in (f"{other.base_url}/v1", f"{server.base_url}/v2", "/", ""):
            act = server.perform(Play(answer(status, b"", f"location: {location}"), carries_out=True))
            assert not breaches(UNCLEAR, act, outcome_of(twin, row.call, client))
    assert elsewhere.requests == []


@every_adding
def test_no_connection_is_the_one_failure_after_which_it_goes_out_again(twin: Twin, row: Row) -> None:
    with running() as gone:
        base_url = gone.base_url
    error = outcome_of(twin, row.call, twin.client(TOKEN, base_url=base_url))
    assert isinstance(error, APIConnectionError)
    assert (error.attempts, error.outcome_unknown) == (3, False)


@every_adding
def test_a_server_that_hangs_up_at_once(twin: Twin, server: FaultServer, row: Row) -> None:
    act = server.perform()
    outcome = outcome_of(twin, row.call, twin.client(TOKEN, base_url=server.base_url))
    assert isinstance(outcome, Exception)
    assert not breaches(NOT_DONE, act, outcome)


def _poison(row: Row) -> bytes:
    """An answer that nobody has asked for."""
    return answer(200, _result(row).replace(b"{", b'{"poison": true, ', 1), close=False)


def _keep(*pieces: bytes) -> Play:
    return Play(lambda: pieces, carries_out=True, end=End.KEEP)


def _surplus(row: Row) -> Mapping[str, tuple[Callable[[Stemp], Any], Play]]:
    """First calls whose answers leave something in the connection."""
    whole = answer(200, _result(row), close=False)
    delete = BY_NAME["users.delete"].call
    return {
        "two answers in one segment": (row.call, _keep(whole + _poison(row))),
        "two answers in two segments": (row.call, _keep(whole, _poison(row))),
        "an answer and half of one": (row.call, _keep(whole + _poison(row)[:60])),
        "an answer and a line's end": (row.call, _keep(whole + b"\r\n")),
        "an answer and a notice": (row.call, _keep(whole + answer(408, b"", close=False))),
        "chunks and an answer": (
            row.call,
            _keep(answer(200, _result(row), framing=Framing.CHUNKED, close=False) + _poison(row)),
        ),
        "204 with a body": (delete, _keep(answer(204, b'{"deleted": true}', close=False))),
        "204 with a body, later": (delete, _keep(b"HTTP/1.1 204 Any\r\n\r\n", b'{"deleted": true}')),
        "204 and an answer": (delete, _keep(answer(204, b"", close=False) + _poison(row))),
    }


@every_adding
def test_what_is_left_in_a_connection_is_not_the_next_calls_answer(twin: Twin, server: FaultServer, row: Row) -> None:
    client = twin.client(TOKEN, base_url=server.base_url)
    wrong: list[str] = []
    for name, (first, play) in _surplus(row).items():
        act = server.perform(play)
        outcome = outcome_of(twin, first, client)
        wrong += [f"{name}: {breach}" for breach in breaches(PROVEN, act, outcome)]
        assert act.over.wait(10)
        wrong += [f"after {name}: {breach}" for breach in _next(twin, server, row, client)]
    assert not wrong, "\n".join(wrong)


def _next(twin: Twin, server: FaultServer, row: Row, client: Stemp) -> list[str]:
    """What is wrong with the next call."""
    act: Act = server.perform(Play(answer(200, _result(row), close=False), carries_out=True, end=End.KEEP))
    outcome = outcome_of(twin, row.call, client)
    if "poison" in (getattr(outcome, "model_extra", None) or {}):
        return ["it was given the answer that nobody has asked for"]
    return breaches(PROVEN, act, outcome)


@every_adding
@pytest.mark.parametrize("end", [End.FIN, End.RST])
def test_a_connection_that_ended_while_it_was_idle(twin: Twin, server: FaultServer, row: Row, end: End) -> None:
    client = twin.client(TOKEN, base_url=server.base_url)
    for _ in range(3):
        act = server.perform(Play(answer(200, _result(row), close=False), carries_out=True, end=end))
        assert not breaches(PROVEN, act, outcome_of(twin, row.call, client))
        assert act.ended.wait(10)
