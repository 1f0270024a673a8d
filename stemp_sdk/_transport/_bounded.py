"""What the networks of threads, asyncio and trio have in common: each step of theirs is bounded by an attempt."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import httpcore

from ._attempt import Abortable, Attempt

S = TypeVar("S", httpcore.NetworkStream, httpcore.AsyncNetworkStream)


class AttemptNetwork:
    """Opens the connection of an attempt.

    Args:
        attempt: What bounds each step.
        server: The host that TLS is to end at; None for plain http.
    """

    def __init__(self, attempt: Attempt, server: str | None) -> None:
        self._attempt = attempt
        self._server = server


class AttemptStream(Abortable, Generic[S]):
    """A connection of httpcore's whose steps are bounded.

    Args:
        inner: The connection.
        attempt: What bounds each step.
        server: The host that TLS is to end at; None for plain http.
        is_through: Whether what is written reaches the server: until TLS with it has begun, it is for a proxy, or part
            of the handshake.
    """

    def __init__(self, inner: S, attempt: Attempt, server: str | None, *, is_through: bool) -> None:
        self._inner: S = inner
        attempt.stream = self  # at once, so that whatever comes it can be closed
        self._attempt = attempt
        self._server = server
        self._is_through = is_through

    def get_extra_info(self, info: str) -> Any:
        """What is known of the connection, as httpcore has it."""
        return self._inner.get_extra_info(info)
