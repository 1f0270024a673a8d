"""The network backend of the sync pool: httpcore's, with each step bounded by the deadline of an attempt."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable
from typing import Final

import httpcore

from ._attempt import Attempt
from ._bounded import AttemptNetwork, AttemptStream

_MAX_WRITE: Final = 16 * 1024
"""Bytes that one step writes: a TLS record, and no more than a writable socket accepts at once."""


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
        """Connect to the first address that accepts the connection.

        The attempt does not bound the look-up of the host name, which only a thread of its own could do.
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
                return Stream(stream, attempt, self._server, reaches_server=self._server is None)
        raise failed


class Stream(AttemptStream[httpcore.NetworkStream], httpcore.NetworkStream):
    """A connection whose steps are bounded."""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read the next bytes."""
        return self._inner.read(max_bytes, self._attempt.bound(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all bytes."""
        attempt = self._attempt
        attempt.sent = attempt.sent or False
        for start in range(0, len(buffer), _MAX_WRITE):
            left = attempt.bound(timeout, httpcore.WriteTimeout)
            if self._reaches_server:
                attempt.sent = True
            self._inner.write(buffer[start : start + _MAX_WRITE], left)

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> Stream:
        """Start TLS with the server, or with a proxy."""
        left = self._attempt.bound(timeout, httpcore.ConnectTimeout)
        secure = self._inner.start_tls(ssl_context, server_hostname, left)
        return Stream(secure, self._attempt, self._server, reaches_server=server_hostname == self._server)

    def close(self) -> None:
        """Close it."""
        self._inner.close()

    abort = close
