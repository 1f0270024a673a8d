"""Each adapter in the framework that it is for."""

from __future__ import annotations

import base64
import io
import sys
import threading
from collections.abc import Callable, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any

import anyio
import flask
import httpx
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Route
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server
from werkzeug.test import Client as WSGIClient

from stemp_sdk.webhooks import ASGIApp, DjangoView, LambdaHandler, UserCreated, Verifier, WebhookReceiver, WSGIApp
from tests.webhooks.deliveries import SECRET, body_of, headers_of

BODY = body_of()
SCOPE: dict[str, Any] = {"type": "http", "headers": []}
Post = Callable[[bytes, Mapping[str, str]], tuple[int, str]]


class Endpoint:
    """A receiver, and what its handlers got."""

    def __init__(self, *, is_async: bool = False) -> None:
        self.receiver = WebhookReceiver(Verifier(SECRET), max_body=1000)
        self.handled: list[str] = []

        def welcome(event: UserCreated) -> None:
            self.handled.append(event.id)

        async def welcome_async(event: UserCreated) -> None:
            self.handled.append(event.id)

        self.receiver.on(UserCreated)(welcome_async if is_async else welcome)


def django(module: str) -> Any:
    """A module of Django, which has no types."""
    return import_module(f"django.{module}")


def starlette(endpoint: Endpoint) -> Post:
    app = Starlette(routes=[Route("/stemp", ASGIApp(endpoint.receiver), methods=["POST"])])
    return over_asgi(app)


def fastapi(endpoint: Endpoint) -> Post:
    return over_asgi(FastAPI(routes=[Route("/stemp", ASGIApp(endpoint.receiver), methods=["POST"])]))


def over_asgi(app: Starlette) -> Post:
    async def send(body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://shop.example") as client:
            return await client.post("/stemp", content=body, headers=headers)

    def post(body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        answer = anyio.run(send, body, headers)
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        return answer.status_code, answer.text

    return post


def mounted_in_flask(endpoint: Endpoint) -> Post:
    app = DispatcherMiddleware(flask.Flask("shop").wsgi_app, {"/stemp": WSGIApp(endpoint.receiver)})
    return over_wsgi(WSGIClient(app))


def flask_view(endpoint: Endpoint) -> Post:
    app = flask.Flask("shop")

    @app.post("/stemp")
    def stemp() -> tuple[str, int]:
        response = endpoint.receiver.handle(flask.request.get_data(), flask.request.headers)
        return response.text, response.status

    return over_wsgi(app.test_client())


def over_wsgi(client: WSGIClient) -> Post:
    def post(body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        answer = client.post("/stemp", data=body, headers=dict(headers))
        return answer.status_code, answer.text

    return post


def django_view(endpoint: Endpoint) -> Post:
    urls = ModuleType("shop_urls")
    vars(urls)["urlpatterns"] = [django("urls").path("stemp", DjangoView(endpoint.receiver))]
    sys.modules["shop_urls"] = urls
    django("urls").clear_url_caches()
    client = django("test").Client(enforce_csrf_checks=True)

    def post(body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        answer = client.post("/stemp", data=body, content_type="application/json", headers=headers)
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        return answer.status_code, answer.content.decode()

    return post


def aws_lambda(endpoint: Endpoint) -> Post:
    handler = LambdaHandler(endpoint.receiver)

    def post(body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        lower = {name.lower(): value for name, value in headers.items()}  # as a function URL and an HTTP API do
        answer = handler({"version": "2.0", "headers": lower, "body": body.decode(), "isBase64Encoded": False}, None)
        encoded = {"headers": dict(headers), "body": base64.b64encode(body).decode(), "isBase64Encoded": True}
        assert handler(encoded, None)["statusCode"] == answer["statusCode"]
        return answer["statusCode"], answer["body"]

    return post


@pytest.fixture(scope="module", autouse=True)
def _django() -> None:
    django("conf").settings.configure(
        ALLOWED_HOSTS=["*"],
        DATA_UPLOAD_MAX_MEMORY_SIZE=1500,
        MIDDLEWARE=["django.middleware.csrf.CsrfViewMiddleware"],
        ROOT_URLCONF="shop_urls",
    )
    import_module("django").setup()


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("framework", [starlette, fastapi, mounted_in_flask, flask_view, django_view, aws_lambda])
def test_an_event_is_handled_in_each_framework(framework: Callable[[Endpoint], Post], is_async: bool) -> None:
    endpoint = Endpoint(is_async=is_async)
    post = framework(endpoint)
    assert post(BODY, headers_of(BODY)) == (200, "handled")
    assert post(BODY, headers_of(BODY)) == (200, "handled before")
    status, text = post(BODY, headers_of(BODY, secret="another"))
    assert (status, text[:39]) == (401, "the signature does not match the body: ")
    large = body_of(data={"id": "usr_1", "name": "x" * 1000})
    assert post(large, headers_of(large)) == (413, "the body is larger than 1000 bytes")
    huge = b"x" * 100_000
    assert post(huge, headers_of(huge))[0] == 413
    assert post(b"", {"Content-Type": "application/json"})[0] == 401
    assert endpoint.handled == ["evt_1"]


def test_an_asgi_app_reads_no_more_than_it_must() -> None:
    chunks = iter([b"x" * 600, b"x" * 600])
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": next(chunks), "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    anyio.run(ASGIApp(Endpoint().receiver), SCOPE, receive, send)
    assert sent[0]["status"] == 413


def test_an_asgi_client_that_goes_away_is_not_an_error() -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    endpoint = Endpoint()
    anyio.run(ASGIApp(endpoint.receiver), SCOPE, receive, send)
    assert sent == []


def test_an_asgi_app_is_for_http() -> None:
    app: Any = ASGIApp(Endpoint().receiver)
    with pytest.raises(ValueError, match="over http, not websocket"):
        anyio.run(app, {"type": "websocket"}, None, None)


def test_an_asgi_app_starts_and_stops() -> None:
    received = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return next(received)

    async def send(message: Any) -> None:
        sent.append(message)

    anyio.run(ASGIApp(Endpoint().receiver), {"type": "lifespan"}, receive, send)
    assert sent == [{"type": "lifespan.startup.complete"}, {"type": "lifespan.shutdown.complete"}]


def test_an_asgi_body_that_does_not_end_is_not_waited_for() -> None:
    sent: list[Any] = []
    chunks = iter([b"{"])

    async def receive() -> dict[str, Any]:
        for chunk in chunks:
            return {"type": "http.request", "body": chunk, "more_body": True}
        await anyio.sleep_forever()
        raise AssertionError("unreachable")

    async def send(message: Any) -> None:
        sent.append(message)

    anyio.run(ASGIApp(WebhookReceiver(Verifier(SECRET), timeout=0.01)), SCOPE, receive, send)
    assert sent[0]["status"] == 408
    assert sent[1]["body"] == b"the body did not arrive in time"


@pytest.mark.parametrize("length", ["-1", "-5", "abc", "²", "9" * 5000, ""])
def test_a_malformed_content_length_is_refused(length: str) -> None:
    stream = io.BytesIO(BODY)
    client = WSGIClient(WSGIApp(Endpoint().receiver))
    answer = client.post(
        "/", headers=headers_of(BODY), input_stream=stream, environ_overrides={"CONTENT_LENGTH": length}
    )
    assert answer.status_code == 400
    assert "the WSGI server does not pass on a body that is sent in chunks" in answer.text
    assert stream.tell() == 0, "a stream that does not end where the body does would not end at all"


def test_a_body_in_chunks_is_read() -> None:
    endpoint = Endpoint()
    server = make_server("127.0.0.1", 0, WSGIApp(endpoint.receiver))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        parts = iter([BODY[:100], BODY[100:]])  # so that httpx knows no length
        answer = httpx.post(f"http://127.0.0.1:{server.server_port}/", content=parts, headers=headers_of(BODY))
        assert answer.text == "handled"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert endpoint.handled == ["evt_1"]


def invoke(event: dict[str, Any], endpoint: Endpoint | None = None) -> dict[str, Any]:
    return LambdaHandler((endpoint or Endpoint()).receiver)(event, None)


@pytest.mark.parametrize("headers", [{"headers": {}}, {"headers": None, "multiValueHeaders": None}, {}])
def test_a_lambda_event_without_headers_or_a_body_is_refused(headers: dict[str, Any]) -> None:
    answer = invoke({**headers, "body": None})
    assert (answer["statusCode"], answer["body"][:38]) == (401, "the delivery has no X-Stemp-Signature ")


def test_a_lambda_answers_in_the_headers_that_it_was_asked_in() -> None:
    single, text = headers_of(BODY), BODY.decode()
    several = {name: [value] for name, value in single.items()}
    answers = [
        invoke({"headers": single, "body": text}),
        invoke({"multiValueHeaders": several, "body": text}),  # a load balancer, if it is set so
        invoke({"headers": single, "multiValueHeaders": several, "body": text}),  # an API Gateway of version 1
    ]
    common = {"statusCode": 200, "body": "handled", "isBase64Encoded": False}
    one, list_of_one = "text/plain; charset=utf-8", ["text/plain; charset=utf-8"]
    assert answers == [
        {**common, "headers": {"content-type": one}},
        {**common, "multiValueHeaders": {"content-type": list_of_one}},
        {**common, "headers": {"content-type": one}, "multiValueHeaders": {"content-type": list_of_one}},
    ]


@pytest.mark.parametrize(
    ("event", "problem"),
    [
        ({"body": {"id": "evt_1"}}, "body in the Lambda event is dict, not a string: it was parsed already"),
        ({"body": "{\ud800}"}, "body in the Lambda event is not valid Unicode"),
        ({"body": "%%%", "isBase64Encoded": True}, "body in the Lambda event is not valid base64"),
        ({"body": "\ud800", "isBase64Encoded": True}, "body in the Lambda event is not valid base64"),
        ({"body": "", "headers": ["a"]}, "headers in the Lambda event are not strings"),
        ({"body": "", "headers": {"a": 1}}, "headers in the Lambda event are not strings"),
        ({"body": "", "headers": {1: "a"}}, "headers in the Lambda event are not strings"),
        ({"body": "", "multiValueHeaders": {"a": [None]}}, "headers in the Lambda event are not strings"),
    ],
)
def test_a_lambda_event_that_is_not_a_request_is_an_error(event: dict[str, Any], problem: str) -> None:
    answer = invoke(event)
    assert (answer["statusCode"], answer["body"]) == (400, problem)


def test_a_lambda_header_that_is_null_was_not_sent() -> None:
    assert invoke({"headers": {**headers_of(BODY), "x-trace": None}, "body": BODY.decode()})["statusCode"] == 200
    assert invoke({"multiValueHeaders": {"x-trace": None}, "body": BODY.decode()})["statusCode"] == 401
