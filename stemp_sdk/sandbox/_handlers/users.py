"""Handlers for users, the organization's customers."""

from __future__ import annotations

from typing import Any, Final

from ...models._users import NewUser
from .._listing import RecordList
from .._records import User
from .._validation import Field, email_address, printed
from .._wire_errors import already_exists
from ._registry import Invocation, found, handles

_FIELDS: Final = (
    Field("email", required=True, rules=(*printed(NewUser, "email"), email_address)),
    Field("name", rules=printed(NewUser, "name")),
    Field("phone", rules=printed(NewUser, "phone")),
    Field("external_id", rules=printed(NewUser, "external_id")),
    Field("metadata", dict),
)


@handles("users.list")
def list_users(call: Invocation) -> RecordList:
    return RecordList(call.account.users.values())


@handles("users.get")
def get_user(call: Invocation) -> User:
    """Get a user by id or by external id, which only a GET accepts."""
    users = call.account.users
    return found(users.get(call.id) or next((user for user in users.values() if user.external_id == call.id), None))


@handles("users.create", status=201)
def create_user(call: Invocation) -> User:
    fields = call.fields(_FIELDS)
    _refuse_taken(call, fields)
    return call.account.add_user(**fields)


@handles("users.update")
def update_user(call: Invocation) -> User:
    user = found(call.account.users.get(call.id))
    changes = call.fields(_FIELDS, partial=True)
    _refuse_taken(call, changes)
    return call.account.change_user(user, **changes)


@handles("users.delete", status=204)
def delete_user(call: Invocation) -> None:
    call.account.delete_user(found(call.account.users.get(call.id)))


def _refuse_taken(call: Invocation, fields: dict[str, Any]) -> None:
    """Refuse an email address (in any case) or external id that another user has (the sandbox's choice)."""
    email, external_id = fields.get("email"), fields.get("external_id")
    taken: dict[str, str] = {}
    for user in call.account.users.values():
        if user.id == call.id:
            continue
        if email is not None and user.email.lower() == email.lower():
            taken["email_already_exists"] = email
        if external_id is not None and user.external_id == external_id:
            taken["external_id_already_exists"] = external_id
    if taken:
        raise already_exists(**taken)
