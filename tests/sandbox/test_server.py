from __future__ import annotations

import asyncio
import http.client
import importlib
import json
import socket
import sys
import threading
import time
from asyncio.trsock import TransportSocket
from collections.abc import Iterator
from typing import Any

import anyio
import attrs
import httpx
import pytest
import uvicorn
from starlette.testclient import TestClient
from typing_extensions import override

from stemp_sdk import APIConnectionError, AsyncStemp, ServerError, Stemp, UnknownOutcomeError, presets
from stemp_sdk.sandbox import Sandbox, SandboxRequest, asgi_app, serve, serving
from stemp_sdk.scopes import USER_CREATE
from tests.support.asgi import serving_app
from tests.support.clocks import JUMPING, running_loop

from .wire import Wire


def test_any_client_gets_the_same_answers_over_http() -> None:
    sandbox = Sandbox(seed=1)
    token = sandbox.issue_token(presets.CRM_SYNC, name="crm")
    with serving(sandbox) as base_url, httpx.Client(headers={"Authorization": f"Bearer {token}"}) as client:
        assert base_url.startswith("http://127.0.0.1:")
        user = {"email": "jane@example.com", "externalId": "a/b?c"}
        assert client.post(f"{base_url}/v1/users", json=user).status_code == 201
        found = client.get(f"{base_url}/v1/users/a%2Fb%3Fc")
        assert (found.status_code, found.json()["email"]) == (200, "jane@example.com")
        assert found.headers["content-type"] == "application/json"
        assert found.headers["x-ratelimit-remaining"] == "998"
        assert found.headers.get_list("date")[1:] == []
        page = client.get(f"{base_url}/v1/users", params={"page": 1, "size": 1})
        assert page.json()["number"] == 1
        gone = client.delete(f"{base_url}/v1/users/{found.json()['id']}")
        assert (gone.status_code, gone.content) == (204, b"")
        assert client.put(f"{base_url}/v1/users").status_code == 405
        assert client.get(base_url.removesuffix("/api")).status_code == 404
    assert [entry.operation for entry in sandbox.requests[:4]] == [
        "users.create",
        "users.get",
        "users.list",
        "users.delete",
    ]


def test_the_sdk_works_with_the_sandbox_over_http() -> None:
    sandbox = Sandbox().seed_demo()
    token = sandbox.issue_token(presets.POS)
    with serving(sandbox) as base_url, Stemp(token, scopes=presets.POS, base_url=base_url) as till:
        assert till.users.get("cust_123").name == "Jane Doe"


def test_the_server_stops_with_its_block_even_if_it_fails() -> None:
    before = threading.active_count()
    with pytest.raises(ZeroDivisionError), serving(Sandbox()) as base_url:
        _ = 1 / 0
    assert threading.active_count() == before
    with pytest.raises(httpx.ConnectError):
        httpx.get(base_url)


# --- Failures over sockets


@attrs.frozen
class Till:
    """A client over HTTP, and a card."""

    sandbox: Sandbox
    client: Stemp[Any]
    card: str

    @property
    def stamps(self) -> int:
        wire = Wire(self.sandbox, self.sandbox.issue_token(presets.POS))
        stamps: int = wire.get(self.card).json["currentStamps"]
        return stamps

    def stamp(self) -> None:
        self.client.loyalty.add_stamp(self.card.split("/")[2])


@pytest.fixture
def till() -> Iterator[Till]:
    sandbox = Sandbox()
    wire = Wire(sandbox, sandbox.issue_token(presets.POS | presets.CARD_DESIGN | USER_CREATE))
    card = f"{wire.card()}/stamps"
    token = sandbox.issue_token(presets.POS)
    with (
        serving(sandbox) as base_url,
        Stemp(token, scopes=presets.POS, base_url=base_url, max_retries=0, timeout=5) as client,
    ):
        yield Till(sandbox, client, card)


@pytest.mark.parametrize("carried_out", [True, False])
@pytest.mark.parametrize(
    ("connection", "words"), [("lost", "Server disconnected"), ("reset", "ReadError|reset"), ("timeout", "ReadTimeout")]
)
def test_a_connection_fails_on_the_network_as_in_process(
    till: Till, connection: Any, words: str, *, carried_out: bool
) -> None:
    client = till.client.with_options(timeout=0.2) if connection == "timeout" else till.client
    till.sandbox.fail_next(operation="loyalty.add_stamp", connection=connection, carried_out=carried_out)
    with pytest.raises(UnknownOutcomeError, match=words):
        client.loyalty.add_stamp(till.card.split("/")[2])
    assert till.stamps == carried_out
    till.stamp()
    assert till.stamps == 1 + carried_out


def test_a_connection_that_was_made_cannot_be_refused_and_is_reset(till: Till) -> None:
    till.sandbox.fail_next(connection="refused")
    with pytest.raises(UnknownOutcomeError, match="ReadError"):
        till.stamp()
    assert till.stamps == 0


def test_a_delay_takes_real_time(till: Till) -> None:
    till.sandbox.fail_next(delay=0.1)
    began = time.monotonic()
    till.stamp()
    assert time.monotonic() - began >= 0.1
    assert till.stamps == 1


@pytest.mark.parametrize("carried_out", [True, False])
def test_a_slow_server_goes_on_without_its_client(till: Till, *, carried_out: bool) -> None:
    till.sandbox.fail_next(operation="loyalty.add_stamp", delay=0.4, carried_out=carried_out)
    with pytest.raises(UnknownOutcomeError, match="ReadTimeout"):
        till.client.with_options(timeout=0.1).loyalty.add_stamp(till.card.split("/")[2])
    assert till.stamps == 0
    till.sandbox.fail_next(delay=0.6)  # of a request that ends after the slow one
    till.client.loyalty.get_stamps(till.card.split("/")[2])
    assert till.stamps == carried_out


def test_a_timeout_after_a_delay_has_no_response(till: Till) -> None:
    till.sandbox.fail_next(operation="loyalty.add_stamp", connection="timeout", delay=0.05, carried_out=True)
    with pytest.raises(UnknownOutcomeError, match="ReadTimeout"):
        till.client.with_options(timeout=0.4).loyalty.add_stamp(till.card.split("/")[2])
    assert till.stamps == 1


def test_a_status_that_has_no_body_is_sent_without_one(till: Till) -> None:
    till.sandbox.fail_next(status=204, body=b"surplus")
    till.stamp()
    till.stamp()
    assert till.stamps == 1


def test_a_request_that_hangs_ends_with_the_server(capfd: pytest.CaptureFixture[str]) -> None:
    attended = threading.Event()

    class Noting(Sandbox):
        @override
        def attend(self, request: SandboxRequest) -> Any:
            response = super().attend(request)
            attended.set()
            return response

    sandbox = Noting()
    sandbox.fail_next(connection="timeout")
    with socket.socket() as hanging:
        with serving(sandbox) as base_url:
            hanging.connect(("127.0.0.1", httpx.URL(base_url).port or 0))
            hanging.sendall(b"GET /api/v1/users HTTP/1.1\r\nHost: x\r\n\r\n")
            assert attended.wait(60)
            assert len(sandbox.requests) == 1
        assert hanging.recv(1) == b""
    assert capfd.readouterr().err == ""


# --- What is not an ordinary request


def test_small_responses_are_sent_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    options: list[tuple[object, ...]] = []
    set_option = TransportSocket.setsockopt

    def noted(self: TransportSocket, *option: Any) -> None:
        options.append(option)
        set_option(self, *option)

    monkeypatch.setattr(TransportSocket, "setsockopt", noted)
    with serving(Sandbox()) as base_url:
        httpx.get(base_url)
    assert options == [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]


@pytest.mark.parametrize("target", ["*", "http://elsewhere.example/api/v1/users", "/a%0Ab", "/"])
def test_every_refusal_has_the_vendors_shape_and_a_date(target: str) -> None:
    with serving(Sandbox()) as base_url:
        connection = http.client.HTTPConnection("127.0.0.1", httpx.URL(base_url).port)
        connection.request("OPTIONS", target)
        response = connection.getresponse()
        assert response.headers["Date"]
        assert response.headers["Content-Type"] == "application/json"
        assert json.loads(response.read()).keys() == {"code", "params"}
        connection.close()


def test_an_upgrade_to_a_websocket_is_answered_as_if_it_were_not_asked_for(capfd: pytest.CaptureFixture[str]) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "x"}
    with serving(Sandbox()) as base_url:
        response = httpx.get(f"{base_url}/v1/users", headers=upgrade)
    assert (response.status_code, response.json()["code"]) == (401, "unauthorized")
    assert "Traceback" not in capfd.readouterr().err


def test_under_another_server_a_websocket_is_closed() -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope: dict[str, Any] = {"type": "websocket", "path": "/", "headers": []}
    asyncio.run(asgi_app(Sandbox())(scope, receive, send))
    assert [message["type"] for message in sent] == ["websocket.close"]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"connection": "lost"}, "RemoteProtocolError: Server disconnected"),
        ({"connection": "reset"}, "ReadError"),
        ({"connection": "refused"}, "ConnectError"),
        ({"truncated": True}, "RemoteProtocolError"),
    ],
)
def test_a_client_of_the_app_in_this_process_sees_broken_connections(fault: Any, words: str) -> None:
    sandbox = Sandbox().seed_demo()
    token = sandbox.issue_token(presets.POS)
    transport = httpx.ASGITransport(asgi_app(sandbox))

    async def stamp() -> None:
        async with httpx.AsyncClient(transport=transport) as http_client:
            client = AsyncStemp(token, scopes=presets.POS, base_url="http://localhost/api", http_client=http_client)
            sandbox.fail_next(**fault)
            with pytest.raises(APIConnectionError, match=words):
                await client.with_options(max_retries=0).users.get("cust_123")
            sandbox.fail_next(trickle=0.0001)
            assert (await client.users.get("cust_123")).name == "Jane Doe"

    asyncio.run(stamp())


def test_a_test_client_of_the_app_sees_broken_connections() -> None:
    sandbox = Sandbox().seed_demo()
    http_client: Any = TestClient(asgi_app(sandbox))
    token = sandbox.issue_token(presets.POS)
    till = Stemp(token, scopes=presets.POS, base_url="http://localhost/api", http_client=http_client)
    sandbox.fail_next(connection="reset")
    assert till.users.get("cust_123").name == "Jane Doe"
    assert [logged.status for logged in sandbox.requests] == [None, 200]


def test_under_another_server_the_error_says_what_a_fault_needs() -> None:
    sandbox = Sandbox()
    sandbox.fail_next(connection="lost")

    async def get() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(asgi_app(sandbox))) as client:
            await client.get("http://localhost/api/v1/users")

    with pytest.raises(httpx.RemoteProtocolError) as caught:
        asyncio.run(get())
    assert caught.value.__notes__ == [
        "A fault of the sandbox: it breaks real connections under serve() or serving() alone."
    ]


def test_a_slow_body_ends_with_its_client() -> None:
    sandbox = Sandbox()
    sandbox.fail_next(status=502, body=b"0123456789", trickle=60)
    received, sent = 0, list[Any]()

    async def receive() -> Any:
        nonlocal received
        received += 1
        if received == 1:
            return {"type": "http.request", "body": b""}
        if received <= 4:  # the client waits for three bytes
            running_loop().jump(60)
            await anyio.sleep_forever()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "headers": [],
    }
    anyio.run(asgi_app(sandbox), scope, receive, send, backend_options=JUMPING)
    assert (sent[0]["type"], sent[0]["status"]) == ("http.response.start", 502)
    assert [(each["body"], each["more_body"]) for each in sent[1:]] == [(b"0", True), (b"1", True), (b"2", True)]


def test_a_late_commit_sends_its_webhook_in_real_time(till: Till) -> None:
    received = threading.Event()

    async def app(_: Any, receive: Any, send: Any) -> None:
        assert b"stamp.created" in (await receive())["body"]
        received.set()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    with serving_app(app) as url:
        till.sandbox.webhooks.add(url)
        till.sandbox.fail_next(status=504, late=0.05)
        with pytest.raises(ServerError):
            till.stamp()
        assert received.wait(10)
    assert till.stamps == 1


def test_a_client_that_leaves_in_the_middle_of_its_body_is_no_error(capfd: pytest.CaptureFixture[str]) -> None:
    sandbox = Sandbox()
    with serving(sandbox) as base_url:
        with socket.create_connection(("127.0.0.1", httpx.URL(base_url).port or 0)) as leaving:
            leaving.sendall(b"POST /api/v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
        assert httpx.get(f"{base_url}/v1/users").status_code == 401
    assert capfd.readouterr().err == ""
    assert [entry.operation for entry in sandbox.requests] == ["users.list"]


# --- Where it listens


@pytest.mark.parametrize("end", [None, KeyboardInterrupt])
def test_serve_listens_on_loopback(monkeypatch: pytest.MonkeyPatch, end: type[BaseException] | None) -> None:
    served: list[str] = []

    def run(_: uvicorn.Server, sockets: list[socket.socket]) -> None:
        (listener,) = sockets
        host, port = listener.getsockname()
        with socket.create_connection((host, port)):
            served.append(host)
        if end is not None:
            raise end

    monkeypatch.setattr(uvicorn.Server, "run", run)
    serve(Sandbox(), port=0)
    assert served == ["127.0.0.1"]


def test_serve_raises_if_the_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(OSError, match="Address already in use"):
        serve(Sandbox(), port=other.getsockname()[1])


@pytest.mark.parametrize("missing", ["uvicorn", "starlette"])
def test_without_the_extra_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.delitem(sys.modules, "stemp_sdk.sandbox._server")
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ImportError, match=r'pip install "stemp-sdk\[sandbox\]"'):
        importlib.import_module("stemp_sdk.sandbox._server")


def test_a_served_sandbox_comes_back_to_how_the_server_began() -> None:
    sandbox = Sandbox().seed_demo()
    token = sandbox.issue_token(presets.CRM_SYNC)
    with serving(sandbox) as base_url, Stemp(token, base_url=base_url) as client:
        client.users.create(email="new@example.com")
        home = base_url.removesuffix("/api")
        assert httpx.post(f"{home}/_sandbox/reset").status_code == 204
        assert len(client.users.list().to_list()) == 3
        assert httpx.get(f"{home}/_sandbox/requests").json()["requests"][0]["operation"] == "users.list"
