"""Wallet passes: one customer's copy of a card.  Shape documented, as events carry it."""

from __future__ import annotations

from datetime import datetime

from ._base import Body, Changes, WireModel


class WalletPass(WireModel):
    """A card in a customer's Apple or Google Wallet."""

    id: str
    object: str | None = None
    user_id: str | None = None
    template_id: str | None = None
    qr_code_value: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


class NewPass(Body):
    """What ``passes.create`` sends."""

    template_id: str
    user_id: str


class PassChanges(Changes):
    """What ``passes.update`` sends (inferred)."""

    template_id: str | None = None
    user_id: str | None = None
