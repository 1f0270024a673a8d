"""The immutable values that pass between a resource method, the request flow and a driver.

None has a repr, as bodies and headers may hold tokens. None has a generated ``__eq__``, as each method that attrs
generates adds to the start-up time of a process.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any, Generic, Literal, TypeAlias, TypeVar

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
    """The secrets in the body, which no error may quote."""


@attrs.frozen(eq=False, repr=False)
class Send:
    """A step for the driver: send this to the configured origin and report a ``RawResponse`` or a ``NoResponse``."""

    method: str
    target: str
    """Path and query, encoded."""
    body: bytes | None
    token: Secret | None
    """None for a request without a token."""
    timeout: float
    """Seconds for each of connecting, writing, and waiting for the next bytes."""
    budget: float
    """Seconds from here to the last byte of the response, the wait for a free connection included."""
    adds: bool
    """Whether a second request would add something again, so that a connection that may be closed must not be used."""


WaitReason: TypeAlias = Literal["retry", "rate_limit", "settle"]


@attrs.frozen(eq=False, repr=False)
class Sleep:
    """A step for the driver: wait."""

    seconds: float
    reason: WaitReason


@attrs.frozen(eq=False, repr=False)
class Renew:
    """A step for the driver: renew the credential, which may wait for others and for the network.

    The driver reports the token that ``Credential.renew`` returns. A renewal that takes longer than the call may take
    continues in the background, as its refresh token could be lost otherwise; the driver throws a ``RenewalTimeout``.
    """

    credential: Credential
    refused: Secret | None
    budget: float
    """Seconds that the call may wait for the renewal."""


@attrs.frozen(eq=False, repr=False)
class Work:
    """A step for the driver: call a function that may wait for the disk or the network, and report what it returns."""

    function: Callable[[], Any]
    is_async: bool = False
    """Whether the function returns an awaitable. A function that does not must not run in the event loop."""


class Abandoned(BaseException):  # it never reaches a caller
    """Thrown into a flow whose step was cancelled or interrupted. The flow may only clean up, with ``Work`` steps.

    A ``Send`` that raises abandons its flow too: whether the server has the request is then as unknown.
    """

    def __init__(self, cause: BaseException) -> None:
        super().__init__()
        self.cause = cause


class RenewalTimeout(Exception):  # noqa: N818  # it never reaches a caller
    """A renewal takes longer than the call that needs it may take."""


@attrs.frozen(eq=False, repr=False)
class RawResponse:
    """A response from the server, or from a proxy in front of it."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    """Decoded from its content encoding; only the beginning if ``is_cut``."""
    is_cut: bool = False
    """Whether the body is longer than the limit, so that the rest was not read."""


@attrs.frozen(eq=False, repr=False)
class NoResponse:
    """The failure of a request that got no response."""

    reason: str
    """One readable line. It may quote a malformed response."""
    sent: bool
    """False if the request certainly never reached the server."""
    timed_out: bool
    permanent: bool = False
    """Whether another attempt would fail in the same way, as with a certificate that is not trusted."""


Step: TypeAlias = Send | Sleep | Work | Renew
Outcome: TypeAlias = RawResponse | NoResponse
"""The result of a ``Send``."""

Flow: TypeAlias = Generator[Step, Any, T]
"""A generator that yields steps and returns a result. It is sent an ``Outcome`` for a ``Send``, None for a ``Sleep``,
what the function returned for a ``Work``, and a ``Secret`` or None for a ``Renew``."""
