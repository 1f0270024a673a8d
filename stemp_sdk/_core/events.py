"""The events of a call, for observers. None has a token, a header or a body."""

from __future__ import annotations

from typing import Literal, TypeAlias

import attrs

from .._public import publish
from ..scopes import ScopeSet
from . import observer
from .call import WaitReason
from .scope_errors import MissingScopeError, TokenKindError

CallOutcome: TypeAlias = Literal["succeeded", "failed", "unknown", "refused", "cancelled"]


@attrs.frozen(eq=False)
class ObservedCall:
    """One call of a method. All events of a call have the same object, which is hashable by identity."""

    operation: str
    """Such as ``"loyalty.add_stamp"``."""
    needed: ScopeSet
    """The scopes that the call needs; with ``reference=``, those of the look at the history as well."""
    held: ScopeSet | None
    """The scopes that the client holds; None if they are unknown."""
    server: str
    """The host of the API."""
    token_name: str | None = None
    """The name of the token in a ``ring``; None for a client of one token."""


@attrs.frozen
class CallStarted:
    """A call begins. Nothing was checked or sent so far."""

    call: ObservedCall


@attrs.frozen
class CallRefused:
    """The token lacks a scope, by the local check or by the server. ``CallEnded`` follows."""

    call: ObservedCall
    error: MissingScopeError | TokenKindError


@attrs.frozen
class AttemptStarted:
    """A request is about to be sent. A write with ``reference=`` also sends some that look at the history."""

    call: ObservedCall
    attempt: int
    """Counts the requests of the call, from 1."""
    http_method: str


@attrs.frozen
class AttemptEnded:
    """A request got a response, or failed."""

    call: ObservedCall
    attempt: int
    http_method: str
    duration: float
    """Seconds."""
    status: int | None
    """The status of the response; None without one."""
    request_id: str | None = None
    """The server's id of the request; None if it sent none."""
    failure: str | None = None
    """The type of the error without a response, such as ``"APITimeoutError"``; None if there is a response."""


@attrs.frozen
class WaitStarted:
    """The call is about to wait."""

    call: ObservedCall
    seconds: float
    reason: WaitReason
    """``"retry"`` before another attempt, ``"rate_limit"`` for a turn or the next window, ``"settle"`` until the server
    has certainly ended its work on an earlier request."""


@attrs.frozen
class TokenRenewed:
    """The token was renewed, or reread from its store, or the renewal failed."""

    call: ObservedCall
    duration: float
    """Seconds."""
    failure: str | None = None
    """The type of the error; None if there is a token."""


@attrs.frozen
class CallEnded:
    """A call ended. It is the last event of the call."""

    call: ObservedCall
    outcome: CallOutcome
    """``"unknown"`` if a write may have been carried out, ``"refused"`` for a missing scope, ``"cancelled"`` for a task
    that was cancelled and a thread that was interrupted."""
    attempts: int
    """The number of requests."""
    duration: float
    """Seconds, waits included."""
    error: Exception | None = None
    """The raised error; None for a success, and for a cancelled call."""


CallEvent: TypeAlias = (
    CallStarted | CallRefused | AttemptStarted | AttemptEnded | WaitStarted | TokenRenewed | CallEnded
)
"""A minor version may add events: end a ``match`` with a default."""

# Every client loads the module of Observer, but not this one. The public name Observer is loaded from here, so that
# get_type_hints finds the event.
Observer: TypeAlias = observer.Observer
observer.__dict__["CallEvent"] = CallEvent

publish("stemp_sdk", globals())
