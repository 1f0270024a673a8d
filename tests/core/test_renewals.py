"""A credential whose token changes: renewed before it is used, or when the server refuses it."""

from __future__ import annotations

import attrs
import pytest

from stemp_sdk import (
    APIConnectionError,
    APIStatusError,
    AuthenticationError,
    MissingScopeError,
    Replay,
    ScopeSet,
    ServerError,
    StempError,
    TokenKind,
    UnknownOutcomeError,
)
from stemp_sdk._core.call import Call, Outcome, RawResponse
from stemp_sdk._core.credential import FixedToken, Grant
from stemp_sdk._core.secret import Secret
from stemp_sdk._core.settings import CheckScopes
from tests.support.credentials import Renewing

from .driving import RESET, Harness, answer, call_of, said

READ = call_of()
ADD = call_of("POST", replay=Replay.NEVER)
REFUSED = said(401, "unauthorized")
PAGE = answer(401, b"<html>Who are you?</html>")
BEARER = answer(401, www_authenticate='Bearer error="invalid_token"')

NOTHING, READS = ScopeSet(), ScopeSet("pass:read")
LACKS = answer(403, {"code": "access_denied", "message": "Insufficient scope: requires pass:read"})


def app(scopes: ScopeSet | None = None, declined: ScopeSet = NOTHING, installation_id: str | None = None) -> Grant:
    return Grant(TokenKind.APP, scopes, declined, installation_id)


def tokens_of(harness: Harness) -> list[str]:
    return [send.token.reveal() for send in harness.sends if send.token]


def test_a_due_token_is_renewed_before_the_request() -> None:
    harness = Harness(credential=Renewing([Secret("one")], fresh=False))
    harness.run(READ, answer())
    assert harness.renewed == [None]
    assert tokens_of(harness) == ["one"]


@pytest.mark.parametrize("refusal", [REFUSED, BEARER], ids=["stemp's JSON", "WWW-Authenticate"])
@pytest.mark.parametrize("call", [READ, ADD], ids=["read", "adds"])
def test_a_refused_token_is_renewed_and_the_request_sent_again(call: Call[bytes], refusal: RawResponse) -> None:
    harness = Harness(credential=Renewing([Secret("one"), Secret("two")]))
    assert harness.run(call, refusal, answer(200, b"done")) == b"done"
    assert tokens_of(harness) == ["one", "two"]
    assert harness.slept == []


def test_a_401_page_of_a_proxy_renews_the_token_of_a_read() -> None:
    harness = Harness(credential=Renewing([Secret("one"), Secret("two")]))
    assert harness.run(READ, PAGE, answer(200, b"done")) == b"done"


def test_a_401_page_of_a_proxy_does_not_send_a_write_that_adds_again() -> None:
    harness = Harness(credential=Renewing([Secret("one"), Secret("two")]))
    with pytest.raises(AuthenticationError) as caught:
        harness.run(ADD, PAGE)
    assert caught.value.outcome_unknown
    assert harness.renewed == []


def test_the_third_refusal_of_one_call_stands() -> None:
    harness = Harness(credential=Renewing([Secret("one"), Secret("two"), Secret("three"), Secret("four")]))
    with pytest.raises(AuthenticationError) as caught:
        harness.run(READ, REFUSED, REFUSED, REFUSED)
    assert tokens_of(harness) == ["one", "two", "three"]
    assert caught.value.attempts == 3


def test_a_token_that_cannot_be_renewed_leaves_the_refusal() -> None:
    secret = Secret("one")
    harness = Harness(credential=Renewing([secret]))
    with pytest.raises(AuthenticationError, match=r"^things\.do: 401 unauthorized; the token may be revoked"):
        harness.run(READ, REFUSED)
    assert harness.renewed == [secret]


def test_a_fixed_token_is_never_renewed() -> None:
    harness = Harness(credential=FixedToken(Secret("one")))
    with pytest.raises(AuthenticationError):
        harness.run(READ, REFUSED)
    assert harness.renewed == []


def test_an_anonymous_request_bears_no_token_and_is_not_checked() -> None:
    harness = Harness(credential=FixedToken(Secret("one"), app(NOTHING)))
    harness.run(attrs.evolve(READ, operation=attrs.evolve(READ.operation, anonymous=True)), answer())
    assert harness.sends[0].token is None


def test_a_renewal_is_not_a_retry() -> None:
    harness = Harness(credential=Renewing([Secret("one"), Secret("two")]))
    with pytest.raises(ServerError, match=r"\(4 attempts\)"):
        harness.run(READ, REFUSED, *[answer(500)] * 3)
    assert harness.slept == [1.0, 2.0]  # before the third and the fourth attempt


@attrs.define
class Shared(Renewing):
    """Another process renews it while a request is under way."""

    def token(self) -> Secret | None:
        return self.tokens.pop(0) if len(self.tokens) > 1 else self.tokens[0]


def test_a_token_that_somebody_else_renewed_is_taken_as_it_is() -> None:
    harness = Harness(credential=Shared([Secret("one"), Secret("two")]))
    assert harness.run(READ, REFUSED, answer(200, b"done")) == b"done"
    assert tokens_of(harness) == ["one", "two"]
    assert harness.renewed == []


# --- Scopes at the moment of sending


def test_no_request_leaves_if_the_renewal_before_it_takes_the_scope_away() -> None:
    harness = Harness(credential=Renewing([Secret("one")], app(READS), fresh=False, stored=app(NOTHING)))
    with pytest.raises(MissingScopeError) as caught:
        harness.run(READ)
    assert caught.value.source == "local"
    assert harness.sends == []


def test_no_request_leaves_if_the_renewal_after_a_401_takes_the_scope_away() -> None:
    harness = Harness(credential=Renewing([Secret("one"), Secret("two")], app(READS), stored=app(NOTHING)))
    with pytest.raises(MissingScopeError) as caught:
        harness.run(READ, REFUSED)
    assert caught.value.source == "local"
    assert tokens_of(harness) == ["one"]


def test_a_scope_that_was_granted_since_is_found_out_before_a_refusal() -> None:
    harness = Harness(credential=Renewing([Secret("one")], app(NOTHING), stored=app(READS)))
    assert harness.run(READ, answer(200, b"done")) == b"done"
    harness.run(READ, answer())
    assert harness.renewed == [None]  # and not again for a call that may be made


def test_a_refusal_says_what_was_declined_since() -> None:
    credential = Renewing([Secret("one")], app(NOTHING), stored=app(NOTHING, READS, "ins_1"))
    with pytest.raises(MissingScopeError) as caught:
        Harness(credential=credential).run(READ)
    assert caught.value.declined == READS
    assert caught.value.installation_id == "ins_1"
    assert caught.value.__context__ is None


def test_a_fixed_token_is_refused_without_a_renewal() -> None:
    harness = Harness(credential=FixedToken(Secret("one"), app(NOTHING)))
    with pytest.raises(MissingScopeError):
        harness.run(READ)
    assert harness.renewed == []


@pytest.mark.parametrize("check", ["warn", "off"])
def test_a_refusal_by_the_server_goes_by_what_is_known_since(check: CheckScopes) -> None:
    credential = Renewing([Secret("one")], app(READS), stored=app(NOTHING, READS, "ins_1"))
    harness = Harness(credential=credential, check_scopes=check)
    with pytest.raises(MissingScopeError) as caught:
        harness.run(READ, LACKS)
    assert caught.value.source == "server"
    assert caught.value.declined == READS
    assert caught.value.held == NOTHING
    assert harness.renewed == [None]


def test_a_refusal_by_the_server_stands_if_nothing_can_be_found_out(caplog: pytest.LogCaptureFixture) -> None:
    credential = Renewing([Secret("one")], app(READS), fails=APIConnectionError("oauth.refresh", "refused"))
    with pytest.raises(MissingScopeError) as caught:
        Harness(credential=credential).run(READ, LACKS)
    assert caught.value.source == "server"
    assert caught.value.__context__ is None
    assert "could not be reloaded, the last known ones are used" in caplog.text


# --- A write whose earlier attempt is unclear


PATCH = call_of("PATCH")
DEAD = APIStatusError("oauth.refresh", 400, "invalid_grant")


@pytest.mark.parametrize("unclear", [answer(502), answer(408, b"<html>"), RESET])
def test_an_error_of_the_renewal_keeps_that_the_write_may_be_done(unclear: Outcome) -> None:
    harness = Harness(credential=Renewing([Secret("one")], fails=DEAD))
    with pytest.raises(StempError) as caught:
        harness.run(PATCH, unclear, REFUSED)
    assert caught.value is DEAD
    assert caught.value.outcome_unknown


def test_a_missing_scope_keeps_that_the_write_may_be_done() -> None:
    with pytest.raises(MissingScopeError) as caught:
        Harness().run(PATCH, answer(502), LACKS)
    assert caught.value.outcome_unknown


def test_a_scope_that_a_renewal_takes_away_keeps_that_the_write_may_be_done() -> None:
    harness = Harness(credential=Renewing([Secret("one"), Secret("two")], app(READS), stored=app(NOTHING)))
    with pytest.raises(MissingScopeError) as caught:
        harness.run(PATCH, RESET, REFUSED)
    assert caught.value.outcome_unknown


def test_an_error_of_a_token_provider_keeps_that_the_write_may_be_done() -> None:
    harness = Harness(credential=Renewing([Secret("one")], fails=KeyError("vault")))
    with pytest.raises(UnknownOutcomeError, match=r"no new token could be had \(KeyError\)") as caught:
        harness.run(PATCH, RESET, REFUSED)
    assert isinstance(caught.value.__cause__, KeyError)


def test_an_error_of_a_token_provider_is_raised_as_it_is_if_nothing_was_done() -> None:
    harness = Harness(credential=Renewing([Secret("one")], fresh=False, fails=KeyError("vault")))
    with pytest.raises(KeyError):
        harness.run(PATCH)
