"""The sandbox's own pages as a developer sees them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from stemp_sdk.sandbox import Sandbox, serving
from tests.sandbox.endpoint import Shop

from .conftest import Visitor

pytestmark = pytest.mark.browser


@pytest.fixture
def developer(driver: Any) -> Iterator[Visitor]:
    """A developer whose app receives the events of a sandbox."""
    sandbox = Sandbox()
    Shop().listen(sandbox)
    with serving(sandbox) as base_url:
        yield Visitor(driver, base_url.removesuffix("/api"), sandbox)


def test_a_delivery_is_sent_again_by_its_button(developer: Visitor) -> None:
    sandbox = developer.sandbox.seed_demo()
    sandbox.webhooks.deliver()
    (first, *others) = sandbox.webhooks.deliveries
    developer.go("/webhooks")
    developer.sees(f"{len(others) + 1} deliveries")
    developer.keep("deliveries")
    developer.go(f"/webhooks/{first.id}")
    developer.press("Send it again")
    developer.sees(first.event_id)
    developer.keep("delivery")
    again = sandbox.webhooks.deliveries[-1]
    assert (again.event_id, len(sandbox.webhooks.deliveries)) == (first.event_id, len(others) + 2)
    assert developer.driver.current_url.endswith(f"/webhooks/{again.id}")
