"""Stamps and points.  The stamp state is documented; points and both histories are inferred."""

from __future__ import annotations

from datetime import datetime

from ._base import Body, Int64, WireModel


class StampState(WireModel):
    """The stamps on one card."""

    id: str | None = None
    wallet_pass_id: str | None = None
    current_stamps: int | None = None
    max_stamps_snapshot: int | None = None
    """How many stamps fill the card, as its template said when the card was issued."""
    total_stamps_collected: int | None = None
    times_completed: int | None = None
    last_stamp_at: datetime | None = None

    @property
    def is_full(self) -> bool | None:
        """Whether the card has all its stamps; None if the server did not say: then ``loyalty.get_stamps`` may."""
        current, most = self.current_stamps, self.max_stamps_snapshot
        return None if current is None or most is None else current >= most


class PointsState(WireModel):
    """The points on one card."""

    id: str | None = None
    wallet_pass_id: str | None = None
    balance: int | None = None
    total_points_collected: int | None = None
    last_points_at: datetime | None = None


class HistoryEntry(WireModel):
    """One change of a card's stamps or points."""

    id: str | None = None
    wallet_pass_id: str | None = None
    type: str | None = None
    amount: int | None = None
    note: str | None = None
    created_at: datetime | None = None


class StampNote(Body):
    """What ``loyalty.add_stamp`` sends."""

    note: str | None = None


class StampCount(Body):
    """What ``loyalty.set_stamps`` sends."""

    stamps: Int64


class PointsChange(Body):
    """What the three writes of points send."""

    points: Int64
    note: str | None = None
