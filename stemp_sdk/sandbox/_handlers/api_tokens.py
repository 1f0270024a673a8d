"""Handlers for API tokens, which the console calls API keys."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from ...scopes import CATALOG, ScopeSet, TokenKind
from .._listing import RecordList
from .._records import CreatedToken
from .._validation import Field
from .._wire_errors import invalid, not_found, wrong_type
from ._registry import Invocation, handles

_FIELDS: Final = (Field("name", required=True), Field("scopes", list, required=True), Field("expires_at"))


@handles("api_tokens.list")
def list_api_tokens(call: Invocation) -> RecordList:
    return RecordList(call.account.tokens.api_tokens())


@handles("api_tokens.create", status=201)
def create_api_token(call: Invocation) -> CreatedToken:
    """Create a token. It is valid at once, and may hold scopes that its creator lacks (the sandbox's choice)."""
    fields = call.fields(_FIELDS)
    account = call.account
    return account.tokens.issue(
        _scopes(fields["scopes"]),
        kind=TokenKind.API,
        name=fields["name"],
        by=call.token.created_by_email,
        now=account.now(),
        expires_at=_expires_at(fields.get("expires_at"), account.now()),
    )


@handles("api_tokens.revoke", status=204)
def revoke_api_token(call: Invocation) -> None:
    if not call.account.tokens.revoke(call.id):
        raise not_found()


def _scopes(names: list[Any]) -> ScopeSet:
    """The scopes. Only those that the vendor's page names for API tokens are accepted (the sandbox's choice)."""
    if not names:
        raise invalid({"scopes": "must not be empty"})
    for name in names:
        if not isinstance(name, str):
            raise wrong_type("scopes")
        if name not in CATALOG:
            raise invalid({"scopes": f"unknown scope {name}"})
        if TokenKind.API not in CATALOG[name].contexts:
            raise invalid({"scopes": f"{name} is not available for API tokens"})
    return ScopeSet(*names)


def _expires_at(text: str | None, now: datetime) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise wrong_type("expiresAt")
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise wrong_type("expiresAt") from None
    if moment <= now:
        raise invalid({"expiresAt": "must be a future date"})
    return moment
