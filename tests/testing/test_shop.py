"""The tests that a user writes, as they would write them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from unittest.mock import patch

import pytest
from fastapi.testclient import TestClient

from stemp_sdk import AsyncStemp, MissingScopeError, StampState, Stemp, UnknownOutcomeError, presets
from stemp_sdk.sandbox import Sandbox
from stemp_sdk.testing import AppWebhooks, Clock, autospec, record_scopes
from stemp_sdk.webhooks import Verifier
from tests.testing import shop

pytestmark = pytest.mark.stemp_scopes(presets.POS)

Till = Stemp[presets.PosScopes]
AsyncTill = AsyncStemp[presets.PosScopes]


@pytest.fixture
def card(stemp_admin: Stemp) -> str:
    """A card that three stamps fill."""
    template = stemp_admin.templates.create(name="Coffee card", max_stamps=3)
    user = stemp_admin.users.create(email="jane@example.com", name="Jane")
    return stemp_admin.passes.create(template_id=template.id, user_id=user.id).id


# --- A till


def test_the_till_shows_the_stamps(stemp_client: Till, card: str) -> None:
    assert shop.stamp(stemp_client, card) == "1 of 3"


@pytest.mark.anyio
async def test_the_async_till_shows_the_stamps(stemp_async_client: AsyncTill, card: str) -> None:
    assert await shop.stamp_async(stemp_async_client, card) == "1 of 3"


def test_a_till_cannot_delete_designs(stemp_client: Stemp) -> None:
    with pytest.raises(MissingScopeError, match="template:delete"):
        stemp_client.templates.delete("tpl_1")


@pytest.mark.stemp_scopes(presets.POS, presets.CARD_DESIGN)
def test_the_closest_mark_counts_and_sets_are_joined(stemp_client: Stemp) -> None:
    assert stemp_client.scopes == presets.POS | presets.CARD_DESIGN


# --- Faults


@pytest.mark.stemp_fault(status=503, times=2, operation="loyalty.get_stamps")
def test_nobody_waits_for_a_retry(stemp_client: Till, card: str, stemp_clock: Clock) -> None:
    began = stemp_clock()
    assert stemp_client.loyalty.get_stamps(card).current_stamps == 0
    assert stemp_clock.slept == [0.5, 1.0]
    assert stemp_clock() - began == 1.5


@pytest.mark.stemp_fault(connection="lost", carried_out=True, operation="loyalty.add_stamp")
def test_a_stamp_whose_response_is_lost(stemp_client: Till, card: str) -> None:
    with pytest.raises(UnknownOutcomeError):
        shop.stamp(stemp_client, card)
    assert stemp_client.loyalty.get_stamps(card).current_stamps == 1


@pytest.mark.stemp_fault(status=429, headers={"Retry-After": "3600"})
def test_the_till_gives_up_where_the_wait_is_too_long(stemp_client: Till, card: str) -> None:
    assert shop.stamp(stemp_client, card) == "try again"


@pytest.mark.stemp_sandbox(rate_limit=2)
@pytest.mark.anyio
async def test_nobody_waits_for_the_rate_limit(
    stemp_async_client: AsyncTill, stemp_sandbox: Sandbox, stemp_clock: Clock
) -> None:
    for _ in range(4):
        await stemp_async_client.users.list()
    assert len(stemp_sandbox.requests) == 4
    assert sum(stemp_clock.slept) > 0


# --- Webhooks


def test_each_new_card_gets_a_stamp(
    stemp_async_client: AsyncTill, stemp_client: Till, stemp_webhooks: AppWebhooks, card: str
) -> None:
    stemp_webhooks.connect(shop.create_app(stemp_async_client), "/stemp", secret=shop.SECRET)
    user_id = stemp_client.passes.get(card).user_id
    template_id = stemp_client.passes.get(card).template_id
    assert user_id
    assert template_id
    new = stemp_client.passes.create(template_id=template_id, user_id=user_id)
    stemp_webhooks.deliver()
    assert stemp_client.loyalty.get_stamps(new.id).current_stamps == 1


@pytest.mark.anyio
async def test_the_app_runs_in_the_event_loop_of_the_test(
    stemp_async_client: AsyncTill, stemp_admin: Stemp, stemp_webhooks: AppWebhooks
) -> None:
    stemp_webhooks.connect(shop.create_app(stemp_async_client), "/stemp", secret=shop.SECRET)
    template = stemp_admin.templates.create(name="Coffee card", max_stamps=3)
    user = stemp_admin.users.create(email="jane@example.com")
    new = await stemp_async_client.passes.create(template_id=template.id, user_id=user.id)
    deliveries = await stemp_webhooks.adeliver()
    assert {each.event_type: each.state for each in deliveries} == dict.fromkeys(
        ("user.created", "pass.created", "stamp.created"), "delivered"
    )
    assert (await stemp_async_client.loyalty.get_stamps(new.id)).current_stamps == 1


def test_an_event_of_the_tests_own(stemp_async_client: AsyncTill, stemp_client: Till, card: str) -> None:
    body = json.dumps(
        {"id": "evt_1", "type": "pass.created", "timestamp": "2026-11-27T12:00:00Z", "data": {"id": card}}
    )
    headers = {"X-Stemp-Signature": Verifier(shop.SECRET).sign(body.encode()), "X-Stemp-Delivery": "dlv_1"}
    response = TestClient(shop.create_app(stemp_async_client)).post("/stemp", content=body, headers=headers)
    assert response.status_code == 200
    assert stemp_client.loyalty.get_stamps(card).current_stamps == 1


# --- Mocks


def test_a_mock_refuses_what_the_scopes_refuse() -> None:
    client = autospec(Stemp, scopes=presets.POS)
    client.loyalty.add_stamp.return_value = StampState.model_validate(
        {"id": "ss_1", "currentStamps": 2, "maxStampsSnapshot": 3}
    )
    assert shop.stamp(client, "wp_1") == "2 of 3"
    client.loyalty.add_stamp.assert_called_once_with("wp_1", note="Main St")
    with pytest.raises(MissingScopeError):
        client.templates.delete("tpl_1")
    client.templates.delete.assert_not_called()


@pytest.mark.anyio
async def test_an_async_mock_refuses_it_too() -> None:
    with patch(f"{shop.__name__}.AsyncStemp", autospec(AsyncStemp, scopes=presets.POS)) as client:
        client.loyalty.add_stamp.return_value = StampState.model_validate(
            {"id": "ss_1", "currentStamps": 2, "maxStampsSnapshot": 3}
        )
        assert await shop.stamp_async(client, "wp_1") == "2 of 3"
        client.loyalty.add_stamp.assert_awaited_once_with("wp_1", note="Main St")
        with pytest.raises(MissingScopeError):
            await client.templates.delete("tpl_1")
        client.templates.delete.assert_not_called()


# --- Scopes


def test_what_the_till_uses(stemp_client: Till, card: str) -> None:
    with record_scopes() as recording:
        shop.stamp(stemp_client, card)
    used: Mapping[str, object] = recording.operations
    assert used == {"loyalty.add_stamp": presets.POS & presets.POS - (presets.POS - recording.used)}
    assert str(recording.used) == "loyalty:manage"
    assert str(recording.unused) == "pass:create pass:read user:read"
