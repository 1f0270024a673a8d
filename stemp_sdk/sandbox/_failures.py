"""Failures on demand, as with a broken network, a broken or slow server, or a proxy in front of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import attrs

from .._core.arguments import seconds, whole_number
from .._transport import Connection
from ._values import SandboxResponse


@attrs.define(kw_only=True)
class Failure:
    """A failure of the next requests, or of those for one operation."""

    response: SandboxResponse | None
    """The response that is sent; None for the sandbox's own one."""
    connection: Connection | None
    """The failure of the connection; None if it does not fail."""
    delay: float
    """Seconds that the sandbox works before the request has an effect."""
    operation: str | None = None
    """The operation; None for any."""
    carried_out: bool
    """Whether the request is carried out nevertheless, so that only its response is lost."""
    times: int
    """The number of requests that it still applies to."""

    @property
    def is_slow_only(self) -> bool:
        """Whether the sandbox's own response is sent, late."""
        return self.response is None and self.connection is None


class Failures:
    """The requested failures that have not happened yet, in their order."""

    def __init__(self) -> None:
        self._coming: list[Failure] = []

    def add(self, failure: Failure) -> None:
        """Make the next requests fail."""
        self._coming.append(failure)

    def take(self, operation: str | None) -> Failure | None:
        """The failure for a request of an operation; None if it does not fail."""
        for failure in self._coming:
            if failure.operation in {None, operation}:
                failure.times -= 1
                if not failure.times:
                    self._coming.remove(failure)
                return failure
        return None


def checked_failure(
    *,
    status: int | None,
    connection: Connection | None,
    delay: float,
    body: bytes,
    headers: Mapping[str, str] | None,
    times: int,
    carried_out: bool,
) -> Failure:
    """The failure that the arguments of ``Sandbox.fail_next`` describe.

    Raises:
        TypeError: an argument has the wrong type.
        ValueError: an argument has a wrong value, or two exclude each other.
    """
    if not isinstance(body, bytes):
        raise TypeError(f"body must be bytes, not {type(body).__name__}")
    if delay != 0:
        seconds("delay", delay)
    if connection is not None:
        if connection not in get_args(Connection):
            raise ValueError(f"connection must be one of {', '.join(get_args(Connection))}, not {connection!r}")
        if status is not None or body or headers:
            raise ValueError("connection cannot be given with status, body or headers: no response is sent")
        if connection == "refused" and (carried_out or delay):
            raise ValueError('connection="refused" cannot be given with carried_out or delay: no request arrives')
    elif status is None and (not delay or body or headers):
        status = 503
    if status is not None and whole_number("status", status, at_least=200) > 599:
        raise ValueError(f"status must be 200 to 599, not {status}")
    return Failure(
        response=None if status is None else SandboxResponse(status, dict(headers or {}), body),
        connection=connection,
        delay=delay,
        carried_out=carried_out,
        times=whole_number("times", times, at_least=1),
    )
