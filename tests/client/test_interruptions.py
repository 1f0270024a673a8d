"""A call that is cancelled or interrupted: the client stays whole, and the traceback does not show the token."""

from __future__ import annotations

import asyncio
import traceback

import httpx
import pytest
import respx

from stemp_sdk import AsyncStemp, User
from tests.conftest import TOKEN, Twin
from tests.transport.local_server import Seen, answer, serving


def frames(error: BaseException) -> str:
    """The traceback with its local variables."""
    return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())


def test_a_cancelled_call_leaves_the_client_whole() -> None:
    with serving(b"", answer(b'{"id": "usr_1"}')) as (base_url, seen):
        asyncio.run(_cancel_and_go_on(base_url, seen))
    assert (len(seen.requests), seen.connections) == (2, 2)


async def _cancel_and_go_on(base_url: str, seen: Seen) -> None:
    async with AsyncStemp(TOKEN, base_url=base_url) as client:
        call = asyncio.create_task(client.users.get("usr_1"))
        while not seen.requests:  # noqa: ASYNC110  # the server is a thread, which knows no event of this loop
            await asyncio.sleep(0)
        shown = frames(await _cancelled(call))
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
    assert TOKEN not in frames(caught.value)


def test_an_error_of_the_users_own_hook_keeps_its_frames(twin: Twin) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise LookupError("a hook of the user's")

    kind = httpx.Client if twin.kind == "sync" else httpx.AsyncClient
    client = twin.client(http_client=kind(transport=httpx.MockTransport(fail)))
    with pytest.raises(LookupError) as caught:
        twin.run(client.users.get("usr_1"))
    assert "in fail\n" in frames(caught.value)
