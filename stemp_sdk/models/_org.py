"""The organization, its settings and its team. Shapes inferred."""

from __future__ import annotations

from collections.abc import Iterator, KeysView, Mapping
from typing import Annotated, Any, ClassVar, Literal, TypeAlias, cast

from pydantic import ConfigDict, JsonValue, RootModel, ValidationError
from typing_extensions import Self, TypedDict

from .._public import publish
from ._base import INFERRED, Body, BuiltAtFirstUse, Changes, WireModel, refused
from ._fields import AnyKnown, AnyTime, Id, Inferred, Known, Text
from ._reading import UnreadableError, load_json

MemberRole: TypeAlias = Literal["owner", "admin", "member"] | str
"""The known roles, which are inferred; any other string is accepted."""


class Organization(WireModel):
    """The organization that the token belongs to."""

    wire_object: ClassVar[str | None] = "organization"

    id: Inferred[Id] = None
    """The organization's id."""
    object: Inferred[str] = None
    """The kind of object: ``"organization"``."""
    name: Inferred[Text] = None
    """The organization's name, which is also the sender of emails."""
    slug: Inferred[Text] = None
    """The organization's short name in URLs, and in the sender's address of emails."""
    created_at: Inferred[AnyTime] = None
    """When the organization was created."""
    updated_at: Inferred[AnyTime] = None
    """When the organization was last changed."""


class OrganizationSettings(BuiltAtFirstUse, RootModel[dict[str, JsonValue]]):
    """The organization's settings, by their names on the wire. The vendor documents none of them.

    ``settings["key"]``, ``settings.get("key")`` and ``dict(settings)`` read as on a dict.
    """

    __slots__ = ("_response",)  # as in ``WireModel``

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, strict=True, defer_build=True)

    root: Annotated[dict[str, JsonValue], INFERRED]
    """The settings by their names on the wire."""

    def __getitem__(self, key: str) -> JsonValue:
        return self.root[key]

    def __contains__(self, key: object) -> bool:
        return key in self.root

    def __len__(self) -> int:
        return len(self.root)

    def __iter__(self) -> Iterator[str]:  # type: ignore[override]
        return iter(self.root)

    def keys(self) -> KeysView[str]:
        """The names of the settings."""
        return self.root.keys()

    def get(self, key: str, default: Any = None) -> Any:
        """One setting, or ``default`` if it is not set."""
        return self.root.get(key, default)


def read_settings(body: bytes) -> OrganizationSettings:
    """The settings in a response: the object itself, or an object within it.

    The inner object may be under ``data``, ``settings`` or JSON:API's ``attributes``.

    Raises:
        UnreadableError: it is not a JSON object.
    """
    raw = load_json(body)
    if not isinstance(raw, dict):
        raise UnreadableError("", "Input should be an object")
    settings = cast("dict[str, JsonValue]", raw)
    inner = [settings[key] for key in ("data", "settings") if isinstance(settings.get(key), dict)]
    if len(inner) == 1 and len(settings.keys() - {"success", "status", "object"}) == 1:
        settings = cast("dict[str, JsonValue]", inner[0])
    if settings.keys() <= {"id", "type", "attributes"} and isinstance(attributes := settings.get("attributes"), dict):
        settings = attributes  # a resource object of JSON:API
    return OrganizationSettings.model_construct(settings)


class Member(WireModel):
    """A member of the organization's team."""

    wire_object: ClassVar[str | None] = "member"

    id: Id
    """The member's id, ``mem_…``."""
    object: Inferred[str] = None
    """The kind of object: ``"member"``."""
    email: Inferred[Text] = None
    """The member's email address."""
    name: Inferred[Text] = None
    """The member's name."""
    role: Inferred[AnyKnown[MemberRole]] = None
    """The member's role in the team."""
    created_at: Inferred[AnyTime] = None
    """When the member was added."""


class OrganizationChanges(Changes):
    """The body of ``org.update``."""

    name: str | None = None
    slug: str | None = None


class OrganizationUpdate(TypedDict, total=False):
    """The arguments of ``org.update``: ``client.org.update(**changes)``. A missing key changes nothing."""

    name: str
    slug: str


class SettingsChanges(BuiltAtFirstUse, RootModel[dict[str, JsonValue]]):
    """The body of ``org.settings.update``."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, strict=True, allow_inf_nan=False, defer_build=True)

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        """Make the body from a mapping.

        Raises:
            TypeError: ``settings`` is not a mapping from names to JSON values.
        """
        if not isinstance(settings, Mapping):
            raise TypeError(f"settings must be a mapping, not {type(settings).__name__}")
        try:
            return cls(dict(settings))
        except ValidationError as error:
            raise refused(error, "settings") from None


class NewMember(Body):
    """The body of ``org.members.add``."""

    email: str
    role: Known[MemberRole]


class RoleChange(Body):
    """The body of ``org.members.update_role``."""

    role: Known[MemberRole]


publish("stemp_sdk.models", globals())
