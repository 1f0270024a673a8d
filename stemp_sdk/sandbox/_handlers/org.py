"""Handlers for the organization and its settings."""

from __future__ import annotations

from typing import Any, Final

import attrs

from .._records import Organization
from .._validation import Field, json_object
from ._registry import Invocation, handles

_FIELDS: Final = (Field("name", required=True), Field("slug", required=True))


@handles("org.get")
def get_organization(call: Invocation) -> Organization:
    return call.account.organization


@handles("org.update")
def update_organization(call: Invocation) -> Organization:
    changes = call.fields(_FIELDS, partial=True)
    call.account.organization = attrs.evolve(call.account.organization, **changes, updated_at=call.account.now())
    return call.account.organization


@handles("org.delete", status=204)
def delete_organization(call: Invocation) -> None:
    """Delete the organization with its tokens and apps, so that every later call gets 401 (the sandbox's choice)."""
    call.account.deleted = True


@handles("org.settings.get")
def get_settings(call: Invocation) -> dict[str, Any]:
    return call.account.settings


@handles("org.settings.update")
def update_settings(call: Invocation) -> dict[str, Any]:
    """Accept any settings, as the vendor documents none. A setting that is set to null stays, with the value null."""
    call.account.settings |= json_object(call.body)
    return call.account.settings
