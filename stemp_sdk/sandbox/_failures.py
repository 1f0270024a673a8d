"""Failures on demand: what a broken network, a broken or slow server, or a proxy before it does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import attrs

from .._core.arguments import seconds, whole_number
from .._transport import Connection
from ._values import SandboxResponse


@attrs.define(kw_only=True)
class Failure:
    """What becomes of the next requests, or of those for one operation."""

    response: SandboxResponse | None
    """What is sent in place of the sandbox's own response; None to send that."""
    connection: Connection | None
    """How the connection fails; None if it does not."""
    delay: float
    """Seconds that the sandbox works before the request has an effect."""
    operation: str | None = None
    """None for any."""
    carried_out: bool
    """Whether the request is carried out all the same, so that only its response is lost."""
    times: int
    """For how many requests it still stands."""

    @property
    def is_slow_only(self) -> bool:
        """Whether the sandbox's own response is sent, late."""
        return self.response is None and self.connection is None


class Failures:
    """The failures that are still to come, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._coming: list[Failure] = []

    def add(self, failure: Failure) -> None:
        """Let the next requests fail."""
        self._coming.append(failure)

    def take(self, operation: str | None) -> Failure | None:
        """What becomes of a request for an operation; None if it does not fail."""
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
    """The failure that ``Sandbox.fail_next`` was given.

    Raises:
        TypeError: an argument has the wrong type.
        ValueError: an argument has a wrong value, or two do not go together.
    """
    if not isinstance(body, bytes):
        raise TypeError(f"body must be bytes, not {type(body).__name__}")
    if delay != 0:
        seconds("delay", delay)
    if connection is not None:
        if connection not in get_args(Connection):
            raise ValueError(f"connection must be one of {', '.join(get_args(Connection))}, not {connection!r}")
        if status is not None or body or headers:
            raise ValueError("connection cannot be given with status, body or headers: nothing is answered")
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
