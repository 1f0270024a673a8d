"""The delivery log in a browser: who may look, what it shows, and the button."""

from __future__ import annotations

import re
from html import escape

import httpx
import pytest

from stemp_sdk.sandbox import Sandbox

from .endpoint import URL, Shop
from .pages import EVIL, browse, page
from .wire import Wire


@pytest.fixture
def shop(sandbox: Sandbox) -> Shop:
    shop = Shop()
    shop.listen(sandbox)
    return shop


def delivered(wire: Wire, **user: str) -> str:
    """The path of a new delivery's page."""
    wire.made("/users", **{"email": f"{len(wire.sandbox.webhooks.deliveries)}@example.com", **user})
    (delivery,) = wire.sandbox.webhooks.deliver()
    return f"/webhooks/{delivery.id}"


def test_an_empty_page_of_deliveries_says_how_to_fill_it(sandbox: Sandbox) -> None:
    assert "0 deliveries" in page(sandbox, "/webhooks/")
    assert "stemp sandbox --webhook URL" in page(sandbox, "/webhooks")
    Shop().listen(sandbox)
    assert "No events yet" in page(sandbox, "/webhooks")


def test_the_page_of_deliveries_has_the_latest_first(wire: Wire, shop: Shop) -> None:
    shop.answers = [200, 500]
    paths = [delivered(wire), delivered(wire)]
    wire.made("/users", email="mia@example.com")
    shown = page(wire.sandbox, "/webhooks")
    assert re.findall(r'href="(/webhooks/.+?)"', shown)[1:] == paths[::-1]
    assert re.findall(r'class="badge (\w+)"', shown) == ["waiting", "waiting", "delivered"]
    assert "3 deliveries" in shown
    assert f"to {URL}" in shown


def test_the_page_of_a_delivery_shows_request_and_attempts(wire: Wire, shop: Shop) -> None:
    shop.answers = [500]
    shown = page(wire.sandbox, delivered(wire, name="Jane"))
    (request,) = shop.got
    assert "<h1>user.created</h1>" in shown
    assert "next attempt 2027-01-15 08:01:00 UTC" in shown
    assert "<tr><th>2027-01-15 08:00:00 UTC</th><th>500</th><td>thanks</td></tr>" in shown
    for name in ("Signature", "Event", "Delivery"):
        assert f"X-Stemp-{name}: {request.headers[f'X-Stemp-{name}']}" in shown
    assert escape('"name": "Jane"') in shown


def test_the_page_of_a_delivery_says_that_it_is_still_to_be_sent(wire: Wire, shop: Shop) -> None:
    wire.made("/users", email="jane@example.com")
    (delivery,) = wire.sandbox.webhooks.deliveries
    assert "None yet." in page(wire.sandbox, f"/webhooks/{delivery.id}")
    assert shop.got == []


def test_the_page_of_a_delivery_shows_that_no_response_came(wire: Wire) -> None:
    def gone(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody <there>", request=request)

    wire.sandbox.webhooks.add(URL, http_client=httpx.Client(transport=httpx.MockTransport(gone)))
    shown = page(wire.sandbox, delivered(wire))
    assert "<th>no answer</th><td>ConnectError: nobody &lt;there&gt;</td>" in shown


def test_the_button_of_a_delivery_sends_it_again(wire: Wire, shop: Shop) -> None:
    path = delivered(wire)
    assert f'<form method="post" action="{path}">' in page(wire.sandbox, path)
    response = browse(wire.sandbox, path, "POST", origin="http://localhost:8787")
    assert response.status == 303
    assert response.headers["Location"] != path
    wire.sandbox.webhooks.deliver()
    assert "<th>200</th>" in page(wire.sandbox, response.headers["Location"])
    assert len(shop.got) == 2


def test_foreign_text_is_escaped_in_the_pages_of_deliveries(wire: Wire) -> None:
    answer = httpx.MockTransport(lambda _: httpx.Response(500, text=EVIL))
    wire.sandbox.webhooks.add(f"https://shop.example/?{EVIL}", http_client=httpx.Client(transport=answer))
    path = delivered(wire, name=EVIL)
    for shown in (page(wire.sandbox, "/webhooks"), page(wire.sandbox, path)):
        assert "<script" not in shown
    assert shown.count("&lt;script") == 3


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "192.168.0.7:8787"},
        {"origin": "http://evil.example"},
        {"origin": "http://localhost:9999"},
        {"origin": "null"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_another_site_may_neither_read_the_pages_of_deliveries_nor_press_their_button(
    wire: Wire, shop: Shop, method: str, headers: dict[str, str]
) -> None:
    path = delivered(wire, name="kept-secret")
    response = browse(wire.sandbox, path, method, **headers)
    assert response.status == 403
    assert b"kept-secret" not in response.body
    assert len(wire.sandbox.webhooks.deliveries) == len(shop.got) == 1


def test_the_button_of_a_removed_endpoint_says_so(wire: Wire, shop: Shop) -> None:
    path = delivered(wire)
    wire.sandbox.webhooks.remove(wire.sandbox.webhooks.endpoints[0].id)
    response = browse(wire.sandbox, path, "POST")
    assert response.status == 404
    assert b"The endpoint of this delivery was removed." in response.body
    assert len(shop.got) == 1


def test_the_pages_of_deliveries_refuse_other_methods_and_paths(wire: Wire, shop: Shop) -> None:
    path = delivered(wire)
    for refused, allowed in [(("/webhooks", "POST"), "GET"), ((path, "DELETE"), "GET, POST")]:
        response = browse(wire.sandbox, *refused)
        assert (response.status, response.headers["Allow"]) == (405, allowed)
    assert browse(wire.sandbox, "/webhooks/none").status == 404
    assert browse(wire.sandbox, f"{path}/more").status == 401  # the API's
    assert len(shop.got) == 1


def test_the_pages_of_deliveries_run_no_script(wire: Wire, shop: Shop) -> None:
    path = delivered(wire)
    for each, form_action in [("/webhooks", "'none'"), (path, "'self'"), ("/webhooks/none", "'none'")]:
        headers = browse(wire.sandbox, each).headers
        policy = headers["Content-Security-Policy"].split("; ")
        expected = {"default-src 'none'", f"form-action {form_action}", "frame-ancestors 'none'", "base-uri 'none'"}
        assert expected <= {*policy}
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"  # else a browser would press the button as "Origin: null"
    assert shop.got
