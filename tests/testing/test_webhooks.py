"""Webhooks of a sandbox, delivered to an app of any kind in the same process."""

from __future__ import annotations

from typing import Any

import anyio
import httpx
import pytest
from flask import Flask, request
from starlette.applications import Starlette
from starlette.routing import Route

from stemp_sdk.sandbox import Sandbox
from stemp_sdk.testing import AppWebhooks
from stemp_sdk.webhooks import ASGIApp, UserCreated, Verifier, WebhookReceiver, WSGIApp

SECRET = "whsec_of_the_test"


@pytest.fixture
def webhooks(stemp_sandbox: Sandbox) -> AppWebhooks:
    return AppWebhooks(stemp_sandbox)


def enrol(sandbox: Sandbox, name: str = "jane") -> None:
    sandbox.client().users.create(email=f"{name}@example.com")


def receiver_of(seen: list[Any], *, fails: int = 0) -> WebhookReceiver:
    receiver = WebhookReceiver(Verifier(SECRET))
    left = [fails]

    @receiver.on(UserCreated)
    def note(event: UserCreated) -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise RuntimeError
        seen.append(event.data.email)

    return receiver


def test_an_asgi_app(webhooks: AppWebhooks, stemp_sandbox: Sandbox) -> None:
    seen: list[Any] = []
    app = Starlette(routes=[Route("/hooks/stemp", ASGIApp(receiver_of(seen)), methods=["POST"])])
    webhooks.connect(app, "/hooks/stemp", secret=SECRET)
    enrol(stemp_sandbox)
    assert [each.state for each in webhooks.deliver()] == ["delivered"]
    assert seen == ["jane@example.com"]
    assert webhooks.deliver() == []


def test_a_wsgi_app(webhooks: AppWebhooks, stemp_sandbox: Sandbox) -> None:
    seen: list[Any] = []
    webhooks.connect(WSGIApp(receiver_of(seen)), secret=SECRET)
    enrol(stemp_sandbox)
    webhooks.deliver()
    assert seen == ["jane@example.com"]


def test_a_flask_app(webhooks: AppWebhooks, stemp_sandbox: Sandbox) -> None:
    seen: list[Any] = []
    receiver, app = receiver_of(seen), Flask(__name__)

    @app.post("/stemp")
    def stemp() -> tuple[str, int]:
        response = receiver.handle(request.get_data(), request.headers)
        return response.text, response.status

    webhooks.connect(app, "/stemp", secret=SECRET)
    enrol(stemp_sandbox)
    webhooks.deliver()
    assert seen == ["jane@example.com"]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_the_app_runs_in_the_event_loop_of_the_caller(
    webhooks: AppWebhooks, stemp_sandbox: Sandbox, backend: str
) -> None:
    loops: list[Any] = []

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        loops.append(token())
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    def token() -> Any:
        return anyio.lowlevel.current_token()

    async def run() -> None:
        webhooks.connect(app)
        enrol(stemp_sandbox)
        await webhooks.adeliver()
        assert loops == [token()]
        enrol(stemp_sandbox, "kim")
        webhooks.deliver()  # in a loop of its own
        assert loops[1] != token()

    anyio.run(run, backend=backend)


def test_what_the_app_does_not_accept_is_an_error(webhooks: AppWebhooks, stemp_sandbox: Sandbox) -> None:
    seen: list[Any] = []
    webhooks.connect(ASGIApp(receiver_of(seen, fails=2)), secret=SECRET)
    enrol(stemp_sandbox)
    with pytest.raises(AssertionError, match=r"^the app did not accept 1 of 1 webhooks:\n  user\.created: 500 .+$"):
        webhooks.deliver()
    stemp_sandbox.advance(60)
    assert [each.state for each in webhooks.deliver(check=False)] == ["waiting"]
    stemp_sandbox.advance(300)
    assert [each.state for each in webhooks.deliver()] == ["delivered"]
    assert seen == ["jane@example.com"]


def test_it_is_an_error_in_an_event_loop_too(webhooks: AppWebhooks, stemp_sandbox: Sandbox) -> None:
    async def run() -> None:
        webhooks.connect(ASGIApp(receiver_of([], fails=2)), secret=SECRET)
        enrol(stemp_sandbox)
        with pytest.raises(AssertionError, match=r"user\.created: 500"):
            await webhooks.adeliver()
        stemp_sandbox.advance(60)
        assert [each.state for each in await webhooks.adeliver(check=False)] == ["waiting"]

    anyio.run(run)


def test_an_app_that_raises_is_told_by_its_error(webhooks: AppWebhooks, stemp_sandbox: Sandbox) -> None:
    async def app(*_: Any) -> None:
        raise RuntimeError("the database is gone")

    webhooks.connect(app)
    enrol(stemp_sandbox)
    with pytest.raises(AssertionError, match=r"user\.created: None RuntimeError: the database is gone"):
        webhooks.deliver()


def test_the_secret_is_that_of_the_environment(webhooks: AppWebhooks, monkeypatch: pytest.MonkeyPatch) -> None:
    app = ASGIApp(receiver_of([]))
    assert len(webhooks.connect(app).secret) > 20
    monkeypatch.setenv("STEMP_WEBHOOK_SECRET", SECRET)
    assert webhooks.connect(app).secret == SECRET
    assert webhooks.connect(app, secret="whsec_other").secret == "whsec_other"


def test_a_client_of_the_callers_delivers_in_its_place(webhooks: AppWebhooks, stemp_sandbox: Sandbox) -> None:
    paths: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.path)
        return httpx.Response(204)

    client = httpx.Client(transport=httpx.MockTransport(answer))
    webhooks.connect(ASGIApp(receiver_of([])), "/here", http_client=client)
    enrol(stemp_sandbox)
    webhooks.deliver()
    assert paths == ["/here"]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (["app"], TypeError, "app must be an ASGI or a WSGI app, not str"),
        ([print, b"/"], TypeError, "path must be a str, not bytes"),
        ([print, "stemp"], ValueError, "path must begin with a slash, not be 'stemp'"),
    ],
)
def test_what_cannot_be_connected(
    webhooks: AppWebhooks, arguments: list[Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        webhooks.connect(*arguments)
