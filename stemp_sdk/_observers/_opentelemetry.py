"""Spans and metrics of OpenTelemetry: extra ``otel``."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from weakref import WeakKeyDictionary

from .._core.events import AttemptEnded, CallEnded, CallEvent, CallStarted, ObservedCall, TokenRenewed, WaitStarted
from .._public import publish
from .._version import __version__

if TYPE_CHECKING:
    from opentelemetry.trace import Span

_NAME: Final = "stemp_sdk"
_Attributes: TypeAlias = Mapping[str, str | int | float | list[str] | None]
#: The boundaries that the semantic conventions advise for the duration of a request of a client, in seconds.
_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)


class OpenTelemetryObserver:
    """An observer that makes a span of each call, with its attempts, waits and renewals as events, and metrics.

    ::

        client = Stemp(scopes=presets.POS, observers=[OpenTelemetryObserver()])

    The span is named after the method, such as ``loyalty.add_stamp``, and is a child of the current one. Its attributes
    are those of the semantic conventions (``server.address``, ``http.request.method``, ``http.response.status_code``,
    ``http.request.resend_count``, ``error.type``) and ``stemp.operation``, ``stemp.scopes.needed``,
    ``stemp.scopes.held``, ``stemp.token_name`` (of a ring), ``stemp.outcome``, ``stemp.attempts``,
    ``stemp.request_id``. Only a call that failed has the status "error".

    The metrics are the histogram ``stemp.client.call.duration`` in seconds, and the counter ``stemp.client.attempts``.
    Neither spans nor metrics have a token, a body, or an id of a card or a customer.

    Args:
        tracer_provider: An ``opentelemetry.trace.TracerProvider``; the global one if not given.
        meter_provider: An ``opentelemetry.metrics.MeterProvider``; the global one if not given.

    Raises:
        ImportError: the extra is missing.
    """

    # The annotations have to be readable without the extra.
    def __init__(self, *, tracer_provider: Any = None, meter_provider: Any = None) -> None:
        try:
            from opentelemetry import metrics, trace
        except ImportError as error:
            raise ImportError('OpenTelemetryObserver needs an extra: pip install "stemp-sdk[otel]"') from error
        self._trace = trace
        self._tracer = trace.get_tracer(_NAME, __version__, tracer_provider)
        meter = metrics.get_meter(_NAME, __version__, meter_provider)
        self._durations = meter.create_histogram(
            "stemp.client.call.duration",
            unit="s",
            description="Duration of calls, waits and retries included.",
            explicit_bucket_boundaries_advisory=_SECONDS,
        )
        self._attempts = meter.create_counter("stemp.client.attempts", unit="{request}", description="Requests sent.")
        self._spans: MutableMapping[ObservedCall, Span] = WeakKeyDictionary()
        self._last: MutableMapping[ObservedCall, _Attributes] = WeakKeyDictionary()
        """The attributes of the last attempt of each call."""

    def __call__(self, event: CallEvent) -> None:
        """Take over an event."""
        if isinstance(event, CallStarted):
            self._start(event.call)
        elif (span := self._spans.get(event.call)) is None:
            return
        elif isinstance(event, AttemptEnded):
            self._end_attempt(span, event)
        elif isinstance(event, WaitStarted):
            span.add_event("stemp.wait", {"stemp.wait.seconds": event.seconds, "stemp.wait.reason": event.reason})
        elif isinstance(event, TokenRenewed):
            span.add_event("stemp.token_renewed", _known({"error.type": event.failure}))
        elif isinstance(event, CallEnded):
            self._end(span, event)

    def _start(self, call: ObservedCall) -> None:
        attributes = {
            "stemp.operation": call.operation,
            "stemp.scopes.needed": sorted(call.needed),
            "stemp.scopes.held": None if call.held is None else sorted(call.held),
            "stemp.token_name": call.token_name,
            "server.address": call.server,
        }
        kind = self._trace.SpanKind.CLIENT
        self._spans[call] = self._tracer.start_span(call.operation, kind=kind, attributes=_known(attributes))

    def _end_attempt(self, span: Span, event: AttemptEnded) -> None:
        told = {
            "http.request.method": event.http_method,
            "http.response.status_code": event.status,
            "stemp.request_id": event.request_id,
            "error.type": event.failure,
        }
        self._last[event.call] = {**told, "http.request.resend_count": event.attempt - 1 or None}
        span.add_event("stemp.attempt", _known({**told, "stemp.attempt": event.attempt}))
        labels = {"stemp.operation": event.call.operation, "http.response.status_code": event.status}
        self._attempts.add(1, _known(labels))

    def _end(self, span: Span, event: CallEnded) -> None:
        kind = None if event.error is None else type(event.error).__name__
        told = _known({"stemp.outcome": event.outcome, "error.type": kind})
        # Those of the last attempt alone; its own error is not one of the call.
        last = {name: value for name, value in self._last.pop(event.call, {}).items() if name != "error.type"}
        span.set_attributes({**_known(last), **told, "stemp.attempts": event.attempts})
        if event.error is not None:
            span.set_status(self._trace.StatusCode.ERROR, kind)
        span.end()
        self._spans.pop(event.call, None)
        self._durations.record(event.duration, {"stemp.operation": event.call.operation, **told})


def _known(attributes: _Attributes) -> dict[str, str | int | float | list[str]]:
    """The attributes that have a value."""
    return {name: value for name, value in attributes.items() if value is not None}


publish("stemp_sdk", globals())
