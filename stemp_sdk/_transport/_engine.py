"""Sending with an HTTP client of the user's, which is recognized by its methods.

Supported are ``Client`` and ``AsyncClient`` of httpx and httpx2, on any transport (aiohttp's, pyreqwest's, WSGI, ASGI),
and Starlette's ``TestClient`` of both kinds.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, asynccontextmanager
from time import monotonic
from typing import Any

from .._core.call import Outcome, RawResponse, Send
from ._body import ResponseReader
from ._request import RequestBuilder
from ._wire import is_of_the_network, no_response_from


class Engine:
    """Sends with a client of the user's.

    Its event hooks, transports and limits apply; its base URL, headers, parameters, auth and redirects do not. It keeps
    the cookies that a server sets, but they are not sent.

    Args:
        client: The client. Its owner closes it.

    Raises:
        TypeError: it is not a client of the right kind.
    """

    __slots__ = ("client",)

    def __init__(self, client: Any) -> None:
        self.client = _checked(client, is_async=False)

    def send(self, send: Send, builder: RequestBuilder, ends: float) -> Outcome:
        """Send it once. Redirects are not followed, so the token goes to its origin only.

        The deadline bounds each step of the client, and is checked between the pieces of a body. It cannot end headers
        that arrive in small pieces, nor the look-up of a host name.
        """
        try:
            request = _request(self.client, send, builder, ends)
            response = self.client.send(request, stream=True, auth=None, follow_redirects=False)
            try:
                return _read(response, ends)
            finally:
                response.close()
        except Exception as error:
            if (outcome := _outcome_of(error, send, builder, ends)) is None:
                raise
            return outcome


class AsyncEngine:
    """``Engine`` for an async client."""

    __slots__ = ("client",)

    def __init__(self, client: Any) -> None:
        self.client = _checked(client, is_async=True)

    async def send(self, send: Send, builder: RequestBuilder, ends: float) -> Outcome:
        """Send it once, within the deadline. Redirects are not followed."""
        try:
            async with _until(ends):
                request = _request(self.client, send, builder, ends)
                response = await self.client.send(request, stream=True, auth=None, follow_redirects=False)
                try:
                    return await _read_async(response)
                finally:
                    await response.aclose()
        except Exception as error:
            if (outcome := _outcome_of(error, send, builder, ends)) is None:
                raise
            return outcome


@asynccontextmanager
async def _until(ends: float) -> AsyncGenerator[None]:
    """Raise an error at the deadline.

    Without anyio: its scopes do not recognize their own cancellation if an engine replaces the exception.
    """
    import asyncio

    left = max(ends - monotonic(), 0)
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        from trio import fail_after

        with fail_after(left):
            yield
    else:
        async with asyncio.timeout(left):
            yield


def _checked(client: Any, *, is_async: bool) -> Any:
    send = getattr(client, "send", None)
    is_client = callable(send) and callable(getattr(client, "build_request", None))
    if is_client and inspect.iscoroutinefunction(send) is is_async:
        return client
    kind = client.__class__
    wanted = "httpx.AsyncClient" if is_async else "httpx.Client"
    raise TypeError(f"http_client must be an {wanted}, or one like it, not {kind.__module__}.{kind.__qualname__}")


def _request(client: Any, send: Send, builder: RequestBuilder, ends: float) -> Any:
    """A request of the client's own library, without the client's defaults."""
    url = f"{str(builder.origin).removesuffix('/')}{send.target}"
    step = min(send.timeout, max(ends - monotonic(), 0.001))
    timeout = dict.fromkeys(("connect", "read", "write", "pool"), step)
    kind = client.build_request(send.method, url).__class__
    headers = builder.headers(send).raw
    return kind(send.method, url, headers=headers, content=send.body, extensions={"timeout": timeout})


def _reader(response: Any) -> ResponseReader:
    return ResponseReader(response.status_code, response.headers.raw, is_decoded=response.is_stream_consumed)


def _read(response: Any, ends: float) -> Outcome:
    reader = _reader(response)
    pieces: Iterator[bytes] = iter((response.content,)) if response.is_stream_consumed else response.iter_raw()
    for piece in pieces:
        if reader.feed(piece):
            break
        if monotonic() >= ends:
            raise TimeoutError
    return reader.response()


async def _read_async(response: Any) -> Outcome:
    reader = _reader(response)
    if response.is_stream_consumed:
        reader.feed(response.content)
        return reader.response()
    pieces: AsyncGenerator[bytes] = response.aiter_raw()
    async with aclosing(pieces):
        async for piece in pieces:
            if reader.feed(piece):
                break
    return reader.response()


def _outcome_of(error: Exception, send: Send, builder: RequestBuilder, ends: float) -> Outcome | None:
    """The outcome of a request that ended with an engine's error; None if it is not a network error."""
    response: Any = getattr(error, "response", None)
    if response is not None and any(kind.__name__ == "HTTPStatusError" for kind in type(error).__mro__):
        # A hook of the user's raised it, and the client closed the response: its body may not have been read.
        reader = _reader(response)
        try:
            reader.feed(response.content)
        except Exception:  # noqa: BLE001  # each library has an error of its own for this
            return RawResponse(reader.status, reader.headers, b"", is_cut=True)
        return reader.response()
    if not is_of_the_network(error):
        return None
    return no_response_from(error, host=builder.origin.host, deadline=send.budget if monotonic() >= ends else None)
