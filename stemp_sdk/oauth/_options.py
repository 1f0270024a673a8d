"""The options of ``OAuthApp`` besides its identity and its scopes, for the overloads of its constructor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

import httpx  # named in annotations, which can be evaluated; transport has loaded it

from .._client._wire_file import TokenAuth, TokenRequests, WireFile
from ._stores import TokenStore


class AppOptions(TypedDict, total=False):
    """The options of ``OAuthApp``."""

    store: TokenStore | None
    base_url: str | None
    timeout: float
    http_client: httpx.Client | None
    signing_key: str | bytes | None
    jwks: Mapping[str, Any] | None
    paths: Mapping[str, str] | None
    wire: WireFile
    token_requests: TokenRequests | None
    token_auth: TokenAuth | None
