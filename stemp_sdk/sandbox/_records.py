"""The records of an organization. Each is exactly an object of the wire, with its fields in snake_case."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any, Final, cast

import attrs
from pydantic.alias_generators import to_camel

from ..scopes import ScopeSet, TokenKind

# Marks a field that is not sent.
_KEPT: Final = {"kept": True}


@attrs.frozen(kw_only=True)
class Template:
    """The design of a card."""

    id: str
    object: str = attrs.field(default="template", init=False)
    name: str
    description: str | None = None
    type: str | None = None
    max_stamps: int | None = None
    created_at: datetime
    updated_at: datetime


@attrs.frozen(kw_only=True)
class User:
    """A customer."""

    id: str
    object: str = attrs.field(default="user", init=False)
    email: str
    name: str | None = None
    phone: str | None = None
    external_id: str | None = None
    metadata: dict[str, Any] | None = attrs.field(factory=dict[str, Any])
    created_at: datetime
    updated_at: datetime


@attrs.frozen(kw_only=True)
class WalletPass:
    """A customer's copy of a card."""

    id: str
    object: str = attrs.field(default="wallet_pass", init=False)
    user_id: str
    template_id: str
    qr_code_value: str
    created_at: datetime


@attrs.frozen(kw_only=True)
class StampState:
    """The stamps on a card."""

    id: str
    wallet_pass_id: str
    current_stamps: int = 0
    max_stamps_snapshot: int
    """The template's maximum at the time when the card was issued."""
    total_stamps_collected: int = 0
    """All stamps that were ever added; removing a stamp does not reduce it (the sandbox's choice)."""
    times_completed: int = 0
    """The number of times that the full card was redeemed."""
    last_stamp_at: datetime | None = None
    """The time when a stamp was last added."""


@attrs.frozen(kw_only=True)
class PointsState:
    """The points on a card; its fields behave like those of ``StampState``."""

    id: str
    wallet_pass_id: str
    balance: int = 0
    total_points_collected: int = 0
    last_points_at: datetime | None = None


@attrs.frozen(kw_only=True)
class HistoryEntry:
    """One change of a card's stamps or points."""

    id: str
    wallet_pass_id: str
    type: str
    """The last word of the operation: ``add``, ``remove``, ``set``, ``reset``, ``redeem`` (the sandbox's choice)."""
    amount: int
    """The difference, so that the entries of a card add up to its stamps or points (the sandbox's choice)."""
    note: str | None
    created_at: datetime


@attrs.frozen(kw_only=True)
class Organization:
    """The organization."""

    id: str
    object: str = attrs.field(default="organization", init=False)
    name: str
    slug: str
    created_at: datetime
    updated_at: datetime


@attrs.frozen(kw_only=True)
class Member:
    """A member of the team."""

    id: str
    object: str = attrs.field(default="member", init=False)
    email: str
    name: str | None = None
    role: str
    created_at: datetime


@attrs.frozen(kw_only=True)
class Token:
    """The record of a token, without the token itself."""

    id: str
    object: str = attrs.field(default="api_token", init=False)
    name: str
    prefix: str
    scopes: ScopeSet
    expires_at: datetime | None
    last_used_at: datetime | None = None
    created_at: datetime
    created_by_email: str
    kind: TokenKind = attrs.field(metadata=_KEPT)
    uses_left: int | None = attrs.field(default=None, metadata=_KEPT)
    """The number of requests after which it is refused; None for no limit."""


@attrs.frozen(kw_only=True)
class CreatedToken:
    """A new API token: the only response that contains the token itself."""

    token: str = attrs.field(repr=False)
    api_token: Token


@attrs.frozen(kw_only=True)
class EmailAttachment:
    """A file attached to an email."""

    filename: str
    content_type: str
    content_id: str
    content: bytes = attrs.field(converter=b64decode, repr=False)


@attrs.frozen(kw_only=True)
class Email:
    """An email that was sent. ``emails.logs`` sends it without sender, bodies and attachments."""

    message_id: str
    to: str
    """The id of a user or a member."""
    subject: str
    category: str
    status: str = "sent"
    created_at: datetime
    sender: str = attrs.field(metadata=_KEPT)
    html_body: str = attrs.field(metadata=_KEPT)
    text_body: str = attrs.field(metadata=_KEPT)
    """The email as plain text; generated from the HTML if none was sent."""
    attachments: tuple[EmailAttachment, ...] = attrs.field(default=(), metadata=_KEPT)


def encode(value: object) -> bytes:
    """JSON of records, and of plain JSON values that hold records."""
    return json.dumps(value, default=_plain, separators=(",", ":")).encode()


def _plain(value: datetime | ScopeSet | attrs.AttrsInstance) -> object:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds").removesuffix("+00:00") + "Z"
    if isinstance(value, ScopeSet):
        return list(cast("Iterable[str]", value))
    return {wire_name: getattr(value, name) for name, wire_name in _sent_fields(type(value))}


@cache
def _sent_fields(record: type[attrs.AttrsInstance]) -> tuple[tuple[str, str], ...]:
    """The names of a record's fields, each with its name on the wire."""
    return tuple((field.name, to_camel(field.name)) for field in attrs.fields(record) if field.metadata != _KEPT)
