"""OAuth2's endpoints are operations like the others: listed, and corrected without a release."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import attrs
import httpx
import pytest

from stemp_sdk import OPERATIONS, Provenance, presets
from stemp_sdk.oauth import OAuthApp
from tests.conftest import Twin
from tests.oauth.world import REDIRECT_URI, World

ELSEWHERE = {
    "oauth.authorize": "/v2/consent",
    "oauth.exchange": "/v2/oauth/token",
    "oauth.refresh": "/v2/oauth/renew",
    "users.list": "/v2/people",
}
HOME = {route.rpartition(" ")[2]: OPERATIONS[name].path for name, route in ELSEWHERE.items()}


@attrs.define
class Elsewhere(httpx.BaseTransport):
    """The sandbox behind other paths, which takes forms where it is told to."""

    inner: httpx.Client
    takes_forms: bool = False
    seen: list[str] = attrs.field(factory=list[str])

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api")
        self.seen.append(path)
        body = request.read()
        if body and self.takes_forms:
            assert request.headers["content-type"] == "application/x-www-form-urlencoded"
            body = json.dumps({name: value for name, [value] in parse_qs(body.decode()).items()}).encode()
        url = request.url.copy_with(path=f"/api{HOME.get(path, path)}")
        headers = {"Authorization": request.headers.get("authorization", "")} if not body else {}
        answer = self.inner.request(request.method, url, content=body, headers=headers)
        return httpx.Response(answer.status_code, content=answer.content)


@pytest.fixture
def world(twin: Twin) -> World:
    return World(twin)


@pytest.mark.parametrize("how", ["paths", "wire", "form in wire", "form"])
def test_an_app_whose_endpoints_are_elsewhere(world: World, tmp_path: Path, how: str) -> None:
    transport = Elsewhere(world.sandbox.http_client(), takes_forms="form" in how)
    file = tmp_path / "wire.json"
    as_form = {"token_requests": "form"} if how == "form in wire" else {}
    file.write_text(json.dumps({"paths": ELSEWHERE, **as_form}), "utf-8")
    options: dict[str, Any] = {"wire": file} if "wire" in how else {"paths": ELSEWHERE}
    if how == "form":
        options["token_requests"] = "form"
    app = world.new_app(http_client=httpx.Client(transport=transport), **options)
    pending = app.authorize()
    address = urlsplit(pending.url)
    assert address.path.endswith("/v2/consent")
    home = address._replace(path=address.path.replace("/v2/consent", OPERATIONS["oauth.authorize"].path)).geturl()
    installation = app.exchange(world.sandbox.allow(home), pending)
    world.twin.still.now += 3_600
    client = app.client(installation)
    assert client.users.list().items
    assert transport.seen == ["/v2/oauth/token", "/v2/oauth/renew", "/v2/people"]


def test_they_have_their_provenance() -> None:
    assert {name: OPERATIONS[name].provenance for name in OPERATIONS if name.startswith("oauth.")} == {
        "oauth.authorize": Provenance.DOCUMENTED,
        "oauth.exchange": Provenance.INFERRED,
        "oauth.refresh": Provenance.DOCUMENTED,
    }


@pytest.mark.parametrize("body", [b"", b'{"code": "resource_not_found", "params": null}'])
def test_an_exchange_that_is_not_there_says_that_it_is_inferred(world: World, body: bytes) -> None:
    missing = httpx.MockTransport(lambda _: httpx.Response(404, content=body))
    app = world.new_app(http_client=httpx.Client(transport=missing))
    pending = app.authorize()
    with pytest.raises(Exception, match=r"404|resource_not_found") as caught:
        app.exchange(world.sandbox.allow(pending.url), pending)
    assert "POST /v1/apps/oauth2/token (it is inferred): if yours differs, pass paths=" in str(caught.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"paths": {"oauth.exchnge": "/x"}}, r"paths: 'oauth\.exchnge' is not an operation: did you mean 'oauth\.exch"),
        ({"token_requests": "xml"}, r"token_requests must be \"json\" or \"form\", not 'xml'"),
        ({"paths": {"oauth.refresh": "PUT /x"}}, r"paths\['oauth\.refresh'\] must be a POST"),
    ],
)
def test_corrections_that_do_not_fit(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        OAuthApp("app_1", "secret", REDIRECT_URI, scopes=presets.POS, **options)
