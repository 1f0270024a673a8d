"""Handlers for the organization's team."""

from __future__ import annotations

from typing import Final

import attrs

from .._listing import RecordList
from .._records import Member
from .._validation import Field, email_address, size_at_most
from .._wire_errors import already_exists, conflict
from ._registry import Invocation, found, handles

_ROLE: Final = Field("role", required=True)
_FIELDS: Final = (Field("email", required=True, rules=(size_at_most(254), email_address)), Field("name"), _ROLE)


@handles("org.members.list")
def list_members(call: Invocation) -> RecordList:
    return RecordList(call.account.members.values())


@handles("org.members.get")
def get_member(call: Invocation) -> Member:
    return found(call.account.members.get(call.id))


@handles("org.members.add", status=201)
def add_member(call: Invocation) -> Member:
    """Add a member to the team at once, with any role (the sandbox's choice)."""
    fields = call.fields(_FIELDS)
    if any(member.email.lower() == fields["email"].lower() for member in call.account.members.values()):
        raise already_exists(email_already_exists=fields["email"])
    return call.account.add_member(**fields)


@handles("org.members.update_role")
def update_role(call: Invocation) -> Member:
    """Change a role; 409 ``last_owner`` for the last owner (the sandbox's choice)."""
    member = get_member(call)
    changed = attrs.evolve(member, **call.fields((_ROLE,)))
    if changed.role != "owner":
        _keep_an_owner(call, member)
    call.account.members[member.id] = changed
    return changed


@handles("org.members.remove", status=204)
def remove_member(call: Invocation) -> None:
    """Remove a member; 409 ``last_owner`` for the last owner (the sandbox's choice)."""
    member = get_member(call)
    _keep_an_owner(call, member)
    del call.account.members[member.id]


def _keep_an_owner(call: Invocation, leaving: Member) -> None:
    if [member for member in call.account.members.values() if member.role == "owner"] == [leaving]:
        raise conflict("last_owner")
