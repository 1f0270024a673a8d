"""Whether an access token is what it should be, as far as this side can tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ..core.secret import Secret
from ._errors import UntrustedTokenError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from jwt import PyJWK
    from jwt.types import Options

_AUDIENCE: Final = "stemp:api:app"
# Time is the server's, and what the other claims look like is not for this side to judge.
_LEFT_OUT: Final[Options] = {
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
    "verify_sub": False,
    "verify_jti": False,
}


class SignatureVerifier:
    """Verifies the RS256 signature and the audience of access tokens, by PyJWT (extra ``oauth``).

    When a token begins and ends is left to the server: a clock that is wrong here would refuse good ones.

    Args:
        signing_key: The PEM of the public key.
        jwks: The public keys as a parsed JWKS document, in place of ``signing_key``.

    Raises:
        ImportError: the extra is missing.
        ValueError: there is no usable key, or both are given.
    """

    def __init__(self, signing_key: str | bytes | None, jwks: Mapping[str, Any] | None) -> None:
        if signing_key is not None and jwks is not None:
            raise ValueError("signing_key and jwks are two ways to give the same: pass one of them")
        try:
            import jwt
            from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
            from cryptography.hazmat.primitives.serialization import load_pem_public_key
        except ImportError as error:
            raise ImportError('verifying signatures needs an extra: pip install "stemp-sdk[oauth]"') from error
        self._key: RSAPublicKey | None = None
        self._by_id: dict[str | None, PyJWK] = {}
        if jwks is not None:
            try:
                self._by_id = {key.key_id: key for key in jwt.PyJWKSet.from_dict(dict(jwks)).keys}
            except (jwt.PyJWTError, AttributeError, TypeError, ValueError):
                raise ValueError("jwks must be a JWKS document with a key that can be used") from None
        if signing_key is not None:
            pem = signing_key.encode() if isinstance(signing_key, str) else signing_key
            try:
                key = load_pem_public_key(pem)
            except ValueError:
                key = None
            if not isinstance(key, RSAPublicKey):
                raise ValueError("signing_key must be an RSA public key in PEM")
            self._key = key

    def verify(self, token: Secret) -> None:
        """Check the token.

        Raises:
            UntrustedTokenError: the signature or the audience is wrong, or it is by an unknown key.
        """
        import jwt

        try:
            key = self._key or self._by_id[jwt.get_unverified_header(token.reveal())["kid"]]
            jwt.decode(token.reveal(), key, algorithms=["RS256"], audience=_AUDIENCE, options=_LEFT_OUT)
        except KeyError:
            reason = "it is signed by a key that is not known here"
        except jwt.PyJWTError as error:
            reason = f"its signature does not hold ({type(error).__name__})"
        else:
            return
        # Raised out here: PyJWT's own traceback shows the token.
        raise UntrustedTokenError(reason)
