"""The metadata of the authorization server (RFC 8414), from which OAuth libraries learn its endpoints.

The vendor documents no such document: that there is one is the sandbox's choice. It describes the sandbox.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..._core.operation import Operation
from ...scopes import CATALOG, TokenKind
from .._routing import BASE_PATH
from .._values import SandboxRequest
from .pkce import METHODS

METADATA: Final = "/.well-known/oauth-authorization-server"
JWKS: Final = "/.well-known/jwks.json"

_IN_PROCESS: Final = "sandbox.stemp.invalid"


def metadata(request: SandboxRequest, operations: Mapping[str, Operation]) -> dict[str, object]:
    """The document, with URLs under the name that the request was sent to.

    The issuer is the origin, or, at the path for the issuer ``/api``, the base URL (RFC 8414 §3).
    """
    origin = f"{request.scheme}://{request.headers.get('host') or _IN_PROCESS}"
    base_url = origin + BASE_PATH
    return {
        "issuer": base_url if request.path.endswith(BASE_PATH) else origin,
        "authorization_endpoint": base_url + operations["oauth.authorize"].path,
        "token_endpoint": base_url + operations["oauth.exchange"].path,
        # Not one of the registered names: the vendor documents an endpoint of its own for this, and the token endpoint
        # refuses the grant type, so it is not among grant_types_supported.
        "refresh_endpoint": base_url + operations["oauth.refresh"].path,
        "jwks_uri": origin + JWKS,
        "scopes_supported": [info.name for info in CATALOG.values() if TokenKind.APP in info.contexts],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": sorted(METHODS),
    }
