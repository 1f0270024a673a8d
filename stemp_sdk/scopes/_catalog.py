"""The vendor's scopes page as data: every scope with its group, description and the token kinds that may hold it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import attrs

from ._set import ScopeSet


class TokenKind(StrEnum):
    """The two kinds of token, by the vendor's names for the contexts in which they are used."""

    API = "API"
    """An API token, created in the console (``sk_live_…``)."""
    APP = "App"
    """The access token of an installed OAuth2 app (a JWT)."""


@attrs.frozen
class ScopeInfo:
    """The vendor's description of one scope."""

    name: str
    group: str
    """The heading under which the vendor lists it."""
    description: str
    contexts: frozenset[TokenKind]
    """The kinds of token that may hold it."""


_BOTH: Final = frozenset(TokenKind)
_API: Final = frozenset({TokenKind.API})
_APP: Final = frozenset({TokenKind.APP})


def _rows() -> Iterator[ScopeInfo]:
    yield ScopeInfo("template:read", "Templates", "Read templates", _BOTH)
    yield ScopeInfo("template:create", "Templates", "Create templates", _BOTH)
    yield ScopeInfo("template:update", "Templates", "Update templates", _BOTH)
    yield ScopeInfo("template:delete", "Templates", "Delete templates", _BOTH)
    yield ScopeInfo("pass:read", "Wallet Passes", "Read wallet passes", _BOTH)
    yield ScopeInfo("pass:create", "Wallet Passes", "Create wallet passes", _BOTH)
    yield ScopeInfo("pass:update", "Wallet Passes", "Update wallet passes", _BOTH)
    yield ScopeInfo("pass:delete", "Wallet Passes", "Delete wallet passes", _BOTH)
    yield ScopeInfo("loyalty:manage", "Loyalty", "Manage stamps and points (add, remove, redeem)", _BOTH)
    yield ScopeInfo("user:read", "Users", "Read users", _BOTH)
    yield ScopeInfo("user:create", "Users", "Create users", _BOTH)
    yield ScopeInfo("user:update", "Users", "Update users", _BOTH)
    yield ScopeInfo("org:read", "Organization", "Read organization", _BOTH)
    yield ScopeInfo("org:update", "Organization", "Update organization (name, slug, etc.)", _BOTH)
    yield ScopeInfo("org:delete", "Organization", "Delete organization", _BOTH)
    yield ScopeInfo("org:settings:read", "Organization Settings", "Read organization settings", _BOTH)
    yield ScopeInfo("org:settings:update", "Organization Settings", "Update organization settings", _BOTH)
    yield ScopeInfo("org:members:read", "Team Members", "Read organization members", _BOTH)
    yield ScopeInfo(
        "org:members:manage", "Team Members", "Manage organization members (add, remove, change roles)", _BOTH
    )
    yield ScopeInfo("api_token:manage", "API Tokens", "Manage API tokens", _API)
    # The vendor names app:manage in the paragraph on contexts only.
    yield ScopeInfo("app:manage", "Scope Contexts", "Named as API-only; no operation is documented", _API)
    yield ScopeInfo(
        "platform:email:send",
        "Platform Scopes",
        "Send emails via the stemp email infrastructure and view email logs",
        _APP,
    )


CATALOG: Final[Mapping[str, ScopeInfo]] = MappingProxyType({info.name: info for info in _rows()})
"""Every scope by its name, in the vendor's order."""


_PLATFORM: Final = "platform:"
"""The prefix of scopes that only apps may hold, according to the vendor, including scopes that are not known yet."""


def token_kinds(scopes: ScopeSet) -> frozenset[TokenKind]:
    """The kinds of token that may hold all of ``scopes``; empty if no single token may.

    A scope that this version does not know restricts nothing, unless it is a ``platform:`` scope: only apps may hold
    those, whichever they are.
    """
    kinds = _BOTH
    for name in scopes:
        if info := CATALOG.get(name):
            kinds &= info.contexts
        elif name.startswith(_PLATFORM):
            kinds &= _APP
    return kinds
