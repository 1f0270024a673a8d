"""Wallet passes: one customer's copy of a card. Shape documented by the webhook events."""

from __future__ import annotations

from typing import ClassVar

from typing_extensions import TypedDict

from .._public import publish
from ._base import Body, Changes, WireModel
from ._fields import AnyTime, Id, Inferred, Time


class WalletPass(WireModel):
    """A card in a customer's Apple or Google Wallet."""

    wire_object: ClassVar[str | None] = "wallet_pass"

    id: Id
    """The card's id, ``wp_…``."""
    object: str | None = None
    """The kind of object: ``"wallet_pass"``."""
    user_id: Id | None = None
    """The id of the user whose card it is, ``usr_…``."""
    template_id: Id | None = None
    """The id of the card's template, ``tpl_…``."""
    qr_code_value: str | None = None
    """The content of the card's QR code, such as ``"ste.mp/Ab1x"``."""
    created_at: Time | None = None
    """When the card was issued."""
    updated_at: Inferred[AnyTime] = None
    """When the card was last changed."""


class NewPass(Body):
    """The body of ``passes.create``."""

    template_id: str
    user_id: str


class PassChanges(Changes):
    """The body of ``passes.update`` (inferred)."""

    template_id: str | None = None
    user_id: str | None = None


class WalletPassUpdate(TypedDict, total=False):
    """The arguments of ``passes.update``: ``client.passes.update("wp_1", **changes)``.

    A missing key changes nothing.
    """

    template_id: str | None
    user_id: str | None


publish("stemp_sdk.models", globals())
