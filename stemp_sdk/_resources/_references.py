"""Makes a write with a reference from the arguments of a method."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, TypeVar, cast

import attrs

from .._core.call import Call
from .._core.errors import StoreError
from .._core.journal import Intent, PendingWrite
from .._core.reference import checked_reference, digits_of, marked_note
from .._core.referenced import ReferencedCall
from .._public import publish
from ..models import HistoryEntry, PointsState, StampState
from ..models._base import Body
from ..scopes import ScopeSet
from ._calls import NO_FILTERS, PAGE_SIZE, listing_query, value_call
from ._lookup import find_operation

S = TypeVar("S", StampState, PointsState)


@attrs.frozen
class ResumedWrite:
    """A pending write and its outcome."""

    write: PendingWrite
    result: StampState | PointsState | None
    """The return value of the method; None if there was an error."""
    error: Exception | None
    """Why it was not carried out, or why that is not known; None if it was. It is what the method would raise: a
    ``StempError``, a ``ValueError`` if the reference was used for another number of points, or an error of the token
    provider."""


@attrs.frozen(eq=False, repr=False)
class _Kind:
    """The properties of an operation that takes a reference."""

    returns: type[StampState | PointsState]
    history: str
    """The listing whose entries have the note."""
    undo: str
    """The operation that takes it back."""


_UNDO: Final = "undo {} of {}"
"""The reference of a write that takes back the first, second … of those that are too many."""

_KINDS: Final[Mapping[str, _Kind]] = {
    "loyalty.add_stamp": _Kind(StampState, "loyalty.stamp_history", "loyalty.remove_stamp"),
    "loyalty.add_points": _Kind(PointsState, "loyalty.points_history", "loyalty.remove_points"),
    "loyalty.remove_points": _Kind(PointsState, "loyalty.points_history", "loyalty.add_points"),
    "loyalty.redeem_points": _Kind(PointsState, "loyalty.points_history", "loyalty.add_points"),
}


def referenced_call(operation: str, returns: type[S], body: Body, reference: str, pass_id: str) -> ReferencedCall[S]:
    """A write of which there is to be one for its reference.

    Args:
        operation: Its name.
        returns: The model of its result.
        body: What to send, without the reference.
        reference: The argument.
        pass_id: The argument.

    Raises:
        TypeError: the reference or the id has the wrong type; the message names it.
        ValueError: the reference or the id has a wrong value, or the note is too long beside the reference.
    """
    return _made(operation, returns, body, checked_reference(reference), pass_id)


def resumed_call(write: PendingWrite) -> ReferencedCall[Any]:
    """The write that a journal has.

    Raises:
        StoreError: this version does not know it.
    """
    if write.operation not in _KINDS:
        raise StoreError(f"the journal has a write of {write.operation}, which takes no reference in this version")
    arguments = {"note": write.note, "points": write.points}
    given = {name: value for name, value in arguments.items() if value is not None}
    body = cast("type[Body]", find_operation(write.operation).body).of(**given)
    returns: Any = _KINDS[write.operation].returns
    return _made(write.operation, returns, body, write.reference, write.pass_id)


def intent_of(operation: str, pass_id: str, reference: str, points: int | Decimal | None, note: str | None) -> Intent:
    """A write as a journal has it."""
    amount = None if points is None else format(Decimal(points).normalize(), "f")
    return Intent(f"{pass_id} {digits_of(operation, reference)}", operation, pass_id, reference, amount, note)


def takes_back(intent: Intent, other: Intent) -> bool:
    """Whether a write takes back what another one did too often."""
    kind = _KINDS.get(other.operation)
    if kind is None or (intent.operation, intent.pass_id) != (kind.undo, other.pass_id):
        return False
    return re.fullmatch(_UNDO.format(r"\d+", re.escape(other.reference)), intent.reference) is not None


def _made(name: str, returns: type[S], body: Body, reference: str, pass_id: str) -> ReferencedCall[S]:
    kind, operation = _KINDS[name], find_operation(name)
    given: Any = body
    note, amount = cast("str | None", given.note), getattr(body, "points", None)
    intent = intent_of(name, pass_id, reference, amount, note)
    marked = body.model_copy(update={"note": marked_note(name, reference, note, intent.points)})
    known, place = {"wallet_pass_id": pass_id}, {"pass_id": pass_id}
    call = value_call(name, returns, marked, known, place)

    def undo(number: int) -> Call[S] | ReferencedCall[S]:
        takes = find_operation(kind.undo).body
        if takes is None:  # it keeps no note
            return value_call(kind.undo, returns, None, known, place)
        less = cast("type[Body]", takes).of(points=amount)
        return _made(kind.undo, returns, less, _UNDO.format(number, reference), pass_id)

    return ReferencedCall(
        call,
        cast("ScopeSet", operation.reference_scopes),
        intent,
        digits_of(name, reference),
        listing_query(kind.history, HistoryEntry, 0, PAGE_SIZE, NO_FILTERS, place),
        undo,
    )


publish("stemp_sdk", globals())
