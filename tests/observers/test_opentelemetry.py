"""The spans and metrics of ``OpenTelemetryObserver``, by OpenTelemetry's own SDK."""

from __future__ import annotations

import sys
from typing import Any

import httpx
import pytest
import respx
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from stemp_sdk import APIConnectionError, MissingScopeError, OpenTelemetryObserver, UnknownOutcomeError
from stemp_sdk.scopes import LOYALTY_MANAGE, PASS_READ, USER_READ
from tests.support.twins import TOKEN, Twin

from .answers import USER


class Telemetry:
    """An observer with the spans and metrics that it made."""

    def __init__(self) -> None:
        self._exporter, self._reader = InMemorySpanExporter(), InMemoryMetricReader()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self._exporter))
        meters = MeterProvider([self._reader])
        self.observer = OpenTelemetryObserver(tracer_provider=self.tracers, meter_provider=meters)

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        return self._exporter.get_finished_spans()

    @property
    def metrics(self) -> dict[str, list[Any]]:
        data: Any = self._reader.get_metrics_data()
        metrics = data.resource_metrics[0].scope_metrics[0].metrics
        return {metric.name: list(metric.data.data_points) for metric in metrics}


@pytest.fixture
def telemetry() -> Telemetry:
    return Telemetry()


def test_a_call_is_a_client_span_of_its_method(twin: Twin, wire: respx.Router, telemetry: Telemetry) -> None:
    wire.get("/v1/users/usr_1").mock(
        side_effect=[httpx.Response(502), httpx.Response(200, json=USER, headers={"x-request-id": "req_1"})]
    )
    client = twin.client(scopes=USER_READ | PASS_READ, observers=[telemetry.observer])
    with telemetry.tracers.get_tracer("test").start_as_current_span("sale") as sale:
        twin.run(client.users.get("usr_1"))
    span = telemetry.spans[0]
    assert (span.name, span.kind, span.status.status_code) == ("users.get", SpanKind.CLIENT, StatusCode.UNSET)
    assert span.parent == sale.get_span_context()
    assert dict(span.attributes or {}) == {
        "stemp.operation": "users.get",
        "stemp.scopes.needed": ("user:read",),
        "stemp.scopes.held": ("pass:read", "user:read"),
        "server.address": "api.stemp.app",
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "http.request.resend_count": 1,
        "stemp.request_id": "req_1",
        "stemp.outcome": "succeeded",
        "stemp.attempts": 2,
    }
    assert [(event.name, dict(event.attributes or {})) for event in span.events] == [
        ("stemp.attempt", {"http.request.method": "GET", "http.response.status_code": 502, "stemp.attempt": 1}),
        ("stemp.wait", {"stemp.wait.seconds": 0.5, "stemp.wait.reason": "retry"}),
        (
            "stemp.attempt",
            {
                "http.request.method": "GET",
                "http.response.status_code": 200,
                "stemp.request_id": "req_1",
                "stemp.attempt": 2,
            },
        ),
    ]


def test_metrics_count_attempts_and_measure_calls(twin: Twin, wire: respx.Router, telemetry: Telemetry) -> None:
    wire.get("/v1/users/usr_1").mock(side_effect=[httpx.Response(502), httpx.Response(200, json=USER)])
    twin.run(twin.client(observers=[telemetry.observer]).users.get("usr_1"))
    metrics = telemetry.metrics
    counted = metrics["stemp.client.attempts"]
    assert {(each.value, each.attributes["http.response.status_code"]) for each in counted} == {(1, 502), (1, 200)}
    (duration,) = metrics["stemp.client.call.duration"]
    assert dict(duration.attributes) == {"stemp.operation": "users.get", "stemp.outcome": "succeeded"}
    assert (duration.count, duration.sum) == (1, 0.5)


def test_an_unknown_outcome_is_an_error_of_the_span(twin: Twin, wire: respx.Router, telemetry: Telemetry) -> None:
    wire.post("/v1/walletpasses/wp_1/stamps/add").mock(side_effect=httpx.ReadTimeout("slow"))
    with pytest.raises(UnknownOutcomeError):
        twin.run(twin.client(observers=[telemetry.observer]).loyalty.add_stamp("wp_1", note="Main St"))
    (span,) = telemetry.spans
    attributes = dict(span.attributes or {})
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, "UnknownOutcomeError")
    assert (attributes["stemp.outcome"], attributes["error.type"]) == ("unknown", "UnknownOutcomeError")
    assert "stemp.scopes.held" not in attributes


def test_the_attributes_of_a_span_are_those_of_its_last_attempt(
    twin: Twin, wire: respx.Router, telemetry: Telemetry
) -> None:
    busy = httpx.Response(503, json={"error": {"code": "x"}}, headers={"x-request-id": "req_1"})
    wire.get("/v1/users/usr_1").mock(side_effect=[httpx.ConnectError("no"), httpx.Response(200, json=USER)])
    wire.get("/v1/users/usr_2").mock(side_effect=[busy, httpx.ConnectError("no")])
    client = twin.client(observers=[telemetry.observer], max_retries=1)
    twin.run(client.users.get("usr_1"))
    with pytest.raises(APIConnectionError):
        twin.run(client.users.get("usr_2"))
    recovered, failed = (dict(span.attributes or {}) for span in telemetry.spans)
    assert (recovered["http.response.status_code"], recovered.get("error.type")) == (200, None)
    assert failed["error.type"] == "APIConnectionError"
    assert not {"http.response.status_code", "stemp.request_id"} & failed.keys()


def test_a_refusal_has_a_span_without_an_attempt(twin: Twin, telemetry: Telemetry) -> None:
    with pytest.raises(MissingScopeError):
        twin.run(twin.client(scopes=PASS_READ, observers=[telemetry.observer]).loyalty.add_stamp("wp_1"))
    (span,) = telemetry.spans
    attributes = dict(span.attributes or {})
    assert (attributes["stemp.outcome"], attributes["stemp.attempts"]) == ("refused", 0)
    assert attributes["stemp.scopes.needed"] == tuple(LOYALTY_MANAGE)
    assert span.events == ()


def test_a_renewal_is_an_event_of_the_span(twin: Twin, wire: respx.Router, telemetry: Telemetry) -> None:
    tokens = iter(["old-token", "new-token"])
    wire.get("/v1/users/usr_1").mock(side_effect=[httpx.Response(401), httpx.Response(200, json=USER)])
    twin.run(twin.client(lambda: next(tokens), observers=[telemetry.observer]).users.get("usr_1"))
    (span,) = telemetry.spans
    assert [event.name for event in span.events] == [
        "stemp.token_renewed", "stemp.attempt", "stemp.token_renewed", "stemp.attempt"
    ]  # fmt: skip


def test_no_span_has_a_token_or_an_id(twin: Twin, wire: respx.Router, telemetry: Telemetry) -> None:
    wire.get("/v1/users/usr_1").respond(json=USER)
    twin.run(twin.client(observers=[telemetry.observer]).users.get("usr_1"))
    (span,) = telemetry.spans
    shown = span.to_json()
    assert TOKEN not in shown
    assert "usr_1" not in shown


def test_an_observer_that_joins_during_a_call_is_silent(telemetry: Telemetry, twin: Twin, wire: respx.Router) -> None:
    seen: list[Any] = []
    wire.get("/v1/users/usr_1").respond(json=USER)
    twin.run(twin.client(observers=[seen.append]).users.get("usr_1"))
    assert len(seen) == 4
    for event in seen[1:]:
        telemetry.observer(event)
    assert telemetry.spans == ()


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with pytest.raises(ImportError, match=r'OpenTelemetryObserver needs an extra: pip install "stemp-sdk\[otel\]"'):
        OpenTelemetryObserver()
