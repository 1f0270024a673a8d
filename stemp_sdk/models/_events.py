"""The payloads of webhook events. An event has fewer fields of a user or a card than a response of the API.

The methods that get the current state from the API need a client, which models must not import: ``stemp_sdk.webhooks``
adds them in subclasses, together with one class for each type of event.

Every type is read leniently, as few payloads are documented: a number as a string, ``"5"`` and ``5.0`` as 5, seconds or
milliseconds since 1970 as a time. A time without an offset is read as UTC.
"""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import AliasChoices, BeforeValidator, Field

from ._base import Scopes, WireModel
from ._fields import AnyTime, Count, Id, Text
from ._loyalty import StampState

M = TypeVar("M", bound=WireModel)


def some_known(value: M) -> M:
    """The value, unchanged, if it has at least one known field.

    Raises:
        ValueError: it has none.
    """
    if value.model_fields_set.isdisjoint(type(value).model_fields):
        raise ValueError("it has none of the fields that are known")
    return value


def _names(value: object) -> object:
    """Split a string of scope names, as OAuth writes them; return anything else unchanged."""
    return value.replace(",", " ").split() if isinstance(value, str) else value


class WebhookEvent(WireModel):
    """The envelope of every event (documented)."""

    id: Id
    """``evt_…``; the same in every delivery of one event."""
    type: str
    """Such as ``"user.created"``."""
    timestamp: AnyTime | None = None
    """When it happened; None also if it cannot be read: then ``unread`` names it, and it is in ``model_extra``."""


class EventUser(WireModel):
    """The customer in ``user.created`` and ``user.updated`` (documented). Metadata is not part of it."""

    id: Id
    object: Text | None = None
    email: Text | None = None
    name: Text | None = None
    phone: Text | None = None
    external_id: Text | None = None
    """Your own id for this customer."""
    created_at: AnyTime | None = None
    """Documented for ``user.created`` only."""
    updated_at: AnyTime | None = None
    """Documented for ``user.updated`` only."""


class EventPass(WireModel):
    """The card in ``pass.created`` and ``pass.updated`` (documented; ``pass.updated`` only in part)."""

    id: Id
    object: Text | None = None
    user_id: Id | None = None
    template_id: Id | None = None
    qr_code_value: Text | None = None
    created_at: AnyTime | None = None
    updated_at: AnyTime | None = None


class EventStamps(StampState):
    """The stamps on a card in ``stamp.*`` (inferred: the stamp state)."""

    current_stamps: Count | None = None
    max_stamps_snapshot: Count | None = None
    total_stamps_collected: Count | None = None
    times_completed: Count | None = None
    last_stamp_at: AnyTime | None = None


class Deleted(WireModel):
    """The payload of ``user.deleted`` (documented) and ``pass.deleted`` (inferred)."""

    id: Id = Field(validation_alias=AliasChoices("id", "walletPassId"))
    """The id of what was deleted; a card's may also come as ``walletPassId`` (inferred)."""
    object: Text | None = None


class EventInstallation(WireModel):
    """The installation of an app (inferred: the claims of its access token)."""

    installation_id: Id | None = None
    organization_id: Id | None = None
    client_id: Id | None = None
    scopes: Annotated[Scopes, BeforeValidator(_names)] | None = None
    """The granted scopes, from a list or from a string such as ``"pass:read user:read"``."""
