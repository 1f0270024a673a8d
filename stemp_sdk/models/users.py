"""Users: an organization's customers.  Shape documented."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import JsonValue

from ._base import Body, Changes, WireModel


class User(WireModel):
    """A customer."""

    id: str
    object: str | None = None
    email: str | None = None
    name: str | None = None
    phone: str | None = None
    external_id: str | None = None
    """The caller's own id for this customer."""
    metadata: dict[str, Any] | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


class NewUser(Body):
    """What ``users.create`` sends."""

    email: str
    name: str | None = None
    phone: str | None = None
    external_id: str | None = None
    metadata: Mapping[str, JsonValue] | None = None


class UserChanges(Changes):
    """What ``users.update`` sends."""

    email: str | None = None
    name: str | None = None
    phone: str | None = None
    external_id: str | None = None
    metadata: Mapping[str, JsonValue] | None = None
