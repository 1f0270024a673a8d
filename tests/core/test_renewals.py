"""A credential whose token changes: renewed before it is used, or when the server refuses it."""

from __future__ import annotations

import attrs
import pytest

from stemp_sdk import AuthenticationError, MissingScopeError, ScopeSet, ServerError
from stemp_sdk.core.credential import FixedToken, Renewal
from stemp_sdk.core.secret import Secret
from stemp_sdk.core.settings import CheckScopes

from .driving import Hand, Renewing, answer, call_of

READ = call_of()


def tokens_of(hand: Hand) -> list[str]:
    return [send.token.reveal() for send in hand.sends if send.token]


def test_a_token_that_ran_out_is_renewed_before_the_request() -> None:
    hand = Hand(credential=Renewing([Secret("one")], fresh=False))
    hand.run(READ, answer())
    assert (hand.renewed, tokens_of(hand)) == ([None], ["one"])


def test_a_refused_token_is_renewed_once() -> None:
    hand = Hand(credential=Renewing([Secret("one"), Secret("two")]))
    assert hand.run(READ, answer(401), answer(200, b"done")) == b"done"
    assert tokens_of(hand) == ["one", "two"]
    assert hand.slept == []


def test_a_second_refusal_stands() -> None:
    hand = Hand(credential=Renewing([Secret("one"), Secret("two"), Secret("three")]))
    with pytest.raises(AuthenticationError) as caught:
        hand.run(READ, answer(401), answer(401))
    assert (tokens_of(hand), caught.value.attempts) == (["one", "two"], 2)


def test_a_token_that_cannot_be_renewed_leaves_the_refusal() -> None:
    secret = Secret("one")
    hand = Hand(credential=Renewing([secret]))
    with pytest.raises(AuthenticationError, match=r"^things\.do: 401; the token may be revoked"):
        hand.run(READ, answer(401))
    assert hand.renewed == [secret]


def test_a_fixed_token_is_never_renewed() -> None:
    with pytest.raises(AuthenticationError):
        Hand(credential=FixedToken(Secret("one"), None, None)).run(READ, answer(401))


def test_a_request_may_need_no_token() -> None:
    hand = Hand(credential=Renewing([], fresh=False))
    hand.run(READ, answer())
    assert hand.sends[0].token is None
    with pytest.raises(AuthenticationError):
        hand.run(READ, answer(401, {"message": "who are you?"}))


def test_what_was_declined_is_said_of_a_refusal() -> None:
    asked = ScopeSet("pass:read", "user:read")
    credential = Renewing([Secret("one")], granted=ScopeSet("user:read"), declined=ScopeSet("pass:read"))
    with pytest.raises(MissingScopeError) as caught:
        Hand(credential=credential, declared=asked).run(READ)
    assert (caught.value.declined, caught.value.held) == (ScopeSet("pass:read"), ScopeSet("user:read"))
    assert caught.value.installation_id is None


NOTHING, READS = ScopeSet(), ScopeSet("pass:read")


def test_what_others_were_granted_since_is_used() -> None:
    hand = Hand(credential=Renewing([Secret("one")], granted=NOTHING, stored=(READS, NOTHING)))
    assert hand.run(READ, answer(200, b"done")) == b"done"
    hand.run(READ, answer())
    assert hand.rereads == 1  # and none for a call that may be made


def test_what_others_were_refused_since_is_said() -> None:
    credential = Renewing([Secret("one")], granted=NOTHING, stored=(NOTHING, READS), installation_id="ins_1")
    with pytest.raises(MissingScopeError) as caught:
        Hand(credential=credential).run(READ)
    assert (caught.value.declined, caught.value.installation_id) == (READS, "ins_1")
    assert caught.value.__context__ is None


@pytest.mark.parametrize("check", ["warn", "off"])
def test_nor_does_a_refusal_by_the_server_stand_on_what_was_known_before(check: CheckScopes) -> None:
    credential = Renewing([Secret("one")], granted=READS, stored=(NOTHING, READS), installation_id="ins_1")
    hand = Hand(credential=credential, check_scopes=check)
    with pytest.raises(MissingScopeError) as caught:
        hand.run(READ, answer(403, {"code": "access_denied", "message": "Insufficient scope: requires pass:read"}))
    assert (caught.value.source, caught.value.declined, caught.value.held) == ("server", READS, NOTHING)
    assert (hand.rereads, hand.renewed) == (1, [])


@attrs.define
class Shared(Renewing):
    """Somebody else renews it while a request is under way."""

    def current(self) -> Secret | None:
        return self.tokens.pop(0) if len(self.tokens) > 1 else self.tokens[0]


def test_a_token_that_somebody_else_renewed_is_taken_as_it_is() -> None:
    hand = Hand(credential=Shared([Secret("one"), Secret("two")]))
    assert hand.run(READ, answer(401), answer(200, b"done")) == b"done"
    assert (tokens_of(hand), hand.renewed) == (["one", "two"], [])


@attrs.define
class Endless(Renewing):
    """It has another token each time, which the server refuses like all the others."""

    number: int = 0

    def renew(self, refused: Secret | None, *, again: bool, fetched: int) -> Renewal:
        assert refused == self.tokens[0]
        assert (again, fetched) == (self.number > 0, self.number // 2)
        self.number += 1
        self.tokens = [Secret(f"token {self.number}")]
        return Renewal(self.tokens[0], fetched=self.number % 2 == 0)


def test_new_tokens_without_end_come_to_an_end() -> None:
    hand = Hand(credential=Endless([Secret("one")]))
    with pytest.raises(AuthenticationError, match=r"\(1001 attempts\)"):
        hand.run(READ, *[answer(401)] * 1001)
    assert hand.slept == []


def test_a_renewal_is_no_retry() -> None:
    hand = Hand(credential=Renewing([Secret("one"), Secret("two")]))
    with pytest.raises(ServerError, match=r"\(4 attempts\)"):
        hand.run(READ, answer(401), *[answer(500)] * 3)
    assert hand.slept == [1.0, 2.0]  # the third and the fourth try
