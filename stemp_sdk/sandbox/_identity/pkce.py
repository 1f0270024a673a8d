"""The PKCE checks of the token endpoint (RFC 7636), which bind a code to the client that requested it."""

from __future__ import annotations

import hmac
import re
from typing import Final

from ..._core.pkce import s256_challenge
from ..._core.secret import Secret

METHODS: Final = frozenset({"S256", "plain"})

_FORM: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def is_well_formed(value: str) -> bool:
    """Whether a string can be a challenge or a verifier, which have the same form."""
    return _FORM.fullmatch(value) is not None


def fits(verifier: str | None, challenge: str | None, method: str) -> bool:
    """Whether a verifier matches a challenge; without a challenge, no verifier is allowed."""
    if verifier is None or challenge is None:
        return verifier is challenge
    if not is_well_formed(verifier):
        return False
    return hmac.compare_digest(s256_challenge(Secret(verifier)) if method == "S256" else verifier, challenge)
