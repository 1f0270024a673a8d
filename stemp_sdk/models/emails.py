"""Mail sent through stemp.  Documented; the fields of attachments and log entries are inferred."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import PlainSerializer

from ._base import Body, WireModel

EmailCategory: TypeAlias = Literal["transactional", "security", "marketing"] | str
"""The categories known today; a new one is legal."""


class SentEmail(WireModel):
    """What the server says of a mail that it took."""

    message_id: str
    status: str | None = None


class EmailLogEntry(WireModel):
    """One line of the mail log."""

    message_id: str | None = None
    to: str | None = None
    """A user's or member's id."""
    subject: str | None = None
    category: str | None = None
    status: str | None = None
    created_at: datetime | None = None


class Attachment(Body):
    """A file inside a mail, shown where the HTML says ``<img src="cid:CONTENT_ID">``."""

    filename: str
    content_type: str
    content_id: str
    content: Annotated[bytes, PlainSerializer(lambda data: b64encode(data).decode(), return_type=str)]
    """The file itself; it travels as base64."""


class NewEmail(Body):
    """What ``emails.send`` sends."""

    to: str
    subject: str
    html_body: str
    category: str
    text_body: str | None = None
    attachments: list[Attachment] | None = None
