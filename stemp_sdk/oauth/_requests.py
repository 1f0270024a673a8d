"""The parameters of requests to the OAuth2 endpoints, by their names on the wire."""

from __future__ import annotations

from typing import Literal

from typing_extensions import NotRequired, TypedDict

from .._core.secret import Secret


class AuthorizeQuery(TypedDict):
    """The query of the authorize URL (documented; state and PKCE are recommended)."""

    response_type: Literal["code"]
    client_id: str
    redirect_uri: str
    scope: str
    state: NotRequired[str]
    code_challenge: NotRequired[str]
    code_challenge_method: NotRequired[Literal["S256", "plain"]]


class AppCredentials(TypedDict):
    """The credentials of an app."""

    client_id: str
    client_secret: str | Secret
    redirect_uri: str


class CodeExchange(AppCredentials):
    """The body of a code exchange (inferred)."""

    grant_type: Literal["authorization_code"]
    code: str | Secret
    code_verifier: NotRequired[str | Secret]


class TokenRefresh(TypedDict):
    """The body of a refresh (documented)."""

    refresh_token: str | Secret
