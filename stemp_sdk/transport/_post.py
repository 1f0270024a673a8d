"""Posting to an address of somebody else's: no token, no second try, and no redirect."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

import httpx

from ..core.call import Answer, Lost
from ._origin import is_loopback, read_url
from ._wire import lost_from

_LONGEST: Final = 1000  # bytes of an answer that are read: enough for a line in a log


class Poster:
    """Posts to one URL, directly: no proxy of the environment is asked.

    No connection stays open between two posts, so there is nothing to close.

    Args:
        url: https, or http on loopback; with a client of the caller's, whatever that can reach.
        http_client: An ``httpx.Client`` to post with; closing it stays with its owner.
        timeout: Seconds for each of connecting, writing, and the wait for the next bytes, and the answer's body.

    Raises:
        TypeError: an argument has the wrong type.
        ValueError: the URL is not one that may be posted to.
    """

    def __init__(self, url: str, http_client: httpx.Client | None, *, timeout: float) -> None:
        if http_client is not None and not isinstance(http_client, httpx.Client):
            raise TypeError(f"http_client must be an httpx.Client, not {type(http_client).__name__}")
        self._url = _checked(url, anywhere=http_client is not None)
        self._client = http_client
        self._timeout = timeout

    def post(self, headers: Mapping[str, str], body: bytes) -> Answer | Lost:
        """Post once, and read the beginning of the answer: its status counts, however its body goes on."""
        if self._client is None:
            self._client = httpx.Client(limits=httpx.Limits(max_keepalive_connections=0), trust_env=False)
        try:
            with self._client.stream(
                "POST", self._url, headers=dict(headers), content=body, timeout=self._timeout, follow_redirects=False
            ) as response:
                return Answer(response.status_code, dict(response.headers), self._beginning(response))
        except httpx.RequestError as error:
            return lost_from(error)

    def _beginning(self, response: httpx.Response) -> bytes:
        """What came of a body until it was enough, or took too long, or broke off."""
        body, ends = b"", time.monotonic() + self._timeout
        with suppress(httpx.RequestError):
            for part in response.iter_bytes():
                body += part
                if len(body) >= _LONGEST or time.monotonic() > ends:
                    break
        return body[:_LONGEST]


def _checked(url: object, *, anywhere: bool) -> httpx.URL:
    parsed = read_url("url", url)
    if parsed.scheme == "http" and not anywhere and not is_loopback(parsed.host):
        raise ValueError(f"url must be https, or http on loopback, not {url!r}")
    return parsed
