"""OAuth2's endpoints are operations like the others: listed, and corrected without a release."""

from __future__ import annotations

import json
import traceback
from base64 import b64encode
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from stemp_sdk import OPERATIONS, NotFoundError, Provenance, presets
from stemp_sdk._core.secret import Secret
from stemp_sdk.oauth import CallbackError, OAuthApp
from stemp_sdk.oauth._endpoint import basic_credentials
from stemp_sdk.sandbox import Wire
from tests.oauth.world import REDIRECT_URI, World
from tests.support.twins import Twin

ELSEWHERE = {
    "oauth.authorize": "/v2/consent",
    "oauth.exchange": "/v2/oauth/token",
    "oauth.refresh": "/v2/oauth/renew",
    "users.list": "/v2/people",
}


@pytest.fixture
def world(twin: Twin) -> World:
    return World(twin)


@pytest.mark.parametrize("how", ["paths", "wire", "form in wire", "form"])
def test_an_app_uses_endpoints_at_corrected_paths(twin: Twin, tmp_path: Path, how: str) -> None:
    world = World(twin, wire=Wire(paths=ELSEWHERE))
    seen: list[httpx.Request] = []
    file = tmp_path / "wire.json"
    as_form = {"token_requests": "form"} if how == "form in wire" else {}
    file.write_text(json.dumps({"paths": ELSEWHERE, **as_form}), "utf-8")
    options: dict[str, Any] = {"wire": file} if "wire" in how else {"paths": ELSEWHERE}
    if how == "form":
        options["token_requests"] = "form"
    app = world.new_app(http_client=watched(world, seen), **options)
    pending = app.authorize()
    assert urlsplit(pending.url).path.endswith("/v2/consent")
    assert b"<h1" in world.sandbox.http_client().get(pending.url).content
    installation = app.exchange(world.sandbox.consent.allow(pending.url), pending)
    world.twin.still.now += 3_600
    assert app.client(installation).users.list().items
    assert [request.url.path.removeprefix("/api") for request in seen] == [
        "/v2/oauth/token",
        "/v2/oauth/renew",
        "/v2/people",
    ]
    content_type = "application/x-www-form-urlencoded" if "form" in how else "application/json"
    assert [request.headers["content-type"] for request in seen[:2]] == [content_type] * 2


def watched(world: World, seen: list[httpx.Request]) -> httpx.Client:
    """A client of the sandbox that keeps what it sends."""
    inner = world.sandbox.http_client()

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return inner.send(request)

    return httpx.Client(transport=httpx.MockTransport(handle))


@pytest.mark.parametrize("requests", ["json", "form"])
@pytest.mark.parametrize("how", ["argument", "file"])
def test_an_app_that_says_who_it_is_by_http_basic(world: World, tmp_path: Path, how: str, requests: str) -> None:
    seen: list[httpx.Request] = []
    file = tmp_path / "wire.json"
    file.write_text(json.dumps({"token_auth": "client_secret_basic", "token_requests": requests}), "utf-8")
    options: dict[str, Any] = {"wire": file}
    if how == "argument":
        options = {"token_auth": "client_secret_basic", "token_requests": requests}
    app = world.new_app(http_client=watched(world, seen), **options)
    installation = world.install(app=app)
    world.twin.still.now += 3_600
    assert app.client(installation).users.list().items
    exchange, refresh, call = seen
    pair = f"{world.registered.client_id}:{world.registered.client_secret}"
    for request in (exchange, refresh):
        assert request.headers["authorization"] == "Basic " + b64encode(pair.encode()).decode()
        assert world.registered.client_secret.encode() not in request.content
        assert b"client_id" not in request.content
    assert call.headers["authorization"].startswith("Bearer ")


def test_credentials_are_form_encoded_before_they_are_sent_by_http_basic() -> None:
    credentials = basic_credentials("a:b", Secret("p w+ü"))
    assert credentials.reveal() == "Basic " + b64encode(b"a%3Ab:p+w%2B%C3%BC").decode()


def test_a_refusal_quotes_nothing_that_was_sent_by_http_basic(world: World) -> None:
    def echo(request: httpx.Request) -> httpx.Response:
        told = f"{request.headers['authorization']} {world.registered.client_secret}"
        return httpx.Response(400, json={"error": "invalid_request", "error_description": told})

    http_client = httpx.Client(transport=httpx.MockTransport(echo))
    app = world.new_app(http_client=http_client, token_auth="client_secret_basic")
    with pytest.raises(CallbackError) as caught:
        world.install(app=app)
    told = "".join(traceback.format_exception(caught.value))
    assert world.registered.client_secret not in told
    assert "Basic " not in told


def test_the_operations_of_oauth_have_their_provenance() -> None:
    assert {name: OPERATIONS[name].provenance for name in OPERATIONS if name.startswith("oauth.")} == {
        "oauth.authorize": Provenance.DOCUMENTED,
        "oauth.exchange": Provenance.INFERRED,
        "oauth.refresh": Provenance.DOCUMENTED,
    }


@pytest.mark.parametrize(
    ("body", "error"),
    [(b"", NotFoundError), (b'{"code": "resource_not_found", "params": null}', CallbackError)],
)
def test_a_404_of_the_exchange_says_that_its_path_is_inferred(
    world: World, body: bytes, error: type[Exception]
) -> None:
    missing = httpx.MockTransport(lambda _: httpx.Response(404, content=body))
    app = world.new_app(http_client=httpx.Client(transport=missing))
    pending = app.authorize()
    message = r"POST /v1/apps/oauth2/token \(it is inferred\): if yours differs, pass paths="
    with pytest.raises(error, match=message):
        app.exchange(world.sandbox.consent.allow(pending.url), pending)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"paths": {"oauth.exchnge": "/x"}}, r"paths: 'oauth\.exchnge' is not an operation: did you mean 'oauth\.exch"),
        ({"token_auth": "basic"}, r"token_auth must be \"client_secret_post\" or \"client_secret_basic\", not 'basic'"),
        ({"token_requests": "xml"}, r"token_requests must be \"json\" or \"form\", not 'xml'"),
        ({"paths": {"oauth.refresh": "PUT /x"}}, r"paths\['oauth\.refresh'\] must be a POST"),
    ],
)
def test_corrections_of_oauth_that_do_not_fit_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        OAuthApp("app_1", "secret", REDIRECT_URI, scopes=presets.POS, **options)
