"""The requests and responses of a sandbox as plain values, without I/O."""

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
    """Percent-encoded as sent, with the prefix: ``/api/v1/users``."""
    query: Mapping[str, str] = attrs.field(factory=dict[str, str])
    """Decoded; of a name that is given twice, the last value."""
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=False)
    """Names in lower case."""
    body: bytes = b""
    peer: str | None = None
    """The IP address of the client; None for one in the same process."""
    scheme: str = "https"
    """``http`` or ``https``."""

    @classmethod
    def to(
        cls,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        peer: str | None = None,
        scheme: str = "https",
    ) -> Self:
        """A request for a target, which is a path with an optional query."""
        path, _, query = target.partition("?")
        return cls(method, path, dict(parse_qsl(query, keep_blank_values=True)), headers, body, peer, scheme)


WITHOUT_BODY: Final = frozenset({204, 304})
"""The statuses with which HTTP has no body."""


@attrs.frozen
class SandboxResponse:
    """One HTTP response."""

    status: int
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])
    body: bytes = b""
    """The part of the body that is sent: for a truncated one, less than the header ``Content-Length`` says."""
    trickle: float = 0.0
    """Seconds that each byte of the body takes."""

    @property
    def is_truncated(self) -> bool:
        """Whether its body is shorter than the header ``Content-Length`` says."""
        return int(self.headers.get("Content-Length", 0)) > len(self.body)


Steps: TypeAlias = Generator[float, Literal["waiting", "gone"], SandboxResponse]
"""A generator that handles a request. It yields the seconds that the sandbox works on it, or ``math.inf`` for a request
without a response. It is sent ``"waiting"`` after that time, or ``"gone"`` once the client no longer waits, which ends
it. It returns the response, or raises ``ConnectionFailed``."""


@attrs.frozen
class LoggedRequest:
    """An entry of the request log. It never contains a token."""

    method: str
    path: str
    """The path without the query."""
    operation: str | None
    """The operation, such as ``"passes.create"`` or ``"oauth.refresh"``; None if no operation has this path."""
    status: int | None
    """The status of the response; None if there is none, or not yet."""
    token_name: str | None
    """The name that the token was issued under; None without a valid token."""
