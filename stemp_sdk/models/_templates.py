"""Card templates. Shape inferred."""

from __future__ import annotations

from typing import ClassVar

from typing_extensions import TypedDict

from .._public import publish
from ._base import Body, Changes, Int64, WireModel
from ._fields import AnyTime, Count, Id, Inferred, Text


class Template(WireModel):
    """The design of a card."""

    wire_object: ClassVar[str | None] = "template"

    id: Id
    """The template's id, ``tpl_…``."""
    object: Inferred[str] = None
    """The kind of object: ``"template"``."""
    name: Inferred[Text] = None
    """The template's name, for the team."""
    description: Inferred[Text] = None
    """The purpose of the template."""
    type: Inferred[Text] = None
    """The kind of card. No value is documented; the sandbox sends ``"stamps"`` and ``"points"``."""
    max_stamps: Inferred[Count] = None
    """The number of stamps on a full card."""
    created_at: Inferred[AnyTime] = None
    """When the template was created."""
    updated_at: Inferred[AnyTime] = None
    """When the template was last changed."""


class NewTemplate(Body):
    """The body of ``templates.create``."""

    name: str
    description: str | None = None
    type: str | None = None
    max_stamps: Int64 | None = None


class TemplateChanges(Changes):
    """The body of ``templates.update``."""

    name: str | None = None
    description: str | None = None
    type: str | None = None
    max_stamps: Int64 | None = None


class TemplateUpdate(TypedDict, total=False):
    """The arguments of ``templates.update``: ``client.templates.update("tpl_1", **changes)``.

    A missing key changes nothing.
    """

    name: str | None
    description: str | None
    type: str | None
    max_stamps: int | None


publish("stemp_sdk.models", globals())
