"""Card templates.  Shape inferred."""

from __future__ import annotations

from datetime import datetime

from ._base import Body, Changes, Int64, WireModel


class Template(WireModel):
    """The design of a card."""

    id: str
    object: str | None = None
    name: str | None = None
    description: str | None = None
    type: str | None = None
    max_stamps: int | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


class NewTemplate(Body):
    """What ``templates.create`` sends."""

    name: str
    description: str | None = None
    type: str | None = None
    max_stamps: Int64 | None = None


class TemplateChanges(Changes):
    """What ``templates.update`` sends."""

    name: str | None = None
    description: str | None = None
    type: str | None = None
    max_stamps: Int64 | None = None
