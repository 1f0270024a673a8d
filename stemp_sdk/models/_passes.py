"""Wallet passes: one customer's copy of a card. Shape documented by the webhook events."""

from __future__ import annotations

from typing import ClassVar

from ._base import Body, Changes, WireModel
from ._fields import AnyTime, Id, Inferred, Time


class WalletPass(WireModel):
    """A card in a customer's Apple or Google Wallet."""

    wire_object: ClassVar[str | None] = "wallet_pass"

    id: Id
    object: str | None = None
    user_id: Id | None = None
    template_id: Id | None = None
    qr_code_value: str | None = None
    created_at: Time | None = None
    updated_at: Inferred[AnyTime] = None


class NewPass(Body):
    """The body of ``passes.create``."""

    template_id: str
    user_id: str


class PassChanges(Changes):
    """The body of ``passes.update`` (inferred)."""

    template_id: str | None = None
    user_id: str | None = None
