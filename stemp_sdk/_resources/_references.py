"""Makes a write with a reference from the arguments of a method."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, cast

import attrs
from pydantic import BaseModel

from .._core.call import Call
from .._core.errors import StoreError
from .._core.journal import Intent, PendingWrite
from .._core.operation import OPERATIONS
from .._core.reference import checked_reference, digits_of, marked_note
from .._core.writing import ReferencedCall
from .._public import publish
from ..models import HistoryEntry, PointsState, StampState
from ..models._base import Body
from ..scopes import ScopeSet
from ._calls import NO_FILTERS, PAGE_SIZE, listing_query, value_call


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


@attrs.frozen
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


def referenced_call(
    operation: str, body: BaseModel | None, reference: object, id: Mapping[str, object]
) -> ReferencedCall[Any]:
    """A write of which there is to be one for its reference.

    Args:
        operation: Its name.
        body: What to send, without the reference.
        reference: The argument.
        id: The argument that is the path's id.

    Raises:
        TypeError: the reference or the id has the wrong type; the message names it.
        ValueError: the reference or the id has a wrong value, or the note is too long beside the reference.
    """
    return _made(operation, cast("Body", body), checked_reference(reference), id)


def resumed_call(write: PendingWrite) -> ReferencedCall[Any]:
    """The write that a journal has.

    Raises:
        StoreError: this version does not know it.
    """
    if write.operation not in _KINDS:
        raise StoreError(f"the journal has a write of {write.operation}, which takes no reference in this version")
    arguments = {"note": write.note, "points": write.points}
    given = {name: value for name, value in arguments.items() if value is not None}
    body = cast("type[Body]", OPERATIONS[write.operation].body).of(**given)
    return _made(write.operation, body, write.reference, {"pass_id": write.pass_id})


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


def _made(name: str, body: Body, reference: str, id: Mapping[str, object]) -> ReferencedCall[Any]:
    kind, operation = _KINDS[name], OPERATIONS[name]
    given: Any = body
    note, amount = cast("str | None", given.note), getattr(body, "points", None)
    [pass_id] = id.values()
    intent = intent_of(name, cast("str", pass_id), reference, amount, note)
    marked = body.model_copy(update={"note": marked_note(name, reference, note, intent.points)})
    known = {"wallet_pass_id": pass_id}
    call = value_call(name, kind.returns, marked, known, id)

    def undo(number: int) -> Call[Any] | ReferencedCall[Any]:
        takes = OPERATIONS[kind.undo].body
        if takes is None:  # it keeps no note
            return value_call(kind.undo, kind.returns, None, known, id)
        return _made(kind.undo, cast("type[Body]", takes).of(points=amount), _UNDO.format(number, reference), id)

    return ReferencedCall(
        call,
        cast("ScopeSet", operation.reference_scopes),
        intent,
        digits_of(name, reference),
        listing_query(kind.history, HistoryEntry, 0, PAGE_SIZE, NO_FILTERS, id),
        undo,
    )


publish("stemp_sdk", globals())
