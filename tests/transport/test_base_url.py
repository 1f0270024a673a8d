"""Where a token may go, and by which way."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from stemp_sdk import APIConnectionError, presets
from stemp_sdk._transport import _environment, read_base_url
from stemp_sdk._transport._environment import proxy_for
from stemp_sdk.oauth import OAuthApp
from stemp_sdk.sandbox import Sandbox
from tests.support.servers import serving
from tests.support.twins import TOKEN, Twin


@pytest.mark.parametrize(
    ("base_url", "origin", "path"),
    [
        ("https://api.stemp.app/api", "https://api.stemp.app/", "/api"),
        ("https://api.stemp.app/api/", "https://api.stemp.app/", "/api"),
        ("https://api.stemp.app", "https://api.stemp.app/", ""),
        ("https://stemp.example:8443/a/b", "https://stemp.example:8443/", "/a/b"),
        ("http://127.0.0.1:8787/api", "http://127.0.0.1:8787/", "/api"),
        ("http://127.9.9.9", "http://127.9.9.9/", ""),
        ("http://localhost:8787/api", "http://localhost:8787/", "/api"),
        ("http://[::1]:8787/api", "http://[::1]:8787/", "/api"),
    ],
)
def test_a_base_url_has_origin_and_path(base_url: str, origin: str, path: str) -> None:
    url, prefix = read_base_url(base_url)
    assert (str(url), prefix) == (origin, path)


@pytest.mark.parametrize(
    ("base_url", "error", "message"),
    [
        ("http://api.stemp.app/api", ValueError, "base_url must be https"),
        ("http://localhost.example.com", ValueError, "base_url must be https"),
        ("http://0.0.0.0:8787", ValueError, "base_url must be https"),
        ("http://127.0.0.1.example.com", ValueError, "base_url must be https"),
        ("ftp://api.stemp.app", ValueError, "base_url must be an absolute https URL"),
        ("api.stemp.app/api", ValueError, "base_url must be an absolute https URL"),
        ("https:///api", ValueError, "base_url must be an absolute https URL"),
        ("", ValueError, "base_url must be an absolute https URL"),
        ("ftp://user:secret@api.stemp.app", ValueError, "base_url must be without user name and password"),
        ("https://user:secret@api.stemp.app", ValueError, "base_url must be without user name and password"),
        ("https://api.stemp.app/api?x=1", ValueError, "no query or fragment"),
        ("https://api.stemp.app/api?", ValueError, "no query or fragment"),
        ("https://api.stemp.app/api#x", ValueError, "no query or fragment"),
        ("https://[::1", ValueError, "base_url is not a URL"),
        (f"https://{'a' * 64}.example", ValueError, "base_url must have a host whose parts"),
        ("https://stemp.example:65536", ValueError, "base_url must have a host .* and a port below 65536, not"),
        ("https://xn--", ValueError, "base_url is not a URL"),
        ("https://\ud800", ValueError, "base_url is not a URL"),
        (f"https://stemp.example/{'a' * 1000}", ValueError, "base_url has 1022 characters"),
        (httpx.URL("https://api.stemp.app"), TypeError, "base_url must be a str, not URL"),
    ],
)
def test_a_base_url_that_cannot_be_used_is_refused(
    twin: Twin, base_url: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        twin.client(base_url=base_url)
    assert "secret" not in str(caught.value)


# --- Plain http to a named host


@pytest.fixture
def warned(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What is logged as a warning, once for each host."""
    monkeypatch.setattr("stemp_sdk._transport._origin._WARNED", set[str]())
    caplog.set_level(logging.WARNING, "stemp_sdk")
    return caplog


def test_http_to_a_named_host_works_and_is_warned_of_once(
    twin: Twin, monkeypatch: pytest.MonkeyPatch, warned: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("STEMP_ALLOW_HTTP", "stemp-sandbox")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")  # which is not used
    with respx.mock(base_url="http://stemp-sandbox:8000/api") as wire:
        route = wire.get("/v1/users/usr_1").respond(json={"id": "usr_1"})
        for _ in range(2):
            twin.run(twin.client(base_url="http://stemp-sandbox:8000/api").users.get("usr_1"))
    assert route.calls.last.request.headers["authorization"] == f"Bearer {TOKEN}"
    expected = "tokens and all data go there unencrypted. Use it for a sandbox only."
    assert warned.messages == [f"STEMP_ALLOW_HTTP allows http to stemp-sandbox: {expected}"]


def test_http_to_a_named_host_works_for_the_environment_and_an_app(
    twin: Twin, monkeypatch: pytest.MonkeyPatch, warned: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("STEMP_ALLOW_HTTP", "other, Stemp-Sandbox")
    monkeypatch.setenv("STEMP_BASE_URL", "http://stemp-sandbox:8000/api")
    app = OAuthApp("app_1", "acs_1", "https://app.example/callback", scopes=presets.POS)
    assert app.authorize().url.startswith("http://stemp-sandbox:8000/api/v1/apps/oauth2/authorize?")
    twin.client(base_url="http://other/api")
    assert [message.split()[4] for message in warned.messages] == ["stemp-sandbox:", "other:"]


@pytest.mark.parametrize(
    ("allowed", "base_url"),
    [
        (None, "http://stemp-sandbox:8000/api"),
        ("", "http://stemp-sandbox:8000/api"),
        ("1", "http://stemp-sandbox:8000/api"),
        ("*", "http://stemp-sandbox:8000/api"),
        ("sandbox", "http://stemp-sandbox:8000/api"),
        ("stemp-sandbox:8000", "http://stemp-sandbox:8000/api"),
        ("stemp-sandbox", "http://stemp-sandbox.example/api"),
        ("example", "http://stemp.example/api"),
        ("api.stemp.app", "http://api.stemp.app/api"),
        ("stemp.app", "http://stemp.app/api"),
        ("API.STEMP.APP", "http://API.STEMP.APP/api"),
    ],
)
def test_http_to_any_other_host_is_refused(
    twin: Twin,
    monkeypatch: pytest.MonkeyPatch,
    warned: pytest.LogCaptureFixture,
    allowed: str | None,
    base_url: str,
) -> None:
    monkeypatch.delenv("STEMP_ALLOW_HTTP", raising=False)
    if allowed is not None:
        monkeypatch.setenv("STEMP_ALLOW_HTTP", allowed)
    with pytest.raises(ValueError, match=r"^base_url must be https, as http would expose") as refused:
        twin.client(base_url=base_url)
    hint = "(for a sandbox in a private network, set STEMP_ALLOW_HTTP=stemp-sandbox)"
    assert (hint in str(refused.value)) is ("stemp-sandbox:" in base_url)
    assert warned.messages == []


@pytest.mark.usefixtures("warned")
def test_webhooks_go_to_a_named_host_by_http(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEMP_ALLOW_HTTP", "shop")
    sandbox = Sandbox()
    assert sandbox.webhooks.add("http://shop:9000/stemp").url == "http://shop:9000/stemp"
    with pytest.raises(ValueError, match=r"^url must be https, or http on loopback, not "):
        sandbox.webhooks.add("http://shop.example/")


def test_the_path_of_the_base_url_leads_every_request(twin: Twin) -> None:
    with respx.mock(base_url="https://stemp.example:8443") as wire:
        route = wire.get("/proxied/api/v1/users/usr_1").respond(json={"id": "usr_1"})
        twin.run(twin.client(base_url="https://stemp.example:8443/proxied/api/").users.get("usr_1"))
    assert route.called


PROXIES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy"]


@pytest.mark.parametrize(
    ("environment", "proxy"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://proxy.example:3128"}, "http://proxy.example:3128"),
        ({"https_proxy": "proxy.example:3128"}, "http://proxy.example:3128"),
        ({"HTTP_PROXY": "http://proxy.example:3128"}, None),
        ({"HTTPS_PROXY": "http://proxy.example:3128", "NO_PROXY": "stemp.app"}, None),
        ({"HTTPS_PROXY": "http://proxy.example:3128", "NO_PROXY": "*"}, None),
        ({"HTTPS_PROXY": "http://proxy.example:3128", "NO_PROXY": "other.example"}, "http://proxy.example:3128"),
        ({"HTTPS_PROXY": "http://proxy.example:3128", "NO_PROXY": "api.stemp.app:443"}, None),
        ({"HTTPS_PROXY": "http://proxy.example:3128", "NO_PROXY": "api.stemp.app:8443"}, "http://proxy.example:3128"),
    ],
)
def test_the_proxy_of_the_environment_is_read(
    environment: dict[str, str], proxy: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(httpx.URL("https://api.stemp.app/")) == proxy
    assert proxy_for(httpx.URL("http://127.0.0.1:8787/")) is None


@pytest.mark.parametrize(
    ("variable", "proxy", "message"),
    [
        ("HTTPS_PROXY", "http://user:secret@proxy.example:port", "^HTTPS_PROXY in the environment is not a URL$"),
        ("https_proxy", "user:secret@proxy.example:65536", "^HTTPS_PROXY in the environment must have a host"),
        ("ALL_PROXY", "http://user:secret@xn--", "^ALL_PROXY in the environment is not a URL$"),
        (
            "ALL_PROXY",
            "ftp://user:secret@proxy.example",
            "^ALL_PROXY in the environment must be an http, https",
        ),
        ("HTTPS_PROXY", "http://user:secret@:3128", "^HTTPS_PROXY in the environment must have a host"),
        ("HTTPS_PROXY", f"http://user:secret@{'a' * 64}.example", "^HTTPS_PROXY in the environment must have a host"),
        (
            "ALL_PROXY",
            "socks5://user:secret@proxy.example",
            r"^ALL_PROXY .* SOCKS proxy, for which httpx\[socks\]",
        ),
    ],
)
def test_a_proxy_that_cannot_be_used_is_refused(
    twin: Twin, variable: str, proxy: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, proxy)
    with pytest.raises(ValueError, match=message) as caught:
        twin.run(twin.client().users.get("usr_1"))
    assert "secret" not in "".join(traceback.format_exception(caught.value))


def test_a_socks_proxy_is_accepted_where_httpx_can_use_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ALL_PROXY", "socks5://proxy.example:1080")
    monkeypatch.setattr(_environment, "find_spec", str)  # as if it were there
    assert proxy_for(httpx.URL("https://api.stemp.app/")) == "socks5://proxy.example:1080"


def test_certificates_that_cannot_be_loaded_are_an_error(
    twin: Twin, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    certificates = tmp_path / "certificates.pem"
    certificates.write_text("none")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates))
    with pytest.raises(ValueError, match=r"^SSL_CERT_FILE or SSL_CERT_DIR in the environment names certificates that"):
        twin.run(twin.client().users.get("usr_1"))


def test_requests_go_to_the_proxy_of_the_environment(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that refuses: what it saw is the host to connect to, and never the token."""
    with serving(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n") as (base_url, seen):
        for name in PROXIES:
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HTTPS_PROXY", base_url.removesuffix("/api"))
        client = twin.client(max_retries=0)
        with pytest.raises(APIConnectionError, match=r"users\.get: .*, ProxyError at the proxy 127\.0\.0\.1:\d+: 407"):
            twin.run(client.users.get("usr_1"))
        twin.close(client)
    [request] = seen.requests
    assert request.startswith(b"CONNECT api.stemp.app:443 HTTP/1.1\r\n")
    assert TOKEN.encode() not in request
