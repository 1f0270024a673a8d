"""An httpx client of the user's: its network is used, its habits are not, and it stays its owner's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from stemp_sdk import APIStatusError, APITimeoutError
from stemp_sdk._transport import AsyncInProcessClient, InProcessClient
from tests.support.clocks import NO_BACKOFF
from tests.support.twins import TOKEN, Twin, on_trio_too

pytestmark = on_trio_too

Seen = list[tuple[str, str, Mapping[str, str], bytes]]


def injected(twin: Twin, seen: Seen, status: int = 200, **headers: str) -> Any:
    """A client of the twin's kind whose server is a function."""

    def handle(
        method: str, target: str, sent: Mapping[str, str], body: bytes, _: float | None
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        seen.append((method, target, sent, body))
        return status, [*headers.items()], b'{"id":"usr_1"}'

    kind = InProcessClient if twin.kind == "sync" else AsyncInProcessClient
    return kind(handle, NO_BACKOFF)


def test_requests_go_through_an_injected_client(twin: Twin) -> None:
    seen: Seen = []
    client = twin.client(http_client=injected(twin, seen), timeout=3)
    assert twin.run(client.users.get("usr_1")).id == "usr_1"
    twin.run(client.users.create(email="jane@example.com"))
    (get, target, headers, _), (post, _, _, body) = seen
    assert (get, target, headers["authorization"]) == ("GET", "/api/v1/users/usr_1", f"Bearer {TOKEN}")
    assert (post, body) == ("POST", b'{"email":"jane@example.com"}')


def test_the_settings_of_an_injected_client_are_not_used(twin: Twin) -> None:
    seen: Seen = []
    http_client = injected(twin, seen, 302, location="https://elsewhere.example/", **{"set-cookie": "a=b"})
    http_client.auth = ("user", "password")
    http_client.base_url = "https://elsewhere.example"
    http_client.headers["x-tenant"] = "7"
    http_client.cookies.set("session", "1")
    http_client.follow_redirects = True
    client = twin.client(http_client=http_client)
    for _ in range(2):
        with pytest.raises(APIStatusError, match="302"):
            twin.run(client.users.get("usr_1"))
    assert len(seen) == 2
    for _, target, headers, _ in seen:
        assert (target, headers["host"], headers["authorization"]) == (
            "/api/v1/users/usr_1",
            "api.stemp.app",
            f"Bearer {TOKEN}",
        )
        assert not {"cookie", "x-tenant"} & {*headers}


def test_event_hooks_of_an_injected_client_see_the_request(twin: Twin) -> None:
    urls: list[str] = []

    def note(request: httpx.Request) -> None:
        urls.append(str(request.url))

    async def note_async(request: httpx.Request) -> None:
        note(request)

    http_client = injected(twin, [])
    http_client.event_hooks = {"request": [note if twin.kind == "sync" else note_async]}
    twin.run(twin.client(http_client=http_client).users.get("usr_1"))
    assert urls == ["https://api.stemp.app/api/v1/users/usr_1"]


def test_an_injected_client_stays_open_when_the_client_is_closed(twin: Twin) -> None:
    http_client = injected(twin, [])
    client = twin.client(http_client=http_client)
    twin.close(client)
    assert not http_client.is_closed
    with pytest.raises(RuntimeError, match="the client is closed"):
        twin.run(client.users.get("usr_1"))
    assert twin.run(twin.client(http_client=http_client).users.get("usr_1")).id == "usr_1"


@pytest.mark.parametrize(
    ("raised", "reason"),
    [
        (httpx.ReadTimeout, "ReadTimeout"),
        (httpx.PoolTimeout, "PoolTimeout: all connections that http_client may open were in use for that long"),
    ],
)
def test_errors_of_an_injected_client_are_errors_of_the_sdk(
    twin: Twin, raised: type[httpx.TimeoutException], reason: str
) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise raised("", request=request)

    with pytest.raises(APITimeoutError) as caught:
        twin.run(twin.client(http_client=twin.http_client(fail)).users.get("usr_1"))
    assert str(caught.value) == f"users.get: no response from the server, {reason} (3 attempts)"


def test_an_injected_client_of_the_other_kind_is_refused(twin: Twin) -> None:
    wrong = httpx.AsyncClient() if twin.kind == "sync" else httpx.Client()
    message = r"^http_client must be an httpx\.(Async)?Client, or one like it, not httpx\.(Async)?Client$"
    with pytest.raises(TypeError, match=message):
        twin.client(http_client=wrong)
