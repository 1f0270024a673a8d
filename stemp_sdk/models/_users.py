"""Users: an organization's customers. Shape documented."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final

from pydantic import JsonValue

from ._base import Body, Changes, WireModel, printed
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


_EMAIL: Final = printed(maxLength=254)
_NAME: Final = printed(maxLength=150)
_PHONE: Final = printed(maxLength=20)
_EXTERNAL_ID: Final = printed(maxLength=100)


class NewUser(Body):
    """The body of ``users.create``."""

    email: Annotated[str, _EMAIL]
    name: Annotated[str | None, _NAME] = None
    phone: Annotated[str | None, _PHONE] = None
    external_id: Annotated[str | None, _EXTERNAL_ID] = None
    metadata: Mapping[str, JsonValue] | None = None


class UserChanges(Changes):
    """The body of ``users.update``."""

    email: Annotated[str | None, _EMAIL] = None
    name: Annotated[str | None, _NAME] = None
    phone: Annotated[str | None, _PHONE] = None
    external_id: Annotated[str | None, _EXTERNAL_ID] = None
    metadata: Mapping[str, JsonValue] | None = None
