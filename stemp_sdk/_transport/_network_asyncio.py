"""The network backend of the async pool on asyncio.

httpcore's own uses anyio, whose streams need a cancel scope for each step, hide unrequested bytes in a buffer of their
own, and can only be closed by a wait, which a second cancellation interrupts. Here each step has one timer, unrequested
bytes are noticed, and a connection is closed at once.
"""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections import deque
from collections.abc import Iterable
from typing import Any, Final, cast

import httpcore
from typing_extensions import override

from ._attempt import Attempt
from ._bounded import AttemptNetwork
from ._readable import is_readable

_MAX_UNREAD: Final = 256 * 1024
"""Bytes that may be buffered here; then reading is paused."""
_SECOND_ADDRESS: Final = 0.25
"""Seconds after which the next address of a host is tried in parallel, as RFC 8305 recommends."""


class AsyncioNetwork(AttemptNetwork, httpcore.AsyncNetworkBackend):
    """Opens the connection of an attempt on asyncio."""

    @override
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> AsyncioStream:
        """Connect to the first address that accepts the connection."""
        attempt = self._attempt
        attempt.sent = False
        loop = asyncio.get_running_loop()
        options: dict[str, Any] = {}
        # A literal address has no alternatives. uvloop does not support happy eyeballs and refuses the argument.
        if not _is_address(host) and isinstance(loop, asyncio.BaseEventLoop):
            options["happy_eyeballs_delay"] = _SECOND_ADDRESS
        if local_address is not None:
            options["local_addr"] = (local_address, 0)
        stream = AsyncioStream(attempt, self._server)
        try:
            async with asyncio.timeout(attempt.bound(timeout, httpcore.ConnectTimeout)):
                await loop.create_connection(lambda: stream, host, port, **options)
        except TimeoutError as error:
            stream.abort()
            raise httpcore.ConnectTimeout from error
        except OSError as error:
            raise httpcore.ConnectError(error) from error
        except NotImplementedError as error:  # in a browser
            raise httpcore.ConnectError("this event loop opens no connections") from error
        except BaseException:
            stream.abort()
            raise
        return stream


class AsyncioStream(httpcore.AsyncNetworkStream, asyncio.Protocol):
    """A connection that buffers received bytes until they are read."""

    def __init__(self, attempt: Attempt, server: str | None) -> None:
        self._attempt = attempt
        self._server = server
        self._reaches_server = server is None
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._unread: deque[bytes] = deque()
        self._size = 0
        self._has_ended = False
        self._error: BaseException | None = None
        self._reading: asyncio.Future[bool] | None = None
        self._writing: asyncio.Future[bool] | None = None
        self._is_paused = False
        attempt.stream = self

    # Called by the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport. Called again when TLS has started."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Keep the bytes that were received."""
        self._unread.append(data)
        self._size += len(data)
        if self._size > _MAX_UNREAD and self._transport is not None:
            self._transport.pause_reading()
        _wake(self._reading)

    def eof_received(self) -> None:
        """Note that the server sends no more."""
        self._has_ended = True
        _wake(self._reading)

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the connection is closed."""
        self._has_ended = True
        self._error = exc
        _wake(self._reading)
        _wake(self._writing)

    def pause_writing(self) -> None:
        """Note that the write buffer is full."""
        self._is_paused = True

    def resume_writing(self) -> None:
        """Note that the write buffer has space again."""
        self._is_paused = False
        _wake(self._writing)

    # Called by httpcore

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read the next bytes; empty at the end."""
        left = self._attempt.bound(timeout, httpcore.ReadTimeout)
        if not self._unread and not self._has_ended:
            self._reading = self._loop.create_future()
            try:
                await self._within(left, self._reading, httpcore.ReadTimeout)
            finally:
                self._reading = None
        if not self._unread:
            if self._error is not None:
                raise httpcore.ReadError(self._error) from self._error
            return b""
        data = self._unread.popleft()
        if len(data) > max_bytes:
            self._unread.appendleft(data[max_bytes:])
            data = data[:max_bytes]
        if self._size > _MAX_UNREAD >= self._size - len(data) and self._transport is not None:
            self._transport.resume_reading()
        self._size -= len(data)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all bytes."""
        if not buffer:
            return
        self._attempt.sent = self._attempt.sent or False
        left = self._attempt.bound(timeout, httpcore.WriteTimeout)
        if self._transport is None or self._transport.is_closing():
            raise httpcore.WriteError("the connection is closed")
        if self._reaches_server:
            self._attempt.sent = True
        self._transport.write(buffer)
        if self._is_paused:
            self._writing = self._loop.create_future()
            try:
                await self._within(left, self._writing, httpcore.WriteTimeout)
            finally:
                self._writing = None
            if self._has_ended:
                raise httpcore.WriteError("the server closed the connection")

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> AsyncioStream:
        """Start TLS with the server, or with a proxy."""
        left = self._attempt.bound(timeout, httpcore.ConnectTimeout)
        try:
            async with asyncio.timeout(left):
                self._transport = await self._loop.start_tls(
                    cast("asyncio.Transport", self._transport), self, ssl_context, server_hostname=server_hostname
                )
        except TimeoutError as error:
            self.abort()
            raise httpcore.ConnectTimeout from error
        except OSError as error:
            self.abort()
            raise httpcore.ConnectError(error) from error
        self._reaches_server = server_hostname == self._server
        return self

    async def aclose(self) -> None:
        """Close it."""
        self.abort()

    def abort(self) -> None:
        """Close it at once, without TLS's closing message."""
        self._has_ended = True
        if self._transport is not None and not self._loop.is_closed():
            self._transport.abort()

    def get_extra_info(self, info: str) -> Any:
        """Information about the connection, under httpcore's names."""
        if self._transport is None:
            return None
        if info == "is_readable":
            return bool(self._unread) or self._has_ended or is_readable(self._transport.get_extra_info("socket"))
        return self._transport.get_extra_info(_INFO.get(info, info))

    async def _within(self, seconds: float, future: asyncio.Future[bool], late: type[Exception]) -> None:
        timer = self._loop.call_later(seconds, _give_up, future)
        try:
            if not await future:
                raise late
        finally:
            timer.cancel()


_INFO: Final = {"client_addr": "sockname", "server_addr": "peername"}


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _wake(future: asyncio.Future[bool] | None) -> None:
    if future is not None and not future.done():
        future.set_result(True)


def _give_up(future: asyncio.Future[bool]) -> None:
    if not future.done():
        future.set_result(False)
