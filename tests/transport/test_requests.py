"""Requests are built once for each token, and hold nothing of another."""

from __future__ import annotations

import httpx

from stemp_sdk._core.call import Send
from stemp_sdk._core.secret import Secret
from stemp_sdk._transport._request import RequestBuilder

ORIGIN = httpx.URL("https://api.stemp.app/")


def send(token: Secret | None, method: str = "GET", body: bytes | None = None) -> Send:
    return Send(method, "/api/v1/users?page=0", body, token, 3.0, 60.0, adds=False)


def test_a_request_may_bear_no_token() -> None:
    builder = RequestBuilder(ORIGIN)
    assert "authorization" not in builder.build(send(None)).headers
    assert builder.build(send(Secret("one"))).headers["authorization"] == "Bearer one"
    assert "authorization" not in builder.build(send(None)).headers


def test_a_new_token_replaces_the_old_one_in_the_headers() -> None:
    builder = RequestBuilder(ORIGIN)
    old, new = Secret("old"), Secret("new")
    for token in (old, new, old, new):
        assert builder.build(send(token)).headers["authorization"] == f"Bearer {token.reveal()}"


def test_the_body_of_one_request_leaves_no_trace_in_the_next() -> None:
    builder = RequestBuilder(ORIGIN)
    token = Secret("one")
    post = builder.build(send(token, "POST", b"{}"))
    assert (post.headers["content-type"], post.headers["content-length"]) == ("application/json", "2")
    get = builder.build(send(token))
    assert not {"content-type", "content-length"} & {*get.headers}
    assert builder.build(send(token, "POST")).headers["content-length"] == "0"


def test_a_built_request_has_its_target_and_timeouts() -> None:
    request = RequestBuilder(ORIGIN).build(send(None))
    assert str(request.url) == "https://api.stemp.app/api/v1/users?page=0"
    assert request.headers["host"] == "api.stemp.app"
    assert request.extensions["timeout"] == {"connect": 3.0, "read": 3.0, "write": 3.0, "pool": 3.0}


def test_a_request_has_its_body_in_one_part_or_none() -> None:
    builder = RequestBuilder(ORIGIN)
    streams = [builder.build(send(None, "POST", body)).stream for body in (None, b"{}")]
    assert [[*stream] for stream in streams if isinstance(stream, httpx.SyncByteStream)] == [[], [b"{}"]]
