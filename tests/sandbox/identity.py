"""Plays the app, and the browser of the person at the consent screen, without either."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import attrs

from stemp_sdk.sandbox import RegisteredApp, Sandbox, SandboxRequest, SandboxResponse

AUTHORIZE = "/api/v1/apps/oauth2/authorize"
VERIFIER = "v" * 43
CHALLENGE = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@attrs.define
class Browser:
    """Keeps cookies, and gives up on redirects: they are what is looked at."""

    sandbox: Sandbox
    cookie: str | None = None
    host: str | None = "localhost:8787"

    def open(self, url: str) -> SandboxResponse:
        response = self._send("GET", url)
        if (cookie := response.headers.get("Set-Cookie")) is not None:
            self.cookie = cookie.partition(";")[0]
        return response

    def press(self, button: str, page: SandboxResponse, scopes: list[str] | None = None) -> SandboxResponse:
        """Press a button of the page; ``scopes`` is what stays ticked, None for everything."""
        html = page.body.decode()
        ticked = re.findall(r'name="scope" value="([^"]*)"', html) if scopes is None else scopes
        transaction = re.findall(r'name="transaction" value="([^"]*)"', html)
        return self.post({"transaction": transaction, "scope": ticked, "decision": button})

    def post(self, form: dict[str, Any]) -> SandboxResponse:
        return self._send("POST", AUTHORIZE, urlencode(form, doseq=True).encode())

    def _send(self, method: str, url: str, body: bytes = b"") -> SandboxResponse:
        parts = urlsplit(url)
        given = {"cookie": self.cookie, "host": self.host}
        headers = {name: value for name, value in given.items() if value is not None}
        return self.sandbox.handle(SandboxRequest.to(method, f"{parts.path}?{parts.query}", headers, body))


@attrs.frozen
class AppSide:
    """An app, on the wire."""

    sandbox: Sandbox
    app: RegisteredApp

    def authorize_url(self, **changes: str | None) -> str:
        """A correct one, apart from the changes; None leaves a parameter out."""
        query: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.app.client_id,
            "redirect_uri": self.app.redirect_uri,
            "scope": "user:read pass:read",
            "state": "a state",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            **changes,
        }
        return f"{AUTHORIZE}?{urlencode({name: value for name, value in query.items() if value is not None})}"

    def code(self, **changes: str | None) -> str:
        """A new code, for everything that is asked for."""
        return answer_in(self.sandbox.consent.allow(self.authorize_url(**changes)))["code"]

    def redeem(self, code: str, /, **changes: object) -> tuple[int, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.app.redirect_uri,
            "client_id": self.app.client_id,
            "client_secret": self.app.client_secret,
            "code_verifier": VERIFIER,
            **changes,
        }
        return self.post("token", {name: value for name, value in form.items() if value is not None})

    def refresh(self, refresh_token: object) -> tuple[int, Any]:
        return self.post("refresh", {"refresh_token": refresh_token})

    def post(self, endpoint: str, form: object) -> tuple[int, Any]:
        raw = form if isinstance(form, bytes) else json.dumps(form).encode()
        response = self.sandbox.handle(SandboxRequest("POST", f"/api/v1/apps/oauth2/{endpoint}", body=raw))
        assert response.headers["Cache-Control"] == "no-store"
        return response.status, json.loads(response.body)

    def tokens(self, **changes: str | None) -> dict[str, Any]:
        """What a new authorization gives."""
        status, answer = self.redeem(self.code(**changes))
        assert status == 200, answer
        tokens: dict[str, Any] = answer
        return tokens


def answer_in(callback_url: str) -> dict[str, str]:
    """The parameters that an app gets."""
    return {name: value for name, [value] in parse_qs(urlsplit(callback_url).query).items()}


def claims_of(token: str) -> dict[str, Any]:
    """What a JWT says."""
    claims: dict[str, Any] = json.loads(_decoded(token.split(".")[1]))
    return claims


def header_of(token: str) -> dict[str, Any]:
    """How a JWT is signed."""
    header: dict[str, Any] = json.loads(_decoded(token.split(".", maxsplit=1)[0]))
    return header


def _decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))
