"""Common base of the networks for threads, asyncio and trio: an attempt bounds each of their steps."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import httpcore

from ._attempt import Abortable, Attempt

S = TypeVar("S", httpcore.NetworkStream, httpcore.AsyncNetworkStream)


class AttemptNetwork:
    """Opens the connection of an attempt.

    Args:
        attempt: The attempt whose deadline bounds each step.
        server: The host at which TLS ends; None for plain http.
    """

    def __init__(self, attempt: Attempt, server: str | None) -> None:
        self._attempt = attempt
        self._server = server


class AttemptStream(Abortable, Generic[S]):
    """An httpcore connection whose steps are bounded by an attempt.

    Args:
        inner: The connection.
        attempt: The attempt whose deadline bounds each step.
        server: The host at which TLS ends; None for plain http.
        reaches_server: Whether written bytes may reach the server. Before TLS with it has begun, they are for a proxy
            or part of the handshake.
    """

    def __init__(self, inner: S, attempt: Attempt, server: str | None, *, reaches_server: bool) -> None:
        self._inner: S = inner
        attempt.stream = self  # at once, so that it can be closed in every case
        self._attempt = attempt
        self._server = server
        self._reaches_server = reaches_server

    def get_extra_info(self, info: str) -> Any:
        """Information about the connection, under httpcore's names."""
        return self._inner.get_extra_info(info)
