"""Scopes: the names, the vendor's descriptions, sets of them, and the presets. Independent of HTTP."""

from .._public import publish as _publish
from ._catalog import CATALOG, ScopeInfo, TokenKind, token_kinds
from ._constants import (
    API_TOKEN_MANAGE,
    APP_MANAGE,
    LOYALTY_MANAGE,
    ORG_DELETE,
    ORG_MEMBERS_MANAGE,
    ORG_MEMBERS_READ,
    ORG_READ,
    ORG_SETTINGS_READ,
    ORG_SETTINGS_UPDATE,
    ORG_UPDATE,
    PASS_CREATE,
    PASS_DELETE,
    PASS_READ,
    PASS_UPDATE,
    PLATFORM_EMAIL_SEND,
    TEMPLATE_CREATE,
    TEMPLATE_DELETE,
    TEMPLATE_READ,
    TEMPLATE_UPDATE,
    USER_CREATE,
    USER_READ,
    USER_UPDATE,
)
from ._file import from_file
from ._held import AtMost, EveryScope, ForAnyToken, ForApiToken, ForAppToken, Given, Held, Within
from ._names import ScopeName
from ._set import A, B, Names, ScopeSet, parse

__all__ = [
    "API_TOKEN_MANAGE",
    "APP_MANAGE",
    "CATALOG",
    "LOYALTY_MANAGE",
    "ORG_DELETE",
    "ORG_MEMBERS_MANAGE",
    "ORG_MEMBERS_READ",
    "ORG_READ",
    "ORG_SETTINGS_READ",
    "ORG_SETTINGS_UPDATE",
    "ORG_UPDATE",
    "PASS_CREATE",
    "PASS_DELETE",
    "PASS_READ",
    "PASS_UPDATE",
    "PLATFORM_EMAIL_SEND",
    "TEMPLATE_CREATE",
    "TEMPLATE_DELETE",
    "TEMPLATE_READ",
    "TEMPLATE_UPDATE",
    "USER_CREATE",
    "USER_READ",
    "USER_UPDATE",
    "A",
    "AtMost",
    "B",
    "EveryScope",
    "ForAnyToken",
    "ForApiToken",
    "ForAppToken",
    "Given",
    "Held",
    "Names",
    "ScopeInfo",
    "ScopeName",
    "ScopeSet",
    "TokenKind",
    "Within",
    "from_file",
    "parse",
    "token_kinds",
]

_publish(__name__, globals())
