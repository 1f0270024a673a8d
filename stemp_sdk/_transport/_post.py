"""Posting webhooks to a receiver's URL: no token, no retry, no redirect."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Final, Protocol, cast

import httpx

from .._core.call import Outcome, RawResponse
from ._environment import proxy_for
from ._origin import is_loopback, may_be_http, read_url
from ._wire import no_response_from

_MAX_BODY: Final = 1000  # bytes of a response that are read: enough for a line in a log


class PostingClient(Protocol):
    """A client to post with: an ``httpx.Client``, an ``httpx2.Client``, or a Starlette ``TestClient`` on either."""

    def stream(
        self,
        method: str,
        url: str,
        *,
        headers: Any = ...,
        content: Any = ...,
        timeout: Any = ...,
        follow_redirects: Any = ...,
    ) -> AbstractContextManager[Any]:
        """Send a request. Its response can be read within the ``with`` block."""
        ...


class WebhookSender:
    """Posts to one URL.

    It uses the certificates of the environment (SSL_CERT_FILE, SSL_CERT_DIR) and its proxies, except for loopback. No
    connection stays open between two posts, so there is nothing to close.

    Args:
        url: https, or http on loopback and for the hosts in STEMP_ALLOW_HTTP; with ``http_client``, any URL that it can
            reach.
        http_client: A client to post with. Its owner closes it.
        timeout: Seconds for connecting, for writing, for each wait for bytes, and for the body of the response.

    Raises:
        TypeError: an argument has the wrong type.
        ValueError: the URL is not allowed.
    """

    def __init__(self, url: str, http_client: PostingClient | None, *, timeout: float) -> None:
        if http_client is not None and not _can_post(http_client):
            kind = type(http_client).__name__
            raise TypeError(f"http_client must have the method stream of an httpx.Client, which {kind} does not have")
        self._url = _checked(url, any_host=http_client is not None)
        self._client = http_client
        self._timeout = timeout

    def post(self, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Post once, and read the beginning of the response. Only its status decides, even if its body fails.

        Raises:
            ValueError: an environment variable names a proxy that cannot be used.
            OSError: an environment variable names certificates that cannot be loaded.
        """
        if self._client is None:
            self._client = _open(self._url)
        try:
            with self._client.stream(
                "POST",
                str(self._url),
                headers=dict(headers),
                content=body,
                timeout=self._timeout,
                follow_redirects=False,
            ) as response:
                return RawResponse(response.status_code, dict(response.headers), self._beginning(response))
        except Exception as error:
            if _is_request_error(error):
                return no_response_from(cast("httpx.RequestError", error))  # or httpx2's
            raise

    def _beginning(self, response: Any) -> bytes:
        """The beginning of a body, read until it is long enough, takes too long, or breaks off."""
        body, ends = b"", time.monotonic() + self._timeout
        try:
            for part in response.iter_bytes():
                body += part
                if len(body) >= _MAX_BODY or time.monotonic() > ends:
                    break
        except Exception as error:
            if not _is_request_error(error):
                raise
        return body[:_MAX_BODY]


def _open(url: httpx.URL) -> PostingClient:
    transport = httpx.HTTPTransport(
        limits=httpx.Limits(max_keepalive_connections=0), proxy=None if is_loopback(url.host) else proxy_for(url)
    )
    return httpx.Client(transport=transport, trust_env=False)  # the transport has read the environment already


def _can_post(http_client: object) -> bool:
    """Whether a ``WebhookSender`` can use it. An async client has ``stream`` too, but as an async context manager."""
    return callable(getattr(http_client, "stream", None)) and not hasattr(http_client, "aclose")


def _is_request_error(error: Exception) -> bool:
    """Whether a request failed on the network. The classes of httpx and httpx2 have one name, but no common base."""
    return any(kind.__name__ == "RequestError" for kind in type(error).__mro__)


def _checked(url: object, *, any_host: bool) -> httpx.URL:
    parsed = read_url("url", url)
    if parsed.scheme == "http" and not any_host and not may_be_http(parsed.host):
        raise ValueError(f"url must be https, or http on loopback, not {url!r}")
    return parsed
