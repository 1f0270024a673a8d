"""Verifies access tokens: the app, the installation, and with a key the signature."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from .._auth.token import read_claims
from .._core.secret import Secret
from .._forking import unforked
from ._errors import UntrustedTokenError
from ._installation import Installation

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from jwt import PyJWK
    from jwt.types import Options

_AUDIENCE: Final = "stemp:api:app"
# The server checks the times, and the form of the other claims is not checked.
_LEFT_OUT: Final[Options] = {
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
    "verify_sub": False,
    "verify_jti": False,
}


class TokenVerifier:
    """Checks that an access token is for an app and an installation, and with a key, that stemp signed it.

    Args:
        client_id: The id of the app.
        signing_key: As for ``SignatureVerifier``.
        jwks: As for ``SignatureVerifier``.
    """

    def __init__(self, client_id: str, signing_key: str | bytes | None, jwks: Mapping[str, Any] | None) -> None:
        self._client_id = client_id
        unverified = signing_key is None and jwks is None
        self._signatures = None if unverified else SignatureVerifier(signing_key, jwks)

    def verify(self, installation: Installation) -> None:
        """Check the installation's access token.

        Raises:
            UntrustedTokenError: its signature is invalid, or it is for another installation or app.
        """
        if self._signatures is not None:
            self._signatures.verify(installation.access_token)
        claims = read_claims(installation.access_token.reveal()) or {}
        if claims.get("installationId") not in (None, installation.id):  # no set: a claim may be unhashable
            raise UntrustedTokenError("it is another installation's")
        if claims.get("clientId") not in (None, self._client_id):
            raise UntrustedTokenError("it is for another app")


class SignatureVerifier:
    """Verifies the RS256 signature and the audience of access tokens, by PyJWT (extra ``oauth``).

    The server checks when a token begins and ends, as a wrong clock here would refuse valid ones.

    Args:
        signing_key: The PEM of the public key.
        jwks: The public keys as a parsed JWKS document, instead of ``signing_key``.

    Raises:
        ImportError: the extra is missing.
        ValueError: there is no usable key, or both are given.
    """

    def __init__(self, signing_key: str | bytes | None, jwks: Mapping[str, Any] | None) -> None:
        if signing_key is not None and jwks is not None:
            raise ValueError("signing_key and jwks exclude each other: pass one of them")
        try:
            import jwt
            from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
            from cryptography.hazmat.primitives.serialization import load_pem_public_key
        except ImportError as error:
            raise ImportError('verifying signatures needs an extra: pip install "stemp-sdk[oauth]"') from error
        self._key: RSAPublicKey | None = None
        self._keys: list[PyJWK] = []
        if jwks is not None:
            try:
                with unforked():
                    self._keys = jwt.PyJWKSet.from_dict(dict(jwks)).keys
            except (jwt.PyJWTError, AttributeError, TypeError, ValueError):
                raise ValueError("jwks must be a JWKS document with a key that can be used") from None
        if signing_key is not None:
            pem = signing_key.encode() if isinstance(signing_key, str) else signing_key
            try:
                with unforked():
                    key = load_pem_public_key(pem)
            except ValueError:
                key = None
            if not isinstance(key, RSAPublicKey):
                raise ValueError("signing_key must be an RSA public key in PEM")
            self._key = key

    def verify(self, token: Secret) -> None:
        """Check the token.

        Raises:
            UntrustedTokenError: the signature or the audience is wrong, or the key is unknown.
        """
        import jwt

        try:
            key = self._key or self._key_for(jwt.get_unverified_header(token.reveal()).get("kid"))
            with unforked():
                jwt.decode(token.reveal(), key, algorithms=["RS256"], audience=_AUDIENCE, options=_LEFT_OUT)
        except KeyError:
            reason = "it is signed with an unknown key"
        except jwt.PyJWTError as error:
            reason = f"its signature is not valid ({type(error).__name__})"
        else:
            return
        # Raised outside the handler, as PyJWT's own traceback shows the token.
        raise UntrustedTokenError(reason)

    def _key_for(self, key_id: str | None) -> PyJWK:
        """The key of the JWKS that a token names; the only key, if the token or that key has no id.

        Raises:
            KeyError: there is none.
        """
        if len(self._keys) == 1 and (key_id is None or self._keys[0].key_id is None):
            return self._keys[0]
        return {key.key_id: key for key in self._keys if key.key_id is not None}[key_id or ""]
