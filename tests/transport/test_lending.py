"""A pool that many clients share: each bears its own token, and none of them closes it for the others."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from stemp_sdk._core.secret import Secret
from stemp_sdk._transport import open_async_pool, open_pool
from stemp_sdk._transport._request import RequestBuilder
from tests.support.servers import USER, serving
from tests.support.twins import Twin, on_trio_too

from .pools import Sender, sending

pytestmark = on_trio_too


def opened(twin: Twin, origin: httpx.URL, http_client: Any) -> Any:
    return open_pool(origin, http_client) if twin.kind == "sync" else open_async_pool(origin, http_client)


def test_clients_on_one_pool_share_connections_and_no_token(twin: Twin) -> None:
    with serving(USER) as (base_url, seen), sending(twin, base_url) as owner:
        for number in range(3):
            pool = opened(twin, owner.pool.origin, owner.pool)
            sender = Sender(twin, pool, RequestBuilder(pool.origin))
            sender.answer(token=Secret(f"token-{number}"))
            sender.close()
            with pytest.raises(RuntimeError, match="the client is closed"):
                sender.send()
        owner.answer()
    assert seen.ways == [1, 1, 1, 1]
    assert [b"Bearer token-%d\r\n" % number in request for number, request in enumerate(seen.requests)] == [
        True,
        True,
        True,
        False,
    ]


def test_a_pool_for_another_origin_is_refused(twin: Twin) -> None:
    message = r"^http_client is a pool of connections to http://127\.0\.0\.1:\d+/, not to https://api\.stemp\.app/$"
    with sending(twin, "http://127.0.0.1:8787/api") as owner, pytest.raises(ValueError, match=message):
        opened(twin, httpx.URL("https://api.stemp.app/"), owner.pool)


def test_a_client_without_a_pool_opens_its_own(twin: Twin) -> None:
    with serving(USER) as (base_url, seen), sending(twin, base_url) as one:
        pool = opened(twin, one.pool.origin, None)
        other = Sender(twin, pool, one.builder)
        one.answer()
        other.answer()
        other.close()
    assert seen.ways == [1, 2]
