"""What goes into a sandbox and what comes out of it: plain values, no I/O."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Final, Literal, Self, TypeAlias
from urllib.parse import parse_qsl

import attrs


@attrs.frozen
class SandboxRequest:
    """One HTTP request."""

    method: str
    path: str
    """Percent-encoded as it was sent, and with its prefix: ``/api/v1/users``."""
    query: Mapping[str, str] = attrs.field(factory=dict[str, str])
    """Decoded; of a name that is given twice, the last value."""
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=False)
    """Names in lower case."""
    body: bytes = b""
    peer: str | None = None
    """The IP address of the client; None for one in the same process."""

    @classmethod
    def to(cls, method: str, target: str, headers: Mapping[str, str], body: bytes, *, peer: str | None = None) -> Self:
        """The request to a target, which is a path with perhaps a query after it."""
        path, _, query = target.partition("?")
        return cls(method, path, dict(parse_qsl(query, keep_blank_values=True)), headers, body, peer)


WITHOUT_BODY: Final = frozenset({204, 304})
"""The statuses with which HTTP has no body."""


@attrs.frozen
class SandboxResponse:
    """One HTTP response."""

    status: int
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])
    body: bytes = b""
    """What is sent of the body: less than the header ``Content-Length`` says if ``fail_next`` was told so."""
    trickle: float = 0.0
    """Seconds that each byte of the body takes."""

    @property
    def is_truncated(self) -> bool:
        """Whether its body is shorter than the header ``Content-Length`` says."""
        return int(self.headers.get("Content-Length", 0)) > len(self.body)


Steps: TypeAlias = Generator[float, Literal["waiting", "gone"], SandboxResponse]
"""How a request is attended to. It yields the seconds that the sandbox works on it, or ``math.inf`` where no response
ever comes, and is sent what has become of the client at the end of them. It returns the response, or raises
``ConnectionFailed``."""


@attrs.frozen
class LoggedRequest:
    """What the sandbox remembers of a request that reached it. Never a token."""

    method: str
    path: str
    """Without the query."""
    operation: str | None
    """Such as ``"passes.create"``, or ``"oauth.refresh"``; None if the request is for no operation."""
    status: int | None
    """What it was answered with; None if it was not, or not yet."""
    token_name: str | None
    """The name that the token was issued under; None without a valid token."""
