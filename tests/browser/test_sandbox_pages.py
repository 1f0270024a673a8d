"""The sandbox's own pages as a developer sees them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from selenium.webdriver.common.by import By

from stemp_sdk.sandbox import Sandbox, serving
from tests.sandbox.endpoint import Shop
from tests.sandbox.identity import AppSide, answer_in

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


def test_an_organization_is_chosen_and_its_app_uninstalled_by_its_button(developer: Visitor) -> None:
    sandbox = developer.sandbox
    sandbox.add_organization("Harbour Books")
    app = sandbox.apps.register(name="Kindly", redirect_uri=f"{developer.home}/apps?back")
    app_side = AppSide(sandbox, app)
    developer.go(app_side.authorize_url())
    developer.driver.find_element(By.TAG_NAME, "summary").click()
    developer.keep("consent-organizations")
    developer.driver.find_element(By.LINK_TEXT, "Harbour Books").click()
    developer.sees("Kindly wants to access Harbour Books")
    developer.press("Allow")
    assert app_side.redeem(answer_in(developer.driver.current_url)["code"])[0] == 200
    developer.go("/apps")
    developer.sees("Harbour Books installed it and granted")
    developer.keep("apps")
    developer.press("Uninstall from Harbour Books")
    developer.sees("No organization has installed it.")
    assert sandbox.apps.installations == []
