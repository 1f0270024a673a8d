from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from functools import cache
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import RSAAlgorithm

from stemp_sdk.oauth import CallbackError, OAuthApp, UntrustedTokenError
from stemp_sdk.sandbox import SandboxRequest
from stemp_sdk.scopes import USER_READ
from tests.oauth.world import ASKED, REDIRECT_URI, TokenServer, World, answered


@cache
def _key(number: int) -> rsa.RSAPrivateKey:
    del number
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _token(number: int = 0, *, headers: Mapping[str, Any] | None = None, **claims: Any) -> str:
    claims = {"aud": "stemp:api:app", "installationId": "ins_1", "scopes": ["user:read"], **claims}
    return jwt.encode(claims, _key(number), "RS256", headers=dict(headers or {}))


def _jwks(world: World) -> dict[str, Any]:
    answer = world.sandbox.handle(SandboxRequest("GET", "/.well-known/jwks.json"))
    jwks: dict[str, Any] = json.loads(answer.body)
    return jwks


def test_a_token_of_the_sandbox_verifies_against_its_jwks(world: World) -> None:
    app = world.new_app(jwks=_jwks(world))
    client = world.client(world.install(app=app), app)
    world.sandbox.apps.expire_access_tokens()
    assert world.users(client) == 3


def test_a_token_of_the_sandbox_verifies_against_its_key(world: World) -> None:
    key = jwt.PyJWK(_jwks(world)["keys"][0]).key
    pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert world.install(app=world.new_app(signing_key=pem)).scopes == ASKED
    assert world.install(app=world.new_app(signing_key=pem.decode())).scopes == ASKED


def _exchanged(world: World, token: str, **keys: Any) -> None:
    app = world.new_app(client_id="app_1", http_client=TokenServer({"access_token": token}).client(), **keys)
    pending = app.authorize()
    world.exchange(answered(pending), pending, app)


def test_the_expiry_of_a_token_is_left_to_the_server(world: World) -> None:
    _exchanged(world, _token(iat=4e9, nbf=4e9, exp=1), signing_key=_pem(_key(0)))


@pytest.mark.parametrize("claims", [{"sub": 5}, {"jti": 5}, {"iss": "anybody"}])
def test_other_claims_of_a_token_are_left_to_the_server(world: World, claims: dict[str, Any]) -> None:
    _exchanged(world, _token(**claims), signing_key=_pem(_key(0)))


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        (lambda: _token(1), "its signature is not valid (InvalidSignatureError)"),
        (lambda: _token(aud="somebody:else"), "its signature is not valid (InvalidAudienceError)"),
        (lambda: _token(aud=5), "its signature is not valid (InvalidAudienceError)"),
        (lambda: jwt.encode({"installationId": "ins_1"}, "k" * 32, "HS256"), "InvalidAlgorithmError"),
        (lambda: jwt.encode({"installationId": "ins_1"}, "", "none"), "InvalidAlgorithmError"),
        (lambda: _token() + "!", "its signature is not valid"),
    ],
)
def test_a_bad_signature_is_refused_by_a_key(world: World, token: Any, reason: str) -> None:
    with pytest.raises(CallbackError) as caught:
        _exchanged(world, token(), signing_key=_pem(_key(0)))
    assert reason in str(caught.value)
    assert list(world.app.installations()) == []


@pytest.mark.parametrize("headers", [{"kid": "unknown"}, {"kid": ""}])
def test_a_token_by_a_key_that_the_jwks_does_not_have_is_refused(world: World, headers: dict[str, str]) -> None:
    with pytest.raises(CallbackError, match="it is signed with an unknown key"):
        _exchanged(world, _token(headers=headers), jwks=_jwks(world))


def _own_jwks(*keys: tuple[int, str | None]) -> dict[str, Any]:
    """A JWKS of keys with these numbers and ids."""
    documents = [json.loads(RSAAlgorithm.to_jwk(_key(number).public_key())) for number, _ in keys]
    return {
        "keys": [
            {**document, "use": "sig"} | ({} if key_id is None else {"kid": key_id})
            for document, (_, key_id) in zip(documents, keys, strict=True)
        ]
    }


@pytest.mark.parametrize(
    ("keys", "headers", "holds"),
    [
        ([(0, None)], {}, True),
        ([(0, None)], {"kid": "any"}, True),
        ([(0, "a")], {}, True),
        ([(0, "a")], {"kid": "a"}, True),
        ([(0, "a")], {"kid": "b"}, False),
        ([(1, "a")], {}, False),
        ([(0, "a"), (1, "b")], {"kid": "a"}, True),
        ([(0, "a"), (1, "b")], {}, False),
        ([(0, None), (1, None)], {}, False),
        ([(0, None), (1, "b")], {"kid": ""}, False),
    ],
)
def test_the_kid_of_a_token_chooses_the_key_of_a_jwks(
    world: World, keys: list[tuple[int, str | None]], headers: dict[str, str], holds: bool
) -> None:
    token, jwks = _token(headers=headers), _own_jwks(*keys)
    if holds:
        return _exchanged(world, token, jwks=jwks)
    with pytest.raises(CallbackError, match="cannot be trusted"):
        _exchanged(world, token, jwks=jwks)
    return None


def test_a_bad_signature_is_refused_by_a_jwks(world: World) -> None:
    jwks = _jwks(world)
    with pytest.raises(CallbackError, match="its signature is not valid"):
        _exchanged(world, _token(headers={"kid": jwks["keys"][0]["kid"]}), jwks=jwks)


def test_a_refresh_that_is_badly_signed_is_not_used_and_costs_nothing(rotating: World) -> None:
    installation = rotating.install()
    rotating.sandbox.apps.expire_access_tokens()
    outdated = rotating.new_app(signing_key=_pem(_key(0)))
    with pytest.raises(UntrustedTokenError) as caught:
        rotating.users(rotating.client(installation, outdated))
    assert str(caught.value) == (
        "the access token cannot be trusted: its signature is not valid (InvalidSignatureError)"
    )
    assert rotating.stored(installation).access_token == installation.access_token
    assert rotating.stored(installation).refresh_token != installation.refresh_token
    assert rotating.users(rotating.client(installation)) == 3


def _not_rsa() -> bytes:
    return _pem(ec.generate_private_key(ec.SECP256R1()))


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"signing_key": "no key"}, "signing_key must be an RSA public key in PEM"),
        ({"signing_key": _not_rsa}, "signing_key must be an RSA public key in PEM"),
        ({"jwks": {}}, "jwks must be a JWKS document"),
        ({"jwks": {"keys": []}}, "jwks must be a JWKS document"),
        ({"jwks": {"keys": [5]}}, "jwks must be a JWKS document"),
        ({"jwks": {"keys": 5}}, "jwks must be a JWKS document"),
        ({"jwks": []}, "jwks must be a JWKS document"),
    ],
)
def test_a_malformed_verification_key_is_refused(keys: dict[str, Any], message: str) -> None:
    arguments: dict[str, Any] = {name: value() if callable(value) else value for name, value in keys.items()}
    with pytest.raises(ValueError, match=message):
        OAuthApp("app_1", "secret", REDIRECT_URI, scopes=USER_READ, **arguments)


def test_verification_without_its_extra_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jwt", None)
    with pytest.raises(ImportError, match=r'pip install "stemp-sdk\[oauth\]"'):
        OAuthApp("app_1", "secret", REDIRECT_URI, scopes=USER_READ, signing_key="key")
    OAuthApp("app_1", "secret", REDIRECT_URI, scopes=USER_READ)
