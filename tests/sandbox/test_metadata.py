"""The metadata of the authorization server, and its keys, as OAuth libraries read them."""

from __future__ import annotations

import json
from typing import Any

import httpx
import jwt
import pytest

from stemp_sdk.sandbox import Sandbox, SandboxRequest, Wire, serving
from stemp_sdk.scopes import PLATFORM_EMAIL_SEND, USER_READ, TokenKind

from .identity import CHALLENGE, VERIFIER, AppSide


def metadata_url(base_url: str, issuer_path: str = "") -> str:
    return f"{base_url.removesuffix('/api')}/.well-known/oauth-authorization-server{issuer_path}"


def test_the_published_keys_verify_every_token_of_an_app(app_side: AppSide) -> None:
    sandbox = app_side.sandbox
    granted = app_side.tokens()
    tokens = [
        granted["access_token"],
        app_side.refresh(granted["refresh_token"])[1]["access_token"],
        sandbox.issue_token(PLATFORM_EMAIL_SEND),
        Sandbox(seed=1).issue_token(USER_READ, kind=TokenKind.APP),
    ]
    with serving(sandbox) as base_url:
        keys = jwt.PyJWKClient(httpx.get(metadata_url(base_url)).json()["jwks_uri"])
        for token in tokens:
            key = keys.get_signing_key_from_jwt(token)
            untimed: Any = {"verify_exp": False, "verify_iat": False}
            assert jwt.decode(token, key, algorithms=["RS256"], audience="stemp:api:app", options=untimed)


@pytest.mark.parametrize("issuer_path", ["", "/api"])
def test_the_metadata_leads_to_the_endpoints(sandbox: Sandbox, issuer_path: str) -> None:
    with serving(sandbox) as base_url:
        origin = base_url.removesuffix("/api")
        described = httpx.get(metadata_url(base_url, issuer_path)).raise_for_status().json()
        assert described["issuer"] == origin + issuer_path
        assert httpx.get(described["jwks_uri"]).json()["keys"]
        assert httpx.get(described["authorization_endpoint"]).status_code == 400  # without a client_id
        for endpoint in ("token_endpoint", "refresh_endpoint"):
            assert httpx.post(described[endpoint], data={"grant_type": "password"}).json()["error"] == (
                "unsupported_grant_type"
            )
    assert [each.operation for each in sandbox.requests] == [
        "oauth.metadata",
        "oauth.jwks",
        "oauth.authorize",
        "oauth.exchange",
        "oauth.refresh",
    ]


def test_the_metadata_says_what_the_sandbox_does(app_side: AppSide) -> None:
    request = SandboxRequest("GET", "/.well-known/oauth-authorization-server")
    described = json.loads(app_side.sandbox.handle(request).body)
    assert described["issuer"] == "https://sandbox.stemp.invalid"
    assert described["token_endpoint"] == f"{Sandbox.base_url}/v1/apps/oauth2/token"
    app_side.tokens(scope=" ".join(described["scopes_supported"]))
    assert "api_token:manage" not in described["scopes_supported"]
    for method in described["code_challenge_methods_supported"]:
        challenge = VERIFIER if method == "plain" else CHALLENGE
        app_side.tokens(code_challenge=challenge, code_challenge_method=method)
    code = app_side.code()
    assert described["token_endpoint_auth_methods_supported"] == ["client_secret_basic", "client_secret_post"]
    assert described["grant_types_supported"] == ["authorization_code"]
    assert app_side.redeem(code, grant_type="refresh_token")[1]["error"] == "unsupported_grant_type"


def test_the_metadata_follows_other_paths() -> None:
    sandbox = Sandbox(wire=Wire(paths={"oauth.exchange": "POST /v2/token"}))
    request = SandboxRequest("GET", "/.well-known/oauth-authorization-server")
    described = json.loads(sandbox.handle(request).body)
    assert described["token_endpoint"] == f"{Sandbox.base_url}/v2/token"
