"""What passes between a resource method, the exchange and a driver: all of it immutable.

No repr shows a body, as those of the token endpoints hold tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Generic, TypeAlias, TypeVar

import attrs

from .credential import Credential, Renewal
from .operation import Operation
from .secret import Secret

T = TypeVar("T")


@attrs.frozen
class Call(Generic[T]):
    """One call of one operation, with checked arguments."""

    operation: Operation
    decode: Callable[[bytes], T]
    """Turns the body of a success into the result."""
    id: str | None = None
    """The id for the path's ``{id}``, percent-encoded."""
    query: str = ""
    """The encoded query, without its ``?``."""
    body: bytes | None = attrs.field(default=None, repr=False)
    """JSON."""
    secrets: tuple[Secret, ...] = ()
    """What is in the body that no error may quote."""


@attrs.frozen
class Send:
    """A step for the driver: send this to the configured origin and report an ``Answer`` or a ``Lost``."""

    method: str
    target: str
    """Path and query, encoded."""
    body: bytes | None = attrs.field(repr=False)
    token: Secret | None
    """None for a request that needs none."""
    timeout: float
    """Seconds for each of connecting, writing, and waiting for a read."""


@attrs.frozen
class Sleep:
    """A step for the driver: wait."""

    seconds: float


@attrs.frozen
class Renew:
    """A step for the driver: run it, which may take long, and report the credential's new token."""

    credential: Credential
    refused: Secret | None
    again: bool
    fetched: int

    def run(self) -> Renewal | None:
        """Renew the credential."""
        return self.credential.renew(self.refused, again=self.again, fetched=self.fetched)


@attrs.frozen
class Reread:
    """A step for the driver: run it, which may take a while."""

    credential: Credential

    def run(self) -> None:
        """See what others have changed of the credential."""
        self.credential.reread()


@attrs.frozen
class Answer:
    """The server answered."""

    status: int
    # Neither shows in a traceback that prints local variables: a server may echo the token, or send a new one.
    headers: Mapping[str, str] = attrs.field(repr=False)
    """Names in lower case."""
    body: bytes = attrs.field(repr=False)


@attrs.frozen
class Lost:
    """No answer came."""

    reason: str = attrs.field(repr=False)  # it may quote a broken answer
    """One line that a person can read."""
    sent: bool
    """False if the request surely never reached the server."""
    timed_out: bool


Step: TypeAlias = Send | Sleep | Renew | Reread
Outcome: TypeAlias = Answer | Lost
"""What a driver reports of a ``Send``."""
