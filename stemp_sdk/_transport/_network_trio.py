"""The network backend of the async pool on trio: httpcore's, with each step bounded by the deadline of an attempt."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterable
from typing import Any

import httpcore

from ._attempt import Attempt
from ._bounded import AttemptNetwork, AttemptStream


class TrioNetwork(AttemptNetwork, httpcore.AsyncNetworkBackend):
    """Opens the connection of an attempt on trio."""

    def __init__(self, attempt: Attempt, server: str | None) -> None:
        super().__init__(attempt, server)
        # Without trio, httpcore has another class of this name, and type checkers see that one.
        self._inner: Any = httpcore.TrioBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> TrioStream:
        """Connect to the first address that accepts the connection."""
        self._attempt.sent = False
        left = self._attempt.bound(timeout, httpcore.ConnectTimeout)
        inner: httpcore.AsyncNetworkStream = await self._inner.connect_tcp(
            host, port, left, local_address, socket_options
        )
        return TrioStream(inner, self._attempt, self._server, reaches_server=self._server is None)


class TrioStream(AttemptStream[httpcore.AsyncNetworkStream], httpcore.AsyncNetworkStream):
    """A connection whose steps are bounded."""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read the next bytes; empty at the end."""
        return await self._inner.read(max_bytes, self._attempt.bound(timeout, httpcore.ReadTimeout))

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all bytes."""
        self._attempt.sent = self._attempt.sent or False
        left = self._attempt.bound(timeout, httpcore.WriteTimeout)
        if self._reaches_server:
            self._attempt.sent = True
        await self._inner.write(buffer, left)

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> TrioStream:
        """Start TLS with the server, or with a proxy."""
        left = self._attempt.bound(timeout, httpcore.ConnectTimeout)
        secure = await self._inner.start_tls(ssl_context, server_hostname, left)
        return TrioStream(secure, self._attempt, self._server, reaches_server=server_hostname == self._server)

    async def aclose(self) -> None:
        """Close it."""
        self.abort()

    def abort(self) -> None:
        """Close it at once."""
        socket = self._inner.get_extra_info("socket")
        try:
            socket.close()
        except RuntimeError:  # trio's loop has ended, or belongs to another thread: no task waits for this socket
            os.close(socket.detach())
