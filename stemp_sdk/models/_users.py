"""Users: an organization's customers. Shape documented."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final

from pydantic import JsonValue
from typing_extensions import TypedDict

from .._public import publish
from ._base import Body, Changes, WireModel, printed
from ._fields import Id, Time


class User(WireModel):
    """A customer."""

    wire_object: ClassVar[str | None] = "user"

    id: Id
    """The user's id, ``usr_…``."""
    object: str | None = None
    """The kind of object: ``"user"``."""
    email: str | None = None
    """The customer's email address, at most 254 characters."""
    name: str | None = None
    """The customer's name, at most 150 characters."""
    phone: str | None = None
    """The customer's phone number, at most 20 characters."""
    external_id: str | None = None
    """The caller's own id for this customer, at most 100 characters."""
    metadata: dict[str, Any] | None = None
    """A JSON object of the caller's own."""
    created_at: Time | None = None
    """When the user was enrolled."""
    updated_at: Time | None = None
    """When the user was last changed."""


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


class UserUpdate(TypedDict, total=False):
    """The arguments of ``users.update``: ``client.users.update("usr_1", **changes)``. A missing key changes nothing."""

    email: str
    name: str | None
    phone: str | None
    external_id: str | None
    metadata: Mapping[str, Any] | None


publish("stemp_sdk.models", globals())
