"""An endpoint that is removed gets nothing more, neither what waits nor what is held back or in flight."""

from __future__ import annotations

import httpx
import pytest

from stemp_sdk.sandbox import Sandbox

from .endpoint import Shop
from .wire import Wire


def test_what_is_pending_for_a_removed_endpoint_is_given_up(sandbox: Sandbox, wire: Wire) -> None:
    removed, other = Shop(), Shop()
    removed.listen(sandbox)
    other.listen(sandbox)
    wire.made("/users", email="jane@example.com")
    sandbox.webhooks.remove(sandbox.webhooks.endpoints[0].id)
    assert [delivery.state for delivery in sandbox.webhooks.deliveries] == ["failed", "waiting"]
    assert sandbox.webhooks.deliveries[0].next_attempt_at is None
    sandbox.webhooks.deliver()
    wire.made("/users", email="kofi@example.com")
    sandbox.webhooks.deliver()
    assert (len(removed.got), len(other.got)) == (0, 2)


def test_what_is_held_back_for_a_removed_endpoint_is_given_up(sandbox: Sandbox, wire: Wire) -> None:
    shop = Shop()
    shop.listen(sandbox)
    sandbox.webhooks.reorder_next(2)
    wire.made("/users", email="jane@example.com")
    sandbox.webhooks.remove(sandbox.webhooks.endpoints[0].id)
    assert [delivery.state for delivery in sandbox.webhooks.deliveries] == ["failed"]
    assert sandbox.webhooks.deliver() == []
    assert shop.got == []


def test_a_delivery_in_flight_to_a_removed_endpoint_is_not_sent_again(sandbox: Sandbox, wire: Wire) -> None:
    def remove(_: httpx.Request) -> httpx.Response:
        sandbox.webhooks.remove(endpoint.id)
        return httpx.Response(500)

    with httpx.Client(transport=httpx.MockTransport(remove)) as client:
        endpoint = sandbox.webhooks.add("https://shop.example/", http_client=client)
        wire.made("/users", email="jane@example.com")
        [sent] = sandbox.webhooks.deliver()
    assert (sent.state, sent.next_attempt_at) == ("failed", None)
    sandbox.advance(86_400)
    assert sandbox.webhooks.deliver() == []


def test_an_unknown_endpoint_cannot_be_removed(sandbox: Sandbox) -> None:
    with pytest.raises(KeyError):
        sandbox.webhooks.remove("whk_none")


def test_a_reset_brings_a_removed_endpoint_back(sandbox: Sandbox) -> None:
    endpoint = sandbox.webhooks.add("https://shop.example/")
    sandbox.checkpoint()
    sandbox.webhooks.remove(endpoint.id)
    sandbox.reset()
    assert sandbox.webhooks.endpoints == [endpoint]
