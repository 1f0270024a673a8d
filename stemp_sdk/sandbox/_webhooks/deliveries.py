"""Endpoints, deliveries and delivery attempts."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

import attrs

State: TypeAlias = Literal["waiting", "held", "sending", "delivered", "failed"]
"""``held`` deliveries are kept back to be sent out of order; ``failed`` ones are not retried automatically."""


@attrs.frozen(kw_only=True)
class Endpoint:
    """An address that receives events."""

    id: str
    url: str
    secret: str = attrs.field(repr=False)
    """The secret that signs deliveries to it."""
    organization_id: str | None
    """The organization whose events it receives; None for every organization."""


@attrs.frozen(kw_only=True)
class Attempt:
    """One request to an endpoint, and its result."""

    at: datetime
    status: int | None
    """The HTTP status of the response; None if there was none."""
    answer: str
    """The beginning of the response's body, or the reason why there is no response."""

    @property
    def succeeded(self) -> bool:
        """Whether the endpoint accepted it, by any 2xx."""
        return self.status is not None and 200 <= self.status < 300


@attrs.frozen(kw_only=True)
class Delivery:
    """The delivery of one event to one endpoint."""

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
    """The time of the next attempt, if it is waiting."""
