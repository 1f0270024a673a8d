"""Tries, waits and the pace on the wire: what both drivers do as the exchange tells them."""

from __future__ import annotations

import httpx
import pytest
import respx

from stemp_sdk import APITimeoutError, RateLimitError, UnknownOutcomeError
from tests.support.twins import Twin, on_trio_too, sent

from .vault import USER

pytestmark = on_trio_too

NOW = 1_800_000_000


def test_a_busy_server_gets_the_time_that_it_asks_for(twin: Twin, wire: respx.Router) -> None:
    busy = httpx.Response(429, headers={"retry-after": "7"})
    wire.get("/v1/users/usr_1").mock(side_effect=[busy, httpx.Response(503), USER])
    assert twin.run(twin.client().users.get("usr_1")).id == "usr_1"
    assert twin.still.slept == [7.0, 1.0]


def test_a_call_does_not_wait_for_an_hour(twin: Twin, wire: respx.Router) -> None:
    wire.post("/v1/users").respond(429, headers={"retry-after": "3600"})
    with pytest.raises(RateLimitError) as caught:
        twin.run(twin.client().users.create(email="ada@example.com"))
    assert (caught.value.retry_after, caught.value.attempts) == (3600.0, 1)
    assert (len(sent(wire)), twin.still.slept) == (1, [])


def test_a_used_up_window_holds_every_copy(twin: Twin, wire: respx.Router) -> None:
    limits = {"x-ratelimit-limit": "100", "x-ratelimit-remaining": "0", "x-ratelimit-reset": f"{NOW + 12}"}
    wire.get("/v1/users/usr_1").respond(json={"id": "usr_1"}, headers=limits)
    client = twin.client()
    twin.run(client.users.get("usr_1"))
    assert twin.still.slept == []
    twin.run(client.with_options(timeout=3).users.get("usr_1"))
    assert twin.still.slept == [12.0]


@pytest.mark.parametrize("lost", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError])
def test_a_write_that_never_left_is_sent_again(twin: Twin, wire: respx.Router, lost: type[httpx.RequestError]) -> None:
    wire.post("/v1/walletpasses/wp_1/stamps/add").mock(side_effect=[lost("no way"), httpx.Response(204)])
    assert twin.run(twin.client().loyalty.add_stamp("wp_1")).wallet_pass_id == "wp_1"
    assert len(sent(wire)) == 2


@pytest.mark.parametrize(
    "lost", [httpx.ReadTimeout, httpx.ReadError, httpx.WriteError, httpx.WriteTimeout, httpx.RemoteProtocolError]
)
def test_a_write_that_may_have_arrived_is_not_sent_again(
    twin: Twin, wire: respx.Router, lost: type[httpx.RequestError]
) -> None:
    wire.post("/v1/walletpasses/wp_1/stamps/add").mock(side_effect=lost("gone\nand lost"))
    with pytest.raises(UnknownOutcomeError) as caught:
        twin.run(twin.client().loyalty.add_stamp("wp_1"))
    assert caught.value.reason == f"{lost.__name__}: gone and lost"
    assert len(sent(wire)) == 1


def test_set_and_reset_may_be_sent_again(twin: Twin, wire: respx.Router) -> None:
    for action in ("set", "reset"):
        wire.post(f"/v1/walletpasses/wp_1/stamps/{action}").mock(side_effect=[httpx.ReadTimeout, httpx.Response(204)])
    loyalty = twin.client().loyalty
    twin.run(loyalty.set_stamps("wp_1", stamps=3))
    twin.run(loyalty.reset_stamps("wp_1"))
    assert len(sent(wire)) == 4


def test_a_404_after_a_lost_delete_is_a_success(twin: Twin, wire: respx.Router) -> None:
    wire.delete("/v1/users/usr_1").mock(
        side_effect=[httpx.ReadTimeout, httpx.Response(404, json={"code": "resource_not_found", "params": None})]
    )
    assert twin.run(twin.client().users.delete("usr_1")) is None


def test_max_retries_0_sends_once(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/usr_1").mock(side_effect=httpx.ReadTimeout(""))
    with pytest.raises(APITimeoutError, match=r"^users\.get: no response from the server, ReadTimeout$"):
        twin.run(twin.client(max_retries=0).users.get("usr_1"))
    assert len(sent(wire)) == 1
