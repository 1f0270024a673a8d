"""What webhooks carry.  An event tells less of a user or a card than the API does, so its shapes are its own.

The methods that go from an event to the API need a client, which this floor must not know of: ``stemp_sdk.webhooks``
adds them to these shapes, together with one class for each type of event.
"""

from __future__ import annotations

from datetime import datetime

from ._base import Scopes, WireModel


class WebhookEvent(WireModel):
    """The envelope of every event (documented)."""

    id: str
    """``evt_…``; the same in every delivery of one event."""
    type: str
    """Such as ``"user.created"``."""
    timestamp: datetime | None = None
    """When it happened."""


class EventUser(WireModel):
    """A customer, as ``user.created`` and ``user.updated`` tell of one (documented). Metadata is not part of it."""

    id: str
    object: str | None = None
    email: str | None = None
    name: str | None = None
    phone: str | None = None
    external_id: str | None = None
    """Your own id for this customer."""
    created_at: datetime | None = None
    """Documented for ``user.created`` only."""
    updated_at: datetime | None = None
    """Documented for ``user.updated`` only."""


class EventPass(WireModel):
    """A card, as ``pass.created`` and ``pass.updated`` tell of one (documented; ``pass.updated`` only in part)."""

    id: str
    object: str | None = None
    user_id: str | None = None
    template_id: str | None = None
    qr_code_value: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


class Deleted(WireModel):
    """All that is told of what is no more (documented for ``user.deleted``, inferred for the others)."""

    id: str
    object: str | None = None


class EventInstallation(WireModel):
    """The installation of an app (inferred: what its access token claims)."""

    installation_id: str | None = None
    organization_id: str | None = None
    client_id: str | None = None
    scopes: Scopes | None = None
