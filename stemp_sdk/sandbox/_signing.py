"""The key that signs access tokens, and its public half for verification."""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import attrs

from .._forking import unforked

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey


@attrs.define
class SigningKey:
    """An RSA key, generated at its first use."""

    id: str = attrs.field(factory=lambda: secrets.token_urlsafe(16), init=False)
    _private: RSAPrivateKey | None = attrs.field(default=None, init=False, repr=False)

    def sign(self, claims: Mapping[str, Any]) -> str:
        """A JWT of the claims, signed with RS256, or unsecured (RFC 7519 §6) without the extra ``sandbox``."""
        try:
            require_extra()
        except ImportError:
            return ".".join([*(_base64url(part) for part in ({"alg": "none", "typ": "JWT"}, claims)), ""])
        import jwt

        with unforked():
            return jwt.encode(dict(claims), self._key(), algorithm="RS256", headers={"kid": self.id})

    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """The public half as a JWKS document (RFC 7517); empty without the extra, as nothing is signed then."""
        try:
            require_extra()
        except ImportError:
            return {"keys": []}
        from jwt.algorithms import RSAAlgorithm

        with unforked():
            numbers = RSAAlgorithm.to_jwk(self._key().public_key(), as_dict=True)
        public = {name: numbers[name] for name in ("kty", "n", "e")}
        return {"keys": [{**public, "alg": "RS256", "use": "sig", "kid": self.id}]}

    def _key(self) -> RSAPrivateKey:
        from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

        if self._private is None:
            self._private = generate_private_key(public_exponent=65537, key_size=2048)
        return self._private


SIGNING_KEY: Final = SigningKey()
"""One key for all sandboxes of a process, as generating it takes a while. Sandboxes recognise tokens without it."""


def require_extra() -> None:
    """Check that signatures can be made.

    Raises:
        ImportError: PyJWT or cryptography is missing; the message names the extra.
    """
    try:
        import_module("cryptography")
        import_module("jwt")
    except ImportError as error:
        raise ImportError('the sandbox\'s apps need an extra: pip install "stemp-sdk[sandbox]"') from error


def _base64url(part: Mapping[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
