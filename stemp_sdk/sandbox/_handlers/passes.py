"""Handlers for wallet passes, the customers' copies of cards."""

from __future__ import annotations

from typing import Final

import attrs

from .._listing import RecordList
from .._records import WalletPass
from .._validation import Field
from ._registry import Invocation, found, handles

_FIELDS: Final = (Field("template_id", required=True), Field("user_id", required=True))


@handles("passes.list")
def list_passes(call: Invocation) -> RecordList:
    """List passes, filtered by ``userId``, ``templateId`` and ``qrCodeValue``; the list may be empty."""
    passes = [card.wallet_pass for card in call.account.cards.values()]
    if (user_id := call.query.get("userId")) is not None:
        passes = [wallet_pass for wallet_pass in passes if wallet_pass.user_id == user_id]
    if (template_id := call.query.get("templateId")) is not None:
        passes = [wallet_pass for wallet_pass in passes if wallet_pass.template_id == template_id]
    if (code := call.query.get("qrCodeValue")) is not None:
        passes = [wallet_pass for wallet_pass in passes if wallet_pass.qr_code_value == code]
    return RecordList(passes)


@handles("passes.get")
def get_pass(call: Invocation) -> WalletPass:
    return call.card().wallet_pass


@handles("passes.create", status=201)
def create_pass(call: Invocation) -> WalletPass:
    """Issue a card. A user may have several cards of one template.

    A template or user that does not exist gives 404 with the field's name in ``params`` (both the sandbox's choice).
    """
    fields = call.fields(_FIELDS)
    template = found(call.account.templates.get(fields["template_id"]), "templateId")
    user = found(call.account.users.get(fields["user_id"]), "userId")
    return call.account.issue_card(template, user).wallet_pass


@handles("passes.update")
def update_pass(call: Invocation) -> WalletPass:
    """Move the card to another user or template; its stamps and points stay (the sandbox's choice)."""
    card, changes = call.card(), call.fields(_FIELDS, partial=True)
    changed = attrs.evolve(card.wallet_pass, **changes)
    found(call.account.templates.get(changed.template_id), "templateId")
    found(call.account.users.get(changed.user_id), "userId")
    return call.account.change_card(card, **changes)


@handles("passes.delete", status=204)
def delete_pass(call: Invocation) -> None:
    call.account.delete_card(call.card())
