"""Serves clients in the same process. A client that waits for the sandbox advances its clock."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress

from .._core.clock import Clock
from .._transport import ConnectionFailed
from ._clock import MovableClock
from ._values import SandboxRequest, SandboxResponse, Steps


class InProcess:
    """Handles requests on the sandbox's clock, without waiting.

    Args:
        attend: Handles a request in steps.
        clock: The sandbox's clock.
    """

    def __init__(self, attend: Callable[[SandboxRequest], Steps], clock: MovableClock) -> None:
        self._attend = attend
        self._time = clock
        self.clock: Clock = clock.for_clients()

    def handle(self, request: SandboxRequest, timeout: float | None) -> SandboxResponse:
        """Handle one request.

        Args:
            request: The request.
            timeout: Seconds that the client waits for the response, and for each byte of it; None for no limit.

        Raises:
            ConnectionFailed: there is no response, or none in time.
        """
        response = self._respond(request, timeout)
        if response.trickle:
            for _ in self._pieces(response, timeout):
                pass
        return response

    def exchange(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, timeout: float | None
    ) -> tuple[int, list[tuple[str, str]], bytes | Iterator[bytes]]:
        """``handle`` for a client of ``transport``, which reads the body itself."""
        response = self._respond(SandboxRequest.to(method, target, headers, body), timeout)
        in_pieces = response.trickle or response.is_truncated
        pieces = self._pieces(response, timeout) if in_pieces else response.body
        return response.status, [*response.headers.items()], pieces

    def _respond(self, request: SandboxRequest, timeout: float | None) -> SandboxResponse:
        steps = self._attend(request)
        gives_up = math.inf if timeout is None else self._time() + timeout
        try:
            seconds = next(steps)
            while (due := self._time() + seconds) <= gives_up and due < math.inf:
                self._time.reach(due)
                seconds = steps.send("waiting")
        except StopIteration as end:
            response: SandboxResponse = end.value
            return response
        with suppress(ConnectionFailed):
            steps.send("gone")
        if timeout is not None:
            self._time.reach(gives_up)
        raise ConnectionFailed("timeout")

    def _pieces(self, response: SandboxResponse, timeout: float | None) -> Iterator[bytes]:
        """The bytes of a response, each after its time."""
        if not response.trickle:
            yield response.body
            return
        for byte in response.body:
            patience = math.inf if timeout is None else timeout
            self._time.reach(self._time() + min(response.trickle, patience))
            if response.trickle > patience:
                raise ConnectionFailed("timeout")
            yield bytes([byte])
