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
from ._fields import AnyTime, Count, Id, Inferred, Text
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
    """The id of the event, ``evt_…``; the same in every delivery of one event."""
    type: str
    """The type of the event, such as ``"user.created"``."""
    timestamp: AnyTime | None = None
    """When the event happened; None also if it cannot be read."""


class EventUser(WireModel):
    """The customer in ``user.created`` and ``user.updated`` (documented). Metadata is not part of it."""

    id: Id
    """The user's id, ``usr_…``."""
    object: Text | None = None
    """The kind of object: ``"user"``."""
    email: Text | None = None
    """The customer's email address, at most 254 characters."""
    name: Text | None = None
    """The customer's name, at most 150 characters."""
    phone: Text | None = None
    """The customer's phone number, at most 20 characters."""
    external_id: Text | None = None
    """The caller's own id for this customer, at most 100 characters."""
    created_at: AnyTime | None = None
    """When the user was enrolled. Documented for ``user.created`` only."""
    updated_at: AnyTime | None = None
    """When the user was last changed. Documented for ``user.updated`` only."""


class EventPass(WireModel):
    """The card in ``pass.created`` and ``pass.updated`` (documented; ``pass.updated`` only in part)."""

    id: Id
    """The card's id, ``wp_…``."""
    object: Text | None = None
    """The kind of object: ``"wallet_pass"``."""
    user_id: Id | None = None
    """The id of the user whose card it is, ``usr_…``."""
    template_id: Id | None = None
    """The id of the card's template, ``tpl_…``."""
    qr_code_value: Text | None = None
    """The content of the card's QR code, such as ``"ste.mp/Ab1x"``. Documented for ``pass.created`` only."""
    created_at: AnyTime | None = None
    """When the card was issued. Documented for ``pass.created`` only."""
    updated_at: Inferred[AnyTime] = None
    """When the card was last changed."""


class EventStamps(StampState):
    """The stamps on a card in ``stamp.*`` (inferred: the stamp state)."""

    id: Inferred[Id] = None
    wallet_pass_id: Inferred[Id] = None
    current_stamps: Inferred[Count] = None
    max_stamps_snapshot: Inferred[Count] = None
    total_stamps_collected: Inferred[Count] = None
    times_completed: Inferred[Count] = None
    last_stamp_at: Inferred[AnyTime] = None


class Deleted(WireModel):
    """The payload of ``user.deleted`` (documented) and ``pass.deleted`` (inferred)."""

    id: Id = Field(validation_alias=AliasChoices("id", "walletPassId"))
    """The id of what was deleted, ``usr_…`` or ``wp_…``; a card's may also come as ``walletPassId`` (inferred)."""
    object: Text | None = None
    """The kind of object: ``"user"`` or ``"wallet_pass"``."""


class EventInstallation(WireModel):
    """The installation of an app (inferred: the claims of its access token)."""

    installation_id: Inferred[Id] = None
    """The id of the installation."""
    organization_id: Inferred[Id] = None
    """The id of the organization that installed the app."""
    client_id: Inferred[Id] = None
    """The client id of the app."""
    scopes: Inferred[Annotated[Scopes, BeforeValidator(_names)]] = None
    """The granted scopes, from a list or from a string such as ``"pass:read user:read"``."""
