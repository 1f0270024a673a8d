"""Card templates. Shape inferred."""

from __future__ import annotations

from typing import ClassVar

from ._base import Body, Changes, Int64, WireModel
from ._fields import AnyTime, Count, Id, Inferred, Text


class Template(WireModel):
    """The design of a card."""

    wire_object: ClassVar[str | None] = "template"

    id: Id
    object: Inferred[str] = None
    name: Inferred[Text] = None
    description: Inferred[Text] = None
    type: Inferred[Text] = None
    max_stamps: Inferred[Count] = None
    created_at: Inferred[AnyTime] = None
    updated_at: Inferred[AnyTime] = None


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
