"""``passes.get_or_create``: lost responses, and the wait before a look."""

from __future__ import annotations

import pickle
from typing import Any

import httpx
import pytest
import respx

from stemp_sdk import APIConnectionError, ConflictError, DecodeError, UnknownOutcomeError, WalletPass
from stemp_sdk._core.settling import SETTLES_LATE, SETTLES_SOON
from tests.support.twins import Twin, sent

CARD = {"id": "wp_1", "userId": "usr_1", "templateId": "tpl_1"}
NONE = httpx.Response(200, json={"content": [], "totalElements": 0})
ONE = httpx.Response(200, json={"content": [CARD], "totalElements": 1})
MADE = httpx.Response(201, json={**CARD, "id": "wp_2"})
LOST = httpx.ReadError("reset")
LATE = httpx.ReadTimeout("late")
REFUSED = httpx.Response(409, json={"code": "has_a_card", "params": None})


def issue(twin: Twin, wire: respx.Router, gets: list[Any], posts: list[Any], **options: Any) -> WalletPass:
    wire.get("/v1/walletpasses").mock(side_effect=gets)
    wire.post("/v1/walletpasses").mock(side_effect=posts)
    client = twin.client(**options)
    return twin.run(client.passes.get_or_create(template_id="tpl_1", user_id="usr_1"))


def methods(wire: respx.Router) -> list[str]:
    return [request.method for request in sent(wire)]


def test_a_card_that_exists_is_returned(twin: Twin, wire: respx.Router) -> None:
    assert issue(twin, wire, [ONE], []).id == "wp_1"
    [request] = sent(wire)
    assert dict(request.url.params) == {"userId": "usr_1", "templateId": "tpl_1", "page": "0", "size": "100"}


def test_a_card_that_does_not_exist_is_issued(twin: Twin, wire: respx.Router) -> None:
    assert issue(twin, wire, [NONE], [MADE]).id == "wp_2"
    assert methods(wire) == ["GET", "POST"]


def test_a_card_whose_response_was_lost_is_found(twin: Twin, wire: respx.Router) -> None:
    assert issue(twin, wire, [NONE, ONE], [LOST]).id == "wp_1"
    assert twin.still.slept == [SETTLES_SOON]


def test_a_card_that_was_not_issued_is_issued_once_that_is_certain(twin: Twin, wire: respx.Router) -> None:
    assert issue(twin, wire, [NONE, NONE, NONE], [LATE, MADE], deadline=600).id == "wp_2"
    assert twin.still.slept == [SETTLES_SOON, SETTLES_LATE - SETTLES_SOON]
    assert methods(wire) == ["GET", "POST", "GET", "GET", "POST"]


def test_a_refused_issue_is_looked_up_at_once(twin: Twin, wire: respx.Router) -> None:
    assert issue(twin, wire, [NONE, ONE], [REFUSED]).id == "wp_1"
    assert twin.still.slept == []
    with pytest.raises(ConflictError):
        issue(twin, wire, [NONE, NONE], [REFUSED])


def test_a_refusal_after_a_lost_response_that_came_to_nothing_is_certain(twin: Twin, wire: respx.Router) -> None:
    with pytest.raises(ConflictError) as caught:
        issue(twin, wire, [NONE] * 3, [LOST, REFUSED])
    assert not caught.value.outcome_unknown
    assert methods(wire) == ["GET", "POST", "GET", "POST", "GET"]


def test_another_error_is_raised_as_it_is(twin: Twin, wire: respx.Router) -> None:
    with pytest.raises(APIConnectionError):
        issue(twin, wire, [NONE], [httpx.ConnectError("refused")] * 3)
    assert methods(wire) == ["GET", "POST", "POST", "POST"]


@pytest.mark.parametrize("options", [{}, {"max_retries": 0}])
def test_an_unknown_outcome_is_resolved_later(twin: Twin, wire: respx.Router, options: dict[str, Any]) -> None:
    with pytest.raises(UnknownOutcomeError) as caught:
        issue(twin, wire, [NONE, NONE, NONE, NONE, ONE], [LATE, LATE], **options)
    error = caught.value
    again: Any = error.resolve() if twin.kind == "sync" else error.aresolve()
    assert twin.run(again).id == "wp_1"
    assert methods(wire).count("POST") == 2


def test_retries_end(twin: Twin, wire: respx.Router) -> None:
    with pytest.raises(UnknownOutcomeError):
        issue(twin, wire, [NONE] * 9, [LOST] * 9, max_retries=1)
    assert methods(wire).count("POST") == 2


def test_a_look_that_fails_leaves_the_first_error(twin: Twin, wire: respx.Router) -> None:
    with pytest.raises(UnknownOutcomeError, match="502") as caught:
        issue(twin, wire, [NONE, *[httpx.ConnectError("refused")] * 3], [httpx.Response(502)])
    assert caught.value.response is not None
    assert caught.value.response.status == 502
    assert isinstance(caught.value.__cause__, APIConnectionError)


@pytest.mark.parametrize("answer", [httpx.Response(502), httpx.Response(200, text="<h1>Sign in</h1>"), LOST, LATE])
@pytest.mark.parametrize("kind", ["passes", "users"])
def test_each_unknown_outcome_can_be_resolved(twin: Twin, wire: respx.Router, answer: Any, kind: str) -> None:
    missing = NONE if kind == "passes" else httpx.Response(404, json={"code": "resource_not_found", "params": None})
    there = ONE if kind == "passes" else httpx.Response(200, json={"id": "usr_1"})
    wire.get(path__startswith="/v1/").mock(side_effect=[missing, missing, there])
    wire.post(path__startswith="/v1/").mock(side_effect=[answer])
    client = twin.client(max_retries=0)
    with pytest.raises(UnknownOutcomeError) as caught:
        twin.run(
            client.passes.get_or_create(template_id="tpl_1", user_id="usr_1")
            if kind == "passes"
            else client.users.get_or_create("c-1", email="jane@example.com")
        )
    error = caught.value
    assert error.__cause__ is not None
    resolve = "resolve" if twin.kind == "sync" else "aresolve"
    assert (error.operation, error.attempts) == (f"{kind}.get_or_create", 1)
    assert str(error).endswith(f"It may have been carried out: {resolve}() finds out.")
    copy: UnknownOutcomeError = pickle.loads(pickle.dumps(error))
    assert str(copy).endswith("(settle= of the client, by default 2 minutes at most).")
    with pytest.raises(RuntimeError, match=rf"this is a copy of the error: call {kind}\.get_or_create again after"):
        copy.resolve()
    again: Any = getattr(error, resolve)()
    assert twin.run(again).id == there.json().get("id", "wp_1")


def test_an_error_of_a_token_provider_at_a_look_leaves_the_first_error(twin: Twin, wire: respx.Router) -> None:
    renewed = iter(["one"])

    def provide() -> str:
        for token in renewed:
            return token
        raise LookupError("vault")

    async def provide_async() -> str:
        return provide()

    expired = httpx.Response(401, json={"error": "unauthorized", "message": "expired"})
    with pytest.raises(UnknownOutcomeError) as caught:
        issue(twin, wire, [NONE, expired], [LOST], token=provide if twin.kind == "sync" else provide_async)
    assert isinstance(caught.value.__cause__, LookupError)


@pytest.mark.parametrize("field", ["userId", "templateId"])
@pytest.mark.parametrize("value", ["missing", None])
@pytest.mark.parametrize("user", ["usr_1", "till-4711"])
def test_a_card_that_does_not_name_its_user_and_template_is_an_error(
    twin: Twin, wire: respx.Router, field: str, value: str | None, user: str
) -> None:
    card: dict[str, Any] = {name: told for name, told in CARD.items() if name != field}
    if value is None:
        card[field] = None
    wire.get("/v1/walletpasses").respond(200, json={"content": [card], "totalElements": 1})
    with pytest.raises(DecodeError, match=rf"at 0\.{field}: it is missing, so it is unknown whether") as caught:
        twin.run(twin.client().passes.get_or_create(template_id="tpl_1", user_id=user))
    assert caught.value.response is not None
    assert methods(wire) == ["GET"]


@pytest.mark.filterwarnings("ignore::stemp_sdk.UnreadItemWarning")
def test_a_card_that_cannot_be_read_is_an_error(twin: Twin, wire: respx.Router) -> None:
    with pytest.raises(DecodeError):
        issue(twin, wire, [httpx.Response(200, json={"content": [{"card": CARD}], "totalElements": 1})], [])
    assert methods(wire) == ["GET"]


def test_a_card_of_another_user_is_an_error(twin: Twin, wire: respx.Router) -> None:
    other = httpx.Response(200, json={"content": [{**CARD, "userId": "usr_2"}], "totalElements": 1})
    with pytest.raises(DecodeError, match="seems to ignore the filter user_id"):
        issue(twin, wire, [other], [])
    assert methods(wire) == ["GET"]
