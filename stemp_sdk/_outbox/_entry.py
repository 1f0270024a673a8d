"""The results of the outbox: entries, the expected state of a card, and the report of a drain."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import attrs

from .._core.errors import StempError
from .._public import publish


class OutboxStatus(StrEnum):
    """The status of an entry of the outbox."""

    WAITING = "waiting"
    """It is not known to be carried out, and will be tried again."""
    SENT = "sent"
    """It was carried out once."""
    DEAD = "dead"
    """The server refused this entry, or it cannot be carried out. It is not tried again before ``retry``."""
    DISMISSED = "dismissed"
    """It was dead, and a person has dealt with it. It is never tried again."""


@attrs.frozen
class OutboxEntry:
    """One write in the outbox."""

    id: int
    """Its place in the order of the outbox."""
    operation: str
    """Such as ``"loyalty.add_stamp"``."""
    pass_id: str
    reference: str
    points: int | Decimal | None
    note: str | None
    sold_at: datetime
    """The time of the sale, in UTC."""
    status: OutboxStatus
    tries: int
    """The number of attempts."""
    reason: str | None
    """Why the latest try did not carry it out; None before the first, and once it is sent."""
    dismissed_at: datetime | None = None
    """When it was dismissed, in UTC; None if it was not."""
    dismissed_because: str | None = None
    """The reason that ``dismiss`` was given; None if it was given none."""


@attrs.frozen
class OutboxChange:
    """The changes of a card by the waiting entries, for the display of a till."""

    stamps: int
    """Stamps that will be added."""
    points: int | Decimal
    """Points that will be added; below 0 if more will be taken."""


@attrs.frozen
class OutboxCounts:
    """The number of entries."""

    waiting: int
    sent: int
    dead: int
    dismissed: int
    oldest: datetime | None
    """The time of the oldest sale that waits; None if none does."""


@attrs.define
class DrainReport:
    """The outcome of a drain."""

    sent: int = 0
    """Entries that were carried out by this drain."""
    dead: int = 0
    """Entries that the server refused."""
    waiting: int = 0
    """Entries that are still to be carried out, those of other processes included."""
    stopped_by: StempError | None = None
    """The error that ended the drain early, as every other entry would meet it too: no network, a rate limit, a missing
    scope, a token that is refused or cannot be renewed, or a journal or token store that cannot be used. None if every
    entry was tried."""


publish("stemp_sdk", globals())
