"""Spans and breadcrumbs of Sentry: extra ``sentry``."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from .._core.events import CallEnded, CallEvent, CallOutcome, CallStarted, ObservedCall
from .._public import publish

if TYPE_CHECKING:
    from sentry_sdk.tracing import Span

_STATUSES: Final[Mapping[CallOutcome, str]] = {
    "succeeded": "ok",
    "cancelled": "cancelled",
    "refused": "permission_denied",
}


class SentryObserver:
    """An observer that adds a breadcrumb of each call, and a span where a transaction runs.

    ::

        client = Stemp(scopes=presets.POS, observers=[SentryObserver()])

    An error report then shows the calls before it. A breadcrumb and a span have the method, the outcome, the number of
    attempts, the duration and the scopes that were needed; no token, no body, and no id of a card or a customer. Errors
    are not reported: the program that catches them decides on that.

    Raises:
        ImportError: the extra is missing.
    """

    def __init__(self) -> None:
        try:
            import sentry_sdk
        except ImportError as error:
            raise ImportError('SentryObserver needs an extra: pip install "stemp-sdk[sentry]"') from error
        self._sentry = sentry_sdk
        self._spans: MutableMapping[ObservedCall, Span] = WeakKeyDictionary()

    def __call__(self, event: CallEvent) -> None:
        """Take over an event."""
        if isinstance(event, CallStarted):
            self._start(event.call)
        elif isinstance(event, CallEnded):
            self._end(event)

    def _start(self, call: ObservedCall) -> None:
        parent = self._sentry.get_current_span()
        if parent is not None:
            self._spans[call] = parent.start_child(op="stemp.call", name=call.operation, origin="auto.http.stemp_sdk")

    def _end(self, event: CallEnded) -> None:
        call = event.call
        data: dict[str, Any] = {
            "outcome": event.outcome,
            "attempts": event.attempts,
            "duration": round(event.duration, 6),
            "scopes_needed": sorted(call.needed),
            "server": call.server,
        }
        if event.error is not None:
            data["error"] = type(event.error).__name__
        level = "info" if event.error is None else "warning"
        self._sentry.add_breadcrumb(type="http", category="stemp", message=call.operation, level=level, data=data)
        if (span := self._spans.pop(call, None)) is not None:
            for name, value in data.items():
                span.set_data(f"stemp.{name}", value)
            span.set_status(_STATUSES.get(event.outcome, "internal_error"))
            span.finish()


publish("stemp_sdk", globals())
