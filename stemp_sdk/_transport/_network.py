"""The network of the sync pool: httpcore's, with each step bounded by what is left of an attempt."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable
from typing import Final

import httpcore

from ._attempt import Attempt
from ._bounded import AttemptNetwork, AttemptStream

_MOST_AT_ONCE: Final = 16 * 1024
"""Bytes that one step writes: a TLS record, and less than any socket takes at once when it takes anything."""


class Network(AttemptNetwork, httpcore.NetworkBackend):
    """Opens the connection of an attempt in a thread."""

    def __init__(self, attempt: Attempt, server: str | None) -> None:
        super().__init__(attempt, server)
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> Stream:
        """Connect to the first address that takes it.

        The attempt does not bound how long the system looks a name up: only a thread could.
        """
        attempt = self._attempt
        attempt.sent = False
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(error) from error
        failed: httpcore.ConnectError | httpcore.ConnectTimeout = httpcore.ConnectError("the host has no address")
        for *_, address in found:
            left = attempt.bound(timeout, httpcore.ConnectTimeout)
            try:
                stream = self._inner.connect_tcp(str(address[0]), port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
            else:
                return Stream(stream, attempt, self._server, is_through=self._server is None)
        raise failed


class Stream(AttemptStream[httpcore.NetworkStream], httpcore.NetworkStream):
    """A connection whose steps are bounded."""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Wait for the next bytes."""
        return self._inner.read(max_bytes, self._attempt.bound(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of it."""
        attempt = self._attempt
        attempt.sent = attempt.sent or False
        for start in range(0, len(buffer), _MOST_AT_ONCE):
            left = attempt.bound(timeout, httpcore.WriteTimeout)
            if self._is_through:
                attempt.sent = True
            self._inner.write(buffer[start : start + _MOST_AT_ONCE], left)

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> Stream:
        """Go on in TLS: with the server, or with a proxy on the way to it."""
        left = self._attempt.bound(timeout, httpcore.ConnectTimeout)
        secure = self._inner.start_tls(ssl_context, server_hostname, left)
        return Stream(secure, self._attempt, self._server, is_through=server_hostname == self._server)

    def close(self) -> None:
        """Close it."""
        self._inner.close()

    abort = close
