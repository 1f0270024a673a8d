"""The interface of an observer. The events have a module of their own, which only clients with observers load."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Protocol

from .._public import publish

if TYPE_CHECKING:
    from .events import CallEvent


class Observer(Protocol):
    """A function that is called with each event of a call, in order, in the thread or task of the call.

    One of an ``AsyncStemp`` may be an async function, which the call awaits. An error of an observer is logged and does
    not end the call.
    """

    def __call__(self, event: CallEvent, /) -> Awaitable[object] | None:
        """Take over an event."""
        ...


publish("stemp_sdk", globals())
