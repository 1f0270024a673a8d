"""PKCE (RFC 7636): whoever redeems a code shows to be who asked for it."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from typing import Final

from .._tokens import base64url

_FORM: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def _s256(verifier: str) -> str:
    return base64url(hashlib.sha256(verifier.encode()).digest())


METHODS: Final[Mapping[str, Callable[[str], str]]] = {"S256": _s256, "plain": str}
"""How each method makes the challenge from the verifier."""


def is_well_formed(text: str) -> bool:
    """Whether it can be a challenge or a verifier: both have the same form."""
    return _FORM.fullmatch(text) is not None


def fits(verifier: str | None, challenge: str | None, method: str) -> bool:
    """Whether a verifier is the one behind a challenge; without a challenge, whether there is none."""
    if verifier is None or challenge is None:
        return verifier is challenge
    return is_well_formed(verifier) and hmac.compare_digest(METHODS[method](verifier), challenge)
