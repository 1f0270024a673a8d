from __future__ import annotations

import base64
import hashlib
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from stemp_sdk import TokenKindError, presets
from stemp_sdk.oauth import MemoryTokenStore, OAuthApp, PendingAuthorization
from stemp_sdk.scopes import API_TOKEN_MANAGE, USER_READ
from tests.oauth.world import ASKED, REDIRECT_URI, World


def _query(pending: PendingAuthorization) -> dict[str, str]:
    return {name: value for name, [value] in parse_qs(urlsplit(pending.url).query).items()}


def test_the_url_asks_for_the_scopes_of_the_app() -> None:
    app = OAuthApp("app_1", "secret", REDIRECT_URI, scopes=presets.EMAIL_APP)
    pending = app.authorize()
    assert pending.url.startswith("https://api.stemp.app/api/v1/apps/oauth2/authorize?")
    query = _query(pending)
    digest = hashlib.sha256(pending.verifier.reveal().encode()).digest()
    assert query == {
        "response_type": "code",
        "client_id": "app_1",
        "redirect_uri": REDIRECT_URI,
        "scope": "org:members:read platform:email:send user:read",
        "state": pending.state,
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    assert 43 <= len(pending.verifier.reveal()) <= 128
    assert pending.scopes == presets.EMAIL_APP


def test_no_two_authorizations_are_alike() -> None:
    app = OAuthApp("app_1", "secret", REDIRECT_URI, scopes=USER_READ)
    one, two = app.authorize(), app.authorize()
    assert one.state != two.state
    assert one.verifier.reveal() != two.verifier.reveal()


def test_an_authorization_may_ask_for_other_scopes() -> None:
    app = OAuthApp("app_1", "secret", REDIRECT_URI, scopes=USER_READ, base_url="http://localhost:1/api/")
    pending = app.authorize(scopes=ASKED)
    assert (_query(pending)["scope"], pending.scopes) == (str(ASKED), ASKED)
    assert pending.url.startswith("http://localhost:1/api/v1/")
    with pytest.raises(TokenKindError):
        app.authorize(scopes=API_TOKEN_MANAGE)  # type: ignore[arg-type]


def test_an_api_only_scope_is_refused_at_once() -> None:
    with pytest.raises(TokenKindError) as caught:
        OAuthApp("app_1", "secret", REDIRECT_URI, scopes=API_TOKEN_MANAGE)  # type: ignore[arg-type]
    assert caught.value.misplaced == API_TOKEN_MANAGE


class AsyncStore(MemoryTokenStore):
    async def load(self, key: str) -> bytes | None:  # type: ignore[override]
        return super().load(key)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"client_id": " "}, ValueError, "client_id is empty"),
        ({"client_secret": None}, TypeError, "client_secret must be a str, not None$"),
        ({"client_secret": "kept-secret\n"}, ValueError, "client_secret ends with a line break"),
        ({"client_secret": "'kept-secret'"}, ValueError, "client_secret has quotes around it"),
        ({"client_secret": "\ufeffkept-secret"}, ValueError, "client_secret begins with a byte order mark"),
        ({"store": {}}, TypeError, "store must have the methods of TokenStore; dict has no load"),
        ({"store": AsyncStore()}, TypeError, "store must have synchronous methods, and load of AsyncStore is async"),
        ({"redirect_uri": "/callback"}, ValueError, "redirect_uri must be an absolute URL"),
        ({"base_url": "http://api.example"}, ValueError, "base_url must be https"),
        ({"timeout": 0}, ValueError, "timeout must be"),
        ({"scopes": "user:read"}, TypeError, "scopes must be a ScopeSet"),
        ({"signing_key": "x", "jwks": {}}, ValueError, "pass one of them"),
    ],
)
def test_an_app_without_a_needed_argument_is_refused(
    change: dict[str, Any], error: type[Exception], message: str
) -> None:
    arguments: dict[str, Any] = {
        "client_id": "app_1",
        "client_secret": "kept-secret",
        "redirect_uri": REDIRECT_URI,
        "scopes": USER_READ,
        **change,
    }
    with pytest.raises(error, match=message) as caught:
        OAuthApp(**arguments)
    assert "kept-secret" not in str(caught.value)


@pytest.mark.parametrize("again", [False, True])
def test_a_pending_authorization_survives_a_session(world: World, again: bool) -> None:
    installation_id = world.install().id if again else None
    pending = world.app.authorize(installation=installation_id)
    assert pending.installation_id == installation_id
    loaded = PendingAuthorization.load(pending.dump())
    assert loaded.verifier.reveal() == pending.verifier.reveal()
    assert loaded == pending
    assert world.exchange(world.sandbox.consent.allow(loaded.url), loaded).scopes == ASKED


def test_a_pending_authorization_is_loaded_from_a_string_only() -> None:
    dumped: Any = b"{}"
    with pytest.raises(TypeError, match="text must be a str, not bytes"):
        PendingAuthorization.load(dumped)


GOOD: dict[str, Any] = {"url": "u", "state": "s", "verifier": "v", "scopes": ["user:read"], "created_at": 1.5}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        *(
            json.dumps({**GOOD, **change})
            for change in (
                {"state": ""},
                {"state": None},
                {"verifier": ""},
                {"verifier": 5},
                {"scopes": "user:read"},
                {"scopes": ["a b"]},
                {"created_at": "now"},
                {"created_at": float("nan")},
                {"url": None},
                {"installation_id": 5},
            )
        ),
    ],
)
def test_a_pending_authorization_that_cannot_be_read_is_refused(text: str) -> None:
    PendingAuthorization.load(json.dumps(GOOD))
    with pytest.raises(ValueError, match=r"^text is not a pending authorization: pass what"):
        PendingAuthorization.load(text)


@pytest.mark.parametrize(
    ("installation", "error", "message"),
    [
        (None, TypeError, "^installation must be an Installation or its id, not NoneType$"),
        (b"ins_1", TypeError, "^installation must be an Installation or its id, not bytes$"),
        ("", ValueError, "^installation is empty$"),
    ],
)
def test_an_installation_that_cannot_be_read_is_refused(
    world: World, installation: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        world.forget(installation)
    if installation is not None:
        with pytest.raises(error, match=message):
            world.app.authorize(installation=installation)


def test_an_app_closes_its_connections(world: World) -> None:
    with world.new_app(http_client=None) as app:
        pending = app.authorize()
        assert repr(app) == f"<OAuthApp {app.client_id}, scopes: pass:read, platform:email:send, user:read>"
    with pytest.raises(RuntimeError, match="closed"):
        app.exchange(world.sandbox.consent.allow(pending.url), pending)
