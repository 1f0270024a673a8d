"""Endpoints, deliveries and delivery attempts."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

import attrs

State: TypeAlias = Literal["waiting", "held", "sending", "delivered", "failed"]
"""``held`` is what comes out of order; ``failed`` is what is not tried again by itself."""


@attrs.frozen(kw_only=True)
class Endpoint:
    """An address that hears of changes."""

    id: str
    url: str
    secret: str = attrs.field(repr=False)
    """What deliveries to it are signed with."""
    organization_id: str | None
    """Whose changes it hears of; None for those of every organization."""


@attrs.frozen(kw_only=True)
class Attempt:
    """One request to an endpoint, and its result."""

    at: datetime
    status: int | None
    """The HTTP status of the answer; None if none came."""
    answer: str
    """The beginning of the answer's body, or why there is no answer."""

    @property
    def succeeded(self) -> bool:
        """Whether the endpoint took it: any 2xx says so."""
        return self.status is not None and 200 <= self.status < 300


@attrs.frozen(kw_only=True)
class Delivery:
    """One event on its way to one endpoint."""

    id: str
    """The header ``X-Stemp-Delivery``, the same in every attempt (the sandbox's choice)."""
    endpoint: Endpoint
    event_id: str
    event_type: str
    body: bytes = attrs.field(repr=False)
    created_at: datetime
    state: State = "waiting"
    attempts: tuple[Attempt, ...] = ()
    next_attempt_at: datetime | None = None
    """When it is sent next, if it is waiting."""
