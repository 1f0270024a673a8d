"""Posting to an address of somebody else's: no token, no second try, and no redirect."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Final, Protocol, cast

import httpx

from .._core.call import Outcome, RawResponse
from ._environment import proxy_for
from ._origin import is_loopback, read_url
from ._wire import no_response_from

_LONGEST: Final = 1000  # bytes of an answer that are read: enough for a line in a log


class PostingClient(Protocol):
    """What posts: an ``httpx.Client``, an ``httpx2.Client``, and so Starlette's ``TestClient`` of either kind."""

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
        """Send a request; in the ``with`` block its response can be read."""
        ...


class WebhookSender:
    """Posts to one URL.

    The certificates of the environment count (SSL_CERT_FILE, SSL_CERT_DIR), and so do its proxies, but not for
    loopback. No connection stays open between two posts, so there is nothing to close.

    Args:
        url: https, or http on loopback; with a client of the caller's, whatever that can reach.
        http_client: A client to post with; closing it stays with its owner.
        timeout: Seconds for each of connecting, writing, and the wait for the next bytes, and the answer's body.

    Raises:
        TypeError: an argument has the wrong type.
        ValueError: the URL is not one that may be posted to.
    """

    def __init__(self, url: str, http_client: PostingClient | None, *, timeout: float) -> None:
        if http_client is not None and not _can_post(http_client):
            kind = type(http_client).__name__
            raise TypeError(f"http_client must have the method stream of an httpx.Client, which {kind} has not")
        self._url = _checked(url, anywhere=http_client is not None)
        self._client = http_client
        self._timeout = timeout

    def post(self, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Post once, and read the beginning of the answer: its status counts, however its body goes on.

        Raises:
            ValueError: a variable of the environment names a proxy that cannot be used.
            OSError: or certificates that cannot be loaded.
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
                return no_response_from(cast("httpx.RequestError", error))  # or its namesake, whose text is the same
            raise

    def _beginning(self, response: Any) -> bytes:
        """The part of a body that was read until it was enough, took too long, or broke off."""
        body, ends = b"", time.monotonic() + self._timeout
        try:
            for part in response.iter_bytes():
                body += part
                if len(body) >= _LONGEST or time.monotonic() > ends:
                    break
        except Exception as error:
            if not _is_request_error(error):
                raise
        return body[:_LONGEST]


def _open(url: httpx.URL) -> PostingClient:
    transport = httpx.HTTPTransport(
        limits=httpx.Limits(max_keepalive_connections=0), proxy=None if is_loopback(url.host) else proxy_for(url)
    )
    return httpx.Client(transport=transport, trust_env=False)  # as the transport has all of the environment already


def _can_post(http_client: object) -> bool:
    """Whether a ``WebhookSender`` can use it. An async client has ``stream`` too, but as an async context manager."""
    return callable(getattr(http_client, "stream", None)) and not hasattr(http_client, "aclose")


def _is_request_error(error: Exception) -> bool:
    """Whether a request failed on its way; httpx and httpx2 each have a class of this name, which share nothing."""
    return any(kind.__name__ == "RequestError" for kind in type(error).__mro__)


def _checked(url: object, *, anywhere: bool) -> httpx.URL:
    parsed = read_url("url", url)
    if parsed.scheme == "http" and not anywhere and not is_loopback(parsed.host):
        raise ValueError(f"url must be https, or http on loopback, not {url!r}")
    return parsed
