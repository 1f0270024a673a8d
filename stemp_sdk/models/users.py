"""Users: an organization's customers.  Shape documented."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import JsonValue

from ._base import Body, Changes, WireModel
from ._fields import Id, Time


class User(WireModel):
    """A customer."""

    wire_object: ClassVar[str | None] = "user"

    id: Id
    object: str | None = None
    email: str | None = None
    name: str | None = None
    phone: str | None = None
    external_id: str | None = None
    """The caller's own id for this customer."""
    metadata: dict[str, Any] | None = None
    created_at: Time | None = None
    updated_at: Time | None = None


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
