"""The token endpoints as any OAuth library uses them: forms and JSON, and both ways to authenticate."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from stemp_sdk.sandbox import SandboxRequest, SandboxResponse

from .identity import VERIFIER, AppSide, basic

FORM = "application/x-www-form-urlencoded"


def ask(
    app_side: AppSide, endpoint: str, body: bytes, content_type: str | None, authorization: str | None
) -> SandboxResponse:
    given = {"content-type": content_type, "authorization": authorization}
    headers = {name: value for name, value in given.items() if value is not None}
    return app_side.sandbox.handle(
        SandboxRequest("POST", f"/api/v1/apps/oauth2/{endpoint}", headers=headers, body=body)
    )


def exchange(app_side: AppSide, **changes: str | None) -> dict[str, str]:
    """The parameters of a correct exchange, apart from the changes; None leaves one out."""
    form = {
        "grant_type": "authorization_code",
        "code": app_side.code(),
        "redirect_uri": app_side.app.redirect_uri,
        "client_id": app_side.app.client_id,
        "client_secret": app_side.app.client_secret,
        "code_verifier": VERIFIER,
        **changes,
    }
    return {name: value for name, value in form.items() if value is not None}


def error_of(response: SandboxResponse) -> tuple[int, str]:
    body = json.loads(response.body)
    assert body.keys() == {"error", "error_description"}
    assert response.headers["Cache-Control"] == "no-store"
    challenge = response.headers.get("WWW-Authenticate")
    assert challenge == ('Basic realm="stemp sandbox", charset="UTF-8"' if response.status == 401 else None)
    return response.status, body["error"]


@pytest.mark.parametrize("content_type", [FORM, f"{FORM}; charset=UTF-8", FORM.upper(), "application/json", None])
@pytest.mark.parametrize("by_basic", [True, False])
def test_forms_and_json_and_both_ways_to_authenticate(
    app_side: AppSide, content_type: str | None, *, by_basic: bool
) -> None:
    is_form = content_type is not None and FORM in content_type.lower()

    def sent(form: dict[str, str]) -> bytes:
        return urlencode(form).encode() if is_form else json.dumps(form).encode()

    app = app_side.app
    authorization = basic(app.client_id, app.client_secret) if by_basic else None
    without = {"client_id": None, "client_secret": None} if by_basic else {}
    answer = ask(app_side, "token", sent(exchange(app_side, **without)), content_type, authorization)
    tokens = json.loads(answer.body)
    assert (answer.status, tokens["token_type"]) == (200, "bearer")
    form = {"refresh_token": tokens["refresh_token"], "grant_type": "refresh_token"}
    if not by_basic:
        form |= {"client_id": app.client_id, "client_secret": app.client_secret}
    assert ask(app_side, "refresh", sent(form), content_type, authorization).status == 200
    del form["grant_type"]
    assert ask(app_side, "refresh", sent({"refresh_token": tokens["refresh_token"]}), content_type, None).status == 200


def test_credentials_in_http_basic_may_be_form_encoded(app_side: AppSide) -> None:
    name, secret = (
        "".join(f"%{ord(char):02X}" for char in text) for text in (app_side.app.client_id, app_side.app.client_secret)
    )
    body = urlencode(exchange(app_side, client_secret=None)).encode()
    assert ask(app_side, "token", body, FORM, basic(name, secret)).status == 200


@pytest.mark.parametrize(
    ("endpoint", "body", "content_type"),
    [
        ("token", b"[]", "application/json"),
        ("token", b"{", None),
        ("refresh", b"refresh_token=srt_1", "text/plain"),
        ("refresh", b"refresh_token=srt_1&refresh_token=srt_2", FORM),
        ("refresh", b"", FORM),
        ("refresh", b"refresh_token=", FORM),
        ("refresh", b"refresh_token=\xff", FORM),
        ("refresh", b'{"refresh_token": 1}', None),
    ],
)
def test_a_token_request_that_cannot_be_read_is_refused(
    app_side: AppSide, endpoint: str, body: bytes, content_type: str | None
) -> None:
    assert error_of(ask(app_side, endpoint, body, content_type, None)) == (400, "invalid_request")


@pytest.mark.parametrize("grant_type", ["password", "refresh_token", None])
def test_a_code_is_exchanged_as_such(app_side: AppSide, grant_type: str | None) -> None:
    body = urlencode(exchange(app_side, grant_type=grant_type)).encode()
    assert error_of(ask(app_side, "token", body, FORM, None)) == (400, "unsupported_grant_type")


def test_a_refresh_token_is_refreshed_as_such(app_side: AppSide) -> None:
    form = {"refresh_token": app_side.tokens()["refresh_token"], "grant_type": "authorization_code"}
    answer = ask(app_side, "refresh", urlencode(form).encode(), FORM, None)
    assert error_of(answer) == (400, "unsupported_grant_type")


@pytest.mark.parametrize("endpoint", ["token", "refresh"])
@pytest.mark.parametrize(
    ("authorization", "changes", "expected"),
    [
        (("{id}", "wrong"), {"client_id": None, "client_secret": None}, (401, "invalid_client")),
        (("app_no", "{secret}"), {"client_id": None, "client_secret": None}, (401, "invalid_client")),
        (("{id}", "\u00e9"), {"client_id": None, "client_secret": None}, (401, "invalid_client")),
        (None, {"client_secret": "wrong"}, (401, "invalid_client")),
        (("{id}", "{secret}"), {}, (400, "invalid_request")),
        (("{id}", "{secret}"), {"client_id": "app_no", "client_secret": None}, (400, "invalid_request")),
    ],
)
def test_an_app_with_wrong_credentials_is_refused(
    app_side: AppSide, endpoint: str, authorization: Any, changes: dict[str, str | None], expected: tuple[int, str]
) -> None:
    refresh_token = app_side.tokens()["refresh_token"]
    form = exchange(app_side, **changes)
    if endpoint == "refresh":
        form |= {"refresh_token": refresh_token, "grant_type": "refresh_token"}
    app = app_side.app
    header = authorization and basic(
        *(part.format(id=app.client_id, secret=app.client_secret) for part in authorization)
    )
    assert error_of(ask(app_side, endpoint, urlencode(form).encode(), FORM, header)) == expected


@pytest.mark.parametrize("header", ["Basic", "Basic ~", "Basic bm8gY29sb24=", "Basic /w==", "Bearer x"])
def test_an_authorization_header_that_cannot_be_read_is_ignored(app_side: AppSide, header: str) -> None:
    body = urlencode(exchange(app_side, client_secret=None)).encode()
    assert error_of(ask(app_side, "token", body, FORM, header)) == (400, "invalid_request")


def test_a_refresh_token_is_of_one_app(app_side: AppSide) -> None:
    other = app_side.sandbox.apps.register(name="B", redirect_uri="https://b.example/")
    refresh_token = app_side.tokens()["refresh_token"]
    body = f"refresh_token={quote(refresh_token)}".encode()
    answer = ask(app_side, "refresh", body, FORM, basic(other.client_id, other.client_secret))
    assert error_of(answer) == (400, "invalid_grant")
    assert app_side.refresh(refresh_token)[0] == 200
