"""Adapters of a receiver to web servers and frameworks. Each is short, as a model for one of your own."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from http import HTTPStatus
from importlib import import_module
from typing import Any, ClassVar, Final, TypeAlias, cast
from wsgiref.types import StartResponse, WSGIEnvironment

import anyio
import attrs

from ._handling import WebhookResponse
from ._receiver import ASYNC_STORE, WebhookReceiver, refused
from ._seen import SeenStore

_Message: TypeAlias = MutableMapping[str, Any]
_Receive: TypeAlias = Callable[[], Awaitable[_Message]]
_Send: TypeAlias = Callable[[_Message], Awaitable[None]]

_TEXT: Final = "text/plain; charset=utf-8"


def _is_receiver(_instance: object, _attribute: object, value: object) -> None:
    if not isinstance(value, WebhookReceiver):
        raise TypeError(f"receiver must be a WebhookReceiver, not {type(value).__name__}")


def _is_sync_receiver(instance: object, attribute: object, value: object) -> None:
    _is_receiver(instance, attribute, value)
    if cast("WebhookReceiver[Any]", value).is_async:
        raise TypeError(ASYNC_STORE)


@attrs.frozen
class ASGIApp:
    """A receiver as an ASGI app, to serve alone or as a route of Starlette or FastAPI.

    ::

        app = FastAPI(routes=[Route("/stemp", ASGIApp(receiver), methods=["POST"])])   # Route is starlette.routing's

    Do not use ``mount``: it redirects to a path with a slash at its end, and stemp follows no redirect. The response to
    a body that takes longer than the receiver's ``timeout`` is 408.
    """

    receiver: WebhookReceiver[Any] = attrs.field(validator=_is_receiver)

    async def __call__(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            raise ValueError(f"a webhook is sent over http, not {scope['type']}")
        body = await self._body(receive)
        if body is None:
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        response = body if isinstance(body, WebhookResponse) else await self.receiver.ahandle(body, headers)
        content_type = [(b"content-type", _TEXT.encode())]
        await send({"type": "http.response.start", "status": response.status, "headers": content_type})
        await send({"type": "http.response.body", "body": response.text.encode()})

    async def _body(self, receive: _Receive) -> bytearray | WebhookResponse | None:
        """The body, or its beginning if it is too large; a response if it is late; None if the client disconnected."""
        body = bytearray()
        with anyio.move_on_after(self.receiver.timeout):
            while len(body) <= self.receiver.max_body:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                body += message.get("body", b"")
                if not message.get("more_body", False):
                    break
            return body
        return refused(408, "the body did not arrive in time")


async def _lifespan(receive: _Receive, send: _Send) -> None:
    """Confirm start and stop. There is nothing to do."""
    message: _Message = {"type": ""}
    while message["type"] != "lifespan.shutdown":
        message = await receive()
        await send({"type": f"{message['type']}.complete"})


@attrs.frozen
class WSGIApp:
    """A receiver as a WSGI app, to serve alone or to mount, for instance by werkzeug's ``DispatcherMiddleware``."""

    receiver: WebhookReceiver[SeenStore] = attrs.field(validator=_is_sync_receiver)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        headers = {key[5:].replace("_", "-"): value for key, value in environ.items() if key.startswith("HTTP_")}
        length = _length(environ, self.receiver.max_body + 1)  # one byte more than allowed shows that it is too large
        response = self.receiver.handle(environ["wsgi.input"].read(length), headers)
        start_response(f"{response.status} {HTTPStatus(response.status).phrase}", [("Content-Type", _TEXT)])
        return [response.text.encode()]


def _length(environ: WSGIEnvironment, most: int) -> int:
    """The number of bytes to read from the stream."""
    if environ.get("wsgi.input_terminated"):  # the stream ends with the body, which may be in chunks
        return most
    try:
        return max(0, min(int(environ["CONTENT_LENGTH"]), most))
    except (KeyError, ValueError):  # absent, or invalid, which some servers accept
        return 0


@attrs.frozen
class DjangoView:
    """A receiver as a Django view, exempt from CSRF checks: ``path("stemp", DjangoView(receiver))``."""

    csrf_exempt: ClassVar[bool] = True
    receiver: WebhookReceiver[SeenStore] = attrs.field(validator=_is_sync_receiver)

    def __call__(self, request: Any) -> Any:
        """Answer one ``HttpRequest`` with an ``HttpResponse``."""
        # Not request.body, which has a limit of its own and raises an error that becomes a 400.
        response = self.receiver.handle(request.read(self.receiver.max_body + 1), request.headers)
        http: Any = import_module("django.http")  # here, as only this adapter needs Django
        return http.HttpResponse(response.text, status=response.status, content_type=_TEXT)


@attrs.frozen
class LambdaHandler:
    """A receiver as an AWS Lambda function, behind a function URL, a load balancer or any kind of API Gateway."""

    receiver: WebhookReceiver[SeenStore] = attrs.field(validator=_is_sync_receiver)

    def __call__(self, event: Mapping[str, Any], _context: object) -> dict[str, Any]:
        """Answer one invocation. An event whose body or headers are not those of a request gets a 400."""
        several: object = event.get("multiValueHeaders")
        try:
            body, headers = _lambda_body(event), _lambda_headers(event.get("headers") or several or {})
        except ValueError as error:
            response = refused(400, str(error))
        else:
            response = self.receiver.handle(body, headers)
        answer: dict[str, Any] = {"statusCode": response.status, "body": response.text, "isBase64Encoded": False}
        # A load balancer may be configured for multi-value headers, and then reads nothing else.
        if event.get("headers") or not several:
            answer["headers"] = {"content-type": _TEXT}
        if several:
            answer["multiValueHeaders"] = {"content-type": [_TEXT]}
        return answer


def _lambda_body(event: Mapping[str, Any]) -> bytes:
    """The bytes of the request.

    Raises:
        ValueError: the body is not a string, or cannot be decoded.
    """
    body = event.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise ValueError(f"body in the Lambda event is {type(body).__name__}, not a string: it was parsed already")
    try:
        return base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()
    except ValueError:
        problem = "base64" if event.get("isBase64Encoded") else "Unicode"
    raise ValueError(f"body in the Lambda event is not valid {problem}")


def _lambda_headers(given: Any) -> dict[str, str]:
    """The headers of the request, without those that are null.

    Raises:
        ValueError: a name or a value is not a string.
    """
    headers: dict[str, str] = {}
    try:
        for name, value in given.items():
            if value is not None:
                headers[str.lower(name)] = value if isinstance(value, str) else ",".join(value)
    except (AttributeError, TypeError):
        raise ValueError("headers in the Lambda event are not strings") from None
    return headers
