"""Building an httpx request from a ``Send``."""

from __future__ import annotations

import platform
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Final

import attrs
import httpx

from .._core.call import FormBody, Send
from .._core.secret import Secret
from .._version import __version__
from ._url import RequestURL

_USER_AGENT: Final = f"stemp-sdk/{__version__} python/{platform.python_version()}"

_FORM: Final = "application/x-www-form-urlencoded"


class _Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A request body with one part or none. It has no generators, as trio warns of one that is abandoned half-way."""

    def __init__(self, *parts: bytes) -> None:
        self._parts = parts

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._parts)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return _AsyncParts(self._parts)


class _AsyncParts:
    __slots__ = ("_parts",)

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = iter(parts)

    def __aiter__(self) -> _AsyncParts:
        return self

    async def __anext__(self) -> bytes:
        for part in self._parts:
            return part
        raise StopAsyncIteration


_NO_BODY: Final = _Body()  # an empty part would cost a call of h11


@attrs.define(eq=False, repr=False)
class RequestBuilder:
    """Builds the requests of one client to one origin.

    ``httpx.Client`` merges headers, cookies, parameters and auth for each request. With one origin and one token the
    result is always the same, so it is computed once and kept.
    """

    origin: httpx.URL
    extra: Mapping[str, Secret] = attrs.field(factory=dict[str, Secret])
    """Additional headers of each request."""
    # Replaced as one tuple, so a thread never sees one token with the headers of another.
    _prepared: tuple[Secret | None, httpx.Headers] | None = attrs.field(default=None, init=False)

    def build(self, send: Send) -> httpx.Request:
        """The complete request for ``send``, as a transport needs it."""
        headers = self.headers(send)
        stream = _NO_BODY if send.body is None else _Body(send.body)
        timeout = dict.fromkeys(("connect", "read", "write", "pool"), send.timeout)
        extensions = {"timeout": timeout}
        request = httpx.Request(send.method, self.origin, headers=headers, stream=stream, extensions=extensions)
        request.url = RequestURL(self.origin, send.target)
        return request

    def headers(self, send: Send) -> httpx.Headers:
        """The headers of ``send``. The caller must not change them."""
        prepared = self._prepared
        if prepared is None or prepared[0] is not send.token:
            prepared = self._prepared = (send.token, self._fresh_headers(send.token))
        headers = prepared[1]
        if send.body is not None:
            headers = headers.copy()
            headers["Content-Type"] = _FORM if isinstance(send.body, FormBody) else "application/json"
            headers["Content-Length"] = str(len(send.body))
        elif send.method == "POST":
            headers = headers.copy()
            headers["Content-Length"] = "0"
        return headers

    def _fresh_headers(self, token: Secret | None) -> httpx.Headers:
        headers = httpx.Headers(
            {
                "Host": self.origin.netloc.decode("ascii"),
                "Accept": "application/json",
                "Accept-Encoding": "gzip, deflate",
                "User-Agent": _USER_AGENT,
            }
        )
        if token is not None:
            headers["Authorization"] = f"Bearer {token.reveal()}"
        for name, value in self.extra.items():
            headers[name] = value.reveal()
        return headers
