"""Sets of scopes."""

from __future__ import annotations

from stemp_sdk.scopes import CATALOG, ScopeSet, TokenKind


def every_scope(kind: TokenKind) -> ScopeSet:
    """All that a token of this kind may hold."""
    return ScopeSet(*(name for name, info in CATALOG.items() if kind in info.contexts))
