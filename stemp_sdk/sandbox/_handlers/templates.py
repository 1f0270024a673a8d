"""Handlers for templates, the designs of cards."""

from __future__ import annotations

from typing import Final

import attrs

from ...models._loyalty import MOST_STAMPS
from .._listing import RecordList
from .._records import Template
from .._validation import Field, at_least, at_most
from .._wire_errors import conflict
from ._registry import Invocation, found, handles

_FIELDS: Final = (
    Field("name", required=True),
    Field("description"),
    Field("type"),
    Field("max_stamps", int, rules=(at_least(1), at_most(MOST_STAMPS))),
)


@handles("templates.list")
def list_templates(call: Invocation) -> RecordList:
    return RecordList(call.account.templates.values())


@handles("templates.get")
def get_template(call: Invocation) -> Template:
    return found(call.account.templates.get(call.id))


@handles("templates.create", status=201)
def create_template(call: Invocation) -> Template:
    """Create a template. ``maxStamps`` may be 1 to 10, the maximum of ``set_stamps``; the default is 10.

    Both are the sandbox's choice.
    """
    return call.account.add_template(**call.fields(_FIELDS))


@handles("templates.update")
def update_template(call: Invocation) -> Template:
    """Change a template. Cards that were issued before keep their ``maxStamps``."""
    template = get_template(call)
    changed = attrs.evolve(template, **call.fields(_FIELDS, partial=True), updated_at=call.account.now())
    call.account.templates[template.id] = changed
    return changed


@handles("templates.delete", status=204)
def delete_template(call: Invocation) -> None:
    """Delete a template; 409 ``template_in_use`` if it still has cards (the sandbox's choice)."""
    template = get_template(call)
    if any(card.wallet_pass.template_id == template.id for card in call.account.cards.values()):
        raise conflict("template_in_use")
    del call.account.templates[template.id]
