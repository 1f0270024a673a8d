"""``passes.find_by_code``: from a scan to the card, and never to another one."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import respx

from stemp_sdk import DecodeError, NotFoundError, WalletPass, presets
from stemp_sdk.sandbox import Sandbox
from tests.support.twins import Twin, sent

CODE = "ste.mp/Ab1x"
CARD = {"id": "wp_1", "qrCodeValue": CODE}
OTHER = {"id": "wp_2", "qrCodeValue": "ste.mp/Zz9y"}


@pytest.mark.parametrize("body", [[CARD], {"content": [CARD]}, {"data": [CARD], "total": 1}], ids=str)
def test_find_by_code_gives_the_card(twin: Twin, wire: respx.Router, body: object) -> None:
    wire.get("/v1/walletpasses").respond(json=body)
    assert twin.run(twin.client().passes.find_by_code(CODE)) == WalletPass(id="wp_1", qr_code_value=CODE)
    [request] = sent(wire)
    assert request.url.query == b"qrCodeValue=ste.mp%2FAb1x&page=0&size=2"


@pytest.mark.parametrize("body", [[], {"content": [], "totalElements": 0}], ids=str)
def test_find_by_code_gives_none_where_there_is_no_card(twin: Twin, wire: respx.Router, body: object) -> None:
    wire.get("/v1/walletpasses").respond(json=body)
    assert twin.run(twin.client().passes.find_by_code(CODE)) is None


@pytest.mark.parametrize(
    "items",
    [
        [OTHER],
        [OTHER, CARD],
        [CARD, OTHER],
        [CARD, CARD | {"id": "wp_3"}],
        [{"id": "wp_1"}],
        [{"id": "wp_1", "qrCodeValue": None}],
        [{"id": "wp_1", "qrCodeValue": 7}],
        [CARD, {"odd": 1}],
    ],
    ids=str,
)
def test_a_server_that_ignores_the_filter_gives_an_error(twin: Twin, wire: respx.Router, items: list[Any]) -> None:
    wire.get("/v1/walletpasses").respond(json=items, headers={"X-Request-Id": "req-1"})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(DecodeError, match="the server seems to ignore the filter") as caught:
            twin.run(twin.client().passes.find_by_code(CODE))
    assert caught.value.response is not None
    assert caught.value.response.request_id == "req-1"


def test_find_by_code_raises_on_a_404(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/walletpasses").respond(404, json={"code": "resource_not_found"})
    with pytest.raises(NotFoundError):
        twin.run(twin.client().passes.find_by_code(CODE))


@pytest.mark.parametrize(("code", "error"), [("", ValueError), (" ", ValueError), (None, TypeError), (7, TypeError)])
def test_find_by_code_refuses_what_cannot_be_a_code(
    twin: Twin, wire: respx.Router, code: Any, error: type[Exception]
) -> None:
    with pytest.raises(error, match=r"^qr_code_value "):
        twin.run(twin.client().passes.find_by_code(code))
    assert sent(wire) == []


def test_find_by_code_finds_each_card_of_the_sandbox() -> None:
    sandbox = Sandbox().seed_demo()
    client = sandbox.client(scopes=presets.POS)
    cards = client.passes.list().to_list()
    assert len(cards) > 1
    for card in cards:
        assert client.passes.find_by_code(str(card.qr_code_value)) == card
    assert client.passes.find_by_code("ste.mp/nobody") is None
