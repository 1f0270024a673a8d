"""Answers that break off after each byte, and answers of each status: no write is doubled, and no flag is wrong.

``make faults`` runs all of it, the tests a sample.
"""

from __future__ import annotations

from typing import Final

from stemp_sdk import OPERATIONS
from tests.faults.answers import Framing, Says, answer, body_of
from tests.faults.conftest import ADDING, every_adding, outcome_of, sample
from tests.faults.fault_server import End, FaultServer, Play
from tests.faults.rule import breaches, rule_for, rule_for_cut
from tests.resources.table import Row
from tests.support.twins import TOKEN, Twin

STATUSES: Final = range(100, 600)
_KEY: Final = (200, 204, 303, 400, 408, 429, 500, 502, 503, 524)
"""Those that are never left out."""
_BROKEN: Final = [
    *((200, Says.RESULT, framing) for framing in Framing),
    *((429, Says.RATE_LIMIT, framing) for framing in (Framing.LENGTH, Framing.CLOSE)),
    (503, Says.PAGE, Framing.LENGTH),
    (400, Says.GENERAL, Framing.CHUNKED),
]


def test_every_operation_that_adds_meets_broken_responses() -> None:
    assert len(ADDING) == 12
    assert {row.operation for row in ADDING} < {*OPERATIONS}
    assert all(row.once for row in ADDING)


@every_adding
def test_a_response_that_breaks_off_after_each_byte_has_its_outcome(twin: Twin, server: FaultServer, row: Row) -> None:
    client = twin.client(TOKEN, base_url=server.base_url)
    wrong: list[str] = []
    for status, says, framing in _BROKEN:
        body = body_of(says, row)
        whole = answer(status, body, framing=framing)
        for end in (End.FIN, End.RST):
            for position in sample(range(len(whole) + 1), row, twin, 61):
                received = whole[:position]
                rule = rule_for_cut(status, says, body, received, framing, end)
                act = server.perform(Play(received, rule.carries_out, end))
                outcome = outcome_of(twin, row.call, client)
                wrong += [
                    f"{status}, {says.value}, {framing.value}, {end.value} after {position} of {len(whole)}: {breach}"
                    for breach in breaches(rule, act, outcome)
                ]
    assert not wrong, "\n".join(wrong)


@every_adding
def test_each_status_with_each_body_has_its_outcome(twin: Twin, server: FaultServer, row: Row) -> None:
    client = twin.client(TOKEN, base_url=server.base_url)
    wrong: list[str] = []
    for says in Says:
        body = body_of(says, row)
        for status in {*_KEY, *sample(STATUSES, row, twin, 60)}:
            rule = rule_for(status, says)
            act = server.perform(Play(answer(status, body), rule.carries_out))
            outcome = outcome_of(twin, row.call, client)
            wrong += [f"{status}, {says.value}: {breach}" for breach in breaches(rule, act, outcome)]
    assert not wrong, "\n".join(wrong)


@every_adding
def test_a_busy_server_before_each_status_changes_no_outcome(twin: Twin, server: FaultServer, row: Row) -> None:
    """The second try is judged as the first one would be."""
    client = twin.client(TOKEN, base_url=server.base_url)
    busy = Play(answer(429, body_of(Says.RATE_LIMIT, row)), carries_out=False)
    wrong: list[str] = []
    for says in (Says.RESULT, Says.PAGE):
        for status in sample(STATUSES, row, twin, 60):
            rule = rule_for(status, says)
            act = server.perform(busy, Play(answer(status, body_of(says, row)), rule.carries_out))
            outcome = outcome_of(twin, row.call, client)
            del act.requests[0]
            wrong += [f"429, then {status}, {says.value}: {breach}" for breach in breaches(rule, act, outcome)]
    assert not wrong, "\n".join(wrong)
