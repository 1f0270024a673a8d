"""What is tried again, how often, and after how long."""

from __future__ import annotations

import pytest

from stemp_sdk import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    NotFoundError,
    RateLimitError,
    Replay,
    ServerError,
    StempError,
    UnknownOutcomeError,
)
from stemp_sdk.core.call import Answer, Call, Lost, Outcome

from .driving import CONNECT_TIMEOUT, NEVER, READ_TIMEOUT, RESET, Hand, answer, call_of

SAFE = call_of("GET")
ONCE = call_of("POST", replay=Replay.UNSAFE)
DELETE = call_of("DELETE")

both = pytest.mark.parametrize("call", [SAFE, ONCE], ids=["safe", "unsafe"])


@pytest.mark.parametrize("status", [408, 429, 503])
@both
def test_what_was_surely_not_done_is_tried_again(status: int, call: Call[bytes]) -> None:
    hand = Hand()
    assert hand.run(call, answer(status), answer(status), answer(200, b"done")) == b"done"
    assert hand.slept == [0.5, 1.0]


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_failure_is_tried_again_where_twice_is_as_good_as_once(status: int) -> None:
    hand = Hand()
    assert hand.run(SAFE, answer(status), answer(200, b"done")) == b"done"
    assert hand.slept == [0.5]


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_failed_write_is_not_tried_again_and_says_that_it_may_be_done(status: int) -> None:
    hand = Hand()
    with pytest.raises(ServerError) as caught:
        hand.run(ONCE, answer(status))
    assert (caught.value.outcome_unknown, caught.value.attempts, hand.slept) == (True, 1, [])
    assert str(caught.value).endswith("; it may have been carried out: read the current state before you repeat it")


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 403, 404, 409, 418, 422, 501, 505])
@both
def test_an_answer_that_stays_the_same_is_not_asked_for_again(status: int, call: Call[bytes]) -> None:
    hand = Hand()
    with pytest.raises(APIStatusError) as caught:
        hand.run(call, answer(status))
    assert (caught.value.status, caught.value.outcome_unknown, hand.slept) == (status, False, [])


@pytest.mark.parametrize("lost", [NEVER, CONNECT_TIMEOUT])
@both
def test_what_never_left_is_sent_again(lost: Lost, call: Call[bytes]) -> None:
    hand = Hand()
    assert hand.run(call, lost, lost, answer(200, b"done")) == b"done"
    assert hand.slept == [0.5, 1.0]


@pytest.mark.parametrize("lost", [RESET, READ_TIMEOUT])
def test_what_was_lost_on_the_way_is_sent_again_where_that_is_safe(lost: Lost) -> None:
    assert Hand().run(SAFE, lost, answer(200, b"done")) == b"done"


@pytest.mark.parametrize("lost", [RESET, READ_TIMEOUT])
def test_a_write_whose_answer_is_lost_is_not_sent_again(lost: Lost) -> None:
    hand = Hand()
    with pytest.raises(UnknownOutcomeError) as caught:
        hand.run(ONCE, lost)
    assert (caught.value.operation, caught.value.reason, caught.value.attempts) == ("things.do", lost.reason, 1)
    assert (caught.value.outcome_unknown, hand.slept) == (True, [])
    assert str(caught.value) == (
        f"things.do: the request was sent and its answer was lost, {lost.reason}. "
        "It may have been carried out: read the current state before you repeat it."
    )


@pytest.mark.parametrize(
    ("call", "last", "unknown"),
    [
        (call_of("GET"), answer(500), False),
        (call_of("PATCH"), answer(500), True),
        (call_of("PATCH"), answer(503), False),
        (call_of("DELETE"), answer(504), True),
    ],
)
def test_a_write_that_failed_to_the_end_may_be_done(call: Call[bytes], last: Answer, unknown: bool) -> None:
    with pytest.raises(ServerError) as caught:
        Hand().run(call, last, last, last)
    assert caught.value.outcome_unknown is unknown


def test_an_earlier_try_may_have_done_it() -> None:
    with pytest.raises(ServerError) as caught:
        Hand().run(call_of("PATCH"), READ_TIMEOUT, answer(503), answer(503))
    assert caught.value.outcome_unknown
    with pytest.raises(APIConnectionError) as never:
        Hand().run(call_of("PATCH"), READ_TIMEOUT, NEVER, NEVER)
    assert never.value.outcome_unknown


@pytest.mark.parametrize(
    ("call", "lost", "unknown"),
    [
        (call_of("GET"), READ_TIMEOUT, False),
        (call_of("PATCH"), READ_TIMEOUT, True),
        (call_of("DELETE"), RESET, True),
        (call_of("PATCH"), NEVER, False),
        (ONCE, NEVER, False),
    ],
)
def test_every_error_says_whether_the_write_may_be_done(call: Call[bytes], lost: Lost, unknown: bool) -> None:
    with pytest.raises(StempError) as caught:
        Hand().run(call, lost, lost, lost)
    assert caught.value.outcome_unknown is unknown
    assert ("may have been carried out" in str(caught.value)) is unknown


def test_each_try_of_a_write_is_judged_for_itself() -> None:
    with pytest.raises(UnknownOutcomeError, match=r"reset \(2 attempts\)") as caught:
        Hand().run(ONCE, NEVER, RESET)
    assert caught.value.attempts == 2
    with pytest.raises(ServerError, match=r"502 \(2 attempts\); it may") as failed:
        Hand().run(ONCE, answer(503), answer(502))
    assert failed.value.outcome_unknown


@pytest.mark.parametrize(
    ("lost", "kind"), [(NEVER, APIConnectionError), (RESET, APIConnectionError), (READ_TIMEOUT, APITimeoutError)]
)
def test_after_the_last_try_the_error_says_how_many_there_were(lost: Lost, kind: type[APIConnectionError]) -> None:
    with pytest.raises(APIConnectionError) as caught:
        Hand().run(SAFE, lost, lost, lost)
    assert type(caught.value) is kind
    assert caught.value.attempts == 3
    assert str(caught.value) == f"things.do: no answer from the server, {lost.reason} (3 attempts)"


@pytest.mark.parametrize("retries", [0, 1, 5])
def test_max_retries_is_how_many_more_tries_there_are(retries: int) -> None:
    hand = Hand(max_retries=retries)
    with pytest.raises(ServerError) as caught:
        hand.run(SAFE, *[answer(500)] * (retries + 1))
    assert caught.value.attempts == len(hand.sends) == retries + 1


def test_backoff_doubles_up_to_eight_seconds_and_ends_with_the_budget() -> None:
    hand = Hand(max_retries=1000)
    with pytest.raises(ServerError, match=r"\(11 attempts\)"):
        hand.run(SAFE, *[answer(500)] * 11)
    assert hand.slept == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0]


def test_backoff_is_anything_below_its_limit() -> None:
    hand = Hand()
    hand.still.chance = 0.25
    hand.run(SAFE, answer(500), NEVER, answer())
    assert hand.slept == [0.125, 0.25]


def test_the_same_request_goes_out_each_time() -> None:
    hand = Hand()
    hand.run(SAFE, answer(500), RESET, answer())
    assert hand.sends[0] == hand.sends[1] == hand.sends[2]


@pytest.mark.parametrize("first", [answer(500), answer(502), answer(504), RESET, READ_TIMEOUT])
def test_a_delete_that_finds_nothing_the_second_time_was_done_the_first(first: Outcome) -> None:
    assert Hand().run(DELETE, first, answer(503), answer(404)) == b""


@pytest.mark.parametrize("first", [answer(503), answer(429), answer(408), NEVER, CONNECT_TIMEOUT])
def test_a_delete_that_was_surely_not_done_before_finds_nothing(first: Outcome) -> None:
    with pytest.raises(NotFoundError, match=r"404 \(2 attempts\)"):
        Hand().run(DELETE, first, answer(404))


def test_only_a_delete_may_find_nothing() -> None:
    with pytest.raises(NotFoundError):
        Hand().run(SAFE, answer(500), answer(404))
    with pytest.raises(NotFoundError):
        Hand().run(DELETE, answer(404))


def test_retry_after_is_obeyed() -> None:
    hand = Hand()
    hand.run(SAFE, answer(429, retry_after=7), answer(503, retry_after=0), answer())
    assert hand.slept == [7.0, 0.0]


def test_an_hour_is_not_waited_out() -> None:
    hand = Hand()
    with pytest.raises(RateLimitError) as caught:
        hand.run(ONCE, answer(429, retry_after=3600))
    assert (caught.value.retry_after, caught.value.attempts, hand.slept) == (3600.0, 1, [])
    assert str(caught.value) == "things.do: 429; the server asks to wait 3600 s"


def test_a_minute_is_all_that_one_call_waits() -> None:
    hand = Hand(max_retries=100)
    with pytest.raises(RateLimitError) as caught:
        hand.run(SAFE, answer(429, retry_after=40), answer(429, retry_after=20), answer(429, retry_after=1))
    assert (caught.value.retry_after, hand.slept) == (1.0, [40.0, 20.0])


def test_endless_refusals_end() -> None:
    hand = Hand()
    with pytest.raises(RateLimitError, match=r"\(3 attempts\)"):
        hand.run(SAFE, *[answer(429, retry_after=1)] * 3)
    assert hand.slept == [1.0, 1.0]


def test_retry_after_does_not_make_a_failed_write_safe() -> None:
    with pytest.raises(ServerError) as caught:
        Hand().run(ONCE, answer(500, retry_after=1))
    assert (caught.value.retry_after, caught.value.outcome_unknown) == (1.0, True)


def test_what_is_waited_for_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "stemp_sdk")
    Hand().run(SAFE, answer(500), answer())
    assert caplog.messages == ["things.do: 500; trying again in 0.50 s"]
