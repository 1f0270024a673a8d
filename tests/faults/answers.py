"""The answers that the tests break: what they say, and how HTTP frames it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final

from tests.resources.table import Row


class Says(Enum):
    """What the body of an answer says."""

    NOTHING = "an empty body"
    PAGE = "a page of HTML, as proxies send"
    GENERAL = "the vendor's general error"
    RATE_LIMIT = "the vendor's rate limit error"
    RESULT = "the result"


class Framing(Enum):
    """How the end of the body is told."""

    LENGTH = "content-length"
    CHUNKED = "chunked"
    CLOSE = "by the end of the connection"


_BODIES: Final[Mapping[Says, bytes]] = MappingProxyType(
    {
        Says.NOTHING: b"",
        Says.PAGE: b"<html><body><h1>Bad gateway</h1>upstream connect error</body></html>",
        Says.GENERAL: b'{"code": "wrong_param_type", "params": ["userId"]}',
        Says.RATE_LIMIT: b'{"error": {"code": "rate_limit_exceeded", "message": "Retry after 30 seconds."}}',
    }
)


def body_of(says: Says, row: Row) -> bytes:
    """The body that says it."""
    return json.dumps(row.answers).encode() if says is Says.RESULT else _BODIES[says]


def answer(status: int, body: bytes, *headers: str, framing: Framing = Framing.LENGTH, close: bool = True) -> bytes:
    """A whole answer."""
    kind = "text/html" if body.startswith(b"<") else "application/json"
    lines = [f"HTTP/1.1 {status} Any", f"content-type: {kind}", *headers]
    if close:
        lines.append("connection: close")
    if framing is Framing.LENGTH:
        lines.append(f"content-length: {len(body)}")
    elif framing is Framing.CHUNKED:
        lines.append("transfer-encoding: chunked")
        body = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:40], body[40:]) if part) + b"0\r\n\r\n"
    return "\r\n".join([*lines, "", ""]).encode() + body
