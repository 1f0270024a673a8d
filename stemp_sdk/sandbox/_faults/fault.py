"""One fault: what goes wrong with a request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, TypedDict, cast, get_args

import attrs

from ..._core.arguments import seconds, shown, whole_number
from ..._transport import Connection, ConnectionFailed
from .._values import WITHOUT_BODY, SandboxResponse
from .later import After
from .responses import SHAPES, Shape

_MOST_SKEW: Final = 1e9  # seconds
# RFC 9110 §5.1 and §5.5, without the obsolete bytes beyond ASCII, which httpx refuses.
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE: Final = re.compile(r"([!-~]([\t -~]*[!-~])?)?")


class FaultOptions(TypedDict, total=False):
    """The options of ``Sandbox.fail_next`` that say what goes wrong with a request."""

    status: int
    """The HTTP status, 200 to 599, of a response in place of the sandbox's own. 503 where another option asks for a
    response of another kind, and where none of ``connection``, ``delay``, ``truncated``, ``trickle``,
    ``history_lag`` and ``clock_skew`` is given."""
    shape: Shape
    """The body that goes with ``status``: ``"empty"`` (the default), ``"stemp"`` for an error in stemp's JSON, or
    ``"html"`` for the page of a gateway."""
    body: bytes
    """The whole body that goes with ``status``, in place of ``shape``."""
    headers: Mapping[str, str] | None
    """Headers that go with ``status``, beside those of ``shape``. Those of the rate limit are not sent."""
    retry_after: int | None
    """Whole seconds: the header ``Retry-After`` that goes with ``status``; None for none."""
    connection: Connection | None
    """The failure of the connection, in place of a response."""
    delay: float
    """Seconds that the sandbox works on the request before it has an effect. Alone, it leads to the usual response,
    late; if the client has given up by then, ``carried_out`` decides, and the seconds are those of the sandbox's clock,
    over sockets as well."""
    carried_out: bool
    """Whether the request is carried out although its response is replaced or lost: at the end of ``delay``."""
    late: float
    """Seconds after which the request takes effect, by the sandbox's clock and from the end of ``delay``: its client
    has a response, or has lost it, long before."""
    late_requests: int
    """The number of further requests that do not see the effect, in place of ``late``. Those with the same id in the
    path count; if the request has none there, all do."""
    truncated: bool
    """Whether the response ends in the middle of its body: ``Content-Length`` is larger than what is sent."""
    trickle: float
    """Seconds that each byte of the body takes."""
    history_lag: float
    """Seconds, by the sandbox's clock, until the history has what the request adds to it."""
    history_lag_requests: int
    """The number of further requests for the same id that do not see it there, in place of ``history_lag``."""
    clock_skew: float
    """Seconds by which the server's clock is fast, or slow if negative: in the header ``Date`` of the sandbox's own
    response, and in every time that the request writes, such as ``createdAt`` of a history entry. A response in its
    place has no ``Date``. Rate limits and the validity of the request's own token follow the sandbox's clock."""


def _whether(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, bool):
        raise TypeError(f"{attribute.name} must be a bool, not {type(value).__name__}")


def _duration(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    if value != 0:
        seconds(attribute.name, value)


def _count(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    whole_number(attribute.name, value, at_least=0)


def checked_skew(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    """A validator: seconds, which may be negative."""
    if value != 0:
        seconds(attribute.name, abs(value) if isinstance(value, (int, float)) else value, at_most=_MOST_SKEW)


def _status(_: object, __: object, value: int | None) -> None:
    if value is not None and whole_number("status", value, at_least=200) > 599:
        raise ValueError(f"status must be 200 to 599, not {value}")


def _connection(_: object, __: object, value: object) -> None:
    if value is not None and value not in get_args(Connection):
        raise ValueError(f"connection must be one of {', '.join(get_args(Connection))}, not {value!r}")


def _shape(_: object, __: object, value: object) -> None:
    if value not in get_args(Shape):
        raise ValueError(f"shape must be one of {', '.join(get_args(Shape))}, not {shown(value)}")


def _headers(_: object, __: object, value: Any) -> None:
    if value is None:
        return
    if not isinstance(value, Mapping):
        raise TypeError(f"headers must be a mapping, not {type(value).__name__}")
    for name, content in cast("Mapping[object, object]", value).items():
        if not isinstance(name, str) or not isinstance(content, str):
            wrong = content if isinstance(name, str) else name
            raise TypeError(f"headers must map strings to strings, not {type(wrong).__name__}")
        if not _HEADER_NAME.fullmatch(name):
            raise ValueError(f"headers: {shown(name)} is not the name of a header")
        if name.lower() in {"content-length", "transfer-encoding"}:
            raise ValueError(f"headers cannot have {name}: truncated=True makes Content-Length larger than the body")
        if not _HEADER_VALUE.fullmatch(content):
            raise ValueError(f"headers[{name!r}] must be visible ASCII characters, with spaces only between them")


def _bytes(_: object, __: object, value: object) -> None:
    if not isinstance(value, bytes):
        raise TypeError(f"body must be bytes, not {type(value).__name__}")


def _retry_after(_: object, __: object, value: Any) -> None:
    if value is not None:
        whole_number("retry_after", value, at_least=0)


@attrs.frozen(kw_only=True)
class Fault:
    """A fault of a request; ``FaultOptions`` says what each field does.

    Raises:
        TypeError: a field has the wrong type.
        ValueError: a field has a wrong value, or two do not go together.
    """

    status: int | None = attrs.field(default=None, validator=_status)
    shape: Shape = attrs.field(default="empty", validator=_shape)
    body: bytes = attrs.field(default=b"", validator=_bytes)
    headers: Mapping[str, str] | None = attrs.field(default=None, validator=_headers)
    retry_after: int | None = attrs.field(default=None, validator=_retry_after)
    connection: Connection | None = attrs.field(default=None, validator=_connection)
    delay: float = attrs.field(default=0.0, validator=_duration)
    carried_out: bool = attrs.field(default=False, validator=_whether)
    late: float = attrs.field(default=0.0, validator=_duration)
    late_requests: int = attrs.field(default=0, validator=_count)
    truncated: bool = attrs.field(default=False, validator=_whether)
    trickle: float = attrs.field(default=0.0, validator=_duration)
    history_lag: float = attrs.field(default=0.0, validator=_duration)
    history_lag_requests: int = attrs.field(default=0, validator=_count)
    clock_skew: float = attrs.field(default=0.0, validator=checked_skew)

    def __attrs_post_init__(self) -> None:
        manner = {"truncated": self.truncated, "trickle": self.trickle}
        answered = [*self._replacement, *(name for name, is_given in manner.items() if is_given)]
        if self.connection is not None and answered:
            raise ValueError(f"connection cannot be given with {answered[0]}: there is no response")
        if self.connection == "refused" and (self.carried_out or self.delay or self.commits_late):
            raise ValueError('connection="refused" cannot be given with carried_out, delay or late: no request arrives')
        if self.body and self.shape != "empty":
            raise ValueError("body cannot be given with shape")
        if self.late and self.late_requests:
            raise ValueError("late cannot be given with late_requests")
        if self.history_lag and self.history_lag_requests:
            raise ValueError("history_lag cannot be given with history_lag_requests")
        if self.commits_late and self.carried_out:
            raise ValueError("carried_out cannot be given with late: the request is carried out later")

    @property
    def commits_late(self) -> bool:
        """Whether the request takes effect after it was answered."""
        return bool(self.late or self.late_requests)

    @property
    def commit(self) -> After:
        """When the request takes effect, if late."""
        return After(self.late, self.late_requests)

    @property
    def lag(self) -> After | None:
        """When the history has what the request adds to it; None for at once."""
        lags = self.history_lag or self.history_lag_requests
        return After(self.history_lag, self.history_lag_requests) if lags else None

    @property
    def leaves_response(self) -> bool:
        """Whether the sandbox's own response is sent, though perhaps late or in part."""
        if self._replacement or self.connection is not None or self.commits_late:
            return False
        return bool(self.delay or self.truncated or self.trickle or self.lag or self.clock_skew)

    @property
    def parts(self) -> frozenset[str]:
        """The parts that it changes: the end of the request, the history, and the clock."""
        quiet = self.leaves_response and not (self.delay or self.truncated or self.trickle)
        parts = {"end": not quiet, "history": self.lag is not None, "clock": self.clock_skew != 0}
        return frozenset(name for name, is_part in parts.items() if is_part)

    def joined(self, other: Fault) -> Fault:
        """Both faults together, of which no part is in both."""
        first, second = (other, self) if "end" in other.parts else (self, other)
        return attrs.evolve(
            first,
            history_lag=first.history_lag or second.history_lag,
            history_lag_requests=first.history_lag_requests or second.history_lag_requests,
            clock_skew=first.clock_skew or second.clock_skew,
        )

    @property
    def response(self) -> SandboxResponse | None:
        """The response in place of the sandbox's own; None if there is none."""
        if self.connection is not None or self.leaves_response:
            return None
        shaped = SHAPES[self.shape](self.status or 503, self.retry_after)
        retry_after = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        headers = {**shaped.headers, **retry_after, **(self.headers or {})}
        return SandboxResponse(shaped.status, headers, self.body or shaped.body)

    def sent(self, response: SandboxResponse) -> SandboxResponse:
        """The part of a response that arrives.

        Raises:
            ConnectionFailed: nothing does, as it has no body that could be cut.
        """
        if not self.truncated and not self.trickle:
            return response
        if response.status in WITHOUT_BODY or not response.body:
            if self.truncated:
                raise ConnectionFailed("lost")
            return response
        headers = {**response.headers, "Content-Length": str(len(response.body))}
        body = response.body[: len(response.body) // 2] if self.truncated else response.body
        return SandboxResponse(response.status, headers, body, self.trickle)

    @property
    def _replacement(self) -> list[str]:
        """The options that are given of a response in place of the sandbox's own."""
        given = {
            "status": self.status is not None,
            "shape": self.shape != "empty",
            "body": self.body,
            "headers": self.headers,
            "retry_after": self.retry_after is not None,
        }
        return [name for name, is_given in given.items() if is_given]
