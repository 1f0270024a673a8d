"""What passes between a resource method, the request flow and a driver: all of it immutable.

None of it has a repr, as bodies and headers may hold tokens. Nor is any of it compared: each method that attrs writes
takes a part of the time in which a process starts.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any, Generic, TypeAlias, TypeVar

import attrs

from .credential import Credential
from .operation import Operation
from .secret import Secret

T = TypeVar("T")


class FormBody(bytes):
    """A body that is a form (``application/x-www-form-urlencoded``) and not JSON."""

    __slots__ = ()


@attrs.frozen(eq=False, repr=False)
class Call(Generic[T]):
    """One call of one operation, with checked arguments."""

    operation: Operation
    decode: Callable[[RawResponse], T]
    """Turns the response of a success into the result."""
    id: str | None = None
    """The id for the path's ``{id}``, percent-encoded."""
    query: str = ""
    """The encoded query, without its ``?``."""
    body: bytes | None = None
    """JSON, or a ``FormBody``."""
    secrets: tuple[Secret, ...] = ()
    """What is in the body that no error may quote."""


@attrs.frozen(eq=False, repr=False)
class Send:
    """A step for the driver: send this to the configured origin and report a ``RawResponse`` or a ``NoResponse``."""

    method: str
    target: str
    """Path and query, encoded."""
    body: bytes | None
    token: Secret | None
    """None for a request that bears none."""
    timeout: float
    """Seconds for each of connecting, writing, and waiting for the next bytes."""
    budget: float
    """Seconds for all of it, from here to the last byte of the answer, the wait for a free connection included."""
    adds: bool
    """Whether a second one would add something again: it must not meet a connection that may have been closed."""


@attrs.frozen(eq=False, repr=False)
class Sleep:
    """A step for the driver: wait."""

    seconds: float


@attrs.frozen(eq=False, repr=False)
class Renew:
    """A step for the driver: renew the credential, which may wait for others and for the network.

    The driver reports the token that ``Credential.renew`` returns. What takes longer than the call may take goes on
    without it, as a new refresh token could be lost otherwise; the driver then throws a ``RenewalTimeout``.
    """

    credential: Credential
    refused: Secret | None
    budget: float
    """Seconds that the call may wait for it."""


@attrs.frozen(eq=False, repr=False)
class Work:
    """A step for the driver: call a function that may wait for the disk or the network, and report what it returns."""

    function: Callable[[], Any]
    is_async: bool = False
    """Whether the function returns an awaitable. A function that does not must not run in the event loop."""


class RenewalTimeout(Exception):  # noqa: N818  # it never reaches a caller
    """A renewal takes longer than the call that needs it may take."""


@attrs.frozen(eq=False, repr=False)
class RawResponse:
    """The server, or something before it, answered."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    """Decoded; the beginning of it where ``is_cut``."""
    is_cut: bool = False
    """Whether the body is longer than what is read of one."""


@attrs.frozen(eq=False, repr=False)
class NoResponse:
    """No answer came."""

    reason: str
    """One line that a person can read. It may quote a broken answer."""
    sent: bool
    """False if the request surely never reached the server."""
    timed_out: bool
    permanent: bool = False
    """Whether another try would end alike, as with a certificate that is not trusted."""


Step: TypeAlias = Send | Sleep | Work | Renew
Outcome: TypeAlias = RawResponse | NoResponse
"""What a driver reports of a ``Send``."""

Flow: TypeAlias = Generator[Step, Any, T]
"""A generator that yields steps and returns a result. It is sent an ``Outcome`` for a ``Send``, None for a ``Sleep``,
what the function returned for a ``Work``, and a ``Secret`` or None for a ``Renew``."""
