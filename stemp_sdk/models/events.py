"""The payloads of webhook events. An event carries less of a user or a card than the API does.

The methods that get the current state from the API need a client, which models must not import: ``stemp_sdk.webhooks``
adds them in subclasses, together with one class for each type of event.

Times have an offset: what comes without one is read as UTC.
"""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import AliasChoices, AwareDatetime, BeforeValidator, Field

from ._base import Scopes, WireModel

M = TypeVar("M", bound=WireModel)


def some_known(value: M) -> M:
    """The model as it is, if at least one of its fields came.

    Raises:
        ValueError: only other fields came, so this is another shape.
    """
    if value.model_fields_set.isdisjoint(type(value).model_fields):
        raise ValueError("it has none of the fields that are known")
    return value


def _names(value: object) -> object:
    """The scope names in a string, as OAuth writes them; anything else as it is."""
    return value.replace(",", " ").split() if isinstance(value, str) else value


class WebhookEvent(WireModel):
    """The envelope of every event (documented)."""

    id: str
    """``evt_…``; the same in every delivery of one event."""
    type: str
    """Such as ``"user.created"``."""
    timestamp: AwareDatetime | None = None
    """When it happened. None also if that cannot be read; ``model_extra["raw_timestamp"]`` is then what came."""


class EventUser(WireModel):
    """The customer in ``user.created`` and ``user.updated`` (documented). Metadata is not part of it."""

    id: str
    object: str | None = None
    email: str | None = None
    name: str | None = None
    phone: str | None = None
    external_id: str | None = None
    """Your own id for this customer."""
    created_at: AwareDatetime | None = None
    """Documented for ``user.created`` only."""
    updated_at: AwareDatetime | None = None
    """Documented for ``user.updated`` only."""


class EventPass(WireModel):
    """The card in ``pass.created`` and ``pass.updated`` (documented; ``pass.updated`` only in part)."""

    id: str
    object: str | None = None
    user_id: str | None = None
    template_id: str | None = None
    qr_code_value: str | None = None
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None


class Deleted(WireModel):
    """The payload of ``user.deleted`` (documented) and ``pass.deleted`` (inferred)."""

    id: str = Field(validation_alias=AliasChoices("id", "walletPassId"))
    """The id of what was deleted; a card's may also come as ``walletPassId`` (inferred)."""
    object: str | None = None


class EventInstallation(WireModel):
    """The installation of an app (inferred: the claims of its access token)."""

    installation_id: str | None = None
    organization_id: str | None = None
    client_id: str | None = None
    scopes: Annotated[Scopes, BeforeValidator(_names)] | None = None
    """The granted scopes, from a list or from a string such as ``"pass:read user:read"``."""
