"""A call that is cancelled or interrupted: the client stays whole, and the traceback does not show the token."""

from __future__ import annotations

import asyncio

import httpx
import pytest
import respx
from anyio import to_thread

from stemp_sdk import AsyncStemp, User
from tests.support.frames import report_of
from tests.support.servers import Seen, answer, serving
from tests.support.twins import TOKEN, Twin


def test_a_cancelled_call_leaves_the_client_whole() -> None:
    with serving(b"", answer(b'{"id": "usr_1"}')) as (base_url, seen):
        asyncio.run(_cancel_and_go_on(base_url, seen))
    assert (len(seen.requests), seen.connections) == (2, 2)


async def _cancel_and_go_on(base_url: str, seen: Seen) -> None:
    async with AsyncStemp(TOKEN, base_url=base_url) as client:
        call = asyncio.create_task(client.users.get("usr_1"))
        assert await to_thread.run_sync(seen.arrived.wait, 60)
        shown = report_of(await _cancelled(call))
        assert "in get" in shown
        assert TOKEN not in shown
        assert (await client.users.get("usr_1")).id == "usr_1"


async def _cancelled(call: asyncio.Task[User]) -> BaseException:
    call.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await call
    return caught.value


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit])
def test_an_interruption_goes_through_and_does_not_show_the_token(
    twin: Twin, wire: respx.Router, interruption: type[BaseException]
) -> None:
    def interrupt(request: httpx.Request) -> httpx.Response:
        written = request.headers["authorization"]
        raise interruption(len(written))

    wire.get("/v1/users/usr_1").mock(side_effect=interrupt)
    client = twin.client()
    with pytest.raises(interruption) as caught:
        twin.run(client.users.get("usr_1"))
    assert TOKEN not in report_of(caught.value)


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, asyncio.CancelledError])
def test_a_write_that_is_interrupted_at_its_first_look_is_not_pending(
    twin: Twin, wire: respx.Router, interruption: type[BaseException]
) -> None:
    ends = iter([interruption()])

    def look(_: httpx.Request) -> httpx.Response:
        for end in ends:
            raise end
        return httpx.Response(200, json={"content": [], "totalElements": 0})

    wire.get(path__startswith="/").mock(side_effect=look)
    wire.post(path__startswith="/").respond(json={"currentStamps": 1, "maxStamps": 10})
    client = twin.client()
    with pytest.raises(interruption):
        twin.run(client.loyalty.add_stamp("wp_1", reference="No. 4711"))
    assert twin.run(client.journal.pending()) == []
    assert twin.run(client.loyalty.add_stamp("wp_1", reference="No. 4711")).current_stamps == 1
    assert twin.still.slept == []


def test_an_error_of_the_users_own_hook_keeps_its_report_of(twin: Twin) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise LookupError("a hook of the user's")

    client = twin.client(http_client=twin.http_client(fail))
    with pytest.raises(LookupError) as caught:
        twin.run(client.users.get("usr_1"))
    assert "in fail\n" in report_of(caught.value)
