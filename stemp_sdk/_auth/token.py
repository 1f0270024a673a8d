"""Reads the kind of a token from its form, and the scopes from the claims of a JWT."""

from __future__ import annotations

import base64
import binascii
import json
import logging
from contextlib import suppress
from typing import Any, Final, cast

from .._core.credential import Grant
from .._core.secret import Secret
from ..scopes import ScopeSet, TokenKind, parse

_logger: Final = logging.getLogger("stemp_sdk")

_API_PREFIX: Final = "sk_live_"


def grant_of(token: Secret) -> Grant:
    """The kind and scopes of a token, from its form. The claims of a JWT are read, not verified."""
    if token.reveal().startswith(_API_PREFIX):
        return Grant(TokenKind.API)
    claims = read_claims(token.reveal())
    return Grant() if claims is None else Grant(TokenKind.APP, claimed_scopes(claims))


def read_claims(value: str) -> dict[str, Any] | None:
    """A JWT's payload; None if the string is not a JWT."""
    parts = value.split(".")
    if len(parts) != 3:
        return None
    try:
        payload = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", payload) if isinstance(payload, dict) else None


def claimed_scopes(claims: dict[str, Any]) -> ScopeSet | None:
    """The claim ``scopes``, a list or a string; None if it is absent or unreadable, which differs from empty."""
    claim: Any = claims.get("scopes")
    if claim is None:
        return None
    if isinstance(claim, str) and not claim.strip():
        return ScopeSet()
    if type(claim) in {str, list}:
        with suppress(TypeError, ValueError):
            return parse(claim)
    _logger.warning("the claim scopes of a token cannot be read: it is not known what the token holds")
    return None
