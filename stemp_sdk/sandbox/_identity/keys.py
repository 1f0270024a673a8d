"""The key that access tokens are signed with, and its public half for whoever verifies them."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from .._tokens import base64url

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey


class SigningKey:
    """An RSA key, made when it is first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._private: RSAPrivateKey | None = None

    def sign(self, claims: Mapping[str, Any]) -> str:
        """A JWT (RS256) of the claims."""
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        header = {"alg": "RS256", "typ": "JWT", "kid": self.jwk["kid"]}
        signed = ".".join(base64url(json.dumps(part).encode()) for part in (header, claims))
        return f"{signed}.{base64url(self._key().sign(signed.encode(), PKCS1v15(), SHA256()))}"

    @property
    def jwk(self) -> dict[str, str]:
        """The public half, as RFC 7517 has it; its ``kid`` is the thumbprint of RFC 7638."""
        public = self._key().public_key().public_numbers()
        numbers = {"e": _number(public.e), "kty": "RSA", "n": _number(public.n)}
        thumbprint = hashlib.sha256(json.dumps(numbers, separators=(",", ":")).encode()).digest()
        return {**numbers, "alg": "RS256", "use": "sig", "kid": base64url(thumbprint)}

    def _key(self) -> RSAPrivateKey:
        from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

        with self._lock:
            if self._private is None:
                self._private = generate_private_key(public_exponent=65537, key_size=2048)
            return self._private


SIGNING_KEY: Final = SigningKey()
"""One for all sandboxes of a process, as making one takes a while: a sandbox knows its tokens by having issued them."""


def require_cryptography() -> None:
    """Say at once how to get what signing needs.

    Raises:
        ImportError: cryptography is missing.
    """
    try:
        import cryptography  # noqa: F401  # pyright: ignore[reportUnusedImport]
    except ImportError as error:
        raise ImportError('the sandbox\'s apps need an extra: pip install "stemp-sdk[sandbox]"') from error


def _number(number: int) -> str:
    return base64url(number.to_bytes((number.bit_length() + 7) // 8, "big"))
