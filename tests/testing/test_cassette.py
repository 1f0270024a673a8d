"""Cassettes: recorded once from a real server, replayed without it, and without a secret in them."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from urllib.parse import quote

import anyio
import httpx
import pytest
import yaml

from stemp_sdk import AsyncStemp, AuthenticationError, Stemp, presets
from stemp_sdk._auth.token import read_claims
from stemp_sdk._client._wire_file import TokenAuth
from stemp_sdk.oauth import MemoryTokenStore, OAuthApp
from stemp_sdk.sandbox import Sandbox, serving
from stemp_sdk.scopes import API_TOKEN_MANAGE, PASS_READ
from stemp_sdk.testing import CassetteError, Clock, cassette
from stemp_sdk.testing._scrubbing import SCRUBBED, Scrubber

SECRET = "s3cr3t/that+is~odd"

CannotOverwriteExistingCassetteException = import_module("vcr.errors").CannotOverwriteExistingCassetteException


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox().seed_demo()


@pytest.fixture
def base_url(sandbox: Sandbox) -> Iterator[str]:
    """Where it is, over HTTP, as the real API is."""
    with serving(sandbox) as url:
        yield url


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cassettes" / "one.yaml"


def test_what_was_recorded_is_replayed(sandbox: Sandbox, base_url: str, path: Path) -> None:
    token = sandbox.issue_token(presets.POS)

    def customers(base_url: str) -> list[str | None]:
        with Stemp(token, base_url=base_url) as client:
            found = client.users.find("cust_123")
            assert found
            return [found.email, *(user.name for user in client.users.list(size=2))]

    with cassette(path, record=True):
        live = customers(base_url)
    asked = len(sandbox.requests)
    with cassette(path):
        assert customers("https://elsewhere.invalid/other/api") == live
    assert len(sandbox.requests) == asked


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_an_async_client_is_recorded_and_replayed_too(
    sandbox: Sandbox, base_url: str, path: Path, backend: str
) -> None:
    token = sandbox.issue_token(presets.POS)

    async def customers(base_url: str) -> list[str | None]:
        async with AsyncStemp(token, base_url=base_url) as client:
            return [user.name async for user in client.users.list(size=2)]

    with cassette(path, record=True):
        live = anyio.run(customers, base_url, backend=backend)
    asked = len(sandbox.requests)
    with cassette(path):
        assert anyio.run(customers, "https://elsewhere.invalid/api", backend=backend) == live
    assert live
    assert len(sandbox.requests) == asked


def test_a_sync_client_in_an_event_loop(sandbox: Sandbox, base_url: str, path: Path) -> None:
    client = Stemp(sandbox.issue_token(presets.POS), base_url=base_url)

    async def name() -> str | None:
        return client.users.get("cust_123").name

    with cassette(path, record=True):
        live = asyncio.run(name())
    with cassette(path):
        assert asyncio.run(name()) == live


def test_what_is_not_in_the_cassette_does_not_reach_the_network(sandbox: Sandbox, base_url: str, path: Path) -> None:
    client = Stemp(sandbox.issue_token(presets.POS), base_url=base_url)
    with cassette(path, record=True):
        client.users.get("cust_123")
    asked = len(sandbox.requests)
    with cassette(path):
        client.users.get("cust_123")
        with pytest.raises(CannotOverwriteExistingCassetteException):
            client.users.get("cust_123")  # it was recorded once
        with pytest.raises(CannotOverwriteExistingCassetteException):
            client.users.get("cust_124")
        with pytest.raises(CannotOverwriteExistingCassetteException):
            client.users.list(size=3)
    assert len(sandbox.requests) == asked


def test_a_write_is_replayed_by_its_body(sandbox: Sandbox, base_url: str, path: Path) -> None:
    client = Stemp(sandbox.issue_token(presets.CRM_SYNC), base_url=base_url)
    with cassette(path, record=True):
        made = [client.users.create(email=f"{name}@example.com").id for name in ("a", "b")]
    with cassette(path):
        assert [client.users.create(email=f"{name}@example.com").id for name in ("b", "a")] == made[::-1]
        with pytest.raises(CannotOverwriteExistingCassetteException):
            client.users.create(email="c@example.com")


def test_to_record_is_to_replace_the_file(sandbox: Sandbox, base_url: str, path: Path) -> None:
    client = Stemp(sandbox.issue_token(presets.POS), base_url=base_url)
    for user in ("cust_123", "cust_124"):
        with cassette(path, record=True):
            client.users.get(user)
    assert [entry["request"]["uri"].rpartition("/")[2] for entry in entries(path)] == ["cust_124"]


def test_retries_are_replayed_without_a_wait(sandbox: Sandbox, base_url: str, path: Path) -> None:
    sandbox.fail_next(status=503, headers={"Retry-After": "0"})
    sandbox.fail_next(status=503, headers={"Retry-After": "0.01"})
    token = sandbox.issue_token(presets.POS)
    with cassette(path, record=True):
        Stemp(token, base_url=base_url).users.get("cust_123")
    clock = Clock()
    with cassette(path), clock.install():
        Stemp("replayed", base_url=base_url).users.get("cust_123")
    assert clock.slept == [0.0, 0.01]


def test_requests_to_a_sandbox_and_of_others_pass_by(sandbox: Sandbox, base_url: str, path: Path) -> None:
    with cassette(path, record=True):
        Stemp(sandbox.issue_token(presets.POS), base_url=base_url).users.get("cust_123")
    with cassette(path):
        assert sandbox.client(scopes=presets.POS).users.get("cust_124").id
        assert httpx.get(base_url).status_code == 401  # by the sandbox, as it has no token
    assert len(entries(path)) == 1


def test_there_has_to_be_a_cassette(path: Path) -> None:
    with (
        pytest.raises(
            CassetteError, match=r"cassette .*one\.yaml does not exist: record it, in tests with pytest --stemp-record"
        ),
        cassette(path),
    ):
        pass


def test_the_extra_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vcr", None)
    with pytest.raises(ImportError, match=r"stemp-sdk\[testing\]"), cassette(path, record=True):
        pass


# --- Secrets


def entries(path: Path) -> list[dict[str, dict[str, str]]]:
    found: list[dict[str, dict[str, str]]] = yaml.safe_load(path.read_text("utf-8"))["interactions"]
    return found


def forms(secret: str) -> set[str]:
    """A secret as it may be encoded."""
    return {secret, quote(secret, safe=""), json.dumps(secret)[1:-1], base64.b64encode(secret.encode()).decode()}


def test_no_token_is_in_a_cassette(sandbox: Sandbox, base_url: str, path: Path) -> None:
    token = sandbox.issue_token(API_TOKEN_MANAGE | PASS_READ)
    with cassette(path, record=True), Stemp(token, base_url=base_url) as client:
        created = client.api_tokens.create(name="till", scopes=PASS_READ)
        listed = [each.id for each in client.api_tokens.list()]
        with pytest.raises(AuthenticationError):
            Stemp("sk_live_wrong0123456789", base_url=base_url, max_retries=0).users.get("usr_1")
    text = path.read_text("utf-8")
    assert created.token
    for secret in (token, created.token.get_secret_value(), "sk_live_wrong0123456789"):
        assert not [form for form in forms(secret) if form in text]
    assert "authorization" not in text.lower()
    with cassette(path), Stemp("replayed", base_url=base_url) as client:
        again = client.api_tokens.create(name="till", scopes=PASS_READ)
        assert again.token
        assert (again.api_token.id, again.token.get_secret_value()) == (created.api_token.id, SCRUBBED)
        assert [each.id for each in client.api_tokens.list()] == listed


def test_no_token_is_in_the_log(sandbox: Sandbox, base_url: str, path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    token = sandbox.issue_token(API_TOKEN_MANAGE | PASS_READ)
    with cassette(path, record=True), Stemp(token, base_url=base_url) as client:
        created = client.api_tokens.create(name="till", scopes=PASS_READ)
    assert created.token
    assert "vcr" in caplog.text
    for secret in (token, created.token.get_secret_value()):
        assert secret not in caplog.text
    assert not logging.getLogger("vcr.cassette").disabled


@pytest.mark.parametrize("token_auth", ["client_secret_post", "client_secret_basic"])
def test_no_secret_of_an_app_is_in_a_cassette(
    sandbox: Sandbox, base_url: str, path: Path, token_auth: TokenAuth
) -> None:
    registered = sandbox.apps.register(name="Till", redirect_uri="https://till.example/callback", scopes=presets.POS)
    codes: list[str] = []

    def installed(*, replayed: bool) -> list[str]:
        with OAuthApp(
            registered.client_id,
            registered.client_secret,
            registered.redirect_uri,
            scopes=presets.POS,
            store=MemoryTokenStore(),
            base_url=base_url,
            token_auth=token_auth,
        ) as app:
            pending = app.authorize()
            callback = f"{registered.redirect_uri}?code=other&state={pending.state}"
            codes.append(callback if replayed else sandbox.consent.allow(pending.url))
            installation = app.exchange(codes[-1], pending)
            user = app.client(installation).users.get("cust_123")
            tokens = (installation.access_token, installation.refresh_token)
            return [*(token.reveal() for token in tokens if token), user.id]

    with cassette(path, record=True):
        *secrets, user = installed(replayed=False)
    code = codes[0].partition("code=")[2].partition("&")[0]
    text = path.read_text("utf-8")
    for secret in (*secrets, registered.client_secret, code):
        assert len(secret) > 10
        assert not [form for form in forms(secret) if form in text]
    header, _, signature = secrets[0].split(".")
    with cassette(path):
        access_token, refresh_token, again = installed(replayed=True)
    assert (refresh_token, again) == (SCRUBBED, user)
    assert access_token.startswith(f"{header}.")  # its claims name the installation
    assert access_token.endswith(f".{SCRUBBED}")
    assert signature not in text


def test_what_is_found_once_is_replaced_everywhere() -> None:
    scrubber = Scrubber()
    scrubber.request_headers({"Authorization": f"Bearer {SECRET}"})
    text = " ".join(f"<{form}>" for form in forms(SECRET))
    scrubbed = scrubber.everywhere({text: [text, text.encode(), None, 1]})
    clean = " ".join([f"<{SCRUBBED}>"] * len(forms(SECRET)))
    assert scrubbed == {clean: [clean, clean.encode(), None, 1]}


def test_credentials_of_every_kind_are_found() -> None:
    scrubber = Scrubber()
    basic = base64.b64encode(f"app_1:{quote(SECRET, safe='')}".encode()).decode()
    not_text = base64.b64encode(bytes([255] * 6)).decode()
    for value in (f"Basic {basic}", "Basic not-base64!", f"Basic {not_text}", "bare-one"):
        assert scrubber.request_headers({"Authorization": value, "Accept": "x"}) == {"accept": "x"}
    scrubber.request_headers({"Cookie": "session=0123456789"})
    text = f"{SECRET} {basic} {not_text} not-base64! bare-one session=0123456789"
    assert set(scrubber.everywhere(text).split()) == {SCRUBBED}


@pytest.mark.parametrize(
    "secret",
    [
        "sk_live_0123456789abcdef",
        "sk_test_0123456789abcdef",
        "srt_0123456789abcdef",
        "whsec_0123456789abcdef",
        "eyJhbGciOiJSUzI1NiJ9.not-json.c2lnbmF0dXJl",
        f"sha256={'0a' * 32}",
    ],
)
def test_what_looks_like_a_token_is_replaced(secret: str) -> None:
    scrubber = Scrubber()
    body = f"<p>token {secret} is not valid</p>".encode()
    assert scrubber.body(body, "text/html", of_oauth=False) == f"<p>token {SCRUBBED} is not valid</p>".encode()
    assert scrubber.url(f"https://x/?q={secret}") == f"https://x/?q={SCRUBBED}"
    assert scrubber.response_headers({"WWW-Authenticate": [secret], "Set-Cookie": [secret]}) == {
        "WWW-Authenticate": [SCRUBBED]
    }
    assert scrubber.response_headers({"Location": [f"/v1?code={secret}&a=b"]}) == {
        "Location": [f"/v1?code={SCRUBBED}&a=b"]
    }


def test_a_jwt_keeps_its_claims_without_signature_and_times() -> None:
    claims = {"installationId": "ins_1", "exp": 1_800_000_000, "iat": 1_799_999_000}
    header, payload = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"alg": "none"}, claims)
    )
    scrubber, token = Scrubber(), f"{header}.{payload}.c2lnbmF0dXJl"
    once = scrubber.body(json.dumps({"accessToken": token, "note": f"for {token}"}).encode(), "", of_oauth=False)
    unsigned = json.loads(once or b"")["accessToken"]
    assert json.loads(once or b"")["note"] == f"for {unsigned}"
    assert read_claims(unsigned) == {"installationId": "ins_1"}
    assert scrubber.everywhere(unsigned) == unsigned
    assert scrubber.everywhere(token) == SCRUBBED
    assert scrubber.body(once, "", of_oauth=False) == once


@pytest.mark.parametrize(
    ("given", "scrubbed"),
    [
        ({"token": "abc"}, {"token": SCRUBBED}),
        ({"clientSecret": "abc", "client_id": "app"}, {"clientSecret": SCRUBBED, "client_id": "app"}),
        (
            {"data": [{"webhook-secret": ["abc", {"x": "abc", "y": 1}]}]},
            {"data": [{"webhook-secret": [SCRUBBED, {"x": SCRUBBED, "y": 1}]}]},
        ),
        ({"token": None, "secret": ""}, {"token": None, "secret": ""}),
        ({"code": "NOT_FOUND"}, {"code": "NOT_FOUND"}),
        ({"email": "jane@example.com"}, {"email": SCRUBBED}),
        (["abc", 1], ["abc", 1]),
    ],
)
def test_fields_of_json(given: object, scrubbed: object) -> None:
    body = Scrubber(["Email"]).body(json.dumps(given).encode(), "application/json", of_oauth=False)
    assert json.loads(body or b"") == scrubbed


def test_forms_and_what_is_sent_to_oauth() -> None:
    scrubber = Scrubber()
    form = b"grant_type=authorization_code&code=abc&code_verifier=abc&client_id=app&refresh_token=&client_secret=a%2Bb"
    assert scrubber.body(form, "application/x-www-form-urlencoded", of_oauth=True) == (
        b"grant_type=authorization_code&code=scrubbed&code_verifier=scrubbed&client_id=app&refresh_token="
        b"&client_secret=scrubbed"
    )
    assert scrubber.body(b'{"code": "abc"}', "application/json", of_oauth=True) == b'{"code": "scrubbed"}'
    assert scrubber.body(b"", "", of_oauth=False) == b""
    assert scrubber.body(None, "", of_oauth=False) is None


def test_bytes_that_are_not_text_are_kept() -> None:
    scrubber = Scrubber()
    body = b"\xff\xfe whsec_0123456789abcdef"
    assert scrubber.body(body, "image/png", of_oauth=False) == b"\xff\xfe scrubbed"
    assert scrubber.everywhere(body) == b"\xff\xfe scrubbed"
