"""What a token's form tells of it: its kind, and for a JWT the scopes that it claims."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any, Final, cast

from ..core.credential import Credential, FixedToken, Grant
from ..core.secret import Secret
from ..scopes import ScopeSet, TokenKind, parse

_API_TOKEN_PREFIX: Final = "sk_live_"  # noqa: S105


def masked(token: object) -> Secret | Credential | type | None:
    """The argument ``token`` in a form that a traceback may show; of a wrong type, only the type is left."""
    if isinstance(token, str):
        return Secret(token)
    return token if token is None or isinstance(token, Credential) else type(token)


def read_token(given: Secret | type | None) -> FixedToken:
    """Check a token's form and read what it tells.  A JWT's claim is read, not verified: only the server can do that.

    Raises:
        TypeError: it is not a string.
        ValueError: it is empty, or has a character that no header may carry. The message never quotes it.
    """
    if given is None:
        raise TypeError("token is missing: pass it as the first argument, or set STEMP_TOKEN in the environment")
    if not isinstance(given, Secret):
        raise TypeError(f"token must be a str, not {given.__name__}")
    if problem := _problem(given.reveal()):
        raise ValueError(problem)
    if given.reveal().startswith(_API_TOKEN_PREFIX):
        return FixedToken(given, Grant(TokenKind.API))
    claims = read_claims(given.reveal())
    if claims is None:
        return FixedToken(given)
    return FixedToken(given, Grant(TokenKind.APP, claimed_scopes(claims)))


def _problem(token: str) -> str | None:
    """What is wrong with it.  It is not raised here, where the token is a local variable."""
    if not token:
        return "token is empty"
    if all("!" <= char <= "~" for char in token):
        return None
    return (
        "token has a space, a line break or another character that no token has; "
        "was it read from a file with its line end, or pasted with its quotes?"
    )


def read_claims(value: str) -> dict[str, Any] | None:
    """A JWT's payload; None if the text is no JWT."""
    parts = value.split(".")
    if len(parts) != 3:
        return None
    try:
        payload = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", payload) if isinstance(payload, dict) else None


def claimed_scopes(claims: dict[str, Any]) -> ScopeSet | None:
    """The claim ``scopes``, a list or one text; None where it is absent or unreadable, which is not as if empty."""
    claim: Any = claims.get("scopes")
    if isinstance(claim, str) and not claim.strip():
        return ScopeSet()
    if type(claim) not in {str, list}:
        return None
    try:
        return parse(claim)
    except (TypeError, ValueError):
        return None
