"""What is tried again, how often, and after how long."""

from __future__ import annotations

import attrs
import pytest

from stemp_sdk import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    DecodeError,
    MissingScopeError,
    NotFoundError,
    RateLimitError,
    Replay,
    ServerError,
    StempError,
    UnknownOutcomeError,
)
from stemp_sdk._core.call import Call, NoResponse, Outcome, RawResponse
from stemp_sdk._core.secret import Secret
from stemp_sdk.models._reading import UnreadableError
from tests.support.clocks import StillClock
from tests.support.credentials import Renewing

from .driving import CONNECT_TIMEOUT, LIMITED, NEVER, READ_TIMEOUT, RESET, Harness, answer, call_of, said

SAFE = call_of("GET")
SETS = call_of("PATCH")
ONCE = call_of("POST", replay=Replay.NEVER)
DELETE = call_of("DELETE")


def picky(call: Call[bytes]) -> Call[bytes]:
    """The call, with a result that no JSON object is."""

    def decode(answer: RawResponse) -> bytes:
        if answer.body.startswith(b"{"):
            raise UnreadableError("", "it has none of the fields")
        return answer.body

    return attrs.evolve(call, decode=decode)


both = pytest.mark.parametrize("call", [SAFE, ONCE], ids=["safe", "unsafe"])
PAGE = b"<html><h1>Service Unavailable</h1></html>"


@pytest.mark.parametrize(
    "refusal", [LIMITED, said(503), said(429), answer(200, {"error": {"code": "rate_limit_exceeded"}})]
)
@both
def test_what_stemp_itself_did_not_carry_out_is_tried_again(refusal: RawResponse, call: Call[bytes]) -> None:
    harness = Harness()
    assert harness.run(picky(call), refusal, refusal, answer(200, b"done")) == b"done"
    assert harness.slept == [0.5, 1.0]


@pytest.mark.parametrize("status", [408, 429, 500, 501, 502, 503, 504, 507, 520, 524, 529, 599])
@pytest.mark.parametrize("call", [SAFE, SETS], ids=["read", "sets"])
def test_a_failure_is_tried_again_where_twice_is_as_good_as_once(status: int, call: Call[bytes]) -> None:
    harness = Harness()
    assert harness.run(call, answer(status), answer(200, b"done")) == b"done"
    assert harness.slept == [0.5]


@pytest.mark.parametrize("status", [408, 429, 500, 501, 502, 503, 504, 507, 520, 524, 529, 599])
@pytest.mark.parametrize("body", [b"", PAGE, {"message": "Service Unavailable"}, {"code": 503, "message": "upstream"}])
def test_a_write_that_a_gateway_answered_is_not_tried_again_and_may_be_done(status: int, body: object) -> None:
    harness = Harness()
    with pytest.raises(APIStatusError) as caught:
        harness.run(ONCE, answer(status, body))
    assert caught.value.outcome_unknown
    assert caught.value.attempts == 1
    assert harness.slept == []
    assert str(caught.value).endswith("; it may have been carried out: read the current state before you repeat it")


@pytest.mark.parametrize("status", [408, 500, 502, 504, 524])
def test_no_other_status_proves_anything_in_stemps_own_words(status: int) -> None:
    with pytest.raises(APIStatusError) as caught:
        Harness().run(ONCE, said(status))
    assert caught.value.outcome_unknown


@pytest.mark.parametrize("status", [400, 403, 404, 409, 418, 422])
@both
def test_a_refusal_in_stemps_own_words_was_not_carried_out(status: int, call: Call[bytes]) -> None:
    harness = Harness()
    with pytest.raises(APIStatusError) as caught:
        harness.run(call, said(status))
    assert caught.value.status == status
    assert not caught.value.outcome_unknown
    assert harness.slept == []


@pytest.mark.parametrize("status", [100, 301, 302, 303, 307, 308, 400, 401, 403, 404, 409, 413, 418, 422])
@pytest.mark.parametrize("call", [SAFE, SETS, ONCE], ids=["read", "sets", "adds"])
def test_a_page_of_something_in_between_proves_nothing(status: int, call: Call[bytes]) -> None:
    harness = Harness()
    with pytest.raises(APIStatusError) as caught:
        harness.run(call, answer(status, PAGE, content_type="text/html; charset=utf-8"))
    assert caught.value.outcome_unknown is (call is not SAFE)
    assert harness.slept == []
    assert "(text/html) <html><h1>Service Unavailable</h1></html>" in str(caught.value)


@pytest.mark.parametrize(
    ("location", "origin"),
    [
        ("https://www.stemp.example/login?token=secret", "https://www.stemp.example"),
        ("http://[::1]:8080/x", "http://[::1]:8080"),
        ("https://user:word@stemp.example", "https://stemp.example"),
    ],
)
def test_a_redirect_says_where_it_points_and_that_base_url_may_be_wrong(location: str, origin: str) -> None:
    with pytest.raises(APIStatusError) as caught:
        Harness().run(SAFE, answer(301, location=location))
    hint = f"it redirects to {origin}, and redirects are not followed: base_url may be wrong"
    assert str(caught.value) == f"things.do: 301; {hint}"


@pytest.mark.parametrize(
    "location", ["", "/login", "http://[", "https://", "https://a:b/", "//host/x", "x\x00y://host"]
)
def test_a_redirect_without_an_origin_says_nothing_of_it(location: str) -> None:
    with pytest.raises(APIStatusError) as caught:
        Harness().run(SAFE, answer(302, location=location))
    assert caught.value.hint is None


def test_a_certificate_that_is_not_trusted_is_not_tried_again() -> None:
    harness = Harness()
    with pytest.raises(APIConnectionError) as caught:
        harness.run(ONCE, NoResponse("CERTIFICATE_VERIFY_FAILED", sent=False, timed_out=False, permanent=True))
    assert not caught.value.outcome_unknown
    assert harness.slept == []


@pytest.mark.parametrize("lost", [NEVER, CONNECT_TIMEOUT])
@both
def test_a_request_that_never_left_is_sent_again(lost: NoResponse, call: Call[bytes]) -> None:
    harness = Harness()
    assert harness.run(call, lost, lost, answer(200, b"done")) == b"done"
    assert harness.slept == [0.5, 1.0]


@pytest.mark.parametrize("lost", [RESET, READ_TIMEOUT])
def test_a_request_that_was_lost_is_sent_again_where_that_is_safe(lost: NoResponse) -> None:
    assert Harness().run(SAFE, lost, answer(200, b"done")) == b"done"


@pytest.mark.parametrize("lost", [RESET, READ_TIMEOUT])
def test_a_write_whose_answer_is_lost_is_not_sent_again(lost: NoResponse) -> None:
    harness = Harness()
    with pytest.raises(UnknownOutcomeError) as caught:
        harness.run(ONCE, lost)
    assert (caught.value.operation, caught.value.reason, caught.value.attempts) == ("things.do", lost.reason, 1)
    assert (caught.value.outcome_unknown, harness.slept) == (True, [])
    assert str(caught.value) == (
        f"things.do: the request was sent and its response was lost, {lost.reason}. "
        "It may have been carried out: read the current state before you repeat it."
    )


@pytest.mark.parametrize(
    ("call", "last", "unknown"),
    [
        (call_of("GET"), answer(500), False),
        (call_of("PATCH"), answer(500), True),
        (call_of("PATCH"), answer(503), True),
        (call_of("DELETE"), answer(504), True),
    ],
)
def test_a_write_that_failed_to_the_end_may_be_done(call: Call[bytes], last: RawResponse, unknown: bool) -> None:
    with pytest.raises(ServerError) as caught:
        Harness().run(call, last, last, last)
    assert caught.value.outcome_unknown is unknown


def test_a_write_may_be_done_by_an_earlier_try() -> None:
    with pytest.raises(ServerError) as caught:
        Harness().run(call_of("PATCH"), READ_TIMEOUT, said(503), said(503))
    assert caught.value.outcome_unknown
    with pytest.raises(APIConnectionError) as never:
        Harness().run(call_of("PATCH"), READ_TIMEOUT, NEVER, NEVER)
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
def test_every_error_says_whether_the_write_may_be_done(call: Call[bytes], lost: NoResponse, unknown: bool) -> None:
    with pytest.raises(StempError) as caught:
        Harness().run(call, lost, lost, lost)
    assert caught.value.outcome_unknown is unknown
    assert ("may have been carried out" in str(caught.value)) is unknown


def test_each_try_of_a_write_is_judged_for_itself() -> None:
    with pytest.raises(UnknownOutcomeError, match=r"reset \(2 attempts\)") as caught:
        Harness().run(ONCE, NEVER, RESET)
    assert caught.value.attempts == 2
    with pytest.raises(ServerError, match=r"502 \(2 attempts\); it may") as failed:
        Harness().run(ONCE, said(503), answer(502))
    assert failed.value.outcome_unknown


@pytest.mark.parametrize(
    ("lost", "kind"), [(NEVER, APIConnectionError), (RESET, APIConnectionError), (READ_TIMEOUT, APITimeoutError)]
)
def test_after_the_last_try_the_error_says_how_many_there_were(
    lost: NoResponse, kind: type[APIConnectionError]
) -> None:
    with pytest.raises(APIConnectionError) as caught:
        Harness().run(SAFE, lost, lost, lost)
    assert type(caught.value) is kind
    assert caught.value.attempts == 3
    assert str(caught.value) == f"things.do: no response from the server, {lost.reason} (3 attempts)"


@pytest.mark.parametrize("retries", [0, 1, 5])
def test_max_retries_is_how_many_more_tries_there_are(retries: int) -> None:
    harness = Harness(max_retries=retries)
    with pytest.raises(ServerError) as caught:
        harness.run(SAFE, *[answer(500)] * (retries + 1))
    assert caught.value.attempts == len(harness.sends) == retries + 1


def test_backoff_doubles_up_to_eight_seconds_and_ends_with_the_deadline() -> None:
    harness = Harness(max_retries=1000)
    with pytest.raises(ServerError, match=r"\(11 attempts\)"):
        harness.run(SAFE, *[answer(500)] * 11)
    assert harness.slept == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0]


def test_backoff_is_anything_below_its_limit() -> None:
    harness = Harness()
    harness.still.chance = 0.25
    harness.run(SAFE, answer(500), NEVER, answer())
    assert harness.slept == [0.125, 0.25]


def test_the_same_request_goes_out_each_time() -> None:
    harness = Harness()
    harness.run(SAFE, answer(500), RESET, answer())
    first, *others = ({**attrs.asdict(send), "budget": 1} for send in harness.sends)
    assert others == [first, first]


def test_each_attempt_has_what_is_left_of_the_deadline() -> None:
    harness = Harness(deadline=10)
    harness.run(SAFE, answer(503, retry_after=4), RESET, answer())
    assert [send.budget for send in harness.sends] == [10.0, 6.0, 5.0]


def test_nothing_is_sent_after_the_deadline() -> None:
    harness = Harness(deadline=5)
    harness.credential = Slow([Secret("one")], fresh=False, still=harness.still)
    harness.settings = attrs.evolve(harness.settings, credential=harness.credential)
    with pytest.raises(
        APITimeoutError, match=r"^things\.do: no response from the server, the deadline of 5 s is over$"
    ):
        harness.run(ONCE)
    assert harness.sends == []


@attrs.define
class Slow(Renewing):
    """To renew it takes longer than the call may take."""

    still: StillClock = attrs.field(factory=StillClock)

    def renew(self, refused: Secret | None) -> Secret | None:
        self.still.sleep(5)
        return super().renew(refused)


@pytest.mark.parametrize("first", [answer(500), answer(503), answer(408), answer(429, b"<html>"), answer(599), RESET])
def test_a_delete_that_finds_nothing_the_second_time_was_done_the_first(first: Outcome) -> None:
    assert Harness().run(DELETE, first, said(503), said(404, "resource_not_found")) == b""


def test_a_404_page_of_a_proxy_does_not_prove_that_anything_was_deleted() -> None:
    with pytest.raises(NotFoundError) as caught:
        Harness().run(DELETE, RESET, answer(404, PAGE))
    assert caught.value.outcome_unknown


@pytest.mark.parametrize("first", [said(503), said(429), NEVER, CONNECT_TIMEOUT])
def test_a_delete_that_was_surely_not_done_before_finds_nothing(first: Outcome) -> None:
    with pytest.raises(NotFoundError, match=r"404 some_reason \(2 attempts\)"):
        Harness().run(DELETE, first, said(404))


def test_only_a_delete_may_find_nothing() -> None:
    with pytest.raises(NotFoundError):
        Harness().run(SAFE, answer(500), said(404))
    with pytest.raises(NotFoundError):
        Harness().run(DELETE, said(404))


def test_retry_after_is_obeyed() -> None:
    harness = Harness()
    harness.run(SAFE, answer(429, retry_after=7), answer(503, retry_after=0), answer())
    assert harness.slept == [7.0, 0.0]


def test_a_retry_after_of_an_hour_is_not_waited_out() -> None:
    harness = Harness()
    with pytest.raises(RateLimitError) as caught:
        harness.run(ONCE, said(429, retry_after=3600))
    assert (caught.value.retry_after, caught.value.attempts, harness.slept) == (3600.0, 1, [])
    assert str(caught.value) == (
        "things.do: 429 some_reason; the server asks to wait 3600 s; the turn of this call would come in 3600 s, after "
        "its deadline: make fewer calls at once, or raise deadline"
    )


def test_the_deadline_is_all_that_one_call_waits() -> None:
    harness = Harness(max_retries=100)
    with pytest.raises(RateLimitError) as caught:
        harness.run(SAFE, answer(429, retry_after=40), answer(429, retry_after=19), answer(429, retry_after=1))
    assert (caught.value.retry_after, harness.slept) == (1.0, [40.0, 19.0])


def test_retries_of_endless_refusals_end() -> None:
    harness = Harness()
    with pytest.raises(RateLimitError, match=r"\(3 attempts\)"):
        harness.run(SAFE, *[answer(429, retry_after=1)] * 3)
    assert harness.slept == [1.0, 1.0]


def test_retry_after_does_not_make_a_failed_write_safe() -> None:
    with pytest.raises(ServerError) as caught:
        Harness().run(ONCE, answer(500, retry_after=1))
    assert (caught.value.retry_after, caught.value.outcome_unknown) == (1.0, True)


def test_each_wait_is_logged_with_its_reason(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "stemp_sdk")
    Harness().run(SAFE, answer(500), answer())
    assert caplog.messages == ["things.do: 500; trying again in 0.50 s"]


# --- A status of success proves nothing


@pytest.mark.parametrize("call", [SAFE, SETS, ONCE], ids=["read", "sets", "adds"])
def test_an_error_with_a_status_of_success_is_that_error(call: Call[bytes]) -> None:
    with pytest.raises(NotFoundError, match=r"^things\.do: 200 resource_not_found") as caught:
        Harness().run(picky(call), said(200, "resource_not_found"))
    assert not caught.value.outcome_unknown


def test_a_missing_scope_with_a_status_of_success_is_a_missing_scope_error() -> None:
    body = {"code": "access_denied", "message": "Insufficient scope: requires loyalty:manage"}
    with pytest.raises(MissingScopeError, match="loyalty:manage"):
        Harness().run(picky(ONCE), answer(200, body))


@pytest.mark.parametrize("body", [{}, {"ok": True}, {"message": "Forbidden"}])
@pytest.mark.parametrize("call", [SAFE, SETS, ONCE], ids=["read", "sets", "adds"])
def test_an_object_of_which_nothing_is_known_is_an_error(body: object, call: Call[bytes]) -> None:
    with pytest.raises(DecodeError, match="none of the fields") as caught:
        Harness().run(picky(call), answer(200, body))
    assert caught.value.outcome_unknown is (call is not SAFE)


def test_a_body_that_is_too_long_is_an_error() -> None:
    with pytest.raises(DecodeError, match="it is longer than 32 MiB") as caught:
        Harness().run(ONCE, RawResponse(200, {}, b"[" * 10, is_cut=True))
    assert caught.value.outcome_unknown
