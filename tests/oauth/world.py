"""An app, the organizations that install it, and both twins that act for them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import attrs
import httpx
import pytest

from stemp_sdk import MissingScopeError, Stemp
from stemp_sdk.oauth import (
    ConsentDeniedError,
    Installation,
    MemoryTokenStore,
    OAuthApp,
    PendingAuthorization,
    TokenStore,
)
from stemp_sdk.oauth._refreshing import RefreshingToken
from stemp_sdk.sandbox import LoggedRequest, RegisteredApp, Sandbox, Wire
from stemp_sdk.scopes import ScopeSet, parse
from tests.support.clocks import with_clock
from tests.support.twins import Twin, settings_of

REDIRECT_URI = "https://app.example/callback"
ASKED = parse("user:read pass:read platform:email:send")
"""What the app asks for."""


@attrs.define
class World:
    """One sandbox, one app, one store; the clock of all of them moves by hand."""

    twin: Twin
    rotate: bool = False
    store: TokenStore = attrs.field(factory=MemoryTokenStore)
    wire: Wire = attrs.field(factory=Wire)
    sandbox: Sandbox = attrs.field(init=False)
    registered: RegisteredApp = attrs.field(init=False)
    app: OAuthApp = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.sandbox = Sandbox(
            clock=self.twin.still, seed=7, rotate_refresh_tokens=self.rotate, wire=self.wire
        ).seed_demo()
        self.registered = self.sandbox.apps.register(name="Mailer", redirect_uri=REDIRECT_URI)
        self.app = self.new_app()

    def new_app(self, **options: Any) -> OAuthApp:
        """The app as another process has it: the same store, and nothing else in common."""
        still_app = with_clock(OAuthApp, self.twin.still.clock())
        arguments: dict[str, Any] = {
            "client_id": self.registered.client_id,
            "client_secret": self.registered.client_secret,
            "redirect_uri": REDIRECT_URI,
            "scopes": ASKED,
            "store": self.store,
            "base_url": self.sandbox.base_url,
            "http_client": self.sandbox.http_client(),
            **options,
        }
        app: OAuthApp = still_app(**arguments)
        return app

    def exchange(self, callback_url: str, pending: PendingAuthorization, app: OAuthApp | None = None) -> Installation:
        """``exchange``, or its async form."""
        installation: Installation = self._of(app, "exchange", callback_url, pending)
        return installation

    def step_up(self, error: MissingScopeError, app: OAuthApp | None = None) -> PendingAuthorization:
        """``step_up``, or its async form."""
        pending: PendingAuthorization = self._of(app, "step_up", error)
        return pending

    def deny(self, pending: PendingAuthorization, app: OAuthApp | None = None) -> None:
        """A user presses Deny, and returns to the app."""
        with pytest.raises(ConsentDeniedError):
            self.exchange(self.sandbox.consent.deny(pending.url), pending, app)

    def forget(self, installation: Installation | str) -> None:
        """``forget``, or its async form."""
        self._of(self.app, "forget", installation)

    def install(
        self,
        granted: ScopeSet | None = None,
        asked: ScopeSet | None = None,
        organization_id: str | None = None,
        app: OAuthApp | None = None,
    ) -> Installation:
        """A user installs the app."""
        pending = (app or self.app).authorize(scopes=asked)
        callback_url = self.sandbox.consent.allow(pending.url, scopes=granted, organization_id=organization_id)
        return self.exchange(callback_url, pending, app)

    def client(self, installation: Installation, app: OAuthApp | None = None, **options: Any) -> Stemp:
        """A client of the installation; the async one is typed as the sync one."""
        is_sync = self.twin.kind == "sync"
        http_client = self.sandbox.http_client() if is_sync else self.sandbox.async_http_client()
        make = getattr(app or self.app, "client" if is_sync else "async_client")
        client: Stemp = make(installation, **{"http_client": http_client, **options})
        return client

    def answering(self, status: int, body: object = None) -> httpx.Client | httpx.AsyncClient:
        """What to send with where every request gets the same answer."""
        client: httpx.Client | httpx.AsyncClient = self.twin.http_client(lambda _: httpx.Response(status, json=body))
        return client

    def users(self, client: Stemp) -> int:
        """How many there are: three."""
        return len(self.twin.run(client.users.list()).items)

    def stored(self, installation: Installation) -> Installation:
        """What the store has."""
        stored: Installation = self._of(self.app, "installation", installation.id)
        return stored

    def all_stored(self, **options: Any) -> list[Installation]:
        """Everything that the store has."""
        is_sync = self.twin.kind == "sync"
        return self.twin.all(self.app.installations(**options) if is_sync else self.app.ainstallations(**options))

    def authorize(self, **options: Any) -> PendingAuthorization:
        """``authorize``, or its async form."""
        pending: PendingAuthorization = self._of(None, "authorize", **options)
        return pending

    def _of(self, app: OAuthApp | None, name: str, *arguments: Any, **options: Any) -> Any:
        """What a method of the app gives, or the async form of it."""
        app = app or self.app
        if self.twin.kind == "sync":
            return getattr(app, name)(*arguments, **options)
        return self.twin.run(getattr(app, f"a{name}")(*arguments, **options))

    @property
    def log(self) -> list[tuple[str | None, int | None]]:
        """Each request by its operation and status."""
        return [(entry.operation, entry.status) for entry in self.sandbox.requests]

    def refreshes(self) -> list[LoggedRequest]:
        return [entry for entry in self.sandbox.requests if entry.operation == "oauth.refresh"]


def credential_of(client: Stemp) -> RefreshingToken:
    """What renews the client's token."""
    credential: RefreshingToken = settings_of(client).credential
    return credential


class TokenServer:
    """Answers both token endpoints with what a test says."""

    def __init__(self, *answers: Mapping[str, Any] | bytes | int | Exception) -> None:
        self.answers = list(answers)
        self.forms: list[dict[str, Any]] = []

    def client(self) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self._handle))

    def _handle(self, request: httpx.Request) -> httpx.Response:
        with suppress(ValueError):
            self.forms.append(json.loads(request.content))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, int):
            limited = {"error": {"code": "rate_limit_exceeded", "message": "Rate limit exceeded."}}
            other = {"error": "some_error", "error_description": "words"}
            return httpx.Response(answer, json=limited if answer == 429 else other)
        if isinstance(answer, bytes):
            return httpx.Response(200, content=answer)
        return httpx.Response(200, json=dict(answer))


def answered(pending: PendingAuthorization, code: str = "code") -> str:
    """A callback as a server would make it."""
    return f"{REDIRECT_URI}?code={code}&state={pending.state}"


def same_refresh_token(one: Installation, two: Installation) -> bool:
    """Whether two states of an installation have the same."""
    assert one.refresh_token is not None
    assert two.refresh_token is not None
    return one.refresh_token.reveal() == two.refresh_token.reveal()


def ends_in(world: World, installation: Installation, seconds: float) -> None:
    world.twin.still.now = installation.expires_at - seconds
