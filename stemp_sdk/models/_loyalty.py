"""Stamps and points. The stamp state is documented; points and both histories are inferred."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final, Literal, TypeAlias

from .._public import publish
from ._base import Body, Int64, SentAmount, WireModel, printed
from ._fields import Amount, AnyKnown, AnyTime, Count, Id, Inferred, Text, Time

HistoryType: TypeAlias = Literal["add", "remove", "set", "reset", "redeem"] | str
"""The known kinds of changes, which are inferred from the paths of the operations; any other string is accepted."""


class StampState(WireModel):
    """The stamps on one card."""

    wire_object: ClassVar[str | None] = "stamp_state"
    identifying: ClassVar[frozenset[str]] = frozenset({"id", "wallet_pass_id"})

    id: Id | None = None
    """The id of the stamp state, ``ss_…``."""
    wallet_pass_id: Id | None = None
    """The id of the card, ``wp_…``."""
    current_stamps: Count | None = None
    """The number of stamps on the card now."""
    max_stamps_snapshot: Count | None = None
    """The number of stamps on a full card, from the template at the time when the card was issued."""
    total_stamps_collected: Count | None = None
    """The number of stamps that the card has collected so far, over all rounds."""
    times_completed: Count | None = None
    """The number of times that the card was full."""
    last_stamp_at: Time | None = None
    """When the last stamp was added."""

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
    """The id of the points state."""
    wallet_pass_id: Inferred[Id] = None
    """The id of the card, ``wp_…``."""
    balance: Inferred[Amount] = None
    """The points on the card now. An int, or a ``Decimal`` if it has a fraction."""
    total_points_collected: Inferred[Amount] = None
    """The points collected so far. An int, or a ``Decimal`` if it has a fraction."""
    last_points_at: Inferred[AnyTime] = None
    """When points were last added."""


class HistoryEntry(WireModel):
    """One change of a card's stamps or points."""

    id: Inferred[Id] = None
    """The id of the entry."""
    wallet_pass_id: Inferred[Id] = None
    """The id of the card, ``wp_…``."""
    type: Inferred[AnyKnown[HistoryType]] = None
    """The kind of change."""
    amount: Inferred[Amount] = None
    """The change in stamps or points, negative if they were taken. A ``Decimal`` if it has a fraction."""
    note: Inferred[Text] = None
    """The note that was given with the change, at most 512 characters."""
    created_at: Inferred[AnyTime] = None
    """When the change was made."""


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


publish("stemp_sdk.models", globals())
