"""The network of the async pool on trio: httpcore's, with each step bounded by what is left of an attempt."""

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
        # httpcore has another class of this name where there is no trio, and type checkers see that one.
        self._inner: Any = httpcore.TrioBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> TrioStream:
        """Connect to the first address that takes it."""
        self._attempt.sent = False
        left = self._attempt.bound(timeout, httpcore.ConnectTimeout)
        inner: httpcore.AsyncNetworkStream = await self._inner.connect_tcp(
            host, port, left, local_address, socket_options
        )
        return TrioStream(inner, self._attempt, self._server, is_through=self._server is None)


class TrioStream(AttemptStream[httpcore.AsyncNetworkStream], httpcore.AsyncNetworkStream):
    """A connection whose steps are bounded."""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Wait for the next bytes; none at the end."""
        return await self._inner.read(max_bytes, self._attempt.bound(timeout, httpcore.ReadTimeout))

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of it."""
        self._attempt.sent = self._attempt.sent or False
        left = self._attempt.bound(timeout, httpcore.WriteTimeout)
        if self._is_through:
            self._attempt.sent = True
        await self._inner.write(buffer, left)

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> TrioStream:
        """Go on in TLS: with the server, or with a proxy on the way to it."""
        left = self._attempt.bound(timeout, httpcore.ConnectTimeout)
        secure = await self._inner.start_tls(ssl_context, server_hostname, left)
        return TrioStream(secure, self._attempt, self._server, is_through=server_hostname == self._server)

    async def aclose(self) -> None:
        """Close it."""
        self.abort()

    def abort(self) -> None:
        """Close it at once."""
        socket = self._inner.get_extra_info("socket")
        try:
            socket.close()
        except RuntimeError:  # trio's loop is over, or another thread's: nobody waits for this socket any more
            os.close(socket.detach())
