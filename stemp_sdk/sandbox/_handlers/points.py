"""Handlers for points."""

from __future__ import annotations

from typing import Final

from ...models._loyalty import PointsChange
from .._listing import RecordList
from .._records import PointsState
from .._validation import Field, at_most, printed
from .._wire_errors import conflict
from ._registry import Invocation, handles

_FIELDS: Final = (
    # The upper bound, that of an int in most languages, is the sandbox's choice.
    Field("points", int, required=True, rules=(*printed(PointsChange, "points"), at_most(2**31 - 1))),
    Field("note", rules=printed(PointsChange, "note")),
)


@handles("loyalty.get_points")
def get_points(call: Invocation) -> PointsState:
    return call.card().points


@handles("loyalty.add_points")
def add_points(call: Invocation) -> PointsState:
    card = call.card()
    fields = call.fields(_FIELDS)
    return call.account.change_points(card, "add", fields["points"], fields.get("note"))


@handles("loyalty.remove_points")
def remove_points(call: Invocation) -> PointsState:
    return _take(call, "remove")


@handles("loyalty.redeem_points")
def redeem_points(call: Invocation) -> PointsState:
    return _take(call, "redeem")


@handles("loyalty.points_history")
def points_history(call: Invocation) -> RecordList:
    """List the changes of a card's points, newest first."""
    return RecordList(call.account.visible(call.card().points_history))


def _take(call: Invocation, type: str) -> PointsState:
    """Subtract points; 409 ``insufficient_points`` if the card has fewer (the sandbox's choice)."""
    card = call.card()
    fields = call.fields(_FIELDS)
    if fields["points"] > card.points.balance:
        raise conflict("insufficient_points")
    return call.account.change_points(card, type, -fields["points"], fields.get("note"))
