"""Handlers for stamps. The limits of a card are not documented: each 409 here is the sandbox's choice."""

from __future__ import annotations

from typing import Final

from ...models._loyalty import StampCount, StampNote
from .._listing import RecordList
from .._records import StampState
from .._validation import Field, at_most, printed
from .._wire_errors import conflict, invalid
from ._registry import Invocation, handles

_NOTE: Final = Field("note", rules=printed(StampNote, "note"))
_STAMPS: Final = Field("stamps", int, required=True, rules=printed(StampCount, "stamps"))


@handles("loyalty.get_stamps")
def get_stamps(call: Invocation) -> StampState:
    return call.card().stamps


@handles("loyalty.add_stamp")
def add_stamp(call: Invocation) -> StampState:
    """Add a stamp; 409 ``stamp_card_full`` for a full card."""
    card = call.card()
    note = call.fields((_NOTE,)).get("note")
    if card.stamps.current_stamps >= card.stamps.max_stamps_snapshot:
        raise conflict("stamp_card_full")
    return call.account.change_stamps(card, "add", 1, note)


@handles("loyalty.remove_stamp")
def remove_stamp(call: Invocation) -> StampState:
    """Remove a stamp; 409 ``no_stamps`` for an empty card."""
    card = call.card()
    if card.stamps.current_stamps == 0:
        raise conflict("no_stamps")
    return call.account.change_stamps(card, "remove", -1)


@handles("loyalty.set_stamps")
def set_stamps(call: Invocation) -> StampState:
    """Set the number of stamps; a number above the card's or the documented maximum of 10 is a validation error."""
    card = call.card()
    stamps = call.fields((_STAMPS,))["stamps"]
    if problem := at_most(card.stamps.max_stamps_snapshot)(stamps):
        raise invalid({"stamps": problem})
    return call.account.change_stamps(card, "set", stamps - card.stamps.current_stamps)


@handles("loyalty.reset_stamps")
def reset_stamps(call: Invocation) -> StampState:
    """Remove all stamps. The card does not count as completed."""
    card = call.card()
    return call.account.change_stamps(card, "reset", -card.stamps.current_stamps)


@handles("loyalty.redeem_stamps")
def redeem_stamps(call: Invocation) -> StampState:
    """Empty a full card and count it as completed; 409 ``stamp_card_not_full`` for any other card."""
    card = call.card()
    if card.stamps.current_stamps < card.stamps.max_stamps_snapshot:
        raise conflict("stamp_card_not_full")
    return call.account.change_stamps(card, "redeem", -card.stamps.current_stamps)


@handles("loyalty.stamp_history")
def stamp_history(call: Invocation) -> RecordList:
    """List the changes of a card's stamps, newest first."""
    return RecordList(call.account.visible(call.card().stamp_history))
