"""The required result of a write that adds something, by the response: stated again, from the documentation alone.

A caller may do the write again if and only if ``outcome_unknown`` is False, so the flag must never be False for
what was carried out; and the client itself may send it again only where nothing was done.
"""

from __future__ import annotations

from typing import Final

import attrs

from stemp_sdk import StempError
from tests.faults.answers import Framing, Says
from tests.faults.fault_server import Act, End


@attrs.frozen
class Rule:
    """The allowed results of a call. None leaves it open."""

    carries_out: bool
    """What the server does that gives this answer: the worst for the client, but the vendor's own words are true."""
    succeeds: bool | None = False
    unknown: bool | None = None
    """The error's ``outcome_unknown``."""
    may_repeat: bool = False
    """Whether the request may be sent more than once."""


PROVEN: Final = Rule(carries_out=True, succeeds=True)
UNCLEAR: Final = Rule(carries_out=True, unknown=True)
SILENT: Final = Rule(carries_out=True, succeeds=None, unknown=True)
"""A success without a body: some operations have nothing more to say."""
REFUSED: Final = Rule(carries_out=False, unknown=False)
BUSY: Final = Rule(carries_out=False, unknown=False, may_repeat=True)
REFUSED_ODDLY: Final = Rule(carries_out=False, may_repeat=True)
"""The vendor's rate limit error with a status that is not its own: nothing was done, however it is taken."""

NOT_DONE: Final = Rule(carries_out=False)
"""Nothing was done, however the client takes it."""


def rule_for(status: int, says: Says) -> Rule:
    """The rule for a whole answer."""
    if status < 200 or status in {204, 304}:  # HTTP has no body with these
        says = Says.NOTHING
    in_vendors_words = says in {Says.GENERAL, Says.RATE_LIMIT}
    if 200 <= status < 300:
        if in_vendors_words:
            return REFUSED if says is Says.GENERAL else REFUSED_ODDLY
        return {Says.RESULT: PROVEN, Says.NOTHING: SILENT}.get(says, UNCLEAR)
    if not in_vendors_words:
        return UNCLEAR
    if status in {429, 503}:
        return BUSY
    if says is Says.RATE_LIMIT:
        return REFUSED_ODDLY
    if status == 408:  # the vendor sends none; its words in one are those of a proxy
        return NOT_DONE
    return REFUSED if 400 <= status < 500 else UNCLEAR


def rule_for_cut(status: int, says: Says, body: bytes, received: bytes, framing: Framing, end: End) -> Rule:
    """The rule for an answer of which only ``received`` came.

    Args:
        status: Of the answer.
        says: What its whole body would say.
        body: That body.
        received: The beginning of the answer.
        framing: How the end of the body is told.
        end: How the connection ended.
    """
    _, has_head, rest = received.partition(b"\r\n\r\n")
    is_whole = {
        Framing.LENGTH: rest == body,
        Framing.CHUNKED: rest.endswith(b"\r\n0\r\n\r\n"),
        Framing.CLOSE: rest == body,
    }[framing]
    whole = rule_for(status, says)
    if has_head and is_whole:
        # A reset may overtake the answer.
        return whole if end is End.FIN else attrs.evolve(whole, succeeds=None, unknown=None)
    if not has_head or rest.startswith(b"<"):
        return UNCLEAR
    if framing is Framing.CLOSE and not rest:
        return SILENT if 200 <= status < 300 else UNCLEAR
    if framing is Framing.CHUNKED and b"}\r\n0" in rest:
        return attrs.evolve(UNCLEAR, succeeds=whole.succeeds and None)  # all that was to come is there
    return UNCLEAR


def breaches(rule: Rule, act: Act, outcome: object) -> list[str]:
    """What is wrong with the result of a call, in words."""
    wrong: list[str] = []
    sent, done = len(act.requests), act.carried_out
    if done > 1:
        wrong.append(f"carried out {done} times")
    if sent > 1 and not rule.may_repeat:
        wrong.append(f"sent {sent} times")
    if isinstance(outcome, Exception):
        if not isinstance(outcome, StempError):
            return [*wrong, f"not an error of the SDK: {outcome!r}"]
        if rule.succeeds:
            wrong.append(f"failed: {outcome}")
        if rule.unknown not in {None, outcome.outcome_unknown} or (done and not outcome.outcome_unknown):
            wrong.append(f"outcome_unknown is {outcome.outcome_unknown}: {outcome}")
    elif rule.succeeds is False or not done:
        wrong.append(f"succeeded with {outcome!r}")
    return wrong
