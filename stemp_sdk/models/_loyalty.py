"""Stamps and points. The stamp state is documented; points and both histories are inferred."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from ._base import Body, Int64, SentAmount, WireModel, printed
from ._fields import Amount, AnyTime, Count, Id, Inferred, Text, Time


class StampState(WireModel):
    """The stamps on one card."""

    wire_object: ClassVar[str | None] = "stamp_state"
    identifying: ClassVar[frozenset[str]] = frozenset({"id", "wallet_pass_id"})

    id: Id | None = None
    wallet_pass_id: Id | None = None
    current_stamps: Count | None = None
    max_stamps_snapshot: Count | None = None
    """The number of stamps on a full card, from the template at the time when the card was issued."""
    total_stamps_collected: Count | None = None
    times_completed: Count | None = None
    last_stamp_at: Time | None = None

    @property
    def is_full(self) -> bool | None:
        """Whether the card has all its stamps; None if the response does not say: ask ``loyalty.get_stamps``."""
        current, most = self.current_stamps, self.max_stamps_snapshot
        return None if current is None or most is None else current >= most


class PointsState(WireModel):
    """The points on one card."""

    wire_object: ClassVar[str | None] = "points_state"
    identifying: ClassVar[frozenset[str]] = frozenset({"id", "wallet_pass_id"})

    id: Inferred[Id] = None
    wallet_pass_id: Inferred[Id] = None
    balance: Inferred[Amount] = None
    """An int, or a ``Decimal`` if it has a fraction."""
    total_points_collected: Inferred[Amount] = None
    last_points_at: Inferred[AnyTime] = None


class HistoryEntry(WireModel):
    """One change of a card's stamps or points."""

    id: Inferred[Id] = None
    wallet_pass_id: Inferred[Id] = None
    type: Inferred[Text] = None
    amount: Inferred[Amount] = None
    """Stamps or points; a ``Decimal`` if it has a fraction."""
    note: Inferred[Text] = None
    created_at: Inferred[AnyTime] = None


MOST_STAMPS: Final = 10
"""The documented maximum of ``loyalty.set_stamps``."""

_NOTE: Final = printed(maxLength=512)


class StampNote(Body):
    """The body of ``loyalty.add_stamp``."""

    note: Annotated[str | None, _NOTE] = None


class StampCount(Body):
    """The body of ``loyalty.set_stamps``."""

    stamps: Annotated[Int64, printed(minimum=0, maximum=MOST_STAMPS)]


class PointsChange(Body):
    """The body of the three methods that change points."""

    points: Annotated[SentAmount, printed(minimum=1)]
    note: Annotated[str | None, _NOTE] = None
