"""PKCE (RFC 7636): binds an authorization code to the client that requested it."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode

from .secret import Secret


def s256_challenge(verifier: Secret) -> str:
    """The challenge of a verifier, by the method S256."""
    digest = hashlib.sha256(verifier.reveal().encode()).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
