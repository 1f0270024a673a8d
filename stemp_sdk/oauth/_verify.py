"""The signature of an access token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..core.secret import Secret
from ._errors import CallbackError

_AUDIENCE: Final = "stemp:api:app"


def verify_signature(token: Secret, signing_key: str | None, jwks: Mapping[str, Any] | None) -> None:
    """Verify a token's RS256 signature and audience by PyJWT (extra ``oauth``), where there is something to verify by.

    Raises:
        CallbackError: the signature or the audience is wrong.
    """
    if signing_key is None and jwks is None:
        return
    import jwt

    try:
        key: Any = signing_key
        if jwks is not None:
            key = jwt.PyJWKSet.from_dict(dict(jwks))[jwt.get_unverified_header(token.reveal())["kid"]]
        jwt.decode(token.reveal(), key, algorithms=["RS256"], audience=_AUDIENCE)
    except (jwt.PyJWTError, KeyError) as error:
        raise CallbackError(f"the access token's signature does not hold ({type(error).__name__})") from None
