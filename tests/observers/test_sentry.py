"""The breadcrumbs and spans of ``SentryObserver``, by Sentry's own SDK."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import respx
import sentry_sdk
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from stemp_sdk import MissingScopeError, NotFoundError, SentryObserver, UnknownOutcomeError
from stemp_sdk.scopes import USER_READ
from tests.support.twins import TOKEN, Twin

from .answers import USER


class Kept(Transport):
    """Keeps what would be sent to Sentry."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Any] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.events += [item.payload.json for item in envelope.items]


@pytest.fixture
def kept() -> Iterator[Kept]:
    transport = Kept()
    client = sentry_sdk.Client(
        dsn="https://key@sentry.example/1", transport=transport, traces_sample_rate=1.0, default_integrations=False
    )
    with sentry_sdk.isolation_scope() as scope:
        scope.set_client(client)
        yield transport
    client.close()


def test_an_error_report_shows_the_calls_before_it(twin: Twin, wire: respx.Router, kept: Kept) -> None:
    wire.get("/v1/users/usr_1").respond(json=USER)
    wire.post("/v1/walletpasses/wp_1/stamps/add").mock(side_effect=httpx.ReadTimeout("slow"))
    client = twin.client(observers=[SentryObserver()])
    twin.run(client.users.get("usr_1"))
    with pytest.raises(UnknownOutcomeError) as raised:
        twin.run(client.loyalty.add_stamp("wp_1"))
    sentry_sdk.capture_exception(raised.value)
    (event,) = kept.events
    first, second = event["breadcrumbs"]["values"]
    assert (first["category"], first["message"], first["level"]) == ("stemp", "users.get", "info")
    assert first["data"] == {
        "outcome": "succeeded",
        "attempts": 1,
        "duration": 0.0,
        "scopes_needed": ["user:read"],
        "server": "api.stemp.app",
    }
    assert (second["message"], second["level"]) == ("loyalty.add_stamp", "warning")
    assert (second["data"]["outcome"], second["data"]["error"]) == ("unknown", "UnknownOutcomeError")
    assert TOKEN not in str(first) + str(second)


def test_a_transaction_has_a_span_of_each_call(twin: Twin, wire: respx.Router, kept: Kept) -> None:
    wire.get("/v1/users/usr_1").respond(json=USER)
    wire.get("/v1/users/usr_2").respond(404, json={"error": {"code": "resource_not_found", "message": "No."}})
    client = twin.client(scopes=USER_READ, observers=[SentryObserver()])
    with sentry_sdk.start_transaction(name="sale"):
        twin.run(client.users.get("usr_1"))
        with pytest.raises(NotFoundError, match="usr_2"):
            twin.run(client.users.get("usr_2"))
    (transaction,) = kept.events
    assert [(span["op"], span["description"], span["status"]) for span in transaction["spans"]] == [
        ("stemp.call", "users.get", "ok"),
        ("stemp.call", "users.get", "internal_error"),
    ]
    assert transaction["spans"][0]["data"]["stemp.scopes_needed"] == ["user:read"]


def test_a_cancelled_call_and_a_refused_one_have_their_own_status(twin: Twin, wire: respx.Router, kept: Kept) -> None:
    def interrupt(_: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    wire.get("/v1/users/usr_1").mock(side_effect=interrupt)
    client = twin.client(scopes=USER_READ, observers=[SentryObserver()])
    with sentry_sdk.start_transaction(name="sale"):
        with pytest.raises(KeyboardInterrupt):
            twin.run(client.users.get("usr_1"))
        with pytest.raises(MissingScopeError):
            twin.run(client.passes.get("wp_1"))
    (transaction,) = kept.events
    assert [span["status"] for span in transaction["spans"]] == ["cancelled", "permission_denied"]


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentry_sdk", None)
    with pytest.raises(ImportError, match=r'SentryObserver needs an extra: pip install "stemp-sdk\[sentry\]"'):
        SentryObserver()
