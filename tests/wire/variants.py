"""A server in one process, for both clients, that answers as a table says."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import attrs
import httpx

from stemp_sdk import Stemp
from tests.support.twins import Handler, Twin


def client_of(twin: Twin, handler: Handler) -> Stemp:
    """A client of a server that answers so."""
    return twin.client(http_client=twin.http_client(handler), max_retries=0)


def answering(twin: Twin, body: object = b"", status: int = 200, headers: Mapping[str, str] | None = None) -> Stemp:
    """A client of a server that gives one answer to everything."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {"content-type": "application/json"} | dict(headers or {})
    return client_of(twin, lambda _: httpx.Response(status, content=content, headers=given))


@attrs.frozen
class Cut:
    """The part of a list that one request gives."""

    items: list[Any]
    number: int
    size: int
    total: int

    @property
    def more(self) -> bool:
        return (self.number + 1) * self.size < self.total


@attrs.define
class Lists:
    """A server with so many users: how it puts a page, and what it makes of ``page`` and ``size``."""

    users: int
    put: Callable[[Cut], Any]
    """A page to the JSON of the answer."""
    cap: int = 100
    """The most that it gives in a page."""
    paged: bool = True
    """Whether it knows ``page``."""
    headers: Callable[[Cut], Mapping[str, str]] = lambda _: {}
    asked: list[int] = attrs.field(factory=list[int])
    gone: set[str] = attrs.field(factory=set[str])
    """Users that were deleted."""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "DELETE":
            self.gone.add(request.url.path.rpartition("/")[2])
            return httpx.Response(204)
        size = min(int(request.url.params["size"]), self.cap)
        self.asked.append(int(request.url.params["page"]))
        number = self.asked[-1] if self.paged else 0
        left = [one for one in self.ids if one not in self.gone]
        items = [{"id": one} for one in left[number * size : (number + 1) * size]]
        cut = Cut(items, number, size, len(left))
        return httpx.Response(200, json=self.put(cut), headers=self.headers(cut))

    @property
    def ids(self) -> list[str]:
        return [f"usr_{number}" for number in range(self.users)]
