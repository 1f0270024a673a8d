"""Clients that others make, taken by what they can do: what each sends, what each answers, and what each loses."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any, Final

import attrs
import httpx
import httpx2
import pytest
from httpx_aiohttp import AiohttpTransport
from pyreqwest.compatibility.httpx import HttpxTransport, SyncHttpxTransport
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from stemp_sdk._core.call import RawResponse
from stemp_sdk._transport import Pool
from stemp_sdk._transport._request import RequestBuilder
from tests.conftest import TOKEN, Twin

from .local_server import answer, serving
from .pools import GET, client_for, sending

USER = answer(gzip.compress(b'{"id":"usr_1"}'), "content-encoding: gzip")

SYNC: Final[dict[str, Callable[[], Any]]] = {
    "httpx": lambda: httpx.Client(trust_env=False),
    "httpx2": lambda: httpx2.Client(trust_env=False),
    "pyreqwest": lambda: httpx.Client(transport=SyncHttpxTransport()),
}
ASYNC: Final[dict[str, Callable[[], Any]]] = {
    "httpx": lambda: httpx.AsyncClient(trust_env=False),
    "httpx2": lambda: httpx2.AsyncClient(trust_env=False),
    "aiohttp": lambda: httpx.AsyncClient(transport=AiohttpTransport()),
    "pyreqwest": lambda: httpx.AsyncClient(transport=HttpxTransport()),
}

each_engine = pytest.mark.parametrize(
    ("twin", "engine"), [*(("sync", name) for name in SYNC), *(("async", name) for name in ASYNC)], indirect=["twin"]
)


def client(twin: Twin, engine: str) -> Any:
    return (SYNC if twin.kind == "sync" else ASYNC)[engine]()


@each_engine
def test_what_it_sends_and_answers(twin: Twin, engine: str) -> None:
    with serving(USER) as (base_url, seen), sending(twin, base_url, client(twin, engine)) as sender:
        for method, body in (("GET", None), ("POST", b'{"a":1}'), ("POST", None)):
            got = sender.answer(method=method, body=body)
            assert (got.status, got.body, got.headers["content-type"]) == (200, b'{"id":"usr_1"}', "application/json")
    get, post, empty = (request.lower() for request in seen.requests)
    assert f"bearer {TOKEN}".encode() in get
    assert not any(name in get for name in (b"transfer-encoding", b"content-type", b"content-length"))
    assert b"content-length: 7\r\n" in post
    assert post.endswith(b'\r\n\r\n{"a":1}')
    assert b"content-length: 0\r\n" in empty
    assert not any(b"transfer-encoding" in request for request in seen.requests)


@each_engine
def test_an_answer_that_is_too_long_is_cut(twin: Twin, engine: str) -> None:
    long = answer(b"x" * 300_000, status="500 Internal Server Error")
    with serving(long) as (base_url, _), sending(twin, base_url, client(twin, engine)) as sender:
        got = sender.answer()
    assert (got.is_cut, len(got.body)) == (True, 65536)


@each_engine
def test_a_server_that_hangs_up_has_the_request(twin: Twin, engine: str) -> None:
    """Whatever it is called: by aiohttp's transport a ``ConnectTimeout``, by pyreqwest a ``ConnectError``."""
    with serving(None) as (base_url, _), sending(twin, base_url, client(twin, engine)) as sender:
        lost = sender.lost(method="POST", body=b"{}", adds=True)
    assert (lost.sent, lost.timed_out) == (True, False)


@each_engine
@pytest.mark.parametrize("changes", [{"timeout": 0.1}, {"budget": 0.1}])
def test_a_server_that_says_nothing_has_it_too(twin: Twin, engine: str, changes: Any) -> None:
    with serving(b"") as (base_url, _), sending(twin, base_url, client(twin, engine)) as sender:
        lost = sender.lost(attrs.evolve(GET, **changes))
    assert (lost.sent, lost.timed_out) == (True, True)


@each_engine
def test_where_nobody_listens_nothing_was_sent(twin: Twin, engine: str) -> None:
    with serving(USER) as (base_url, _):
        pass
    with sending(twin, base_url, client(twin, engine)) as sender:
        lost = sender.lost()
    assert (lost.sent, lost.timed_out) == (engine == "pyreqwest", False)  # which cannot tell


@pytest.mark.parametrize("hook", ["content", "read", "raise_for_status", "read and raise"])
def test_hooks_may_read_and_raise(twin: Twin, hook: str) -> None:
    def request(request: httpx.Request) -> None:
        assert request.content == b"{}"

    def response(response: httpx.Response) -> None:
        if "read" in hook:
            response.read()
        if "raise" in hook:
            response.raise_for_status()

    async def request_async(given: httpx.Request) -> None:
        request(given)

    async def response_async(given: httpx.Response) -> None:
        if "read" in hook:
            await given.aread()
        if "raise" in hook:
            given.raise_for_status()

    hooks: Any = {"request": [request], "response": [response]}
    if twin.kind == "async":
        hooks = {"request": [request_async], "response": [response_async]}
    missing = answer(gzip.compress(b'{"code":"resource_not_found"}'), "content-encoding: gzip", status="404 Not Found")
    with serving(missing) as (base_url, _), sending(twin, base_url, client_for(twin, event_hooks=hooks)) as sender:
        got = sender.answer(method="POST", body=b"{}")
    body = (b"", True) if hook == "raise_for_status" else (b'{"code":"resource_not_found"}', False)
    assert (got.status, got.body, got.is_cut) == (404, *body)


async def greet(request: Request) -> JSONResponse:
    return JSONResponse({"id": request.path_params["user_id"], "authorization": request.headers["authorization"]})


def test_starlettes_test_client() -> None:
    app = Starlette(routes=[Route("/api/v1/users/{user_id}", greet)])
    origin = httpx.URL("http://testserver/")
    outcome = Pool(origin, TestClient(app)).send(GET, RequestBuilder(origin))
    assert isinstance(outcome, RawResponse)
    assert outcome.body == b'{"id":"usr_1","authorization":"Bearer kept-secret"}'


class OfTheUsers:
    """Something else."""


@pytest.mark.parametrize("wrong", [OfTheUsers(), object(), 3, "client", httpx, httpx2.HTTPTransport()])
def test_what_cannot_send_is_refused_by_name(twin: Twin, wrong: Any) -> None:
    kind = wrong.__class__
    name = f"{kind.__module__}.{kind.__qualname__}".replace(".", r"\.")
    with pytest.raises(TypeError, match=rf"^http_client must be an httpx\.\w+, or one like it, not {name}$"):
        twin.client(http_client=wrong)


@pytest.mark.parametrize(
    ("raised", "reason"),
    [
        (RuntimeError("TLS not supported in this environment"), "RuntimeError: TLS not supported in this environment"),
        (ExceptionGroup("several", [OSError("no route")]), "OSError: no route"),
        (ConnectionResetError("gone"), "ConnectionResetError: gone"),
    ],
)
def test_raw_errors_of_the_network_are_lost_answers(twin: Twin, raised: Exception, reason: str) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise raised

    http_client = client_for(twin, transport=httpx.MockTransport(fail))
    with sending(twin, "https://api.stemp.app/api", http_client) as sender:
        assert sender.lost().reason == reason


@pytest.mark.parametrize(
    "raised", [LookupError("x"), RuntimeError("x"), FileNotFoundError("x"), ExceptionGroup("x", [KeyError()])]
)
def test_mistakes_in_code_go_on(twin: Twin, raised: Exception) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise raised

    http_client = client_for(twin, transport=httpx.MockTransport(fail))
    with sending(twin, "https://api.stemp.app/api", http_client) as sender, pytest.raises(type(raised)) as caught:
        sender.send()
    assert caught.value is raised
