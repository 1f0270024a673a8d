"""What both pools share: from a ``Send`` to an httpx request, and from what httpx gives to an ``Outcome``."""

from __future__ import annotations

import platform
from typing import Final

import attrs
import httpx

from .._version import __version__
from ..core.call import Answer, Lost, Send
from ..core.secret import Secret
from ._url import RequestURL

_USER_AGENT: Final = f"stemp-sdk/{__version__} python/{platform.python_version()}"
_NO_BODY: Final = httpx.ByteStream(b"")
# With these the request surely never reached the server.
_NOT_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)

CLOSED: Final = "the client is closed: make a new one"

#: The connections that a forked child has from its parent, kept untouched for as long as the child lives: to close them
#: could wait for a lock that a thread of the parent held, and to forget them has Python warn of unclosed sockets.
INHERITED: Final[set[object]] = set()


@attrs.define
class RequestBuilder:
    """Builds requests to one origin.

    ``httpx.Client`` merges headers, cookies, parameters and auth anew for each request; with one origin and one token
    that all comes out the same each time, so it is done once and kept.
    """

    origin: httpx.URL
    # One tuple, swapped whole: a thread never sees one token beside the headers of another.
    _prepared: tuple[Secret | None, httpx.Headers] | None = attrs.field(default=None, init=False)

    def build(self, send: Send) -> httpx.Request:
        """The request for ``send``, complete, so that a transport can take it as it is."""
        prepared = self._prepared
        if prepared is None or prepared[0] is not send.token:
            prepared = self._prepared = (send.token, self._fresh_headers(send.token))
        headers = prepared[1]
        stream = _NO_BODY
        if send.body is not None:
            headers = headers.copy()
            headers["Content-Type"] = "application/json"
            headers["Content-Length"] = str(len(send.body))
            stream = httpx.ByteStream(send.body)
        elif send.method == "POST":
            headers = headers.copy()
            headers["Content-Length"] = "0"
        timeout = dict.fromkeys(("connect", "read", "write", "pool"), send.timeout)
        extensions = {"timeout": timeout}
        request = httpx.Request(send.method, self.origin, headers=headers, stream=stream, extensions=extensions)
        request.url = RequestURL(self.origin, send.target)
        return request

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
        return headers


def answer_from(response: httpx.Response, received: bytes | None = None) -> Answer:
    """The answer.

    ``Response.read`` takes each piece of a body through four generators, which takes time, and leaves them open where
    it fails, of which trio warns. So the pools join the pieces themselves.

    Args:
        response: From a transport, or from a client, which has read it.
        received: From a transport: all of its stream.

    Raises:
        httpx.DecodingError: the body is not encoded as the headers say.
    """
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers.raw}
    if received is None:
        received = response.content
    elif "content-encoding" in headers:
        received = httpx.Response(response.status_code, headers=response.headers, content=received).content
    return Answer(response.status_code, headers, received)


def lost_from(error: httpx.RequestError) -> Lost:
    """What came of a request that got no answer."""
    timed_out = isinstance(error, httpx.TimeoutException)
    what = type(error).__name__
    words = " ".join(str(error).split())
    return Lost(f"{what}: {words}" if words else what, sent=not isinstance(error, _NOT_SENT), timed_out=timed_out)
