"""A receiver on the web.  Each adapter is short enough to write by hand where it does not fit."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from http import HTTPStatus
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeAlias

import attrs

from ._receiver import WebhookReceiver

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

_Message: TypeAlias = MutableMapping[str, Any]
_Receive: TypeAlias = Callable[[], Awaitable[_Message]]
_Send: TypeAlias = Callable[[_Message], Awaitable[None]]

_TEXT: Final = "text/plain; charset=utf-8"

_IS_RECEIVER: Final = attrs.validators.instance_of(WebhookReceiver)


@attrs.frozen
class ASGIApp:
    """The receiver as an ASGI app, to serve by itself or as a route of Starlette or FastAPI.

    ::

        app = FastAPI(routes=[Route("/stemp", ASGIApp(receiver), methods=["POST"])])   # Route is starlette.routing's

    Not by ``mount``, which redirects to a path with a slash at its end: stemp follows no redirect.
    """

    receiver: WebhookReceiver = attrs.field(validator=_IS_RECEIVER)

    async def __call__(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise ValueError(f"a webhook comes over http, not {scope['type']}")
        body, more = bytearray(), True
        while more and len(body) <= self.receiver.max_body:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        response = await self.receiver.ahandle(body, headers)
        content_type = [(b"content-type", _TEXT.encode())]
        await send({"type": "http.response.start", "status": response.status, "headers": content_type})
        await send({"type": "http.response.body", "body": response.text.encode()})


@attrs.frozen
class WSGIApp:
    """The receiver as a WSGI app, to serve by itself or to mount, as with werkzeug's ``DispatcherMiddleware``."""

    receiver: WebhookReceiver = attrs.field(validator=_IS_RECEIVER)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        headers = {key[5:].replace("_", "-"): value for key, value in environ.items() if key.startswith("HTTP_")}
        length = _length(environ, self.receiver.max_body + 1)  # one byte more than allowed is enough to tell
        response = self.receiver.handle(environ["wsgi.input"].read(length), headers)
        start_response(f"{response.status} {HTTPStatus(response.status).phrase}", [("Content-Type", _TEXT)])
        return [response.text.encode()]


def _length(environ: WSGIEnvironment, most: int) -> int:
    """How much of the stream to read."""
    if environ.get("wsgi.input_terminated"):  # the stream ends where the body does, which may be in chunks
        return most
    try:
        return max(0, min(int(environ["CONTENT_LENGTH"]), most))
    except (KeyError, ValueError):  # absent, or nonsense, which not every server refuses
        return 0


@attrs.frozen
class DjangoView:
    """The receiver as a Django view, which needs no CSRF token: ``path("stemp", DjangoView(receiver))``."""

    csrf_exempt: ClassVar[bool] = True
    receiver: WebhookReceiver = attrs.field(validator=_IS_RECEIVER)

    def __call__(self, request: Any) -> Any:
        """Answer one ``HttpRequest`` with an ``HttpResponse``."""
        # Not request.body, which has a limit of its own and answers 400.
        response = self.receiver.handle(request.read(self.receiver.max_body + 1), request.headers)
        http: Any = import_module("django.http")  # nobody else needs Django
        return http.HttpResponse(response.text, status=response.status, content_type=_TEXT)


@attrs.frozen
class LambdaHandler:
    """The receiver as an AWS Lambda function, behind a function URL, a load balancer or an API Gateway of any kind."""

    receiver: WebhookReceiver = attrs.field(validator=_IS_RECEIVER)

    def __call__(self, event: Mapping[str, Any], _context: object) -> dict[str, Any]:
        """Answer one invocation."""
        body = (event.get("body") or "").encode()
        if event.get("isBase64Encoded"):
            body = base64.b64decode(body)
        # A load balancer may be set to give these alone.
        several: Mapping[str, list[str]] = event.get("multiValueHeaders") or {}
        headers = event.get("headers") or {name: ",".join(values) for name, values in several.items()}
        response = self.receiver.handle(body, headers)
        return {"statusCode": response.status, "headers": {"content-type": _TEXT}, "body": response.text}
